package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// A flaky cluster can be without a leader.
type flaky struct {
	*machine
	down    atomic.Bool
	renewal atomic.Int64 // commands that renewed
}

func (f *flaky) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	if f.down.Load() {
		return fsm.Outcome{}, 0, trouble{"no_leader", outcomeRejected, time.Second}
	}
	if it.Kind.Name() == "presence.renew" {
		f.renewal.Add(1)
	}
	return f.machine.Propose(ctx, it)
}

// A callCentre is a node with agents whose clients send heartbeats, in virtual
// time.
type callCentre struct {
	t       *testing.T
	cluster *flaky
	h       http.Handler
	agents  []string
}

func newCallCentre(t *testing.T, agents, leaseSeconds int) *callCentre {
	t.Helper()
	x := &callCentre{t: t, cluster: &flaky{machine: newMachine(t)}}
	var err error
	if x.h, err = New(Options{Cluster: x.cluster, Version: "test", Stopping: t.Context()}); err != nil {
		t.Fatal(err)
	}
	for i := range agents {
		id := fmt.Sprint("a", i)
		x.agents = append(x.agents, id)
		x.must("PUT", "/v1/agents/"+id, `{"name":"A"}`)
		x.must("PUT", "/v1/agents/"+id+"/presence", fmt.Sprintf(`{"status":"available","lease_seconds":%d}`, leaseSeconds))
	}
	return x
}

func (x *callCentre) must(method, path, body string) reply {
	x.t.Helper()
	r := do(x.h, method, path, body, "Content-Type", "application/json")
	if r.status >= 300 {
		x.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
	return r
}

// beat sends the heartbeats of some agents.
func (x *callCentre) beat(agents []string) {
	x.t.Helper()
	body, err := json.Marshal(map[string]any{"agents": agents})
	if err != nil {
		x.t.Fatal(err)
	}
	x.must("POST", "/v1/heartbeats", string(body))
}

// pass lets seconds go by, for the node and for the cluster.
func (x *callCentre) pass(seconds int) {
	for range seconds {
		<-time.After(time.Second)
		synctest.Wait()
		x.cluster.pass(time.Second)
	}
}

func (x *callCentre) gone() (list []string) {
	v := x.cluster.View(0)
	for _, id := range x.agents {
		if row, _ := v.Agents.ByID(fsm.AgentID(id)); row.Presence.Status != rotation.StatusAvailable {
			list = append(list, id)
		}
	}
	return list
}

// TestOneCommandForAll (K82): a node renews all who are heard of together, those
// who are not become unavailable, and when nobody calls any more it is at rest.
func TestOneCommandForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newCallCentre(t, 300, 30)
		const rounds = 12
		for range rounds {
			x.beat(x.agents[1:])
			x.pass(10)
		}
		if gone := x.gone(); len(gone) != 1 || gone[0] != "a0" {
			t.Errorf("%v are gone, and only a0 was not heard of", gone)
		}
		// 299 agents take two commands.
		if n := x.cluster.renewal.Load(); n < 2 || n > 2*(rounds+1) {
			t.Errorf("%d commands renewed 299 agents for %d times", n, rounds)
		}
		x.pass(33) // 43 s after the last heartbeat: a lease, and a third of it
		if gone := x.gone(); len(gone) != len(x.agents) {
			t.Errorf("only %d are gone long after the last heartbeat", len(gone))
		}
		before := x.cluster.renewal.Load()
		x.pass(100)
		if n := x.cluster.renewal.Load(); n != before {
			t.Error("a node renews agents that it does not hear of")
		}
		x.beat(x.agents[:1])
		if gone := x.gone(); len(gone) != len(x.agents)-1 {
			t.Error("a heartbeat did not bring her back at once")
		}
	})
}

// TestRenewalsOutlastAnOutage: what was heard while there was no leader is told
// as soon as there is one.
func TestRenewalsOutlastAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newCallCentre(t, 2, 30)
		x.beat(x.agents)
		x.pass(9)
		x.cluster.down.Store(true)
		x.beat(x.agents) // the last
		x.pass(12)
		x.cluster.down.Store(false)
		x.pass(20) // 41 s after the beginning: without the last heartbeat it would be over
		if gone := x.gone(); gone != nil {
			t.Errorf("%v are gone though the node heard of them", gone)
		}
		x.pass(40)
		if gone := x.gone(); len(gone) != 2 {
			t.Errorf("only %v are gone", gone)
		}
	})
}

// TestHeartbeatWithoutLeader: who is known is answered all the same, and one who
// is awaited comes back when there is a leader.
func TestHeartbeatWithoutLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newCallCentre(t, 1, 30)
		x.pass(30)
		x.cluster.down.Store(true)
		r := x.must("POST", "/v1/agents/a0/heartbeat", "")
		if !strings.Contains(r.body, `"reason":"lease_expired"`) || !strings.Contains(r.body, `"heartbeat_seconds":10`) {
			t.Errorf("%s", r.body)
		}
		x.cluster.down.Store(false)
		x.pass(11)
		if gone := x.gone(); gone != nil {
			t.Errorf("%v are gone", gone)
		}
		x.pass(60)
	})
}

// TestTooManyHeld: a node holds so many and no more, and says so.
func TestTooManyHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newCallCentre(t, 1, 10)
		r := newRenewer(Options{Cluster: x.cluster, Stopping: t.Context()})
		r.running = true // nobody is to forget them
		for i := range maxHeld {
			if !r.note(fsm.AgentID(fmt.Sprint(i)), time.Hour) {
				t.Fatalf("the %d. was not held", i)
			}
		}
		if r.note("one more", time.Hour) {
			t.Error("one too many was held")
		}
		if !r.note("7", time.Hour) {
			t.Error("who is held is not heard any more")
		}
		body := `{"agents":["` + strings.Repeat(`a0","`, maxHeartbeats) + `a0"]}`
		if got := do(x.h, "POST", "/v1/heartbeats", body, "Content-Type", "application/json"); got.status != http.StatusBadRequest || !strings.Contains(got.body, "too_many") {
			t.Errorf("%d %s", got.status, got.body)
		}
	})
}
