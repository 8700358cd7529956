package replay

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// violated returns the names of the checks that failed.
func violated(f *Findings) string {
	var names []string
	for _, c := range f.Checks {
		if c.OK != (c.Violations == 0) || len(c.First) != min(c.Violations, ViolationsShown) {
			names = append(names, c.Name+" contradicts itself")
		}
		if !c.OK {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}

func explain(f *Findings) string {
	var b strings.Builder
	for _, c := range f.Checks {
		fmt.Fprintf(&b, "%s ok=%v (%s) %+v\n", c.Name, c.OK, c.Examined, c.First)
	}
	return b.String()
}

// TestGoodHistoriesPass: whatever happens in a team by the book is found right,
// also when lost answers make the indexes vague.
func TestGoodHistoriesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var order []string
		for i := range rapid.IntRange(1, 40).Draw(t, "agents") {
			order = append(order, fmt.Sprintf("a%d", i))
		}
		s := newScript(order...)
		s.loose = func() uint64 { return rapid.Uint64Range(0, 3).Draw(t, "loose") }
		open := []string{}
		for i := range rapid.IntRange(1, 80).Draw(t, "steps") {
			agent := order[rapid.IntRange(0, len(order)-1).Draw(t, "agent")]
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1:
				s.come(agent)
			case 2:
				s.leave(agent)
			case 3:
				if len(open) > 0 {
					at := rapid.IntRange(0, len(open)-1).Draw(t, "close")
					s.shut(open[at])
					open = append(open[:at], open[at+1:]...)
				}
			default:
				ticket := fmt.Sprintf("c%d", i)
				s.arrive(ticket)
				open = append(open, ticket)
			}
		}
		f := Examine(s.history())
		if !f.OK() {
			t.Fatal(explain(f))
		}
		share, turns := 0.0, 0
		for _, agent := range order {
			share += f.FairShare[agent]
			turns += f.Assigned[agent]
		}
		if d := share - float64(turns); d > 1e-6 || d < -1e-6 {
			t.Fatalf("fair shares sum to %v of %d turns", share, turns)
		}
		if turns+len(f.Waiting)+len(f.ClosedWaiting) != len(s.h.Tickets) {
			t.Fatalf("%d turns, %v wait, %v closed waiting, of %d", turns, f.Waiting, f.ClosedWaiting, len(s.h.Tickets))
		}
	})
}

// story is a history with everything in it: turns, a queue, its draining in order,
// one closed while waiting, one that waits to the end.
func story() *script {
	s := newScript("a", "b", "c")
	s.come("a")
	s.come("b")
	for i := range 6 {
		s.arrive(fmt.Sprintf("c%d", i))
	}
	s.come("c")
	for i := 6; i < 12; i++ {
		s.arrive(fmt.Sprintf("c%d", i))
	}
	s.leave("a")
	s.leave("b")
	s.leave("c")
	for i := range 5 {
		s.arrive(fmt.Sprintf("w%d", i))
	}
	s.shut("w1")
	s.come("b") // takes w0, w2, w3, w4
	s.arrive("d0")
	s.leave("b")
	s.arrive("end")
	s.shut("c0")
	s.shut("w2") // long after it was drained
	return s
}

func TestStory(t *testing.T) {
	f := Examine(story().history())
	if !f.OK() {
		t.Fatal(explain(f))
	}
	if fmt.Sprint(f.Waiting, f.ClosedWaiting) != "[end] [w1]" {
		t.Errorf("waiting %v, closed waiting %v", f.Waiting, f.ClosedWaiting)
	}
	if fmt.Sprint(f.Assigned) != "map[a:5 b:10 c:2]" || fmt.Sprintf("%.1f", f.FairShare["b"]) != "10.0" {
		t.Errorf("assigned %v, fair %v", f.Assigned, f.FairShare)
	}
}

func find(h *History, ticket, kind string) *Decision {
	for i := range h.Decisions {
		if d := &h.Decisions[i]; d.Conversation == ticket && d.Kind == kind {
			return d
		}
	}
	panic("no such decision: " + ticket)
}

func findTicket(h *History, id string) *Ticket {
	for i := range h.Tickets {
		if h.Tickets[i].ID == id {
			return &h.Tickets[i]
		}
	}
	panic("no such ticket: " + id)
}

// drop takes out a ticket's decisions.
func drop(h *History, ticket, kind string) {
	var kept []Decision
	for _, d := range h.Decisions {
		if d.Conversation != ticket || d.Kind != kind {
			kept = append(kept, d)
		}
	}
	h.Decisions = kept
}

// corruptions are the ways in which a cluster could break a promise: the named check
// must see it, by the words given.
var corruptions = []struct {
	name, check, says string
	corrupt           func(h *History)
}{
	{"lost decision", DecidedOnce, "nobody was chosen", func(h *History) { drop(h, "c4", "rotation"); findTicket(h, "c4").End.Assignee = "" }},
	{"lost ticket", DecidedOnce, "does not know it", func(h *History) { findTicket(h, "c4").End = nil }},
	{"lost record", DecidedOnce, "no decision gave it", func(h *History) { drop(h, "c4", "rotation") }},
	{"answer without record", DecidedOnce, "not among the records", func(h *History) { findTicket(h, "c4").Answer.Decision = "999.0" }},
	{"repeated", DecidedOnce, "decided 2 times", func(h *History) {
		again := *find(h, "c4", "rotation")
		again.ID = "9000.0"
		h.Decisions = append(h.Decisions, again)
	}},
	{"another has it", DecidedOnce, "b was chosen, but a has it", func(h *History) { findTicket(h, "c5").End.Assignee = "a" }},
	{"answer lied", DecidedOnce, "was answered with a, the record says b", func(h *History) { findTicket(h, "c5").Answer.Assignee = "a" }},
	{"stranger", DecidedOnce, "did not open", func(h *History) { find(h, "c5", "rotation").Conversation = "other" }},
	{"fallback", DecidedOnce, "nothing in a replay asks", func(h *History) { d := find(h, "c5", "rotation"); d.Kind, d.ConsumedTurn = "fallback", false }},
	{"waits twice", DecidedOnce, "second time", func(h *History) {
		again := *find(h, "w0", "waiting")
		again.ID = "9000.0"
		h.Decisions = append(h.Decisions, again)
	}},
	{"closed by itself", DecidedOnce, "the replay closed it: false", func(h *History) { findTicket(h, "c5").End.Status = "closed" }},
	{"close forgotten", DecidedOnce, "the replay closed it: true", func(h *History) { findTicket(h, "c0").End.Status = "open" }},
	{"neither waits nor decided", DecidedOnce, "it does not wait", func(h *History) { findTicket(h, "end").End.State = "manual" }},

	{"same id", StrictOrder, "not in the order", func(h *History) { h.Decisions[3].ID = h.Decisions[2].ID }},
	{"list out of order", StrictOrder, "not in the order", func(h *History) { h.Decisions[3], h.Decisions[4] = h.Decisions[4], h.Decisions[3] }},
	{"10 is more than 9", StrictOrder, "not in the order", func(h *History) { h.Decisions[3].ID = "9.10"; h.Decisions[4].ID = "9.9" }},
	{"no id", StrictOrder, "not INDEX.N", func(h *History) { h.Decisions[3].ID = "x" }},
	{"decided before it was sent", StrictOrder, "had been answered", func(h *History) { findTicket(h, "c4").Opened = Span{5000, 5001} }},
	{"decided after its answer", StrictOrder, "its answer came", func(h *History) { findTicket(h, "c4").Opened = Span{1, 2} }},

	{"wrong agent", RingOrder, "it was the turn of a", func(h *History) { d := find(h, "c4", "rotation"); d.Assignee, d.After = "b", "b" }},
	{"chosen while away", RingOrder, "it was the turn of", func(h *History) { d := find(h, "c4", "rotation"); d.Assignee, d.After = "c", "c" }},
	{"nobody was there", RingOrder, "nobody was eligible", func(h *History) {
		d := find(h, "end", "waiting")
		*d = Decision{ID: d.ID, Conversation: "end", Kind: "rotation", Assignee: "b", ConsumedTurn: true, Cursor: Cursor{"b", "b"}}
	}},
	{"cursor before", RingOrder, "cursor_before is b", func(h *History) { d := find(h, "c5", "rotation"); d.Before = "b" }},
	{"cursor after", RingOrder, "cursor_after is a", func(h *History) { d := find(h, "c5", "rotation"); d.After = "a" }},
	{"passed over hidden", RingOrder, "c was passed over, but", func(h *History) { d := find(h, "c2", "rotation"); d.PassedOver = nil }},
	{"passed over too many", RingOrder, "not passed over", func(h *History) {
		d := find(h, "c1", "rotation")
		d.PassedOver = []PassedOver{{"c", "unavailable"}}
	}},
	{"false reason", RingOrder, `as "away"`, func(h *History) {
		d := find(h, "c2", "rotation")
		d.PassedOver = []PassedOver{{"c", "away"}}
	}},
	{"wrong count", RingOrder, "passed_over_counts", func(h *History) { find(h, "c2", "rotation").Counts = map[string]int{"unavailable": 2} }},
	{"turn not consumed", RingOrder, "a turn consumed: false", func(h *History) { find(h, "c2", "rotation").ConsumedTurn = false }},
	{"needless wait", RingOrder, "must wait although", func(h *History) {
		d := find(h, "d0", "rotation")
		*d = Decision{ID: d.ID, Conversation: "d0", Kind: "waiting", Cursor: Cursor{"b", "b"}}
	}},
	{"wait moves the cursor", RingOrder, "nobody took a turn", func(h *History) { find(h, "w0", "waiting").After = "a" }},
	{"wait takes a turn", RingOrder, "and yet", func(h *History) { find(h, "w0", "waiting").ConsumedTurn = true }},
	{"drained newest first", RingOrder, "overtook w2", func(h *History) {
		a, b := find(h, "w2", "rotation"), find(h, "w3", "rotation")
		a.Conversation, b.Conversation = "w3", "w2"
	}},
	{"overtaken by a newcomer", RingOrder, "overtook w4", func(h *History) {
		a, b := find(h, "w4", "rotation"), find(h, "d0", "rotation")
		a.Conversation, b.Conversation = "d0", "w4"
	}},
	{"given after it was closed", RingOrder, "after it had been closed", func(h *History) {
		findTicket(h, "c11").Closed = &Span{12, 13}
	}},
	{"left lying", RingOrder, "went on waiting", func(h *History) {
		for _, ticket := range []string{"w0", "w2", "w3", "w4", "d0"} {
			drop(h, ticket, "rotation")
		}
	}},

	{"two in a row", WindowFairness, "more than", func(h *History) {
		d := find(h, "c5", "rotation")
		d.Assignee = "a"
	}},
	{"two too many over a long window", WindowFairness, "a had 2 turns more than c", func(h *History) {
		// a, b, c, a, b, c becomes a, b, a, b, ...
		for i, agent := range []string{"a", "b", "a", "b", "a", "b"} {
			find(h, fmt.Sprintf("c%d", 6+i), "rotation").Assignee = agent
		}
	}},
}

// TestEveryCheckCanFail corrupts a good history in each of these ways.
func TestEveryCheckCanFail(t *testing.T) {
	for _, test := range corruptions {
		t.Run(test.name, func(t *testing.T) {
			h := story().history()
			test.corrupt(&h)
			f := Examine(h)
			for _, c := range f.Checks {
				if c.Name == test.check && !c.OK && strings.Contains(fmt.Sprint(c.First), test.says) {
					return
				}
			}
			t.Errorf("%s did not say %q:\n%s", test.check, test.says, explain(f))
		})
	}
}

// TestVagueAnswersDoNotHideFaults: where the index of a change of presence is
// vague, either order is accepted, but only one of the two for all.
func TestVagueAnswersDoNotHideFaults(t *testing.T) {
	s := newScript("a", "b")
	s.come("a")
	s.leave("a")
	for i := range 4 {
		s.arrive(fmt.Sprintf("w%d", i))
	}
	s.loose = func() uint64 { return 5 }
	s.come("b")
	h := s.history()
	if f := Examine(h); !f.OK() {
		t.Fatal(explain(f))
	}
	find(&h, "w2", "rotation").Assignee = "a"
	if f := Examine(h); !strings.Contains(violated(f), RingOrder) {
		t.Error(explain(f))
	}
}

// TestFairnessAgainstAllWindows compares the incremental check with the promise
// as it is written, over every window.
func TestFairnessAgainstAllWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := History{Ring: []string{"a", "b", "c"}}
		var moments []moment
		on := make([]bool, 3)
		for range rapid.IntRange(0, 25).Draw(t, "moments") {
			agent := rapid.IntRange(0, 2).Draw(t, "agent")
			if rapid.IntRange(0, 4).Draw(t, "what") == 0 {
				on[agent] = !on[agent]
				moments = append(moments, moment{agent: agent, available: on[agent]})
			} else {
				moments = append(moments, moment{agent: agent, turn: true})
			}
		}
		f := &Findings{Assigned: map[string]int{}, FairShare: map[string]float64{}}
		if got, want := checkFairness(h, moments, f).OK, fairEverywhere(moments); got != want {
			t.Fatalf("fair %v, want %v, for %+v", got, want, moments)
		}
	})
}

func fairEverywhere(moments []moment) bool {
	for from := range moments {
		for to := from; to <= len(moments); to++ {
			for a := range 3 {
				for b := range a {
					if d := difference(moments, from, to, a, b); d > 1 || d < -1 {
						return false
					}
				}
			}
		}
	}
	return true
}

// difference counts the turns of a less those of b in moments[from:to]; 0 if one of
// them was not eligible throughout.
func difference(moments []moment, from, to, a, b int) int {
	on := map[int]bool{}
	d := 0
	for i, m := range moments[:to] {
		if i >= from && !(on[a] && on[b]) {
			return 0
		}
		switch {
		case !m.turn:
			on[m.agent] = m.available
		case i >= from && m.agent == a:
			d++
		case i >= from && m.agent == b:
			d--
		}
	}
	return d
}
