package replay

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// A modelDesk is what a model knows of places and strategies, as dumb as it: a
// weighted turn is found with fractions, slot by slot.
type modelDesk struct {
	strategy string
	capacity int
	weights  []int
	open     map[string]int
	slot     *big.Rat // the place on the way round of the last weighted turn
	peeked   *big.Rat // that of the turn picked now
}

func newModelDesk() modelDesk { return modelDesk{strategy: RoundRobin, open: map[string]int{}} }

func (m *model) kind() string {
	if m.strategy == LeastOpen {
		return "least_open"
	}
	return "rotation"
}

func (m *model) inbox() string { return strings.TrimSuffix(m.team, "-team") + "-inbox" }

// why says why an agent cannot be picked.
func (m *model) why(agent string) string {
	switch {
	case !m.available[agent]:
		return "unavailable"
	case m.capacity > 0 && m.open[agent] == m.capacity:
		return "at_capacity"
	}
	return ""
}

// pick is next for all strategies.
func (m *model) pick() (string, []PassedOver) {
	first, passed := m.next()
	switch {
	case first == "" || m.strategy == RoundRobin:
		return first, passed
	case m.strategy == LeastOpen:
		return m.pickLeast()
	default:
		return m.pickWeighted()
	}
}

func (m *model) pickLeast() (string, []PassedOver) {
	start := slices.Index(m.order, m.cursor) + 1
	round := slices.Concat(m.order[start:], m.order[:start])
	fewest := -1
	for _, agent := range round {
		if m.why(agent) == "" && (fewest < 0 || m.open[agent] < fewest) {
			fewest = m.open[agent]
		}
	}
	var passed []PassedOver
	for _, agent := range round {
		why := m.why(agent)
		if why == "" && m.open[agent] == fewest {
			return agent, passed
		}
		if why == "" {
			why = "busier"
		}
		passed = append(passed, PassedOver{agent, why})
	}
	panic("somebody has the fewest")
}

// pickWeighted looks for the nearest slot behind the last one, of all slots of two
// laps.
func (m *model) pickWeighted() (string, []PassedOver) {
	type slot struct {
		agent string
		at    *big.Rat
	}
	var slots []slot
	for lap := range 2 {
		for i, agent := range m.order {
			for n := range m.weights[i] {
				// (n + (i + 1/2) / size) / w, and one lap more.
				at := big.NewRat(int64(2*i+1), int64(2*len(m.order)))
				at.Add(at, big.NewRat(int64(n), 1))
				at.Quo(at, big.NewRat(int64(m.weights[i]), 1))
				slots = append(slots, slot{agent, at.Add(at, big.NewRat(int64(lap), 1))})
			}
		}
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return a.at.Cmp(b.at) })
	begin := 0
	if m.slot != nil {
		begin = slices.IndexFunc(slots, func(s slot) bool { return s.at.Cmp(m.slot) == 0 && s.agent == m.cursor }) + 1
	}
	var passed []PassedOver
	for _, s := range slots[begin:] {
		why := m.why(s.agent)
		if why != "" {
			if p := (PassedOver{s.agent, why}); !slices.Contains(passed, p) {
				passed = append(passed, p)
			}
			continue
		}
		if s.at.Cmp(big.NewRat(1, 1)) >= 0 {
			s.at.Sub(s.at, big.NewRat(1, 1))
		}
		m.peeked = s.at
		return s.agent, passed
	}
	panic("somebody has a slot")
}

// course returns what the script came to as a course.
func (s *script) course() Course {
	return Course{History: s.history(), Strategy: s.strategy, Capacity: s.capacity, Weights: s.weights, Steps: slices.Clone(s.steps)}
}

// step notes a step that was answered; each is a minute after the one before.
func (s *script) step(kind Kind, of string, span Span) {
	at := time.Date(2012, 10, 9, 8, len(s.steps), 0, 0, time.UTC)
	s.steps = append(s.steps, Played{At: at, Kind: kind, Of: of, By: span.By})
}

// deskScript makes a script for a strategy and a limit.
func deskScript(strategy string, capacity int, weights []int, order ...string) *script {
	s := newScript(order...)
	s.strategy, s.capacity, s.weights = strategy, capacity, weights
	return s
}

// index is the highest that any team has come to.
func (f *fakeCluster) index() uint64 {
	highest := uint64(10)
	for _, m := range f.models {
		highest = max(highest, m.index)
	}
	return highest
}

// modelOf returns the newest team that is meant, ready to decide behind all that
// the others have decided; nil if there is none.
func (f *fakeCluster) modelOf(is func(*model) bool) *model {
	for _, m := range slices.Backward(f.models) {
		if is(m) {
			m.index = f.index()
			return m
		}
	}
	return nil
}

func (f *fakeCluster) putTeam(id string, body map[string]any) {
	var order []string
	var weights []int
	for _, m := range body["members"].([]any) {
		member := m.(map[string]any)
		order = append(order, member["agent"].(string))
		weight, _ := member["weight"].(float64)
		weights = append(weights, max(1, int(weight)))
	}
	index := f.index()
	f.model = newModel(id, order)
	f.model.index, f.model.weights = index, weights
	f.model.strategy = fmt.Sprint(body["rotation"].(map[string]any)["strategy"])
	f.model.capacity = f.limits[order[0]]
	f.models = append(f.models, f.model)
}
