package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// twoPlaces is a log of two people, worked out by hand for a limit of one. Ann
// takes most of it.
func twoPlaces() string {
	return header +
		row("Case 1", "Take in charge ticket", "Ann", "08:00") + // Ann's
		row("Case 2", "Take in charge ticket", "Bob", "08:10") + // Bob's
		row("Case 3", "Take in charge ticket", "Ann", "08:20") + // waits 40 minutes
		row("Case 4", "Take in charge ticket", "Bob", "08:30") + // waits 2 hours 30 minutes
		row("Case 1", "Closed", "Ann", "09:00") + // 3 to Ann
		row("Case 5", "Take in charge ticket", "Ann", "10:00") + // waits 2 hours in vain
		row("Case 2", "Closed", "Bob", "11:00") + // 4 to Bob
		row("Case 5", "Closed", "Ann", "12:00") +
		row("Case 3", "Closed", "Ann", "13:00") +
		row("Case 6", "Take in charge ticket", "Ann", "17:00") + // Ann's at once
		row("Case 7", "Take in charge ticket", "Bob", "17:30") + // waits until the end, 30 minutes
		row("Case 6", "Wait", "Ann", "18:00")
}

func runComparison(t *testing.T, o Options) (Comparison, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var out bytes.Buffer
	o.Form = FormJSON
	err := Run(ctx, o, &out, io.Discard)
	var r Comparison
	if out.Len() > 0 {
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
	}
	return r, err
}

func explainComparison(r Comparison) string {
	var b strings.Builder
	for _, s := range r.Strategies {
		fmt.Fprintf(&b, "%s: %+v\n%s", s.Strategy, s.Outcome, explain(&Findings{Checks: s.Checks}))
	}
	return b.String()
}

// TestCompareByHand: with two places there is nothing to choose, so all strategies
// come to the same, which is known.
func TestCompareByHand(t *testing.T) {
	_, servers := startFake(t, 3)
	r, err := runComparison(t, Options{Path: writeLog(t, twoPlaces()), Servers: servers, Prefix: "r1", Compare: Comparing{Capacity: 1}})
	if err != nil {
		t.Fatalf("%v\n%s", err, explainComparison(r))
	}
	if !r.OK || r.Capacity == nil || *r.Capacity != 1 || r.Percentiles != "nearest_rank" || len(r.Strategies) != 3 || r.Log.Tickets != 7 || r.LeftOut != "" {
		t.Errorf("%+v", r)
	}
	for _, s := range r.Strategies {
		o := s.Outcome
		if o.Conversations != 7 || o.AssignedAtOnce != 3 || o.Waited != 2 || o.ClosedWaiting != 1 || o.StillWaiting != 1 || o.FoundAllFull != 4 {
			t.Errorf("%s: %+v", s.Strategy, o)
		}
		if o.WaitOfAll != (Waits{5, 0, 9000, 9000}) || o.WaitOfWaited != (Waits{2, 2400, 9000, 9000}) || o.InVain != (Waits{2, 1800, 7200, 7200}) {
			t.Errorf("%s: all %+v, waited %+v, in vain %+v", s.Strategy, o.WaitOfAll, o.WaitOfWaited, o.InVain)
		}
		if got := fmt.Sprint(o.Bars); got != "[{at once 3} {up to 1 minute 0} {up to 1 hour 1} {up to 4 hours 1} {up to 1 day 0} {up to 1 week 0} {longer 0} {never assigned 2}]" {
			t.Errorf("%s: %s", s.Strategy, got)
		}
		if s.MostOpen != 1 || len(s.Agents) != 2 || s.Agents[0].Assigned != 3 || s.Agents[1].Assigned != 2 || *s.Agents[0].ReallyTaken != 4 || s.Agents[1].MostOpen != 1 {
			t.Errorf("%s: %+v", s.Strategy, s.Agents)
		}
	}
	if w := r.Strategies[2].Agents; *w[0].Weight != 10 || *w[1].Weight != 8 || r.Strategies[0].Agents[0].Weight != nil {
		t.Errorf("weights %+v", w)
	}
}

// TestComparisonSurvivesLostAnswers: with a busy log, lost answers and refusals the
// checks hold, the three teams of the cluster do not disturb one another, and a
// second run comes to the same.
func TestComparisonSurvivesLostAnswers(t *testing.T) {
	f, servers := startFake(t, 3)
	f.lose = func(n int) bool { return n < 900 && n%5 == 0 }
	f.refuse = func(n int) int {
		if n%67 == 0 {
			return 503
		}
		return 0
	}
	path := writeLog(t, busyLog())
	var outcomes []string
	for _, prefix := range []string{"r1", "r2"} {
		r, err := runComparison(t, Options{Path: path, Servers: servers, Prefix: prefix, Compare: Comparing{Capacity: 2}})
		if err != nil {
			t.Fatalf("%v\n%s", err, explainComparison(r))
		}
		if prefix == "r1" && (r.Run.Retries < 50 || r.Run.Replayed < 50) {
			t.Errorf("the test does not test: %+v", r.Run)
		}
		var outcome []string
		for _, s := range r.Strategies {
			if s.Waited == 0 || s.ClosedWaiting == 0 || s.MostOpen != 2 || s.FoundAllFull == 0 {
				t.Errorf("the test does not test: %+v", s.Outcome)
			}
			outcome = append(outcome, fmt.Sprintf("%+v", s.Outcome))
		}
		outcomes = append(outcomes, strings.Join(outcome, "\n"))
	}
	if outcomes[0] != outcomes[1] {
		t.Errorf("two runs of one log differ:\n%s\n%s", outcomes[0], outcomes[1])
	}
}

// TestABrokenLimitIsReported: a cluster that forgets a limit is caught, end to end.
func TestABrokenLimitIsReported(t *testing.T) {
	f, servers := startFake(t, 1)
	f.observe = func(string) { clear(f.limits) }
	r, err := runComparison(t, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1", Compare: Comparing{Capacity: 2, Strategies: []string{LeastOpen}}})
	if !errors.Is(err, ErrChecksFailed) || r.OK || len(r.Strategies) != 1 {
		t.Fatalf("%v, %s", err, explainComparison(r))
	}
	for _, c := range r.Strategies[0].Checks {
		if c.Name == Capacity && c.OK {
			t.Errorf("%+v", c)
		}
	}
}

func TestComparingIsChecked(t *testing.T) {
	_, servers := startFake(t, 1)
	path := writeLog(t, twoPlaces())
	for _, test := range []struct {
		says string
		o    Options
	}{
		{"choose 1 to 100000", Options{Compare: Comparing{Capacity: -1}}},
		{"choose 1 to 100000", Options{Compare: Comparing{Capacity: CapacityMax + 1}}},
		{"choose round_robin, least_open, weighted or all", Options{Compare: Comparing{Strategies: []string{"fastest"}}}},
		{"leave it out", Options{Parallel: 2, Compare: Comparing{Capacity: 1}}},
		{"at most 21 characters", Options{Prefix: strings.Repeat("x", 22), Compare: Comparing{Capacity: 1}}},
	} {
		o := test.o
		o.Path, o.Servers = path, servers
		if err := Run(t.Context(), o, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v", test.o, err)
		}
	}
	longest := Options{Path: path, Servers: servers, Prefix: strings.Repeat("x", 21), Compare: Comparing{Capacity: CapacityMax}}
	if _, err := runComparison(t, longest); err != nil {
		t.Error(err)
	}
}

// TestWeightsNeedWork: where nobody takes anything there is nothing to weigh by.
func TestWeightsNeedWork(t *testing.T) {
	_, servers := startFake(t, 1)
	o := Options{Path: writeLog(t, strings.ReplaceAll(twoPlaces(), "Take in charge", "Look at")), Servers: servers, Prefix: "r1"}
	o.Compare.Strategies = []string{"all"}
	r, err := runComparison(t, o)
	if err != nil || len(r.Strategies) != 2 || !strings.Contains(r.LeftOut, "weighted") || r.Capacity != nil {
		t.Errorf("%v %+v", err, r)
	}
	if s := r.Strategies[0]; s.AssignedAtOnce != 7 || s.MostOpen < 2 {
		t.Errorf("without a limit: %+v", s)
	}
	o.Compare.Strategies = []string{Weighted}
	if _, err := runComparison(t, o); err == nil || !strings.Contains(err.Error(), "all weights would be the same") {
		t.Error(err)
	}
}

func TestCompareCommand(t *testing.T) {
	_, servers := startFake(t, 2)
	path := writeLog(t, twoPlaces())
	run := func(args ...string) (string, error) {
		cmd := Command()
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(io.Discard)
		cmd.SetArgs(append([]string{path, "--server", servers[0], "--server", servers[1]}, args...))
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
	out, err := run("--capacity", "1", "--strategy", "least_open", "--strategy", "round_robin", "--strategy", "least_open")
	if err != nil {
		t.Fatal(err)
	}
	squeezed := strings.Join(strings.Fields(out), " ")
	for _, says := range []string{
		"7 conversations of 2012-10-09 to 2012-10-09, at most 1 open of an agent",
		"round_robin least_open conversations 7 7 assigned at once 3 3 waited, then assigned 2 2 closed while they waited 1 1 still waiting at the end 1 1 found all who were there full 4 4",
		"wait of all who were assigned: median 0 0 95th percentile 2h 30m 2h 30m longest 2h 30m 2h 30m",
		"wait of those who waited: median 40m 40m",
		"wait in vain: median 30m 30m 95th percentile 2h 00m 2h 00m",
		"most open at once of an agent 1 1",
		"assigned: least / median / most 2 / 2 / 3 2 / 2 / 3",
		"at once ████████████████ 3 ████████████████ 3 up to 1 minute 0 0 up to 1 hour ██████ 1 ██████ 1",
		"Ann 4 3 1 3 1 Bob 3 2 1 2 1",
		"✓ nobody has more than 1 open at most 1 at once, 2 agents",
	} {
		if !strings.Contains(squeezed, says) {
			t.Errorf("the report does not say %q:\n%s", says, out)
		}
	}
	if out, err := run("--capacity", "1", "-o", "json", "--strategy", "all"); err != nil || strings.Count(out, `"wait_of_waited"`) != 3 || !json.Valid([]byte(out)) {
		t.Errorf("%v\n%s", err, out)
	}
	for _, args := range [][]string{{"--capacity", "0"}, {"--capacity", "-1"}, {"--capacity", "many"}, {"--strategy", "random"}, {"--capacity", "1", "--parallel", "4"}} {
		if _, err := run(args...); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}

// TestComparisonFits: the text stays in 110 columns, whatever the names.
func TestComparisonFits(t *testing.T) {
	r := &Comparison{Log: LogReport{Tickets: 12_345}, Capacity: new(40)}
	for _, s := range []string{RoundRobin, LeastOpen, Weighted} {
		r.Strategies = append(r.Strategies, StrategyReport{Strategy: s,
			Outcome: Outcome{Conversations: 12_345, Bars: []Bar{{"at once", 12_345}, {"never assigned", 1}}, WaitOfAll: Waits{1, 42, 86400, 1e7}},
			Agents:  []AgentOfDesk{{Name: strings.Repeat("long ", 20), ReallyTaken: new(1_234), Weight: new(10), Assigned: 1_234, MostOpen: 40}}})
	}
	var b bytes.Buffer
	if err := r.write(&b, FormText); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if utf8.RuneCountInString(line) > 111 {
			t.Errorf("%d columns: %q", utf8.RuneCountInString(line), line)
		}
	}
	if !strings.Contains(b.String(), "42s") || !strings.Contains(b.String(), "█ 1\n") {
		t.Error(b.String())
	}
	if err := r.write(&b, "xml"); err == nil {
		t.Error("xml was written")
	}
}

const realLog = "../../../../shared/data/helpdesk.csv" // beside the checkout

// TestRealLogAtADesk plays the real help desk to the model, with at most 40 open,
// and compares with figures that a program of another language came to.
func TestRealLogAtADesk(t *testing.T) {
	if _, err := os.Stat(realLog); err != nil {
		if os.Getenv("RONDO_TEST_STRICT") == "1" {
			t.Fatal("the test needs the event log beside the checkout: ", err)
		}
		fmt.Println("SKIPPED: " + t.Name() + ": it needs the event log beside the checkout: " + err.Error())
		t.Skip("there is no event log")
	}
	plan := mustPlan(t, realLog, "r1")
	for _, test := range []struct {
		strategy        string
		atOnce, waited  int
		ofAll, ofWaited Waits
	}{
		{RoundRobin, 3598, 982, Waits{4580, 0, 67595, 511485}, Waits{982, 15326, 243008, 511485}},
		{LeastOpen, 3922, 658, Waits{4580, 0, 58987, 503066}, Waits{658, 18414, 245436, 503066}},
	} {
		order := make([]string, len(plan.Agents))
		for i, a := range plan.Agents {
			order[i] = a.ID
		}
		s := deskScript(test.strategy, 40, nil, order...)
		for _, step := range plan.Steps {
			switch step.Kind {
			case Available:
				s.come(order[step.Of])
			case Unavailable:
				s.leave(order[step.Of])
			case Arrive:
				s.arrive(plan.Tickets[step.Of].ID)
			case Close:
				s.shut(plan.Tickets[step.Of].ID)
			}
			s.steps[len(s.steps)-1].At = step.At
		}
		c := s.course()
		if f := ExamineCourse(c); !f.OK() {
			t.Fatal(explain(f))
		}
		o := measure(c, c.causes())
		if o.AssignedAtOnce != test.atOnce || o.Waited != test.waited || o.ClosedWaiting+o.StillWaiting != 0 ||
			o.WaitOfAll != test.ofAll || o.WaitOfWaited != test.ofWaited {
			t.Errorf("%s: %+v", test.strategy, o)
		}
	}
}

// TestARefusalEndsTheComparison: no report of half a comparison is written, and the
// error says which strategy it was.
func TestARefusalEndsTheComparison(t *testing.T) {
	f, servers := startFake(t, 2)
	f.refuse = func(n int) int {
		if n > 200 {
			return 422
		}
		return 0
	}
	r, err := runComparison(t, Options{Path: writeLog(t, busyLog()), Servers: servers, Prefix: "r1", Compare: Comparing{Capacity: 2}})
	named := func(strategy string) bool { return err != nil && strings.Contains(err.Error(), strategy+": ") }
	if errors.Is(err, ErrChecksFailed) || r.Strategies != nil || !(named(RoundRobin) || named(LeastOpen) || named(Weighted)) {
		t.Fatalf("%v, %+v", err, r)
	}
	for _, says := range []string{"not_now", "r1-", "the replay ended after"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %v", says, err)
		}
	}
}

// TestAComparisonIsPaced: the small log of two places is ten hours long.
func TestAComparisonIsPaced(t *testing.T) {
	_, servers := startFake(t, 1)
	start := time.Now()
	if _, err := runComparison(t, Options{Path: writeLog(t, twoPlaces()), Servers: servers, Prefix: "r1", Speed: 180_000, Compare: Comparing{Capacity: 1}}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 190*time.Millisecond {
		t.Errorf("took %v", took)
	}
}
