package httpapi

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
)

const (
	// beatsPerLease is how often in a lease a client is to be heard of, and a node
	// renews what it has heard: one of each may be lost.
	beatsPerLease = 3

	// maxHeld bounds the agents whose heartbeats a node holds.
	maxHeld = 100_000

	renewRetry = 500 * time.Millisecond
)

// A renewer holds the heartbeats that this node has heard since it last told the
// cluster, in memory: whoever loses it loses heartbeats of a third of a lease. It
// renews all of them together each third of the shortest lease, by as few
// commands as they fit in. While it holds nobody it does nothing.
type renewer struct {
	cluster  Cluster
	log      hclog.Logger
	stopping context.Context
	timeout  time.Duration
	sooner   chan struct{} // a shorter lease has come

	mu      sync.Mutex
	held    map[fsm.AgentID]*holding
	running bool
	renewed time.Time // last
}

// A holding is an agent whose client calls this node.
type holding struct {
	period time.Duration
	heard  time.Time
	fresh  bool // heard since the last renewal
}

func newRenewer(o Options) *renewer {
	return &renewer{cluster: o.Cluster, log: o.Logger, stopping: o.Stopping, timeout: o.Timeout,
		sooner: make(chan struct{}, 1), held: map[fsm.AgentID]*holding{}}
}

// note holds a heartbeat. It reports false if this node holds too many already.
// Any goroutine may call it.
func (r *renewer) note(id fsm.AgentID, period time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.held[id]
	if h == nil {
		if len(r.held) >= maxHeld {
			return false
		}
		h = &holding{}
		r.held[id] = h
	}
	if h.period != period {
		h.period = period
		select {
		case r.sooner <- struct{}{}:
		default:
		}
	}
	h.heard, h.fresh = time.Now(), true
	if !r.running && r.stopping.Err() == nil {
		r.running, r.renewed = true, h.heard
		go r.run()
	}
	return true
}

// run renews until nobody is held or the node stops.
func (r *renewer) run() {
	for retry := false; ; {
		wait, ok := r.wait(retry)
		if !ok {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-r.stopping.Done():
			timer.Stop()
			return
		case <-r.sooner:
			timer.Stop()
			continue
		case <-timer.C:
		}
		retry = !r.renewAll()
	}
}

// wait returns how long to wait for the next renewal; not ok: nobody is held any
// more, and the next heartbeat begins anew.
func (r *renewer) wait(retry bool) (wait time.Duration, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shortest := time.Duration(0)
	for id, h := range r.held {
		if time.Since(h.heard) > h.period {
			delete(r.held, id) // her lease is over, wherever it was renewed last
			continue
		}
		if shortest == 0 || h.period < shortest {
			shortest = h.period
		}
	}
	if r.running = len(r.held) > 0; !r.running {
		return 0, false
	}
	if retry {
		return renewRetry, true
	}
	return max(0, time.Until(r.renewed.Add(shortest/beatsPerLease))), true
}

// renewAll renews all who were heard of since the last time, and says whether
// that was carried out; if not, they are still to be renewed.
func (r *renewer) renewAll() bool {
	r.mu.Lock()
	var list []fsm.AgentID
	for id, h := range r.held {
		if h.fresh {
			list = append(list, id)
			h.fresh = false
		}
	}
	r.renewed = time.Now()
	r.mu.Unlock()

	slices.Sort(list)
	for chunk := range slices.Chunk(list, fsm.MaxRenewed) {
		ctx, cancel := context.WithTimeout(context.WithValue(r.stopping, operatorKey{}, true), r.timeout)
		index := r.renew(ctx, chunk, Principal{Name: renewerName})
		cancel()
		if index == 0 {
			r.again(list) // those who were renewed lose nothing by it
			return false
		}
	}
	return true
}

func (r *renewer) again(list []fsm.AgentID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range list {
		if h := r.held[id]; h != nil {
			h.fresh = true
		}
	}
}

// renewerName is who has heard of the agents that a node renews.
const renewerName = "system:heartbeat"

// renew tells the cluster that agents were heard of. It returns the index of a
// state that knows, or 0 if that is not certain.
func (r *renewer) renew(ctx context.Context, agents []fsm.AgentID, by Principal) uint64 {
	key, err := uuid.NewV7()
	if err != nil {
		r.log.Warn("heartbeats are not passed on", "error", err)
		return 0
	}
	item := fsm.NewItem(fsm.RenewPresence{Agents: agents}, by.Name, by.Via, fsm.Key{Source: fsm.KeyMinted, Text: mintedPrefix + key.String()})
	out, index, err := r.cluster.Propose(ctx, item)
	if err == nil && out.Rejection != nil {
		err = out.Rejection
	}
	if err != nil {
		r.log.Debug("heartbeats are not passed on yet", "agents", len(agents), "error", err)
		return 0
	}
	return index
}
