package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
)

func TestJudge(t *testing.T) {
	a, b, c := [32]byte{0xaa}, [32]byte{0xbb}, [32]byte{0xcc}
	voters := map[fsm.NodeID]bool{"n1": true, "n2": true, "n3": true}
	reports := func(hashes ...[32]byte) fsm.Checkpoint {
		point := fsm.Checkpoint{Index: 7}
		for i, h := range hashes {
			point.Reports = append(point.Reports, fsm.CheckpointReport{Node: []fsm.NodeID{"n1", "n2", "n3", "nonvoter"}[i], Hash: h})
		}
		return point
	}
	for name, test := range map[string]struct {
		point       fsm.Checkpoint
		own         *[32]byte
		ok, drifted bool
		says        string
	}{
		"none yet":                {fsm.Checkpoint{}, nil, true, false, "not compared"},
		"nobody has reported":     {reports(), &a, true, false, "0 of 3"},
		"one alone":               {reports(a), &b, true, false, "1 of 3"},
		"all agree":               {reports(a, a, a), &a, true, false, "3 of 3 voters had the hash aa"},
		"a majority agrees":       {reports(b, a, a), &a, true, false, "2 of 3"},
		"this one has drifted":    {reports(b, a, a), &b, false, true, "aa00000000000000 behind entry 7 and this node has bb"},
		"and has not reported":    {reports(a, a), &c, false, true, "has cc"},
		"one each":                {reports(a, b, c), &a, false, false, "3 different hashes"},
		"two so far":              {reports(a, b), &a, false, false, "2 different hashes"},
		"it drifted in past life": {reports(b, a, a), nil, false, false, "before it was started"},
		"it came later":           {reports(a, a, a), nil, true, false, "has come later"},
		"who has no vote":         {reports(a, b, b, a), &b, true, false, "2 of 3"},
	} {
		got := judge(test.point, "n1", test.own, voters)
		if got.ok != test.ok || got.drifted != test.drifted || !strings.Contains(got.detail, test.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestCheckpoint: nodes that have the same say so, across crashes and leaders; one
// whose memory has changed stops, at the next checkpoint, and names both hashes.
// The others go on.
func TestCheckpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		w := newDarkWorld(t, 3, 5)
		defer w.close()
		w.checkpoint = 10 * time.Second
		for _, n := range w.nodes {
			w.boot(n)
		}
		w.awaitLeader(ctx)
		w.setUpTeam(ctx, 3, nil)
		for range 4 {
			w.crash(w.awaitLeader(ctx))
			w.must(ctx, presence(0, "away"))
			w.must(ctx, presence(0, "available"))
			w.awaitAgreement(ctx)
		}
		w.bury(0)

		drifted := w.others(w.awaitLeader(ctx))[0]
		m := drifted.group().replica.machine
		m.mu.Lock()
		row, _ := m.state.Agents.ByID(agentCalled(1))
		row.Name += "?"
		m.state.Agents.Put(row)
		m.mu.Unlock()
		w.must(ctx, presence(0, "away"))
		select {
		case err := <-drifted.life.Load().Fatal():
			if !errors.Is(err, errDrifted) || !strings.Contains(err.Error(), "had the hash") || !strings.Contains(err.Error(), "this node has") {
				t.Errorf("%v", err)
			}
		case <-ctx.Done():
			t.Fatal("nobody has noticed")
		}
		leader := w.awaitLeader(ctx, drifted)
		w.mustOn(ctx, leader, open("after"))
		for _, n := range w.others(drifted) {
			select {
			case err := <-n.life.Load().Fatal():
				t.Errorf("%s stops, too: %v", n.name, err)
			default:
			}
			if c := checkOf(n, "checkpoint"); !c.OK {
				t.Errorf("%s: %s", n.name, c.Detail)
			}
		}
	})
}

// awaitAgreement waits until a new checkpoint has the reports of all.
func (w *world) awaitAgreement(ctx context.Context) {
	w.t.Helper()
	leader := w.awaitLeader(ctx)
	before := leader.group().Latest().Checkpoint
	w.await(ctx, "a checkpoint that all agree on", func() bool {
		for _, n := range w.nodes {
			if point := n.group().Latest().Checkpoint; point.Index <= before.Index || !strings.Contains(checkOf(n, "checkpoint").Detail, "3 of 3 voters had") {
				return false
			}
		}
		return true
	})
}
