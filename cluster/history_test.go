package cluster

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A history is what the clients saw: everything that was acknowledged to them.
type history struct {
	mu      sync.Mutex
	opens   []opened
	closes  []fsm.ConversationHandle
	changes []presenceChange
	reads   int
	stale   []string

	unknown  int // answers that said so
	replayed int // answers that came from a key
}

// An opened is a conversation that was acknowledged.
type opened struct {
	handle           fsm.ConversationHandle
	decision         fsm.RecordID
	called, returned time.Time
}

// A presenceChange is what the one who keeps the presences has asked for, in
// order: each differs from what the agent was before.
type presenceChange struct {
	agent  fsm.AgentID
	status string
}

func (h *history) note(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

func (h *history) acknowledged() []opened {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.opens[:len(h.opens):len(h.opens)]
}

// check holds the history against the state that all nodes agree on.
func (h *history) check(t *testing.T, s *fsm.State, agents int) ringCounts {
	t.Helper()
	for _, line := range h.stale {
		t.Errorf("stale read: %s", line)
	}
	seen := map[fsm.ConversationHandle]bool{}
	for _, o := range h.opens {
		c, ok := s.Conversations.Get(o.handle)
		if !ok {
			t.Errorf("lost: %s was acknowledged", o.decision)
			continue
		}
		if seen[o.handle] {
			t.Errorf("conversation %d was given out twice", o.handle)
		}
		seen[o.handle] = true
		if rec, _ := s.Records.At(c.Opening); rec.ID != o.decision {
			t.Errorf("reordered: acknowledged as %s and is %s", o.decision, rec.ID)
		}
	}
	if n := s.Conversations.Len(); n != len(h.opens) {
		t.Errorf("repeated: %d conversations, %d were asked for", n, len(h.opens))
	}
	h.checkOrder(t)
	r := newRing(t, s, agents)
	counts := r.replay()
	if !slices.Equal(r.changes, h.changes) {
		t.Errorf("presence: %d changes stand in the log, %d were asked for, or in another order", len(r.changes), len(h.changes))
	}
	for _, handle := range h.closes {
		if !r.closed[handle] {
			t.Errorf("lost: the close of conversation %d was acknowledged", handle)
		}
	}
	if len(r.closed) != len(h.closes) {
		t.Errorf("%d conversations are closed, %d closes were acknowledged", len(r.closed), len(h.closes))
	}
	return counts
}

// checkOrder: what was answered before another was asked for stands before it.
func (h *history) checkOrder(t *testing.T) {
	byReturn, byCall := slices.Clone(h.opens), slices.Clone(h.opens)
	slices.SortFunc(byReturn, func(a, b opened) int { return a.returned.Compare(b.returned) })
	slices.SortFunc(byCall, func(a, b opened) int { return a.called.Compare(b.called) })
	var newest fsm.RecordID
	done := 0
	for _, o := range byCall {
		for done < len(byReturn) && byReturn[done].returned.Before(o.called) {
			if byReturn[done].decision.Compare(newest) > 0 {
				newest = byReturn[done].decision
			}
			done++
		}
		if o.decision.Compare(newest) < 0 {
			t.Errorf("reordered: %s was asked for after %s was acknowledged", o.decision, newest)
		}
	}
}

// A ring recomputes whose turn it was from the records alone, by the rules as a
// person would tell them: agents in the order of their names, the next available
// one after who took the last turn, going round; with nobody available it waits,
// and what waits is served oldest first, before anything new. It shares no code
// with fsm or rotation. It knows no drain allowance: the team has none.
type ring struct {
	t         *testing.T
	names     map[fsm.AgentHandle]int // place in the ring
	available []bool
	last      int // who took the last turn, -1 before the first
	queue     []fsm.ConversationHandle
	decided   map[fsm.ConversationHandle]bool // assigned once
	closed    map[fsm.ConversationHandle]bool
	changes   []presenceChange
	state     *fsm.State
	counts    ringCounts
}

type ringCounts struct{ turns, waits, served, passed int }

func newRing(t *testing.T, s *fsm.State, agents int) *ring {
	r := &ring{t: t, state: s, last: -1, names: map[fsm.AgentHandle]int{}, available: make([]bool, agents),
		decided: map[fsm.ConversationHandle]bool{}, closed: map[fsm.ConversationHandle]bool{}}
	for i := range agents {
		a, ok := s.Agents.ByID(agentCalled(i))
		if !ok {
			t.Fatalf("agent %d is gone", i)
		}
		r.names[a.Handle] = i
	}
	return r
}

// replay goes through all records.
func (r *ring) replay() ringCounts {
	r.t.Helper()
	var before fsm.Record
	for rec := range r.state.Records.From(fsm.RecordID{}) {
		if rec.ID.Compare(before.ID) <= 0 || rec.Seq < before.Seq || rec.TimeMs < before.TimeMs {
			r.t.Fatalf("record %s (seq %d, %d ms) comes after %s (seq %d, %d ms)", rec.ID, rec.Seq, rec.TimeMs, before.ID, before.Seq, before.TimeMs)
		}
		before = rec
		if err := r.step(rec); err != "" {
			r.t.Fatalf("record %s: %s", rec.ID, err)
		}
	}
	if len(r.queue) > 0 && r.next() >= 0 {
		r.t.Errorf("%d conversations wait though somebody is available", len(r.queue))
	}
	if got, want := len(r.decided)+len(r.queue)+r.closedWaiting(), r.state.Conversations.Len(); got != want {
		r.t.Errorf("%d conversations have a decision or wait for one, of %d", got, want)
	}
	return r.counts
}

func (r *ring) closedWaiting() (n int) {
	for handle := range r.closed {
		if !r.decided[handle] {
			n++
		}
	}
	return n
}

func (r *ring) step(rec fsm.Record) string {
	switch rec.Event {
	case fsm.PresenceChanged:
		if len(r.queue) > 0 && r.next() >= 0 {
			return fmt.Sprintf("%d wait and were not served before it", len(r.queue))
		}
		r.available[r.names[rec.Agent]] = rec.Status.String() == "available"
		r.changes = append(r.changes, presenceChange{agentCalled(r.names[rec.Agent]), rec.Status.String()})
	case fsm.ConversationIsClosed:
		if r.closed[rec.Conversation] {
			return "closed twice"
		}
		r.closed[rec.Conversation] = true
		r.queue = slices.DeleteFunc(r.queue, func(h fsm.ConversationHandle) bool { return h == rec.Conversation })
	}
	if rec.Decision == nil {
		return ""
	}
	if rec.Decision.Assignee == 0 {
		return r.wait(rec)
	}
	return r.turn(rec)
}

func (r *ring) wait(rec fsm.Record) string {
	if r.next() >= 0 {
		return fmt.Sprintf("waits though a%d is available", r.next())
	}
	r.queue = append(r.queue, rec.Conversation)
	r.counts.waits++
	return ""
}

func (r *ring) turn(rec fsm.Record) string {
	switch waits := slices.Index(r.queue, rec.Conversation); {
	case r.decided[rec.Conversation]:
		return "decides its conversation again"
	case waits > 0:
		return "is served before what waited longer"
	case waits == 0:
		r.queue = r.queue[1:]
		r.counts.served++
	case len(r.queue) > 0:
		return fmt.Sprintf("overtakes %d that wait", len(r.queue))
	}
	got, want := r.names[rec.Decision.Assignee], r.next()
	if got != want {
		return fmt.Sprintf("turn %d went to a%d, want a%d", r.counts.turns, got, want)
	}
	if want != (r.last+1)%len(r.available) {
		r.counts.passed++
	}
	r.decided[rec.Conversation], r.last = true, want
	r.counts.turns++
	return ""
}

// next is who may be picked next, or -1.
func (r *ring) next() int {
	for i := range r.available {
		if at := (r.last + 1 + i) % len(r.available); r.available[at] {
			return at
		}
	}
	return -1
}
