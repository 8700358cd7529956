package cluster

import (
	"fmt"
	"slices"

	"github.com/rondohq/rondo/fsm"
)

// A ring recomputes whose turn it was in one team from the records alone, by the
// rules as a person would tell them: agents in the order of their names, the next
// available one after who took the last turn, going round; with nobody available
// it waits, and what waits is served oldest first, before anything new. It shares
// no code with fsm or rotation. It knows no drain allowance: the teams have none.
type ring struct {
	available []bool
	last      int // who took the last turn, nobody before the first
	queue     []fsm.ConversationHandle
	seen      map[fsm.ConversationHandle]bool
	closed    map[fsm.ConversationHandle]bool
	counts    ringCounts
}

type ringCounts struct{ turns, waits, served, passed, claims int }

func (c ringCounts) plus(d ringCounts) ringCounts {
	return ringCounts{c.turns + d.turns, c.waits + d.waits, c.served + d.served, c.passed + d.passed, c.claims + d.claims}
}

// recount goes through all records. It returns what was counted, and what is
// wrong.
func recount(s *fsm.State) (total ringCounts, wrong []string) {
	rings := map[fsm.TeamHandle]*ring{}
	teams := map[fsm.AgentHandle]fsm.TeamHandle{}
	for team := range stormTeams {
		row, _ := s.Teams.ByID(teamCalled(team))
		rings[row.Handle] = &ring{last: nobody, available: make([]bool, stormAgents),
			seen: map[fsm.ConversationHandle]bool{}, closed: map[fsm.ConversationHandle]bool{}}
		for i := range stormAgents {
			a, _ := s.Agents.ByID(agentCalled(team*stormAgents + i))
			teams[a.Handle] = row.Handle
		}
	}
	var before fsm.Record
	for rec := range s.Records.From(fsm.RecordID{}) {
		if rec.ID.Compare(before.ID) <= 0 || rec.Seq < before.Seq || rec.TimeMs < before.TimeMs {
			wrong = append(wrong, fmt.Sprintf("record %s (seq %d, %d ms) comes after %s (seq %d, %d ms)",
				rec.ID, rec.Seq, rec.TimeMs, before.ID, before.Seq, before.TimeMs))
		}
		before = rec
		team := rec.Team
		if rec.Event == fsm.PresenceChanged {
			team = teams[rec.Agent]
		}
		r := rings[team]
		if r == nil {
			continue
		}
		if err := r.step(rec, agentOf(s, rec.Agent), assigneeIn(s, rec)); err != "" {
			wrong = append(wrong, fmt.Sprintf("record %s: %s", rec.ID, err))
			break // everything after it would be wrong too
		}
	}
	for _, r := range rings {
		if len(wrong) == 0 && len(r.queue) > 0 && r.next() != nobody {
			wrong = append(wrong, fmt.Sprintf("%d conversations wait though somebody is available", len(r.queue)))
		}
		total = total.plus(r.counts)
	}
	return total, wrong
}

func assigneeIn(s *fsm.State, rec fsm.Record) int {
	if rec.Decision == nil {
		return nobody
	}
	return agentOf(s, rec.Decision.Assignee)
}

func (r *ring) step(rec fsm.Record, agent, assignee int) string {
	switch rec.Event {
	case fsm.PresenceChanged:
		if len(r.queue) > 0 && r.next() != nobody {
			return fmt.Sprintf("%d wait and were not served before it", len(r.queue))
		}
		r.available[agent] = rec.Status.String() == "available"
	case fsm.ConversationIsClosed:
		if r.closed[rec.Conversation] {
			return "closed twice"
		}
		r.closed[rec.Conversation] = true
		r.leave(rec.Conversation)
	case fsm.ConversationOpened:
		if r.seen[rec.Conversation] {
			return "opened twice"
		}
		r.seen[rec.Conversation] = true
	}
	switch {
	case rec.Decision == nil:
		return ""
	case r.closed[rec.Conversation]:
		return "decides a closed conversation"
	case rec.Decision.Kind == fsm.DecidedClaim:
		r.counts.claims++
		r.leave(rec.Conversation)
		return ""
	case assignee == nobody:
		return r.wait(rec)
	default:
		return r.turn(rec, assignee)
	}
}

func (r *ring) leave(c fsm.ConversationHandle) {
	r.queue = slices.DeleteFunc(r.queue, func(h fsm.ConversationHandle) bool { return h == c })
}

func (r *ring) wait(rec fsm.Record) string {
	if r.next() != nobody {
		return fmt.Sprintf("waits though agent %d is available", r.next())
	}
	r.queue = append(r.queue, rec.Conversation)
	r.counts.waits++
	return ""
}

func (r *ring) turn(rec fsm.Record, assignee int) string {
	switch waits := slices.Index(r.queue, rec.Conversation); {
	case waits > 0:
		return "is served before what waited longer"
	case waits == 0:
		r.queue = r.queue[1:]
		r.counts.served++
	case len(r.queue) > 0:
		return fmt.Sprintf("overtakes %d that wait", len(r.queue))
	}
	want := r.next()
	if assignee != want {
		return fmt.Sprintf("turn %d went to agent %d, want %d", r.counts.turns, assignee, want)
	}
	if want != (r.last+1)%len(r.available) {
		r.counts.passed++
	}
	r.last = want
	r.counts.turns++
	return ""
}

// next is who may be picked next.
func (r *ring) next() int {
	for i := range r.available {
		if at := (r.last + 1 + i) % len(r.available); r.available[at] {
			return at
		}
	}
	return nobody
}
