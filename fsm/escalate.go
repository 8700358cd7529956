package fsm

import "slices"

// A climb is a step of an escalation that is due, and what will come of it.
type climb struct {
	EscalationStep
	number  uint8
	team    Team // whose step it is
	outcome EscalationOutcome
	tried   []AgentHandle // of EscalateNext: who is passed over
	choice  choice
}

// escalateDue does the step that is due for a conversation. Others that are due have
// to wait for a step of the entry, as all timers do.
func escalateDue(tx *Tx, handle ConversationHandle) {
	c, ok := tx.Conversations.Get(handle)
	if !ok || c.Escalated == nil {
		return
	}
	e := *c.Escalated
	e.DueMs = 0 // it has fired
	c.Escalated = &e
	step, number, dueMs, ok := NextEscalation(tx.State, c)
	if !ok || dueMs > tx.NowMs {
		armEscalation(tx, &c)
		tx.Conversations.Put(c)
		return
	}
	team, _ := tx.Teams.Get(e.Team)
	if q, _ := tx.Queues.Get(team.Handle); q.Unserved && step.Do == EscalateNext {
		// Others are before it that the same agents may take: they come first.
		e.DueMs = tx.NowMs + 1
		tx.Timers.Put(escalationTimer(c.Handle, e.DueMs))
		tx.Conversations.Put(c)
		return
	}
	plan := climb{EscalationStep: step, number: number, team: team}
	plan.look(tx.State, &c)
	e.Done = append(slices.Clip(e.Done), DoneEscalation{team.Handle, number, tx.NowMs, step, plan.outcome})
	if step.Do == EscalateNext {
		e.Tried = plan.tried
	}
	tx.subject, tx.because = c.Handle, ConversationEscalated
	c.Revision = tx.Seq
	tx.emit(Record{Event: ConversationEscalated, Agent: waitedFor(&c),
		Telling: Telling{Escalation: number, Ruling: Ruling{Outcome: plan.outcome.String()}}}, &c)
	plan.carryOut(tx, &c)
}

// waitedFor returns whose conversation it is, or to whom it is offered.
func waitedFor(c *Conversation) AgentHandle {
	if c.Assignment.State == StateOffered {
		return c.Assignment.Offered
	}
	return c.Assignment.Assignee
}

// look finds what will come of a step. It changes nothing.
func (p *climb) look(s *State, c *Conversation) {
	switch p.Do {
	case EscalateNext:
		p.lookForNext(s, c)
	case EscalatePriority:
		if c.Priority >= p.Priority {
			p.outcome = EscalationUnnecessary
		}
	case EscalateToAgent:
		switch {
		case waitedFor(c) == p.Agent && c.Assignment.State == StateAssigned:
			p.outcome = EscalationUnnecessary
		case crowded(s, c, p.team.Handle, p.Agent):
			p.outcome = EscalationAtCapacity
		}
	}
}

// lookForNext chooses whose turn it is, without those who let it lie in this lap. When
// all have, the lap is over and another one begins.
func (p *climb) lookForNext(s *State, c *Conversation) {
	if p.team.Rotation.excludes(*c) {
		p.outcome = EscalationNobodyElse // it is nobody's by rotation (K66)
		return
	}
	row, holder := *c, waitedFor(c)
	for _, tried := range [][]AgentHandle{withAgent(c.Escalated.Tried, holder), withAgent(nil, holder)} {
		p.tried, row.Asked = tried, tried
		for _, agent := range c.Asked {
			row.Asked = withAgent(row.Asked, agent)
		}
		if p.choice = choose(s, p.team, &row); p.choice.Found {
			return
		}
	}
	p.outcome = EscalationNobodyElse
}

// withAgent returns a sorted list with one more in it. The old one is not changed.
func withAgent(list []AgentHandle, agent AgentHandle) []AgentHandle {
	at, has := slices.BinarySearch(list, agent)
	if has || agent == 0 {
		return list
	}
	return slices.Insert(slices.Clone(list), at, agent)
}

// carryOut does the step, and stores c in any case.
func (p *climb) carryOut(tx *Tx, c *Conversation) {
	if p.outcome != EscalationDone {
		tx.Conversations.Put(*c)
		return
	}
	switch p.Do {
	case EscalateNext:
		at := placeIn(tx, c, p.team)
		leave(tx, c, p.team)
		if p.team.Rotation.OfferMs > 0 {
			c.Assignment = at // where it stands if she declines
			for _, agent := range p.tried {
				c.Asked = withAgent(c.Asked, agent)
			}
		}
		p.choice.kind = DecidedEscalation
		award(tx, c, p.team, p.choice, outlook{trigger: ConversationEscalated, event: ConversationAssigned})
	case EscalateToTeam:
		p.passOn(tx, c)
	case EscalatePriority:
		c.Priority = p.Priority
		tx.emit(Record{Event: ConversationPrioritized, Telling: Telling{Priority: c.Priority}}, c)
		tx.Conversations.Put(*c)
	case EscalateToAgent:
		before := c.Assignment.Assignee
		cursor := cursorOf(tx.State, p.team, c)
		leave(tx, c, p.team)
		give(tx, c, Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: p.team.Handle, Assignee: p.Agent},
			Decision{Kind: DecidedEscalation, Trigger: ConversationEscalated, Before: before,
				CursorBefore: cursor.Agent, CursorAfter: cursor.Agent, Restriction: cursor.Restriction}, ConversationAssigned)
	default: // supervisors know by the record
		tx.Conversations.Put(*c)
	}
}

// passOn brings c to the queue of another team. From then on it is that team's, as if a
// person had passed it on.
func (p *climb) passOn(tx *Tx, c *Conversation) {
	team, _ := tx.Teams.Get(p.EscalationStep.Team)
	at := placeIn(tx, c, team)
	at.Progress = Progress{Chain: team.Handle, StepMs: tx.NowMs}
	leave(tx, c, p.team)
	c.Home = team.Handle
	if team.ByHand {
		leaveByHand(tx, c, team, outlook{trigger: ConversationTransferred, event: ConversationTransferred})
		return
	}
	arrive(tx, c, at, ConversationTransferred)
}

// placeIn returns the place of c in the queue of a team: what waits keeps it, and what
// somebody has takes that of its opening.
func placeIn(tx *Tx, c *Conversation, team Team) Assignment {
	was := c.Assignment
	at := Assignment{SinceMs: tx.NowMs, Team: team.Handle, Assignee: was.Assignee, QueueSeq: openedSeq(tx.State, c),
		Progress: Progress{Chain: team.Handle, StepMs: tx.NowMs}}
	if was.State == StateWaiting || was.State == StateOffered {
		at.SinceMs, at.QueueSeq, at.Progress = was.SinceMs, was.QueueSeq, was.Progress
	}
	return at
}

// openedSeq returns the Seq of the opening of a conversation, by which it is as old in
// a queue as it is. One whose opening was forgotten is older than all others.
func openedSeq(s *State, c *Conversation) uint64 {
	if seq := c.Escalated.Seq; seq != 0 {
		return seq
	}
	if rec, ok := s.Records.At(c.Opening); ok {
		return rec.Seq
	}
	return 1
}

// escalated tells the supervisors of a step that says so, in the record's own team.
func (n *notices) escalated() {
	team, _ := n.state.Teams.Get(n.rec.Team)
	if i := int(n.rec.Escalation) - 1; i >= 0 && i < len(team.Escalations) && team.Escalations[i].Do == EscalateSupervisors {
		inbox, _ := n.state.Inboxes.Get(n.rec.Inbox)
		n.leaders(n.rec.Team, NoticeEscalated, &inbox)
	}
}
