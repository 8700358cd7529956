package nemesis

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
	"github.com/rondohq/rondo/scripts/chaos/testbed"
)

// The kinds of faults.
const (
	Kill      = "kill"
	Pause     = "pause"
	Partition = "partition"
	Power     = "power"
	Disk      = "disk"
)

// Kinds are all of them.
var Kinds = []string{Kill, Pause, Partition, Power, Disk}

// Parse reads a list of kinds with commas; "all" is all of them.
func Parse(list string) ([]string, error) {
	if list == "all" {
		return Kinds, nil
	}
	kinds := strings.Split(list, ",")
	for _, kind := range kinds {
		if !slices.Contains(Kinds, kind) {
			return nil, fmt.Errorf("there is no nemesis %q: choose from %s, with commas, or all", kind, strings.Join(Kinds, ", "))
		}
	}
	return kinds, nil
}

// Options say how to harm.
type Options struct {
	Bed    *testbed.Bed
	Kinds  []string
	Seed   uint64
	Leader func() int // who leads, as far as is known; -1: nobody
	Clock  func() int64
	Begun  func(history.Fault) // a fault is under way
	Healed func(history.Fault)
}

// A fault is what is done and undone again.
type fault struct {
	what  string
	nodes []int
	lasts time.Duration
	begin func() error
	end   func() error
}

// Run does harm until ctx ends, and heals what it has begun. An error means that
// the bed is broken, not the cluster.
func Run(ctx context.Context, o Options) error {
	random := rand.New(rand.NewPCG(o.Seed, 99))
	var deck []string // so that every kind has its turn
	for ctx.Err() == nil {
		if len(deck) == 0 {
			deck = slices.Clone(o.Kinds)
			random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		kind := deck[0]
		deck = deck[1:]
		if !wait(ctx, between(random, 1500*time.Millisecond, 3*time.Second)) {
			return nil
		}
		f := scene{o, random}.draw(kind)
		seen := history.Fault{Kind: kind, What: f.what, BeginUs: o.Clock()}
		for _, at := range f.nodes {
			seen.Nodes = append(seen.Nodes, o.Bed.ID(at))
		}
		o.Begun(seen)
		err := f.begin()
		wait(ctx, f.lasts)
		if err = errors.Join(err, f.end()); err != nil {
			return fmt.Errorf("%s, %s: %w", kind, f.what, err)
		}
		seen.EndUs = o.Clock()
		o.Healed(seen)
	}
	return nil
}

// wait reports false if ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}
