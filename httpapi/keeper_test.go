package httpapi

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
)

// A kept is a schedule of which nothing is known yet, and a keeper.
type kept struct {
	*machine
	t *testing.T
	k *keeper
}

func newKept(t *testing.T) *kept {
	m := newMachine(t)
	put := fsm.PutSchedule{ID: "office", Name: "Office", Zone: "Europe/Berlin", Weekly: []fsm.WeeklyHours{{Days: []string{"mon", "sat"}, From: "09:00", To: "17:00"}}}
	m.apply(fsm.NewItem(put, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: "put"}))
	return &kept{m, t, newKeeper(Options{Cluster: m})}
}

func (k *kept) row() fsm.Schedule {
	k.t.Helper()
	row, ok := k.View(0).Schedules.ByID("office")
	if !ok {
		k.t.Fatal("the schedule is gone")
	}
	return row
}

// looks lets the keeper of a node look so often that it must have done something.
func (k *kept) looks(self fsm.NodeID) {
	for range keepRest + 1 {
		k.k.look(context.Background(), self)
	}
}

func (k *kept) ahead() time.Duration {
	return time.Duration(k.row().Ahead.UntilMs-k.View(0).NowMs) * time.Millisecond
}

const wholeHorizon = horizonMs * time.Millisecond

func TestKeeperTopsUpDaily(t *testing.T) {
	k := newKept(t)
	k.looks("n2")
	if row := k.row(); row.Ahead.UntilMs != 0 {
		t.Fatal("a node that does not lead topped it up")
	}
	k.k.look(context.Background(), "n1")
	row := k.row()
	if row.Ahead.Zones != hours.Version || k.ahead() < wholeHorizon-time.Second || len(row.Ahead.Turns) < 18 || !row.Open(k.View(0).NowMs) {
		t.Fatalf("topped up to %v ahead, with zones %q and %d turns", k.ahead(), row.Ahead.Zones, len(row.Ahead.Turns))
	}
	before := k.View(0).Index
	k.looks("n1")
	k.pass(23 * time.Hour)
	passed := k.View(0).Index
	k.looks("n1")
	if k.View(0).Index != passed || passed == before {
		t.Error("it was topped up again within a day, or no turn came in a day")
	}
	for range 40 {
		k.pass(25 * time.Hour)
		k.apply()
		k.looks("n1")
		if k.ahead() < wholeHorizon-time.Minute {
			t.Fatalf("%v ahead are known after a top-up", k.ahead())
		}
	}
}

// TestKeeperAfterAFailover: what was not taken is proposed again, and a new leader
// begins with its first look, also after longer than the horizon.
func TestKeeperAfterAFailover(t *testing.T) {
	k := newKept(t)
	k.fail = errors.New("no leader")
	k.looks("n1")
	if k.ahead() < wholeHorizon-time.Minute {
		t.Fatal("what failed was not proposed again")
	}
	k.nowMs += (40 * 24 * time.Hour).Milliseconds()
	k.apply(fsm.NewItem(fsm.BeginTerm{Node: "n2", Term: 2, Semantics: fsm.Semantics, ClusterID: "test"}, "system:node", "", fsm.Key{Source: fsm.KeyMinted, Text: "term"}))
	k.k.look(context.Background(), "n1")
	if k.ahead() > 0 {
		t.Fatal("a node that leads no more topped it up")
	}
	k.k.look(context.Background(), "n2")
	if k.ahead() < wholeHorizon-time.Minute {
		t.Errorf("%v ahead are known after the first look of a new leader", k.ahead())
	}
}

// TestTwoKeepersWriteOnce: two that both believe to lead, by the same view.
func TestTwoKeepersWriteOnce(t *testing.T) {
	k := newKept(t)
	view := k.View(0)
	k.k.topUp(context.Background(), view)
	first := k.row()
	view = view.Clone()
	newKeeper(Options{Cluster: k.machine}).topUp(context.Background(), view)
	if second := k.row(); !reflect.DeepEqual(first.Ahead, second.Ahead) {
		t.Errorf("it was written twice: %d, then %d", first.Ahead.UntilMs, second.Ahead.UntilMs)
	}
}
