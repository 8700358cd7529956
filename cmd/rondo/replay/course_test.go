package replay

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestGoodCoursesPass: whatever happens at a desk by the book is found right, with
// every strategy and limit, also when lost answers make the indexes vague.
func TestGoodCoursesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var order []string
		var weights []int
		for i := range rapid.IntRange(1, 36).Draw(t, "agents") {
			order = append(order, fmt.Sprintf("a%d", i))
			weights = append(weights, rapid.IntRange(1, 5).Draw(t, "weight"))
		}
		strategy := rapid.SampledFrom([]string{RoundRobin, LeastOpen, Weighted}).Draw(t, "strategy")
		s := deskScript(strategy, rapid.IntRange(0, 3).Draw(t, "capacity"), weights, order...)
		s.loose = func() uint64 { return rapid.Uint64Range(0, 3).Draw(t, "loose") }
		var live []string
		for i := range rapid.IntRange(1, 80).Draw(t, "steps") {
			agent := order[rapid.IntRange(0, len(order)-1).Draw(t, "agent")]
			switch rapid.IntRange(0, 7).Draw(t, "step") {
			case 0, 1:
				s.come(agent)
			case 2:
				s.leave(agent)
			case 3, 4:
				if len(live) > 0 {
					at := rapid.IntRange(0, len(live)-1).Draw(t, "close")
					s.shut(live[at])
					live = slices.Delete(live, at, at+1)
				}
			default:
				ticket := fmt.Sprintf("c%d", i)
				s.arrive(ticket)
				live = append(live, ticket)
			}
		}
		c := s.course()
		if f := ExamineCourse(c); !f.OK() {
			t.Fatal(explain(f))
		}
		o := measure(c, c.causes())
		sum := 0
		for _, bar := range o.Bars {
			sum += bar.Count
		}
		if n := len(c.Tickets); sum != n || o.Conversations != n || o.AssignedAtOnce+o.Waited+o.ClosedWaiting+o.StillWaiting != n ||
			o.WaitOfAll.Count != o.AssignedAtOnce+o.Waited || o.WaitOfWaited.Count != o.Waited || o.InVain.Count != o.ClosedWaiting+o.StillWaiting {
			t.Fatalf("%d tickets: %+v", n, o)
		}
	})
}

// fullStory is a course with everything in it that a limit of two brings: places
// that fill, a queue while everybody there is full, a closing that frees a place, one
// that frees a place of somebody who has left, one closed while it waits, somebody
// who comes and takes two.
func fullStory(strategy string) *script {
	s := deskScript(strategy, 2, []int{2, 1, 1}, "a", "b", "c")
	s.come("a")
	s.come("b")
	for i := range 4 {
		s.arrive(fmt.Sprintf("c%d", i)) // all places of a and b
	}
	for i := range 5 {
		s.arrive(fmt.Sprintf("w%d", i))
	}
	s.shut("w2")
	s.shut("c0") // w0
	s.leave("b")
	s.shut("c1") // b's place, who is not there
	s.come("c")  // w1 and w3
	s.arrive("d0")
	s.come("b") // w4
	s.shut("w0")
	s.shut("w1")
	s.arrive("d1")
	s.shut("c3")
	s.arrive("d2")
	return s
}

// TestFullStory has its answers worked out by hand.
func TestFullStory(t *testing.T) {
	c := fullStory(RoundRobin).course()
	f := ExamineCourse(c)
	if !f.OK() {
		t.Fatal(explain(f))
	}
	var got []string
	for _, d := range c.Decisions {
		var why []string
		for _, p := range d.PassedOver {
			why = append(why, p.Agent+" "+p.Reason)
		}
		got = append(got, strings.TrimRight(fmt.Sprintf("%s %s %s", d.Conversation, d.Assignee, strings.Join(why, ", ")), " "))
	}
	want := []string{
		"c0 a", "c1 b", "c2 a c unavailable", "c3 b",
		"w0  c unavailable, a at_capacity, b at_capacity",
		"w1  c unavailable, a at_capacity, b at_capacity",
		"w2  c unavailable, a at_capacity, b at_capacity",
		"w3  c unavailable, a at_capacity, b at_capacity",
		"w4  c unavailable, a at_capacity, b at_capacity",
		"w0 a c unavailable",
		"w1 c b unavailable", "w3 c a at_capacity, b unavailable",
		"d0  a at_capacity, b unavailable, c at_capacity",
		"w4 b a at_capacity",
		"d0 a c at_capacity", // w0's place
		"d1 c b at_capacity", // w1's place
		"d2 b a at_capacity", // c3's place
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if fmt.Sprint(f.Waiting, f.ClosedWaiting) != "[] [w2]" {
		t.Errorf("waiting %v, closed waiting %v", f.Waiting, f.ClosedWaiting)
	}
	// Each step is a minute: a comes at 0, b at 1, c0 at 2 ... w0 at 6 ... w4 at 10,
	// w2 is closed at 11, c0 at 12, c comes at 15, d0 arrives at 16, b comes at 17, w0
	// is closed at 18.
	o := measure(c, c.causes())
	if o.AssignedAtOnce != 6 || o.Waited != 5 || o.ClosedWaiting != 1 || o.StillWaiting != 0 || o.FoundAllFull != 6 {
		t.Errorf("%+v", o)
	}
	quiet := deskScript(RoundRobin, 1, nil, "a")
	quiet.arrive("c0") // nobody is there, so nobody is full
	if c := quiet.course(); measure(c, c.causes()).FoundAllFull != 0 {
		t.Error("found somebody full where nobody was")
	}
	if o.WaitOfWaited != (Waits{5, 6 * 60, 8 * 60, 8 * 60}) || o.WaitOfAll != (Waits{11, 0, 8 * 60, 8 * 60}) || o.InVain != (Waits{1, 180, 180, 180}) {
		t.Errorf("waited %+v, all %+v, in vain %+v", o.WaitOfWaited, o.WaitOfAll, o.InVain)
	}
}

// falsified are the ways in which a cluster could break a promise about places: the
// named check must see it, by the words given. The strategy is round_robin where
// none is named.
var falsified = []struct {
	name, strategy, check, says string
	corrupt                     func(c *Course)
}{
	{"more than the limit", "", Capacity, "a has 3 open at once, the limit is 2", func(c *Course) {
		w := find(&c.History, "w0", kindWaiting)
		*w = Decision{ID: w.ID, Conversation: "w0", Kind: kindRotation, Assignee: "a", ConsumedTurn: true, Cursor: Cursor{"b", "a"}}
	}},
	{"given to who is full", "", TurnOrder, "b was chosen, but after a it was the turn of c", func(c *Course) {
		d := find(&c.History, "w1", kindRotation)
		d.Assignee, d.After = "b", "b"
	}},
	{"nobody could take it", "", TurnOrder, "nobody could take it: she was at_capacity", func(c *Course) {
		w := find(&c.History, "w0", kindWaiting)
		*w = Decision{ID: w.ID, Conversation: "w0", Kind: kindRotation, Assignee: "a", ConsumedTurn: true, Cursor: Cursor{"b", "a"}}
	}},
	{"a limit that is not there", "", QueueKept, "must wait although a could take it", func(c *Course) {
		d := find(&c.History, "c2", kindRotation)
		*d = Decision{ID: d.ID, Conversation: "c2", Kind: kindWaiting, Cursor: Cursor{"b", "b"}}
	}},
	{"a place left idle", "", QueueKept, "went on waiting although a could take it", func(c *Course) { drop(&c.History, "w0", kindRotation) }},
	{"served late", "", QueueKept, "went on waiting although a could take it", func(c *Course) {
		// Up to the next step: after the answer to the one that freed the place.
		d := find(&c.History, "w0", kindRotation)
		p, _ := parsePlace(d.ID)
		d.ID = fmt.Sprintf("%d.0", p.index+1)
	}},
	{"served after all was over", "", QueueKept, "nothing asked for it", func(c *Course) { find(&c.History, "d2", kindRotation).ID = "9000.0" }},
	{"overtaken in the queue", "", QueueKept, "it overtook w1", func(c *Course) {
		a, b := find(&c.History, "w1", kindRotation), find(&c.History, "w3", kindRotation)
		a.Conversation, b.Conversation = "w3", "w1"
	}},
	{"overtaken by a newcomer", "", QueueKept, "it overtook w4", func(c *Course) {
		a, b := find(&c.History, "w4", kindRotation), find(&c.History, "d0", kindRotation)
		a.Conversation, b.Conversation = "d0", "w4"
	}},
	{"given after it was closed", "", QueueKept, "did not wait", func(c *Course) { find(&c.History, "w3", kindRotation).Conversation = "w2" }},
	{"given twice", "", QueueKept, "did not wait", func(c *Course) { find(&c.History, "w3", kindRotation).Conversation = "w1" }},
	{"waits at another's step", "", QueueKept, "not its arrival", func(c *Course) { find(&c.History, "w1", kindWaiting).Conversation = "w0" }},
	{"full, said to be away", "", TurnOrder, `b was passed over as "unavailable", but she was at_capacity`, func(c *Course) {
		find(&c.History, "w0", kindWaiting).PassedOver[2].Reason = "unavailable"
	}},
	{"full, and hidden", "", TurnOrder, "a was passed over, but", func(c *Course) {
		d := find(&c.History, "w3", kindRotation)
		d.PassedOver = d.PassedOver[1:]
	}},
	{"one too many passed over", "", TurnOrder, "who was not passed over", func(c *Course) {
		find(&c.History, "c3", kindRotation).PassedOver = []PassedOver{{"c", "unavailable"}}
	}},
	{"counted wrong", "", TurnOrder, "passed_over_counts", func(c *Course) { find(&c.History, "w0", kindWaiting).Counts["at_capacity"] = 1 }},
	{"counted for no reason", "", TurnOrder, "passed_over_counts", func(c *Course) { find(&c.History, "w0", kindWaiting).Counts["busier"] = 1 }},
	{"the turn before", "", TurnOrder, "cursor_before is a", func(c *Course) { find(&c.History, "w4", kindRotation).Before = "a" }},
	{"waiting moves the cursor", "", TurnOrder, "nobody took a turn", func(c *Course) { find(&c.History, "w0", kindWaiting).After = "a" }},
	{"waiting takes a turn", "", TurnOrder, "and yet", func(c *Course) { find(&c.History, "w0", kindWaiting).ConsumedTurn = true }},
	{"another kind", "", TurnOrder, `kind "least_open"`, func(c *Course) { find(&c.History, "c3", kindRotation).Kind = LeastOpen }},
	{"a turn for nothing", "", TurnOrder, "a turn consumed: false", func(c *Course) { find(&c.History, "c3", kindRotation).ConsumedTurn = false }},
	{"a stranger", "", TurnOrder, "for x", func(c *Course) { find(&c.History, "c3", kindRotation).Assignee = "x" }},
	{"two in a row", "", WindowFairness, "more than", func(c *Course) { find(&c.History, "c1", kindRotation).Assignee = "a" }},
	{"not the one with the fewest", LeastOpen, TurnOrder, "it was the turn of", func(c *Course) {
		d := find(&c.History, "c1", LeastOpen)
		d.Assignee, d.After = "a", "a"
	}},
	{"not by the weight", Weighted, TurnOrder, "it was the turn of", func(c *Course) {
		d := find(&c.History, "c2", kindRotation)
		d.Assignee, d.After = "b", "b"
	}},
	{"weights for nothing", RoundRobin, TurnOrder, "passed_over does not say so", func(c *Course) {
		c.Decisions = fullStory(Weighted).course().Decisions
	}},
}

// TestEveryCheckOfACourseCanFail falsifies a good course in each of these ways.
func TestEveryCheckOfACourseCanFail(t *testing.T) {
	for _, test := range falsified {
		t.Run(test.name, func(t *testing.T) {
			strategy := test.strategy
			if strategy == "" {
				strategy = RoundRobin
			}
			c := fullStory(strategy).course()
			if f := ExamineCourse(c); !f.OK() {
				t.Fatal(explain(f))
			}
			test.corrupt(&c)
			f := ExamineCourse(c)
			for _, check := range f.Checks {
				if check.Name == test.check && !check.OK && strings.Contains(fmt.Sprint(check.First), test.says) {
					return
				}
			}
			t.Errorf("%s did not say %q:\n%s", test.check, test.says, explain(f))
		})
	}
}

// TestCapacityAgainstEveryStep compares the sweep over tenures with counting at
// every step.
func TestCapacityAgainstEveryStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []tenure
		for range rapid.IntRange(0, 12).Draw(t, "tenures") {
			from := rapid.IntRange(0, 20).Draw(t, "from")
			until := rapid.SampledFrom([]int{-1, from + 1, from + 3, from + 9}).Draw(t, "until")
			list = append(list, tenure{from, until})
		}
		want := 0
		for step := range 40 {
			n := 0
			for _, had := range list {
				if had.from <= step && (had.until < 0 || step < had.until) {
					n++
				}
			}
			want = max(want, n)
		}
		if got, _ := mostAtOnce(list); got != want {
			t.Fatalf("%d at once, want %d, of %v", got, want, list)
		}
	})
}

// TestALapKeepsTheBound: while the same agents may be picked, in any stretch of as
// many turns as the sum of their weights each gets exactly her weight.
func TestALapKeepsTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 6).Draw(t, "weights")
		l := newLap(Course{History: History{Ring: make([]string, len(weights))}, Strategy: Weighted, Weights: weights})
		sum, open := 0, make([]int, len(weights))
		for _, w := range weights {
			sum += w
		}
		var turns []int
		for range 3 * sum {
			slot, passed := l.next(func(int) string { return "" }, open)
			if len(passed) > 0 {
				t.Fatalf("%v were passed over", passed)
			}
			turns = append(turns, l.slots[slot])
			l.take(l.slots[slot])
		}
		for from := range len(turns) - sum + 1 {
			got := make([]int, len(weights))
			for _, agent := range turns[from : from+sum] {
				got[agent]++
			}
			if !slices.Equal(got, weights) {
				t.Fatalf("from turn %d on %v, want %v", from, got, weights)
			}
		}
	})
}

func TestNearestRank(t *testing.T) {
	list := []int64{15, 20, 35, 40, 50}
	for p, want := range map[int]int64{5: 15, 20: 15, 21: 20, 30: 20, 40: 20, 50: 35, 60: 35, 61: 40, 80: 40, 81: 50, 95: 50, 100: 50} {
		if got := NearestRank(list, p); got != want {
			t.Errorf("percentile %d: %d, want %d", p, got, want)
		}
	}
	var hundred []int64
	for i := range int64(100) {
		hundred = append(hundred, i+1)
	}
	if a, b := NearestRank(hundred, 50), NearestRank(hundred, 95); a != 50 || b != 95 {
		t.Errorf("of 1 to 100: %d and %d", a, b)
	}
	if NearestRank(nil, 95) != 0 || newWaits(nil) != (Waits{}) || newWaits([]int64{7, 3}) != (Waits{2, 3, 7, 7}) {
		t.Error("nothing, or two")
	}
}
