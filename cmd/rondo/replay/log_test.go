package replay

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const header = "Case ID,Activity,Resource,Complete Timestamp,Variant,Variant index,Variant,seriousness,customer,product\n"

// row writes a line of the small logs: everything happens on 2012/10/09 or the day
// of october given before the time, "10 08:00".
func row(caseID, activity, resource, at string) string {
	day, clock, found := strings.Cut(at, " ")
	if !found {
		day, clock = "09", at
	}
	return fmt.Sprintf("%s,%s,%s,2012/10/%s %s:00.000,V,1,V,s%s,c1,p1\n", caseID, activity, resource, day, clock, clock)
}

func mustRead(t *testing.T, text string) *Log {
	t.Helper()
	log, err := ReadLog(strings.NewReader(text), Format{})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestReadLog(t *testing.T) {
	log := mustRead(t, "\uFEFF"+header+
		row("Case 1", "Closed", "", "12:00")+
		row("Case 1", `"Take in charge, ticket"`, "Value 2", "09:30")+
		"\"Case \"\"2\"\"\",Assign,Value 10,2012/10/09 09:30:00.250,,,,,,\n")
	if len(log.Events) != 3 || log.Events[0].Activity != "Take in charge, ticket" || log.Events[1].Case != `Case "2"` || log.Events[2].Activity != "Closed" {
		t.Errorf("%+v", log.Events)
	}
	if e := log.Events[1]; e.Line != 4 || e.At.Format("15:04:05.000 MST") != "09:30:00.250 UTC" {
		t.Errorf("%+v", e)
	}
	if got := log.Attributes["Case 1"]; fmt.Sprint(got) != "map[customer:c1 product:p1 seriousness:s09:30]" {
		t.Errorf("attributes %v, want those of the first event in time", got)
	}
	if len(log.Attributes[`Case "2"`]) != 0 {
		t.Errorf("empty attributes were kept: %v", log.Attributes)
	}
}

func TestReadLogWithOtherColumns(t *testing.T) {
	log, err := ReadLog(strings.NewReader("who,what,when,nr,place\nann,end,2020-01-02T03:04:05+02:00,7,hall\n"), Format{
		Case: "nr", Activity: "what", Resource: "who", Time: "when", TimeLayout: "2006-01-02T15:04:05Z07:00",
		Closed: "end", Attributes: []string{"place"}})
	if err != nil || log.Events[0].Resource != "ann" || log.Attributes["7"]["place"] != "hall" || log.Format.Taken == "" {
		t.Errorf("%+v, %v", log, err)
	}
}

func TestReadLogRefuses(t *testing.T) {
	fine := row("Case 1", "Assign", "Value 1", "09:00")
	for _, test := range []struct{ name, text, says string }{
		{"nothing", "", "must name the columns"},
		{"header only", header, "no events"},
		{"missing column", "Case ID,Activity,Who,Complete Timestamp\n", `no column "Resource"; it has: "Case ID", "Activity", "Who", "Complete Timestamp"`},
		{"column twice", "Case ID,Activity,Resource,Resource,Complete Timestamp\n", `several columns "Resource"`},
		{"bad time", header + fine + row("Case 2", "Assign", "Value 1", "25:00"), `line 3: "Complete Timestamp" is "2012/10/09 25:00:00.000"`},
		{"too few fields", header + fine + "Case 2,Assign\n", "line 3"},
		{"bad quote", header + fine + "Case \"2,Assign\n", "line 3"},
		{"no case", header + row("", "Assign", "Value 1", "09:00"), `line 2: "Case ID" is empty`},
		{"no resource", header + row("Case 1", "Assign", " ", "09:00"), `line 2: "Resource" is empty`},
		{"no activity", header + row("Case 1", "", "Value 1", "09:00"), `line 2: "Activity" is empty`},
		{"long name", header + row("Case 1", "Assign", strings.Repeat("x", 201), "09:00"), `line 2, column "Resource": the value has 201 characters`},
		{"not UTF-8", header + row("Case 1", "Assign", "Ren\xe9", "09:00"), "not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadLog(strings.NewReader(test.text), Format{})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
	if _, err := ReadLog(strings.NewReader(header+fine), Format{Attributes: []string{"colour"}}); err == nil {
		t.Error("an attribute column that does not exist was taken")
	}
	if _, err := ReadLog(strings.NewReader(header+fine), Format{Attributes: make([]string, AttributesMax+1)}); err == nil {
		t.Error("too many attribute columns were taken")
	}
}

// TestHelpdesk plans the real log. The numbers were counted by other means.
func TestHelpdesk(t *testing.T) {
	// Beside the checkout, four levels above this package.
	path := filepath.Join("..", "..", "..", "..", "shared", "data", "helpdesk.csv")
	file, err := os.Open(path)
	if err != nil {
		if os.Getenv("RONDO_TEST_STRICT") == "1" {
			t.Fatalf("the real log must be there: %v", err)
		}
		t.Skipf("SKIPPED, THE REAL LOG IS NOT CHECKED: %v (set RONDO_TEST_STRICT=1 to make this fail)", err)
	}
	defer file.Close()
	log, err := ReadLog(file, Format{})
	if err != nil {
		t.Fatal(err)
	}
	if len(log.Events) != 21348 {
		t.Errorf("%d events", len(log.Events))
	}
	plan, err := NewPlan(log, "r1")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]int{}
	for _, s := range plan.Steps {
		kinds[s.Kind]++
	}
	if len(plan.Tickets) != 4580 || kinds[Arrive] != 4580 || kinds[Close] != 4559 || kinds[Available] != 3963 || kinds[Unavailable] != 3963 {
		t.Errorf("%d tickets, steps %v", len(plan.Tickets), kinds)
	}
	var names []string
	taken := 0
	for _, a := range plan.Agents {
		names = append(names, a.Name)
		taken += a.Taken
	}
	if len(names) != 22 || names[1] != "Value 2" || names[9] != "Value 10" || names[21] != "Value 22" || plan.Agents[9].ID != "r1-value-10" {
		t.Errorf("agents %v", names)
	}
	if taken != plan.Taken || taken < 4000 || taken > 4580 {
		t.Errorf("%d and %d taken", taken, plan.Taken)
	}
	checkPlan(t, plan)
	checkByTheBook(t, plan)
}

// checkByTheBook plays a plan on the model: the checks hold for a log of real size.
func checkByTheBook(t *testing.T, plan *Plan) {
	t.Helper()
	var order []string
	for _, a := range plan.Agents {
		order = append(order, a.ID)
	}
	s := newScript(order...)
	at := map[string]*Span{}
	for _, step := range plan.Steps {
		switch step.Kind {
		case Available:
			s.come(order[step.Of])
		case Unavailable:
			s.leave(order[step.Of])
		case Arrive:
			s.arrive(plan.Tickets[step.Of].ID)
		case Close:
			id := plan.Tickets[step.Of].ID
			span := s.span(func() { s.model.close(id) })
			at[id] = &span
		}
	}
	for i := range s.h.Tickets {
		s.h.Tickets[i].Closed = at[s.h.Tickets[i].ID]
	}
	f := Examine(s.history())
	if !f.OK() {
		t.Fatal(explain(f))
	}
	share, turns := 0.0, 0
	for _, a := range plan.Agents {
		share += f.FairShare[a.ID]
		turns += f.Assigned[a.ID]
	}
	if turns != len(plan.Tickets) || share < float64(turns)-0.001 || share > float64(turns)+0.001 {
		t.Errorf("%d turns and fair shares of %.3f for %d tickets", turns, share, len(plan.Tickets))
	}
}
