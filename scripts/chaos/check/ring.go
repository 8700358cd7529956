package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// A model is the rotation as anybody would play it with cards on a table: who is
// there, who was last, what waits, who has what.
type model struct {
	teams    map[string]*table
	statuses map[string]string
	cases    map[string]*deal
}

// A table is one team.
type table struct {
	history.Team
	last  map[string]string // who took the last turn, by ring
	queue []string          // what waits, the oldest first
}

// A deal is one conversation.
type deal struct {
	assignee string // who has it, or had it when it was closed
	open     bool
	begun    bool // there was a decision
	loose    bool // nobody knows for sure whether and when it was closed
}

// A moment is a change that stands in no decision: presence, or a close.
type moment struct {
	atMs     int64
	revision uint64
	agent    string
	status   string
	closed   string
}

const available = "available"

// checkRing plays all decisions on a model and says where the cluster did
// something else: who was next, who was passed over and why, what overtook, what
// was claimed although somebody had it.
func checkRing(e *evidence) *Check {
	check := &Check{Name: "ring"}
	m := newModel(e)
	var moments []moment
	if !e.exact {
		moments = momentsOf(e, m)
		for i := range e.Ops {
			if op := &e.Ops[i]; op.Kind == history.Presence && op.Outcome == history.Unknown {
				check.Off = fmt.Sprintf("nobody knows whether %s became %s", op.Subject.Agent, op.Subject.Status)
				return check
			}
		}
	}
	decisions := 0
	for i := range e.records {
		r := &e.records[i]
		if r.Decision == nil {
			m.change(r)
			continue
		}
		decisions++
		for len(moments) > 0 && moments[0].atMs < r.AtMs {
			m.happen(moments[0])
			moments = moments[1:]
		}
		wrong := m.judge(r)
		// What happened in the same millisecond may have come before or after.
		for len(wrong) > 0 && len(moments) > 0 && moments[0].atMs == r.AtMs {
			m.happen(moments[0])
			moments = moments[1:]
			wrong = m.judge(r)
		}
		for _, text := range wrong {
			check.violate("%s (%s, %s): %s", r.ID, r.Conversation, r.Decision.Kind, text)
		}
		m.take(r)
	}
	for id, d := range m.cases {
		if row := e.rows[id]; !d.loose && row.Assignee != d.assignee {
			check.violate("%s is with %s in the end, and the decisions gave it to %s", id, name(row.Assignee), name(d.assignee))
		}
	}
	check.Examined = fmt.Sprintf("%d decisions in %d teams", decisions, len(m.teams))
	return check
}

func newModel(e *evidence) *model {
	m := &model{teams: map[string]*table{}, statuses: map[string]string{}, cases: map[string]*deal{}}
	for _, t := range e.Config.Teams {
		m.teams[t.ID] = &table{Team: t, last: map[string]string{}}
		for _, id := range t.Members {
			m.statuses[id] = "unavailable"
			if !e.exact {
				m.statuses[id] = available // since before the first decision
			}
		}
	}
	return m
}

// momentsOf places presence and closes by what clients were told of them.
func momentsOf(e *evidence, m *model) []moment {
	var list []moment
	for i := range e.Ops {
		op := &e.Ops[i]
		if op.Tries.Again != 0 {
			continue
		}
		switch {
		case op.Kind == history.Presence && op.Outcome == history.OK:
			list = append(list, moment{atMs: op.Answer.AtMs, revision: op.Answer.Revision, agent: op.Subject.Agent, status: op.Subject.Status})
		case op.Kind == history.Close && op.Outcome == history.OK && op.Answer.State == "closed" && !op.Tries.Replayed:
			list = append(list, moment{atMs: op.Answer.AtMs, revision: op.Answer.Revision, closed: op.Subject.Conversation})
		case op.Kind == history.Close && (op.Outcome == history.OK || op.Outcome == history.Unknown):
			m.of(op.Subject.Conversation).loose = true
		}
	}
	slices.SortFunc(list, func(a, b moment) int { return cmp.Or(cmp.Compare(a.atMs, b.atMs), cmp.Compare(a.revision, b.revision)) })
	return list
}

func (m *model) of(id string) *deal {
	if m.cases[id] == nil {
		m.cases[id] = &deal{}
	}
	return m.cases[id]
}

// change takes a record that is no decision.
func (m *model) change(r *history.Record) {
	switch r.Type {
	case typePresence:
		m.happen(moment{agent: r.Agent, status: r.Status})
	case typeClosed:
		m.happen(moment{closed: r.Conversation})
	}
}

func (m *model) happen(at moment) {
	if at.agent != "" {
		m.statuses[at.agent] = at.status
		return
	}
	d := m.of(at.closed)
	d.open = false
	m.unqueue(at.closed)
}

func (m *model) unqueue(id string) {
	for _, t := range m.teams {
		t.queue = slices.DeleteFunc(t.queue, func(waiting string) bool { return waiting == id })
	}
}

// take moves the model as the decision says, right or wrong, so that one mistake
// is reported once.
func (m *model) take(r *history.Record) {
	d := m.of(r.Conversation)
	m.unqueue(r.Conversation)
	d.assignee, d.open, d.begun = r.Decision.Assignee, true, true
	t := m.teams[r.Team]
	if t == nil {
		return
	}
	if r.Decision.Kind == kindWaiting && slices.Contains(queued, r.Decision.Reason) {
		t.queue = append(t.queue, r.Conversation)
	}
	if r.Decision.Turn {
		t.last[t.ring(r.Inbox)] = r.Decision.Assignee
	}
}

// ring names the ring that serves an inbox.
func (t *table) ring(inbox string) string {
	if t.PerBox {
		return inbox
	}
	return ""
}

// next says whose turn it is, and who is passed over on the way, why.
func (m *model) next(t *table, inbox string) (string, []history.Passed) {
	start := slices.Index(t.Members, t.last[t.ring(inbox)]) + 1
	var passed []history.Passed
	for i := range t.Members {
		id := t.Members[(start+i)%len(t.Members)]
		if m.statuses[id] == available {
			return id, passed
		}
		passed = append(passed, history.Passed{Agent: id, Reason: m.statuses[id]})
	}
	return "", passed
}

func name(agent string) string { return cmp.Or(agent, "nobody") }
