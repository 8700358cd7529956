package cluster

import (
	"maps"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// bustleRecords are what the records of a bustle tell, one after the other: who is
// there, who has what, who follows whom. It shares no code with fsm.
type bustleRecords struct {
	state     *fsm.State
	inboxes   map[fsm.InboxHandle]bool
	agents    map[string]fsm.AgentHandle // by principal
	there     map[fsm.AgentHandle]bool
	followers map[fsm.ContactHandle]map[fsm.AgentHandle]bool
	threads   map[fsm.ConversationHandle]*bustleThread
	undone    map[fsm.RecordID]bool
	refunded  map[fsm.RecordID]int
	listed    map[fsm.AgentHandle][]fsm.RecordID // whom a list should name
}

// A bustleThread is one conversation.
type bustleThread struct {
	newest  fsm.Record // with a decision
	holder  fsm.AgentHandle
	kept    bool // since a decision gave it to holder, nobody has given it up
	pending bool
	untilMs int64 // snoozed
}

func newBustleRecords(s *fsm.State) *bustleRecords {
	b := &bustleRecords{state: s, inboxes: map[fsm.InboxHandle]bool{},
		agents: map[string]fsm.AgentHandle{}, there: map[fsm.AgentHandle]bool{},
		followers: map[fsm.ContactHandle]map[fsm.AgentHandle]bool{}, threads: map[fsm.ConversationHandle]*bustleThread{},
		undone: map[fsm.RecordID]bool{}, refunded: map[fsm.RecordID]int{}, listed: map[fsm.AgentHandle][]fsm.RecordID{}}
	for _, id := range bustleInboxes {
		inbox, _ := s.Inboxes.ByID(id)
		b.inboxes[inbox.Handle] = true
	}
	for i := range bustleAgents {
		agent, _ := s.Agents.ByID(bustler(i))
		b.agents[principalOf(agent.ID)] = agent.Handle
	}
	bot, _ := s.Agents.ByID(bustleBot)
	b.agents[principalOf(bot.ID)] = bot.Handle
	return b
}

func (b *bustleRecords) step(j *judged, rec fsm.Record) {
	switch rec.Event {
	case fsm.PresenceChanged:
		b.there[rec.Agent] = rec.Status == rotation.StatusAvailable
	case fsm.ContactFollowed:
		if b.followers[rec.Contact] == nil {
			b.followers[rec.Contact] = map[fsm.AgentHandle]bool{}
		}
		b.followers[rec.Contact][rec.Agent] = true
	case fsm.ContactUnfollowed:
		delete(b.followers[rec.Contact], rec.Agent)
	case fsm.ContactErased:
		delete(b.followers, rec.Contact)
	case fsm.ContactMerged:
		both := maps.Clone(b.followers[rec.Other])
		if both == nil {
			both = map[fsm.AgentHandle]bool{}
		}
		maps.Copy(both, b.followers[rec.Contact])
		b.followers[rec.Contact] = both
		delete(b.followers, rec.Other)
	case fsm.TurnRefunded:
		if b.refunded[rec.Refunds]++; b.refunded[rec.Refunds] > 1 {
			j.accuse("record %s gives back the turn of %s, which was given back", rec.ID, rec.Refunds)
		}
	}
	switch {
	case b.inboxes[rec.Inbox]:
		thread := b.threads[rec.Conversation]
		if thread == nil {
			thread = &bustleThread{}
			b.threads[rec.Conversation] = thread
		}
		b.undo(j, rec, *thread)
		told := b.told(rec, *thread)
		thread.step(j, rec, b.there)
		b.notices(j, rec, told)
	case rec.Event == fsm.QueueWaiting || rec.Event == fsm.QueueAlert: // of other teams too: they have no supervisor
		b.notices(j, rec, b.told(rec, bustleThread{}))
	default: // who supervises is told of teams that have nobody for it
		for _, n := range rec.Notices {
			b.listed[n.Agent] = append(b.listed[n.Agent], rec.ID)
		}
	}
}

// undo: what is taken back was the newest decision, and is taken back once: its
// assignee is who had the conversation before it (K110).
func (b *bustleRecords) undo(j *judged, rec fsm.Record, thread bustleThread) {
	if rec.Decision == nil || rec.Event != fsm.DecisionUndone {
		return
	}
	j.counts["undone"]++
	was := thread.newest
	switch {
	case rec.Undoes != was.ID:
		j.accuse("record %s takes back %s, and the newest decision was %s", rec.ID, rec.Undoes, was.ID)
	case b.undone[was.ID]:
		j.accuse("record %s takes back %s for the second time", rec.ID, was.ID)
	case was.Decision.Was != nil && was.Decision.Was.State == fsm.StateAssigned && was.Decision.Was.Status != fsm.StatusClosed && rec.Decision.Assignee != was.Decision.Before:
		j.accuse("record %s takes back %s and gives it to agent %d, not to %d who had it", rec.ID, was.ID, rec.Decision.Assignee, was.Decision.Before)
	}
	b.undone[was.ID] = true
}

// step goes on with one conversation.
func (t *bustleThread) step(j *judged, rec fsm.Record, there map[fsm.AgentHandle]bool) {
	d := rec.Decision
	switch rec.Event {
	case fsm.ConversationOpened:
		t.pending = d != nil && (d.Kind == fsm.DecidedBot || d.Cause == fsm.CausePending)
	case fsm.ConversationSnoozed:
		t.untilMs = rec.UntilMs
	case fsm.ConversationHandedOff:
		j.counts["handed off"]++
		t.pending, t.kept = false, false
	case fsm.ConversationReopened:
		j.counts["reopenings"]++
		if rec.Actor == "system:timer" {
			j.counts["woken by time"]++
			if t.untilMs == 0 || rec.TimeMs < t.untilMs {
				j.accuse("record %s wakes at %d what is snoozed until %d", rec.ID, rec.TimeMs, t.untilMs)
			}
		}
		t.untilMs, t.kept = 0, false
		t.pending = d != nil && d.Kind == fsm.DecidedBot
	case fsm.ConversationAssigned:
		t.untilMs = 0
	case fsm.ConversationIsClosed:
		t.untilMs, t.kept = 0, false
	case fsm.ConversationUnassigned, fsm.ConversationRequeued, fsm.ConversationTransferred, fsm.DecisionUndone:
		t.kept = false
	}
	if d == nil {
		return
	}
	switch {
	case d.Turn && t.kept:
		j.accuse("record %s: automation gives what agent %d has to agent %d, and nobody gave it up (P2)", rec.ID, t.holder, d.Assignee)
	case d.Turn && t.pending:
		j.accuse("record %s takes a turn for what is pending", rec.ID)
	case rec.Event == fsm.ConversationReopened && d.Assignee != 0 && d.Kind != fsm.DecidedBot && !there[d.Assignee]:
		j.accuse("record %s reopens and gives it to agent %d, who is absent (K31)", rec.ID, d.Assignee)
	}
	if d.Assignee != 0 && d.Kind != fsm.DecidedBot && d.Kind != fsm.DecidedTransfer {
		t.pending = false
	}
	t.newest, t.holder, t.kept = rec, d.Assignee, d.Assignee != 0
}

// told says whom a record is to be told, and as what.
func (b *bustleRecords) told(rec fsm.Record, thread bustleThread) map[fsm.AgentHandle]fsm.NoticeKind {
	list := map[fsm.AgentHandle]fsm.NoticeKind{}
	add := func(agent fsm.AgentHandle, kind fsm.NoticeKind) {
		if _, already := list[agent]; agent != 0 && !already && b.agents[rec.Actor] != agent {
			list[agent] = kind
		}
	}
	wrote := rec.Event == fsm.MessageReceived || rec.Event == fsm.ConversationReopened && rec.MessageID != "" ||
		rec.Event == fsm.ConversationOpened
	holder := thread.holder
	if d := rec.Decision; d != nil {
		holder = d.Assignee
		switch {
		case d.Assignee != d.Before && d.Assignee != 0:
			add(d.Assignee, fsm.NoticeAssigned)
			add(d.Before, fsm.NoticeReassigned)
		case d.Assignee != d.Before:
			add(d.Before, fsm.NoticeUnassigned)
		case rec.Event == fsm.ConversationReopened && !wrote:
			add(d.Assignee, fsm.NoticeAssigned)
		}
	}
	if wrote {
		add(holder, fsm.NoticeMessage)
		for agent := range b.followers[rec.Contact] {
			add(agent, fsm.NoticeFollowed)
		}
	}
	switch boss := b.agents[principalOf(bustler(0))]; rec.Event {
	case fsm.HeldAlert:
		add(boss, fsm.NoticeHeld)
	case fsm.QueueWaiting, fsm.QueueAlert:
		add(boss, fsm.NoticeWaiting)
	}
	return list
}

// notices: everybody whom it concerns is told of a record once, the actor never
// (P8), and nobody of what she does not want to hear.
func (b *bustleRecords) notices(j *judged, rec fsm.Record, want map[fsm.AgentHandle]fsm.NoticeKind) {
	deaf, unlisted := b.agents[principalOf(bustler(3))], b.agents[principalOf(bustler(2))]
	maps.DeleteFunc(want, func(agent fsm.AgentHandle, kind fsm.NoticeKind) bool {
		return agent == deaf && kind == fsm.NoticeFollowed
	})
	got := map[fsm.AgentHandle]fsm.NoticeKind{}
	for _, n := range rec.Notices {
		j.counts["notices"]++
		if _, twice := got[n.Agent]; twice {
			j.accuse("record %s is told to agent %d twice (P8)", rec.ID, n.Agent)
		}
		if n.Agent == b.agents[rec.Actor] {
			j.accuse("record %s of %s is told to herself (P8)", rec.ID, rec.Actor)
		}
		got[n.Agent] = n.Kind
		switch n.Kind {
		case fsm.NoticeFollowed:
			j.counts["notices to followers"]++
		case fsm.NoticeHeld:
			j.counts["alerts of what is held"]++
		}
		if !(n.Agent == unlisted && n.Kind == fsm.NoticeMessage) {
			b.listed[n.Agent] = append(b.listed[n.Agent], rec.ID)
		}
	}
	if !maps.Equal(got, want) {
		j.accuse("record %s, %s of %s: told to %v, want %v (P8)", rec.ID, rec.Event, rec.Actor, got, want)
	}
}

// end: the lists hold what was told, each once, the newest of it; nothing sleeps
// beyond its time; every turn that was taken back is given back.
func (b *bustleRecords) end(j *judged) {
	for principal, agent := range b.agents {
		var rows []fsm.RecordID
		for n := range b.state.Notifications.Of(agent) {
			rows = append(rows, n.Record)
		}
		want := b.listed[agent]
		want = want[max(0, len(want)-fsm.MaxNotifications):]
		if !slices.Equal(rows, want) {
			j.accuse("the list of %s has %d rows, and %d records were to be in it (P8)", principal, len(rows), len(want))
		}
	}
	for c := range b.state.Conversations.All() {
		if c.Status == fsm.StatusSnoozed && c.UntilMs <= b.state.NowMs {
			j.accuse("conversation %s was snoozed until %d, and it is %d", c.ID, c.UntilMs, b.state.NowMs)
		}
		thread := b.threads[c.Handle]
		if thread != nil && strings.HasPrefix(string(c.ID), "b") && c.Assignment.Assignee != thread.holder {
			j.accuse("conversation %s is with agent %d, and the last decision gave it to %d", c.ID, c.Assignment.Assignee, thread.holder)
		}
	}
}
