package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// Whatever needs an agent enters its team's queue, and is taken out again for
// somebody here only: by settle, as it arrives, or by serve, when somebody may be
// picked who could not before. So nothing is overtaken that the same agent might
// have taken (K105), and there is one place where a turn is taken, explained and
// recorded.
//
// What holds between commands, unless the queue is marked as unserved: nobody may
// be picked for the first of any line (see Conversations.heads), and so for
// nothing that waits. That is why an arrival looks at nobody but itself.

// enqueue brings c to the queue of team. c is stored in any case: assigned, or
// waiting with a decision that says why.
func enqueue(tx *Tx, c *Conversation, team Team, event Event) {
	c.Asked = nil
	arrive(tx, c, Assignment{
		SinceMs: tx.NowMs, Team: team.Handle, Assignee: c.Assignment.Assignee, QueueSeq: tx.Seq,
		Progress: Progress{Chain: team.Handle, StepMs: tx.NowMs},
	}, event)
}

// arrive is enqueue for one that may have a place from before.
func arrive(tx *Tx, c *Conversation, at Assignment, event Event) {
	if at.Team != c.Assignment.Team {
		c.Asked = nil // they were asked in another one
	}
	c.Assignment = at
	seek(tx, c, outlook{trigger: event, event: event})
}

// seek brings c, which waits nowhere, to whoever takes it in the team where it is, or
// to its queue.
func seek(tx *Tx, c *Conversation, o outlook) {
	team, _ := tx.Teams.Get(c.Assignment.Team)
	switch {
	case team.Rotation.excludes(*c):
		exclude(tx, c, o.trigger, o.event, nil)
	case team.ByHand:
		leaveByHand(tx, c, team, o)
	case unserved(tx, team, o.trigger):
		o.cause = QueueAhead
		wait(tx, c, team, rotation.Turn{}, o)
	default:
		settle(tx, c, team, o)
	}
}

// unserved says whether an earlier entry has left something in the queue that
// somebody may take, and this one cannot finish it either.
func unserved(tx *Tx, team Team, trigger Event) bool {
	if q, ok := tx.Queues.Get(team.Handle); !ok || !q.Unserved {
		return false
	}
	serve(tx, team, trigger)
	q, _ := tx.Queues.Get(team.Handle)
	return q.Unserved
}

// settle gives an arrival to somebody, to its fallback, or a place in the queue.
func settle(tx *Tx, c *Conversation, team Team, o outlook) {
	ch := choose(tx.State, team, c)
	if ch.Found {
		award(tx, c, team, ch, o)
		return
	}
	o.asked = allAsked(ch.Turn)
	fall(tx, c, ch.Turn, o)
}

// An outlook is what a decision says besides who got it.
type outlook struct {
	trigger, event Event
	cause          Cause
	step           *uint8 // of the fallback
	asked          bool   // everybody who might have taken it was asked, in vain
}

// award gives c, which waits nowhere, to the one who was chosen: a turn. In a team
// that offers she is asked first.
func award(tx *Tx, c *Conversation, team Team, ch choice, o outlook) {
	if team.Rotation.OfferMs > 0 {
		makeOffer(tx, c, team, ch, o)
		return
	}
	agent := AgentHandle(ch.Next.Agent)
	consume(tx, team, ch)
	give(tx, c, Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: team.Handle, Assignee: agent}, turnDecision(c, ch, o), o.event)
	spendAllowance(tx, team, agent)
}

// turnDecision is the decision that c goes to the one who was chosen.
func turnDecision(c *Conversation, ch choice, o outlook) Decision {
	d := Decision{
		Kind: ch.kind, Trigger: o.trigger, Before: c.Assignment.Assignee, Turn: true, FallbackStep: o.step,
		CursorBefore: ch.cursor.Agent, CursorAfter: AgentHandle(ch.Next.Agent), Restriction: ch.cursor.Restriction,
		Passed: passed(ch.Turn), Counts: counts(ch.Turn),
	}
	switch {
	case ch.credit.Seq == 0:
	case ch.credit.Decision.IsZero():
		d.CursorAfter, d.Notes = d.CursorBefore, []Note{WentFirstReturned}
	default:
		d.CursorAfter, d.Notes = d.CursorBefore, []Note{WentFirstRefunded}
	}
	return d
}

// wait brings c to the queue, with the decision that nobody takes it now.
func wait(tx *Tx, c *Conversation, team Team, turn rotation.Turn, o outlook) {
	waitOn(tx, c, team, turn, o)

	q, ok := tx.Queues.Get(team.Handle)
	if !ok {
		q = Queue{Team: team.Handle, SinceMs: tx.NowMs}
		tx.emit(Record{Event: QueueWaiting, Team: team.Handle}, nil)
		setAlert(tx, &q, team, c.Assignment.SinceMs)
	}
	q.Waiting++
	tx.Queues.Put(q)
}

// waitOn is wait for what is in the queue already.
func waitOn(tx *Tx, c *Conversation, team Team, turn rotation.Turn, o outlook) {
	if o.trigger.endsOffer() && o.event == ConversationAssigned {
		o.event = ConversationRequeued // or it would say that somebody has it
	}
	if o.cause == CauseNone {
		o.cause = NoOneAvailable
		if team.Members == 0 {
			o.cause = NoMembers
		}
	}
	before := c.Assignment.Assignee
	c.Assignment.State, c.Assignment.Cause, c.Assignment.Assignee = StateWaiting, o.cause, 0
	pause(tx, c, team)
	cursor := cursorOf(tx.State, team, c)
	tx.emit(Record{Event: o.event, Decision: &Decision{
		Kind: DecidedWaiting, Trigger: o.trigger, Before: before, Cause: o.cause, FallbackStep: o.step,
		CursorBefore: cursor.Agent, CursorAfter: cursor.Agent, Restriction: cursor.Restriction,
		Passed: passed(turn), Counts: counts(turn),
	}}, c)
	c.Revision = tx.Seq
	tx.Conversations.Put(*c)
	tx.waits = append(tx.waits, c.Assignment.Chain)
}

// serve gives what waits in a team to whoever may be picked for it, most urgent
// and oldest first, until nobody may be picked for anything, or the entry has
// done its share and the next one goes on. Whoever makes somebody eligible calls
// it.
func serve(tx *Tx, team Team, trigger Event) {
	if _, waiting := tx.Queues.Get(team.Handle); waiting {
		serveLines(tx, team, trigger, map[line]bool{})
	}
}

// serveFor is serve when nobody but one agent may be picked who could not before:
// only the lines that she may take have to be looked at. Ring times lines would
// be too much for each heartbeat.
func serveFor(tx *Tx, team Team, agent AgentHandle, trigger Event) {
	q, waiting := tx.Queues.Get(team.Handle)
	if !waiting {
		return
	}
	if team.Rotation.OfferMs > 0 && !q.Unserved && !asksIn(tx.State, team.Handle) && serveSoon(tx, team, agent, trigger) {
		return
	}
	stuck, hers := map[line]bool{}, q.Unserved
	for head := range tx.Conversations.heads(team.Handle, 0) {
		c, _ := tx.Conversations.Get(head.handle)
		if mayGet(tx.State, team, &c, agent) {
			hers = true
		} else if !q.Unserved {
			stuck[head.line] = true
		}
	}
	if hers {
		serveLines(tx, team, trigger, stuck)
	}
}

// serveLines serves all lines but the stuck: nobody may be picked for these, and
// turns make nobody eligible.
func serveLines(tx *Tx, team Team, trigger Event, stuck map[line]bool) {
	for {
		c, ch, ok := next(tx, team, stuck)
		if more := ok && !tx.step(); !ok || more {
			if q, waiting := tx.Queues.Get(team.Handle); waiting && q.Unserved != more {
				q.Unserved = more
				tx.Queues.Put(q)
			}
			return
		}
		leave(tx, &c, team)
		if team.Rotation.excludes(c) { // it does so since c came
			exclude(tx, &c, trigger, ConversationAssigned, nil)
			continue
		}
		award(tx, &c, team, ch, outlook{trigger: trigger, event: ConversationAssigned})
	}
}

// next returns the most urgent and oldest in a queue for whom somebody may be
// picked, and whom.
func next(tx *Tx, team Team, stuck map[line]bool) (Conversation, choice, bool) {
	if !tx.Members.anyEligible(team.Handle) && !asksIn(tx.State, team.Handle) {
		return Conversation{}, choice{}, false
	}
	heads := slices.SortedFunc(tx.Conversations.heads(team.Handle, 0), func(a, b stand) int { return a.place.compare(b.place) })
	for _, head := range heads {
		if stuck[head.line] {
			continue
		}
		c, _ := tx.Conversations.Get(head.handle)
		if asksOf(&c) != (Asks{}) || tx.Members.anyAllowed(team.Handle, demandOf(tx.State, &c)) {
			if ch := choose(tx.State, team, &c); ch.Found {
				return c, ch, true
			}
		}
		stuck[head.line] = true
	}
	return Conversation{}, choice{}, false
}

// give stores c with its new assignment and the decision that made it.
func give(tx *Tx, c *Conversation, next Assignment, d Decision, event Event) {
	d.Assignee = next.Assignee
	if isAbsent(tx.State, next.Assignee) && d.Kind != DecidedBot {
		d.Notes = append(d.Notes, AssigneeAbsent)
	}
	if exceeds(tx.State, c, next) {
		d.Notes = append(d.Notes, OverCapacity)
	}
	c.Assignment, c.Asked = next, nil
	c.Revision = tx.Seq
	tx.emit(Record{Event: event, Decision: &d}, c)
	tx.Conversations.Put(*c)
	if next.Assignee != 0 {
		assigneeOwns(tx, c)
	}
	if next.State == StateHeld {
		armHeld(tx, *c)
	}
	if d.automatic() && next.Assignee != 0 && next.Assignee != d.Before && !c.Lead {
		charge(tx, next.Team, next.Assignee)
	}
	watchLimits(tx)
}

// leave takes c out of the count of what waits in its team; the last one ends
// the episode. c itself is stored by the caller, at once.
func leave(tx *Tx, c *Conversation, team Team) {
	if c.Assignment.State == StateOffered {
		withdraw(tx, c, WithdrawnDecided)
	}
	if c.Assignment.State != StateWaiting {
		return
	}
	c.Assignment.State = StateNone
	stopPause(tx, c)
	tx.waits = append(tx.waits, c.Assignment.Chain)
	q, _ := tx.Queues.Get(team.Handle)
	if q.Waiting--; q.Waiting > 0 {
		tx.Queues.Put(q)
		easeDraining(tx, team, c)
		return
	}
	tx.Timers.Delete(Timer{DueMs: q.AlertMs, Kind: TimerAlert, Team: team.Handle})
	tx.Queues.Delete(team.Handle)
	endDraining(tx, team)
}

// resumeQueues goes on where an earlier entry had done its share.
func resumeQueues(tx *Tx) {
	for {
		handle, ok := first(tx.Queues.unserved.From(0))
		if !ok || tx.steps == 0 {
			return
		}
		q, _ := tx.Queues.Get(handle)
		q.Unserved = false
		tx.Queues.Put(q)
		tx.asTimer()
		team, _ := tx.Teams.Get(handle)
		serve(tx, team, QueueResumed)
		tx.rearm()
		runRules(tx)
	}
}

func passed(turn rotation.Turn) []PassedOver {
	list := make([]PassedOver, 0, len(turn.Passed))
	for _, s := range turn.Passed {
		list = append(list, PassedOver{Agent: AgentHandle(s.Agent), Verdict: s.Verdict})
	}
	return list
}

func counts(turn rotation.Turn) []Count {
	list := make([]Count, 0, len(turn.Counts))
	for _, c := range turn.Counts {
		list = append(list, Count{Verdict: c.Verdict, N: c.N})
	}
	return list
}
