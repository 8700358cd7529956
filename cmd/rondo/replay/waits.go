package replay

import (
	"slices"
	"time"
)

// Waits sums up waiting times, in whole seconds of the log's time; parts of a second
// are dropped. Percentiles are by the nearest rank: the smallest of the times such
// that at least so many of a hundred are not longer. So each is a time that somebody
// really waited. All are 0 if nobody did.
type Waits struct {
	Count          int   `json:"count"`
	MedianSeconds  int64 `json:"median_seconds"`
	P95Seconds     int64 `json:"p95_seconds"`
	LongestSeconds int64 `json:"longest_seconds"`
}

// NearestRank returns the pth percentile of times in rising order, for p from 1 to
// 100: the one with the rank p*n/100, rounded up. Of nothing it is 0.
func NearestRank(sorted []int64, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(p*len(sorted)+99)/100-1]
}

func newWaits(seconds []int64) Waits {
	sorted := slices.Sorted(slices.Values(seconds))
	return Waits{len(sorted), NearestRank(sorted, 50), NearestRank(sorted, 95), NearestRank(sorted, 100)}
}

// waitBounds are the bounds of the bars: how long, at most, for people.
var waitBounds = []struct {
	name    string
	seconds int64
}{
	{"up to 1 minute", 60},
	{"up to 1 hour", 3600},
	{"up to 4 hours", 4 * 3600},
	{"up to 1 day", 86400},
	{"up to 1 week", 7 * 86400},
}

// A Bar says how many waited so long.
type Bar struct {
	Waited string `json:"waited"`
	Count  int    `json:"count"`
}

// An Outcome is what a course came to for those who waited.
type Outcome struct {
	Conversations  int   `json:"conversations"`
	AssignedAtOnce int   `json:"assigned_at_once"` // by their own arrival
	Waited         int   `json:"waited"`           // and were assigned later
	FoundAllFull   int   `json:"found_all_full"`   // of all: when they came somebody was there, but had no place
	ClosedWaiting  int   `json:"closed_while_waiting"`
	StillWaiting   int   `json:"still_waiting"`
	WaitOfAll      Waits `json:"wait_of_assigned"`     // from arrival to assignment, 0 for those at once
	WaitOfWaited   Waits `json:"wait_of_waited"`       // the same without those at once
	InVain         Waits `json:"waited_in_vain"`       // from arrival to the closing, or to the end of the log
	Bars           []Bar `json:"waiting_distribution"` // every conversation is in one
}

// measure attributes each decision to the moment of the log that caused it, and
// counts. It judges nothing.
func measure(c Course, list []caused) Outcome {
	o := Outcome{Conversations: len(c.Tickets)}
	if len(c.Steps) == 0 {
		return o
	}
	arrived, assigned, ended := map[string]int{}, map[string]int{}, map[string]int{}
	for k, step := range c.Steps {
		switch step.Kind {
		case Arrive:
			arrived[step.Of] = k
		case Close:
			ended[step.Of] = k
		default:
		}
	}
	for _, d := range list {
		at := min(d.step, len(c.Steps)-1)
		if _, again := assigned[d.Conversation]; d.Assignee != "" && !again {
			assigned[d.Conversation] = at
		}
		if d.Kind == kindWaiting && d.Counts[reasonFull] > 0 {
			o.FoundAllFull++
		}
	}
	since := func(ticket string, until int) int64 {
		return int64(c.Steps[until].At.Sub(c.Steps[arrived[ticket]].At) / time.Second)
	}
	var waited, vain []int64
	for _, t := range c.Tickets {
		at, given := assigned[t.ID]
		end, closed := ended[t.ID]
		switch {
		case given && at == arrived[t.ID]:
			o.AssignedAtOnce++
		case given:
			waited = append(waited, since(t.ID, at))
		case closed:
			o.ClosedWaiting++
			vain = append(vain, since(t.ID, end))
		default:
			o.StillWaiting++
			vain = append(vain, since(t.ID, len(c.Steps)-1))
		}
	}
	o.Waited = len(waited)
	o.WaitOfWaited, o.InVain = newWaits(waited), newWaits(vain)
	o.WaitOfAll = newWaits(append(make([]int64, o.AssignedAtOnce), waited...))
	o.Bars = bars(o, waited)
	return o
}

// bars puts every conversation into one bar.
func bars(o Outcome, waited []int64) []Bar {
	list := []Bar{{"at once", o.AssignedAtOnce}}
	for _, bound := range waitBounds {
		list = append(list, Bar{Waited: bound.name})
	}
	list = append(list, Bar{Waited: "longer"}, Bar{"never assigned", o.ClosedWaiting + o.StillWaiting})
	for _, seconds := range waited {
		at := 0
		for at < len(waitBounds) && seconds > waitBounds[at].seconds {
			at++
		}
		list[1+at].Count++
	}
	return list
}
