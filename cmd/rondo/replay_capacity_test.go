package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// comparisonReport is what this test reads of `rondo replay --capacity N -o json`.
type comparisonReport struct {
	OK         bool
	Capacity   int
	Strategies []struct {
		Strategy       string
		OK             bool
		Conversations  int
		AssignedAtOnce int `json:"assigned_at_once"`
		Waited         int
		ClosedWaiting  int `json:"closed_while_waiting"`
		StillWaiting   int `json:"still_waiting"`
		MostOpen       int `json:"most_open"`
		Checks         json.RawMessage
	}
}

// Real nodes keep a limit of two open conversations with every strategy, by the
// replay's own checks, while the leader is killed.
func TestReplayWithCapacity(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	log := syntheticLog(t)
	w := startWriter(t, c.nodes, "w.", writerPause)
	replay := start(t, "rondo replay", nil, rondo, "replay", log.path, "-o", "json", "--capacity", "2",
		"--server", c.at(0).url, "--server", c.at(1).url, "--server", c.at(2).url)
	replay.stderr.await(t, replay, `ids begin with`)
	w.awaitMore(t, acksBetween)
	t.Logf("killed the leader, %s; the replay was over: %v", c.killLeader(t), hasEnded(replay))
	if code := replay.wait(t, 4*patience); code != 0 {
		t.Errorf("rondo replay ended with %d\n%s%s", code, replay.stdout, replay.stderr.last(50))
	}
	w.wantKept(t, c.nodes, w.finish(t), false)

	var r comparisonReport
	if err := json.Unmarshal([]byte(replay.stdout.String()), &r); err != nil {
		t.Fatalf("the report is not JSON: %v\n%s", err, replay.stdout)
	}
	var names []string
	for _, s := range r.Strategies {
		names = append(names, s.Strategy)
		if !s.OK || s.Conversations != log.tickets || s.MostOpen != 2 || s.Waited == 0 ||
			s.AssignedAtOnce+s.Waited+s.ClosedWaiting+s.StillWaiting != log.tickets {
			t.Errorf("%+v\n%s", s, s.Checks)
		}
	}
	if got := strings.Join(names, " "); got != "round_robin least_open weighted" || !r.OK || r.Capacity != 2 {
		t.Errorf("compared %q with a limit of %d, ok: %v", got, r.Capacity, r.OK)
	}
}
