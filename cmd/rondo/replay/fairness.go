package replay

import "fmt"

// A pair is two agents in a window in which both are eligible throughout: the
// difference of their turns since its start, and the least and greatest it had.
// Any two points of the window bound a window of their own, so all windows are
// fair exactly if greatest - least is at most one. That makes the check linear in
// the decisions instead of quadratic.
type pair struct {
	difference, least, greatest int32
	reported                    bool
}

// checkFairness: two agents both eligible throughout a window never differ by more
// than one turn. It also counts the turns and what a fair share of them was.
func checkFairness(h History, moments []moment, f *Findings) *Check {
	check := newCheck(WindowFairness, "windowed fairness")
	n := len(h.Ring)
	pairs := make([]pair, n*(n-1)/2)
	eligible := make([]bool, n)
	present := 0
	windows, widest := 0, int32(0)
	share := newShares(h.Ring)
	for _, m := range moments {
		if !m.turn {
			if eligible[m.agent] = m.available; m.available {
				present++
			} else {
				present--
			}
			share.changed(m.agent, m.available)
			if m.available {
				windows += open(pairs, eligible, m.agent)
			}
			continue
		}
		f.Assigned[h.Ring[m.agent]]++
		share.turn(present)
		if eligible[m.agent] {
			widest = max(widest, oneTurn(check, h.Ring, pairs, eligible, m.agent))
		}
	}
	f.FairShare = share.end()
	check.Examined = fmt.Sprintf("%s of two, largest difference %d", count(windows, "window"), widest)
	return check
}

// pairAt returns where two agents stand among the pairs, and the sign their
// difference has for a.
func pairAt(a, b int) (int, int32) {
	if a > b {
		return a*(a-1)/2 + b, 1
	}
	return b*(b-1)/2 + a, -1
}

// open begins the windows of an agent who has become eligible and returns how many.
func open(pairs []pair, eligible []bool, agent int) int {
	opened := 0
	for other, is := range eligible {
		if is && other != agent {
			at, _ := pairAt(agent, other)
			pairs[at] = pair{}
			opened++
		}
	}
	return opened
}

// oneTurn counts one turn in all windows of an agent and returns the widest
// difference it led to.
func oneTurn(check *Check, ring []string, pairs []pair, eligible []bool, agent int) int32 {
	widest := int32(0)
	for other, is := range eligible {
		if !is || other == agent {
			continue
		}
		at, sign := pairAt(agent, other)
		p := &pairs[at]
		p.difference += sign
		p.least, p.greatest = min(p.least, p.difference), max(p.greatest, p.difference)
		width := p.greatest - p.least
		widest = max(widest, width)
		if width > 1 && !p.reported {
			p.reported = true
			check.violate("", "", "%s had %d turns more than %s in a window in which both were eligible", ring[agent], width, ring[other])
		}
	}
	return widest
}

// shares counts fair shares: of every turn, 1 / n for each of the n eligible then.
type shares struct {
	ring  []string
	sum   float64   // of 1 / n over all turns so far
	since []float64 // the sum when she became eligible; -1 while she is not
	share []float64
}

func newShares(ring []string) *shares {
	s := &shares{ring: ring, since: make([]float64, len(ring)), share: make([]float64, len(ring))}
	for i := range s.since {
		s.since[i] = -1
	}
	return s
}

func (s *shares) changed(agent int, available bool) {
	switch {
	case available:
		s.since[agent] = s.sum
	case s.since[agent] >= 0:
		s.share[agent] += s.sum - s.since[agent]
		s.since[agent] = -1
	}
}

func (s *shares) turn(eligible int) {
	if eligible > 0 {
		s.sum += 1 / float64(eligible)
	}
}

func (s *shares) end() map[string]float64 {
	byAgent := make(map[string]float64, len(s.ring))
	for i, agent := range s.ring {
		s.changed(i, false)
		byAgent[agent] = s.share[i]
	}
	return byAgent
}
