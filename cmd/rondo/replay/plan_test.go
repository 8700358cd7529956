package replay

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var validID = regexp.MustCompile(`^[A-Za-z0-9._:@+-]{1,64}$`)

// checkPlan checks what every plan must keep to.
func checkPlan(t *testing.T, p *Plan) {
	t.Helper()
	on := make([]bool, len(p.Agents))
	arrived, closed := make([]bool, len(p.Tickets)), make([]bool, len(p.Tickets))
	ids := map[string]bool{}
	for _, a := range p.Agents {
		if ids[a.ID] || !validID.MatchString(a.ID) {
			t.Errorf("bad or repeated id %q", a.ID)
		}
		ids[a.ID] = true
	}
	addresses := map[string]bool{}
	for _, ticket := range p.Tickets {
		if ids[ticket.ID] || addresses[ticket.Address] || len(ticket.Address) != 16 {
			t.Errorf("bad or repeated %q or %q", ticket.ID, ticket.Address)
		}
		ids[ticket.ID], addresses[ticket.Address] = true, true
	}
	for i, s := range p.Steps {
		if i > 0 && (s.At.Before(p.Steps[i-1].At) || s.At.Equal(p.Steps[i-1].At) && s.Kind < p.Steps[i-1].Kind) {
			t.Fatalf("step %d is out of order", i)
		}
		switch s.Kind {
		case Available, Unavailable:
			if on[s.Of] == (s.Kind == Available) {
				t.Fatalf("step %d changes nothing", i)
			}
			on[s.Of] = s.Kind == Available
		case Arrive:
			if arrived[s.Of] {
				t.Fatalf("ticket %d arrives twice", s.Of)
			}
			arrived[s.Of] = true
		case Close:
			if !arrived[s.Of] || closed[s.Of] {
				t.Fatalf("ticket %d is closed before it arrives, or twice", s.Of)
			}
			closed[s.Of] = true
		}
	}
	if slices.Contains(on, true) || slices.Contains(arrived, false) {
		t.Error("somebody stays available for ever, or a ticket never arrives")
	}
}

// smallLog has two days, a Closed in the middle, events of one instant, a case
// never closed, and tickets that arrive at night.
func smallLog() string {
	return header +
		row("Case 1", "Assign", "Value 10", "08:00") +
		row("Case 1", "Take in charge ticket", "Value 2", "08:10") +
		row("Case 1", "Take in charge ticket", "Value 10", "08:20") +
		row("Case 1", "Closed", "Value 10", "08:30") +
		row("Case 2", "Assign", "Value 2", "08:30") +
		row("Case 1", "Closed", "Value 10", "18:00") + // after hours: nobody is made available by it
		row("Case 3", "Closed", "Value 2", "19:00") + // arrives at night and waits
		row("Case 4", "Closed", "Value 2", "20:00") + // arrives and closes at night
		row("Case 3", "Take in charge ticket", "Value 10", "10 09:00") +
		row("Case 5", "Assign", "Value 10", "10 09:00") +
		row("Case 3", "Closed", "Value 10", "10 09:00") +
		row("Case 5", "Wait", "Value 10", "10 17:00")
}

func TestPlanOfASmallLog(t *testing.T) {
	p, err := NewPlan(mustRead(t, smallLog()), "r1")
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, p)
	var b strings.Builder
	for _, s := range p.Steps {
		who := ""
		if s.Kind == Available || s.Kind == Unavailable {
			who = p.Agents[s.Of].ID
		} else {
			who = p.Tickets[s.Of].ID
		}
		fmt.Fprintln(&b, s.At.Format("02 15:04"), [...]string{"available", "arrives", "closes", "unavailable"}[s.Kind], who)
	}
	want := `09 08:00 available r1-value-10
09 08:00 arrives r1-case-1
09 08:10 available r1-value-2
09 08:20 unavailable r1-value-10
09 08:30 arrives r1-case-2
09 08:30 unavailable r1-value-2
09 18:00 closes r1-case-1
09 19:00 arrives r1-case-3
09 20:00 arrives r1-case-4
09 20:00 closes r1-case-4
10 09:00 available r1-value-10
10 09:00 arrives r1-case-5
10 09:00 closes r1-case-3
10 17:00 unavailable r1-value-10
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if a := p.Agents; a[0].ID != "r1-value-2" || a[0].Taken != 1 || a[1].Taken != 1 || p.Taken != 2 || a[1].Eligible.String() != "8h20m0s" || a[0].Eligible.String() != "20m0s" {
		t.Errorf("%+v", p.Agents)
	}
	if got := p.Tickets[0].Attributes; fmt.Sprint(got) != "map[customer:c1 log_time:2012-10-09T08:00:00.000Z product:p1 seriousness:s08:00]" {
		t.Errorf("attributes %v", got)
	}
}

// TestPlanIsAFunction: maps are ranged over while planning, and must not show.
func TestPlanIsAFunction(t *testing.T) {
	log := mustRead(t, smallLog())
	first, err := NewPlan(log, "r1")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := NewPlan(log, "r1"); err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", first) {
			t.Fatal("two plans of one log differ")
		}
	}
}

func TestPrefixes(t *testing.T) {
	log := mustRead(t, smallLog())
	for _, prefix := range []string{"", "a b", "é", strings.Repeat("x", PrefixMaxChars+1), "a/b"} {
		if _, err := NewPlan(log, prefix); err == nil {
			t.Errorf("prefix %q was taken", prefix)
		}
	}
}

func TestTooManyAgents(t *testing.T) {
	var b strings.Builder
	b.WriteString(header)
	for i := range AgentsMax + 1 {
		b.WriteString(row("Case 1", "Assign", fmt.Sprint("Value ", i), "08:00"))
	}
	if _, err := NewPlan(mustRead(t, b.String()), "r1"); err == nil || !strings.Contains(err.Error(), "2001 agents") {
		t.Errorf("%v", err)
	}
}

func TestSlugs(t *testing.T) {
	s := newSlugs("p", 12)
	for _, test := range []struct{ name, want string }{
		{"Value 2", "p-value-2"}, {"value-2", "p-value-2-2"}, {"VALUE  2", "p-value-2-3"}, {"Ünï / çode", "p-n-ode"}, {"日本", "p-x"}, {"中国", "p-x-2"},
		{"a very long name", "p-a-very-lon"}, {"a very long other", "p-a-very-l-2"}, {"ann@x.org", "p-ann@x.org"}, {"--", "p-x-3"},
	} {
		if got := s.of(test.name); got != test.want {
			t.Errorf("%q: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestNamesSortAsPeopleRead(t *testing.T) {
	names := []string{"Value 10", "value 3", "Value 2", "bob", "Bob", "Zoë", "Ärger", "Value 1"}
	sortNames(names)
	if got := fmt.Sprint(names); got != "[Ärger Bob bob Value 1 Value 2 value 3 Value 10 Zoë]" {
		t.Error(got)
	}
}
