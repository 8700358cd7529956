package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// rejudge brings a member's verdict up to date with her status and the team's
// policy, and says whether she may be picked now and could not before; or perhaps, as
// long as something waits that asks for another policy.
//
// Who comes back to a team where something waits takes it in portions (decision
// 6): a burst, then one each interval, until the queue is empty. The burst is
// given once an episode, so that going away and back does not earn another.
func rejudge(tx *Tx, team Team, m Member, agent Agent) (returned bool) {
	verdict := rotation.Judge(agent.Presence.Status, team.Rotation.AssignTo)
	if agent.Pending {
		verdict = rotation.NotOnboarded
	}
	row := m
	switch {
	case verdict != rotation.Eligible:
		tx.Timers.Delete(row.settledTimer())
		row.SettledMs = 0
		row.limited(tx, team) // for what asks for another policy her window passes all the same
	case settling(tx, team, &row, agent):
		verdict = rotation.Settling
	default:
		came := !mayTake(m.Verdict)
		if came && !m.Draining && team.Rotation.drains() && waitsFor(tx.State, team, m.Agent, 0) {
			row.Draining, row.Allowance = true, team.Rotation.DrainBurst
		}
		if row.Draining && row.Allowance == 0 {
			verdict = rotation.DrainAllowance
		}
		if objection := row.objection(tx, team); objection != rotation.Eligible {
			verdict = objection // before the allowance: endDraining must not lift it
		}
	}
	row.Verdict = verdict
	row = earnReturn(tx, team, m, row)
	if mayTake(verdict) && !mayTake(m.Verdict) {
		rejoin(tx, team.Handle)
	}
	if row != m {
		tx.Members.Put(row)
	}
	reviewOffer(tx, m.Agent)
	return verdict == rotation.Eligible && m.Verdict != rotation.Eligible || asksIn(tx.State, team.Handle)
}

// spendAllowance counts a turn against the portion of a draining member.
func spendAllowance(tx *Tx, team Team, agent AgentHandle) {
	m, ok := tx.Members.Of(team.Handle, agent)
	if !ok || !m.Draining {
		return
	}
	if m.Allowance--; m.Allowance == 0 {
		if m.Verdict == rotation.Eligible {
			m.Verdict = rotation.DrainAllowance
		}
		m.AllowanceMs = tx.NowMs + team.Rotation.DrainIntervalMs
		tx.Timers.Put(m.timer())
	}
	tx.Members.Put(m)
}

func (m Member) timer() Timer {
	return Timer{DueMs: m.AllowanceMs, Kind: TimerAllowance, Team: m.Team, Agent: m.Agent}
}

// waitsFor says whether something waits in a team that an agent might take, if
// she may be picked at all.
func waitsFor(s *State, team Team, agent AgentHandle, without ConversationHandle) bool {
	for head := range s.Conversations.heads(team.Handle, without) {
		c, _ := s.Conversations.Get(head.handle)
		if !hasAsked(&c, agent) && demandOf(s, &c).allows(agent) {
			return true
		}
	}
	return false
}

// easeDraining lifts the allowances of those for whom nothing waits any more,
// once c has left its line.
func easeDraining(tx *Tx, team Team, c *Conversation) {
	if _, drains := first(tx.Members.drainingIn(team.Handle)); !drains {
		return // or each that is served would cost a look at all lines
	}
	for head := range tx.Conversations.heads(team.Handle, c.Handle) {
		if head.line == lineOf(c) {
			return // whoever could take c can take that
		}
	}
	for _, agent := range slices.Collect(tx.Members.drainingIn(team.Handle)) {
		if !waitsFor(tx.State, team, agent, c.Handle) {
			endDrainingOf(tx, team, agent)
		}
	}
}

func endDrainingOf(tx *Tx, team Team, agent AgentHandle) {
	m, _ := tx.Members.Of(team.Handle, agent)
	tx.Timers.Delete(m.timer())
	m.Draining, m.Allowance, m.AllowanceMs = false, 0, 0
	if m.Verdict == rotation.DrainAllowance {
		m.Verdict = rotation.Eligible
	}
	tx.Members.Put(m)
}

// endDraining lifts all allowances of a team: nothing waits there any more.
func endDraining(tx *Tx, team Team) {
	for {
		handle, ok := first(tx.Members.drainingIn(team.Handle))
		if !ok {
			return
		}
		endDrainingOf(tx, team, handle)
	}
}

// fireTimers does what has become due, as far as the entry's steps go.
func fireTimers(tx *Tx) {
	for {
		t, ok := first(tx.Timers.All())
		if !ok || t.DueMs > tx.NowMs || !tx.step() {
			return
		}
		tx.Timers.Delete(t)
		tx.asTimer()
		if !firePresence(tx, t) && !fireRules(tx, t) {
			fireRotation(tx, t)
		}
		tx.rearm()
		runRules(tx)
	}
}

func fireRotation(tx *Tx, t Timer) {
	team, _ := tx.Teams.Get(t.Team)
	switch t.Kind {
	case TimerAllowance:
		refillAllowance(tx, team, t.Agent)
	case TimerAlert:
		alert(tx, team)
	case TimerOwner:
		letGo(tx, t.Agent)
		ownerReturns(tx, t.Agent, QueueResumed)
	case TimerFallback:
		fallDue(tx, t.Team, FallbackDue)
		tx.waits = append(tx.waits, t.Team)
	case TimerHeld:
		heldAlert(tx, ConversationHandle(t.Ref))
	case TimerEscalation:
		escalateDue(tx, ConversationHandle(t.Ref))
	case TimerWake:
		wakeDue(tx, ConversationHandle(t.Ref))
	case TimerSchedule:
		turn(tx, t)
	case TimerShift:
		followMore(tx, t)
	case TimerHours:
		inbox, _ := tx.Inboxes.Get(InboxHandle(t.Ref))
		openInbox(tx, inbox, ScheduleOpened)
	case TimerRate:
		windowPassed(tx, team, t.Agent)
	case TimerCredit:
		expireCredit(tx, creditKey{t.Team, t.Ref, t.Agent})
	case TimerNotices:
		forgetNotices(tx, t.Agent)
	case TimerUnfollow:
		unfollowMore(tx, t)
	case TimerOffer:
		offerDue(tx, OfferHandle(t.Ref))
	case TimerOfferAgain:
		askAgain(tx, ConversationHandle(t.Ref))
	}
}

func refillAllowance(tx *Tx, team Team, agent AgentHandle) {
	m, ok := tx.Members.Of(team.Handle, agent)
	if !ok || !m.Draining {
		return
	}
	if !waitsFor(tx.State, team, agent, 0) { // what waited for her is not for her any more
		endDrainingOf(tx, team, agent)
		return
	}
	m.Allowance, m.AllowanceMs = 1, 0
	tx.Members.Put(m)
	a, _ := tx.Agents.Get(agent)
	if rejudge(tx, team, m, a) {
		serveFor(tx, team, agent, AllowanceDue)
	}
}

// setAlert arms the alert of an episode: due when its oldest has waited for the
// team's alert_after_seconds.
func setAlert(tx *Tx, q *Queue, team Team, oldestMs int64) {
	tx.Timers.Delete(Timer{DueMs: q.AlertMs, Kind: TimerAlert, Team: team.Handle})
	q.AlertMs = 0
	if team.Rotation.AlertAfterMs > 0 && !q.Alerted {
		q.AlertMs = oldestMs + team.Rotation.AlertAfterMs
		tx.Timers.Put(Timer{DueMs: q.AlertMs, Kind: TimerAlert, Team: team.Handle})
	}
}

// alert tells that the oldest in a queue has waited too long, once an episode; if
// the one the timer was set for is gone, it is set anew for the oldest there is.
func alert(tx *Tx, team Team) {
	q, ok := tx.Queues.Get(team.Handle)
	oldest, waiting := oldestIn(tx.Conversations, team.Handle)
	if !ok || !waiting {
		return
	}
	q.AlertMs = 0
	if oldest.Assignment.SinceMs+team.Rotation.AlertAfterMs > tx.NowMs {
		setAlert(tx, &q, team, oldest.Assignment.SinceMs)
	} else {
		q.Alerted = true
		tx.emit(Record{Event: QueueAlert, Team: team.Handle}, nil)
	}
	tx.Queues.Put(q)
}

// NextDue returns the time at which an entry would do something that no command
// asked for: the leader then proposes one without items. 0 means at once.
func (s *State) NextDue() (ms int64, ok bool) {
	if s.Queues.unserved.Len() > 0 || s.Chores.Len() > 0 || s.Offers.stale.Len() > 0 {
		return 0, true
	}
	if t, found := first(s.Timers.All()); found {
		ms, ok = t.DueMs, true
	}
	// Expired keys are forgotten by entries that come anyway; only a cluster at
	// rest needs one for them, and it may take its time.
	if oldest, found := first(s.Keys.expiry.From(keyExpiry{})); found {
		if due := oldest.ms + MintedKeyLifeMs; !ok || due < ms {
			ms, ok = due, true
		}
	}
	if due, found := offersDue(s); found && (!ok || due < ms) {
		ms, ok = due, true
	}
	if due, found := recordsDue(s); found && (!ok || due < ms) {
		ms, ok = due, true
	}
	return ms, ok
}
