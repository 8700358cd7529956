package fsm

import (
	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

// Whatever needs an agent enters its team's queue, and serve is the only place
// that takes it out again for somebody. So nothing is ever overtaken (K105), and
// there is one place where a turn is taken, explained and recorded.

// enqueue brings c to the queue of team and serves it. c is stored in any case:
// assigned, or waiting with a decision that says why.
func enqueue(tx *Tx, c *Conversation, team Team, event Event) {
	c.Assignment = Assignment{
		State: StateWaiting, SinceMs: tx.NowMs, Team: team.Handle,
		Assignee: c.Assignment.Assignee, QueueSeq: tx.Seq,
	}
	tx.arrival = c
	turn, blocked := serve(tx, team, event)
	if tx.arrival == nil {
		return
	}
	tx.arrival = nil
	wait(tx, c, team, event, turn, blocked)
}

// wait leaves c in the queue, with the decision that nobody takes it now.
func wait(tx *Tx, c *Conversation, team Team, event Event, turn rotation.Turn, blocked bool) {
	cause := NoOneAvailable
	switch {
	case !blocked:
		cause = QueueAhead
	case team.Members == 0:
		cause = NoMembers
	}
	before := c.Assignment.Assignee
	c.Assignment.Cause, c.Assignment.Assignee = cause, 0
	cursor := cursorOf(tx, team, deskOf(tx.State, *c).Handle)
	if blocked && (team.Rotation.Per == PerInbox || deskOf(tx.State, *c).demands()) {
		// What stopped serve is whoever is first in line, perhaps in another ring.
		turn = rotation.RoundRobin(ringFor(tx.State, team.Handle, *c), cursor.key())
	}
	tx.emit(Record{Event: event, Decision: &Decision{
		Kind: DecidedWaiting, Trigger: event, Before: before, Cause: cause,
		CursorBefore: cursor.Agent, CursorAfter: cursor.Agent,
		Passed: passed(turn), Counts: counts(turn),
	}}, c)
	c.Revision = tx.Seq
	tx.Conversations.Put(*c)

	q, ok := tx.Queues.Get(team.Handle)
	if !ok {
		q = Queue{Team: team.Handle, SinceMs: tx.NowMs}
		tx.emit(Record{Event: QueueWaiting, Team: team.Handle}, nil)
		setAlert(tx, &q, team, tx.NowMs)
	}
	q.Waiting++
	tx.Queues.Put(q)
}

// serve gives what waits in a team to whoever's turn it is, most urgent and
// oldest first, until nothing waits or nobody may be picked. It returns the last
// turn it tried, and whether that is what stopped it: if not, the entry has done
// its share and the next one goes on.
func serve(tx *Tx, team Team, trigger Event) (turn rotation.Turn, blocked bool) {
	for {
		c, ok := head(tx, team.Handle)
		if !ok {
			return turn, true
		}
		if c != tx.arrival && !tx.step() {
			q, _ := tx.Queues.Get(team.Handle)
			q.Unserved = true
			tx.Queues.Put(q)
			return rotation.Turn{}, false
		}
		if turn, ok = settle(tx, c, team, trigger); !ok {
			return turn, true
		}
	}
}

// head returns what is next in a team: the first in the queue, or the arrival if
// that is more urgent or alone.
func head(tx *Tx, team TeamHandle) (*Conversation, bool) {
	c, ok := first(tx.Conversations.Queue(team))
	if arrived := tx.arrival; arrived != nil && arrived.Assignment.Team == team {
		if !ok || arrived.place().compare(c.place()) < 0 {
			return arrived, true
		}
	}
	return &c, ok
}

// settle takes c out of its queue by the rotation or by the fallback. It reports
// false if c must wait.
func settle(tx *Tx, c *Conversation, team Team, trigger Event) (rotation.Turn, bool) {
	cursor := cursorOf(tx, team, deskOf(tx.State, *c).Handle)
	turn := rotation.RoundRobin(ringFor(tx.State, team.Handle, *c), cursor.key())
	if !turn.Found && team.Rotation.Fallback == FallbackWait {
		return turn, false
	}

	d := Decision{
		Kind: DecidedFallback, Trigger: trigger, Before: c.Assignment.Assignee,
		CursorBefore: cursor.Agent, CursorAfter: cursor.Agent,
		Passed: passed(turn), Counts: counts(turn),
	}
	next := Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: team.Handle}
	switch {
	case turn.Found:
		next.Assignee = AgentHandle(turn.Next.Agent)
		d.Kind, d.CursorAfter, d.Turn = DecidedRotation, next.Assignee, true
		cursor.Rank, cursor.Agent, cursor.UsedSeq = cbor.ByteString(turn.Next.Rank), next.Assignee, tx.Seq
		tx.Cursors.Put(cursor)
	case team.Rotation.Fallback == FallbackAgent:
		next.Assignee = team.Rotation.FallbackAgent
		d.FallbackStep = new(uint8)
	default:
		next.State, next.Cause, d.Cause = StateManual, CauseFallback, CauseFallback
		d.FallbackStep = new(uint8)
	}
	event := trigger
	if c != tx.arrival {
		event = ConversationAssigned // it came earlier: only its assignment is new
	}
	leave(tx, c, team)
	give(tx, c, next, d, event)
	if turn.Found {
		spendAllowance(tx, team, next.Assignee)
	}
	return turn, true
}

// give stores c with its new assignment and the decision that made it.
func give(tx *Tx, c *Conversation, next Assignment, d Decision, event Event) {
	d.Assignee = next.Assignee
	if agent, ok := tx.Agents.Get(next.Assignee); ok && agent.Presence.Status != rotation.StatusAvailable {
		d.Notes = append(d.Notes, AssigneeAbsent)
	}
	if c == tx.arrival {
		tx.arrival = nil
	}
	c.Assignment = next
	c.Revision = tx.Seq
	tx.emit(Record{Event: event, Decision: &d}, c)
	tx.Conversations.Put(*c)
}

// leave takes c out of the count of what waits in its team; the last one ends
// the episode. c itself is stored by the caller.
func leave(tx *Tx, c *Conversation, team Team) {
	if c == tx.arrival || c.Assignment.State != StateWaiting {
		return
	}
	q, _ := tx.Queues.Get(team.Handle)
	if q.Waiting--; q.Waiting > 0 {
		tx.Queues.Put(q)
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
	}
}

// cursorOf returns the cursor of the ring that serves inbox, new if need be.
func cursorOf(tx *Tx, team Team, inbox InboxHandle) Cursor {
	if team.Rotation.Per == PerTeam {
		inbox = 0
	}
	if row, ok := tx.Cursors.Get(cursorKey{team: team.Handle, inbox: inbox}); ok {
		return row
	}
	return Cursor{Team: team.Handle, Inbox: inbox}
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
