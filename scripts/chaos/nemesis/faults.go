package nemesis

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/lossyfs"
)

// A scene draws faults for the cluster as it is now.
type scene struct {
	Options
	random *rand.Rand
}

func (s scene) draw(kind string) fault {
	switch kind {
	case Kill:
		return s.kill()
	case Pause:
		return s.pause()
	case Partition:
		return s.partition()
	case Power:
		return s.power()
	default:
		return s.disk()
	}
}

// victims draws one node, the leader half the time, or a majority, or all.
func (s scene) victims() (string, []int) {
	switch s.random.IntN(4) {
	case 0:
		return "a majority", s.some(s.Bed.Count()/2 + 1)
	case 1:
		return "all", s.some(s.Bed.Count())
	default:
		return s.one()
	}
}

// one draws the leader half the time, if there is one.
func (s scene) one() (string, []int) {
	if at := s.Leader(); at >= 0 && s.random.IntN(2) == 0 {
		return "the leader", []int{at}
	}
	return "one node", s.some(1)
}

func (s scene) some(n int) []int {
	return slices.Sorted(slices.Values(s.random.Perm(s.Bed.Count())[:n]))
}

func (s scene) others(of ...int) []int {
	var list []int
	for at := range s.Bed.Count() {
		if !slices.Contains(of, at) {
			list = append(list, at)
		}
	}
	return list
}

func (s scene) kill() fault {
	who, nodes := s.victims()
	return fault{
		what: "kill -9 " + who, nodes: nodes, lasts: between(s.random, 500*time.Millisecond, 3*time.Second),
		begin: func() error { return s.Bed.Kill(nodes...) },
		end: func() error {
			s.Bed.Start(nodes...)
			return nil
		},
	}
}

func (s scene) pause() fault {
	who, nodes := s.one()
	if s.random.IntN(5) == 0 {
		who, nodes = "a majority", s.some(s.Bed.Count()/2+1)
	}
	return fault{
		what: "pause " + who, nodes: nodes, lasts: between(s.random, 1500*time.Millisecond, 5*time.Second),
		begin: func() error {
			s.Bed.Pause(nodes...)
			return nil
		},
		end: func() error {
			s.Bed.Resume(nodes...)
			return nil
		},
	}
}

func (s scene) power() fault {
	who, nodes := s.victims()
	torn := s.random.IntN(2) == 0
	what := "power loss of " + who
	if torn {
		what += ", torn"
	}
	seed := s.random.Uint64()
	return fault{
		what: what, nodes: nodes, lasts: between(s.random, 500*time.Millisecond, 2*time.Second),
		begin: func() error {
			_, err := s.Bed.CutPower(seed, torn, nodes...)
			return err
		},
		end: func() error {
			s.Bed.Start(nodes...)
			return nil
		},
	}
}

func (s scene) partition() fault {
	f := fault{lasts: between(s.random, 2*time.Second, 5*time.Second), end: s.Bed.HealNetwork}
	leader := s.Leader()
	if leader < 0 {
		leader = s.random.IntN(s.Bed.Count())
	}
	switch s.random.IntN(4) {
	case 0:
		f.what, f.nodes = "halves", s.some(s.Bed.Count()/2)
		f.begin = func() error { return s.part(f.nodes) }
	case 1:
		f.what, f.nodes = "the leader alone", []int{leader}
		f.begin = func() error { return s.part(f.nodes) }
	case 2:
		f.nodes = []int{leader}
		if s.random.IntN(2) == 0 {
			f.what = "one way: the leader hears nobody"
			f.begin = func() error { return s.Bed.Deafen(leader, s.others(leader)...) }
			break
		}
		f.what = "one way: nobody hears the leader"
		f.begin = func() error {
			var errs []error
			for _, other := range s.others(leader) {
				errs = append(errs, s.Bed.Deafen(other, leader))
			}
			return errors.Join(errs...)
		}
	default:
		f.what, f.nodes = "ring: each hears its neighbours only", s.some(s.Bed.Count())
		f.begin = s.ring
	}
	return f
}

// part cuts all cables between some nodes and the others.
func (s scene) part(side []int) error {
	var errs []error
	for _, here := range side {
		for _, there := range s.others(side...) {
			errs = append(errs, s.Bed.Deafen(here, there), s.Bed.Deafen(there, here))
		}
	}
	return errors.Join(errs...)
}

// ring leaves each node its majority, and each another one: with five nodes the
// two on either side, with three all but one cable.
func (s scene) ring() error {
	n := s.Bed.Count()
	place := s.random.Perm(n)
	if n == 3 {
		return errors.Join(s.Bed.Deafen(place[0], place[1]), s.Bed.Deafen(place[1], place[0]))
	}
	var errs []error
	for i, at := range place {
		near := []int{at, place[(i+1)%n], place[(i+n-1)%n]}
		errs = append(errs, s.Bed.Deafen(at, s.others(near...)...))
	}
	return errors.Join(errs...)
}

func (s scene) disk() fault {
	who, nodes := s.one()
	at := nodes[0]
	f := fault{nodes: nodes, lasts: between(s.random, 2*time.Second, 5*time.Second)}
	var spoiled lossyfs.Faults
	switch s.random.IntN(3) {
	case 0:
		spoiled.DelayMs = 20 + s.random.IntN(180)
		f.what = fmt.Sprintf("slow disk (%d ms a write) of %s", spoiled.DelayMs, who)
	case 1:
		spoiled.Full = true
		f.what = "full disk of " + who
	default:
		// A node gives up after ten seconds; below and beyond that.
		spoiled.Hang = true
		f.lasts = between(s.random, 2*time.Second, 13*time.Second)
		f.what = "hanging disk of " + who
	}
	f.begin = func() error { return s.Bed.SpoilDisk(at, spoiled) }
	f.end = func() error { return s.Bed.SpoilDisk(at, lossyfs.Faults{}) }
	return f
}
