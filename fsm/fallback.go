package fsm

import (
	"cmp"

	"github.com/rondohq/rondo/rotation"
)

// A Progress is how far a conversation that waits has come in a chain of
// fallbacks: that of the team where it began to wait, until the last step took it
// to another one.
type Progress struct {
	Chain  TeamHandle `cbor:"20,keyasint,omitempty"`
	Step   uint8      `cbor:"21,keyasint,omitempty"` // of FallbackChain.steps: the next one
	StepMs int64      `cbor:"22,keyasint,omitempty"` // when the one before was done
}

// A stage is where a waiting conversation stands in a chain.
type stage struct {
	Progress
	handle ConversationHandle
}

// nextStep returns the step that is next for c, and when it is due. Of a chain
// that was made shorter meanwhile it is the last. That of a removed team has none:
// what it names may be gone as well.
func nextStep(s *State, p Progress) (step numberedStep, dueMs int64, ok bool) {
	team, _ := s.Teams.Get(p.Chain)
	steps := team.Rotation.steps()
	if len(steps) == 0 || team.Removed {
		return step, 0, false
	}
	step = steps[min(int(p.Step), len(steps)-1)]
	return step, p.StepMs + step.AfterMs, true
}

// NextFallback returns the step that is next for a waiting conversation, if its
// team has a fallback, and when it is due.
func NextFallback(s *State, c Conversation) (step FallbackStep, dueMs int64, ok bool) {
	next, dueMs, ok := nextStep(s, c.Assignment.Progress)
	return next.FallbackStep, dueMs, ok
}

// fall takes c, which waits nowhere and for which nobody may be picked in its
// team, through the steps of its fallback that are due. turn says who was passed
// over.
func fall(tx *Tx, c *Conversation, turn rotation.Turn, o outlook) {
	for {
		team, _ := tx.Teams.Get(c.Assignment.Team)
		step, dueMs, ok := nextStep(tx.State, c.Assignment.Progress)
		if !ok || dueMs > tx.NowMs && !o.asked {
			if o.asked {
				o.cause = CauseDeclined
			}
			wait(tx, c, team, turn, o)
			return
		}
		o.step = &step.number
		if step.To != FallbackTeam {
			conclude(tx, c, team, step, turn, o)
			return
		}
		team, o.asked = passOn(tx, c, step), false
		switch {
		case team.Rotation.excludes(*c):
			exclude(tx, c, o.trigger, o.event, o.step)
			return
		case team.ByHand:
			leaveByHand(tx, c, team, o)
			return
		case unserved(tx, team, o.trigger):
			o.cause = QueueAhead
			wait(tx, c, team, rotation.Turn{}, o)
			return
		}
		ch := choose(tx.State, team, c)
		if ch.Found {
			award(tx, c, team, ch, o)
			return
		}
		turn = ch.Turn
	}
}

// conclude is a step that always succeeds, unless its agent has come to a limit:
// then the conversation stays in the queue, and goes to whoever can take it first.
// It takes no turn (decision 9).
func conclude(tx *Tx, c *Conversation, team Team, step numberedStep, turn rotation.Turn, o outlook) {
	if step.refuses(tx.State, c) {
		endChain(tx, c, step, &turn)
		if o.asked {
			o.cause = CauseDeclined
		}
		wait(tx, c, team, turn, o)
		return
	}
	cursor := cursorOf(tx.State, team, c)
	d := Decision{
		Kind: DecidedFallback, Trigger: o.trigger, Before: c.Assignment.Assignee, FallbackStep: o.step,
		CursorBefore: cursor.Agent, CursorAfter: cursor.Agent, Restriction: cursor.Restriction,
		Passed: passed(turn), Counts: counts(turn),
	}
	if o.asked {
		d.Cause = CauseDeclined
	}
	next := Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: team.Handle, Assignee: step.Agent}
	if step.To == FallbackTeamInbox {
		next.State, next.Cause, d.Cause = StateManual, CauseFallback, cmp.Or(d.Cause, CauseFallback)
	}
	give(tx, c, next, d, o.event)
	desert(tx, team, next.Assignee)
}

// refuses says whether the agent of a step has come to a limit.
func (f numberedStep) refuses(s *State, c *Conversation) bool {
	return f.To == FallbackAgent && crowded(s, c, c.Assignment.Team, f.Agent)
}

// endChain lets no chain go on with c, whose step refuses it.
func endChain(tx *Tx, c *Conversation, step numberedStep, turn *rotation.Turn) {
	tx.waits = append(tx.waits, c.Assignment.Chain)
	c.Assignment.Progress = Progress{StepMs: tx.NowMs}
	turn.Passed, turn.Counts = also(*turn, step.Agent)
}

// passOn moves c to the team of a step, with its age. After the last step of a
// chain the other team's own begins.
func passOn(tx *Tx, c *Conversation, step numberedStep) Team {
	home, _ := tx.Teams.Get(c.Assignment.Chain)
	team, _ := tx.Teams.Get(step.Team)
	p := &c.Assignment.Progress
	p.Step, p.StepMs = p.Step+1, tx.NowMs
	if int(p.Step) >= len(home.Rotation.steps()) {
		p.Chain, p.Step = team.Handle, 0
	}
	c.Assignment.Team, c.Asked = team.Handle, nil
	return team
}

// inChain returns a conversation that waits in another team by the chain of this
// one.
func inChain(s *State, chain TeamHandle) (Conversation, bool) {
	for at := range s.Conversations.stages.From(stage{Progress: Progress{Chain: chain}}) {
		if at.Chain != chain {
			break
		}
		if c, ok := s.Conversations.Get(at.handle); ok && c.Assignment.Team != chain {
			return c, true
		}
	}
	return Conversation{}, false
}

// beginChain lets what waits go on by the chain of the team where it waits, from
// its first step.
func beginChain(tx *Tx, c *Conversation) {
	c.Assignment.Progress = Progress{Chain: c.Assignment.Team, StepMs: tx.NowMs}
	tx.Conversations.Put(*c)
	tx.waits = append(tx.waits, c.Assignment.Chain)
}

// fallDue does what is due in the chain of a team: one conversation at least, the
// others as far as the entry's steps go.
func fallDue(tx *Tx, chain TeamHandle, trigger Event) {
	for paid := true; ; paid = false {
		handle, dueMs, ok := fallbackDue(tx.State, chain)
		if !ok || dueMs > tx.NowMs || !paid && !tx.step() {
			return
		}
		c, _ := tx.Conversations.Get(handle)
		team, _ := tx.Teams.Get(c.Assignment.Team)
		if q, _ := tx.Queues.Get(team.Handle); q.Unserved {
			if unserved(tx, team, trigger) {
				return
			}
			continue // it may have been served
		}
		turn, o := choose(tx.State, team, &c).Turn, outlook{trigger: trigger, event: ConversationAssigned}
		if team.Rotation.excludes(c) { // it does so since c came
			leave(tx, &c, team)
			exclude(tx, &c, trigger, ConversationAssigned, nil)
			continue
		}
		if step, _, _ := nextStep(tx.State, c.Assignment.Progress); step.refuses(tx.State, &c) {
			o.step = &step.number
			endChain(tx, &c, step, &turn)
			waitOn(tx, &c, team, turn, o) // it leaves no queue, whose last would end the portions of who came back
			continue
		}
		leave(tx, &c, team)
		fall(tx, &c, turn, o)
	}
}

// fallbackDue returns which conversation in the chain of a team is due first.
func fallbackDue(s *State, chain TeamHandle) (handle ConversationHandle, dueMs int64, ok bool) {
	from := stage{Progress: Progress{Chain: chain}}
	for {
		at, found := first(s.Conversations.stages.From(from))
		if !found || at.Chain != chain {
			return handle, dueMs, ok
		}
		if _, ms, does := nextStep(s, at.Progress); does && (!ok || ms < dueMs) {
			handle, dueMs, ok = at.handle, ms, true
		}
		from.Step = at.Step + 1
	}
}

// rearm is the end of a command, a timer, a chore's step: places that have become
// free are filled, and the timers of chains set in which something has changed.
func (tx *Tx) rearm() {
	withdrawStale(tx)
	fillVacancies(tx)
	for _, chain := range tx.waits {
		_, dueMs, ok := fallbackDue(tx.State, chain)
		old, armed := tx.Timers.ofFallback(chain)
		if armed && (!ok || old.DueMs != dueMs) {
			tx.Timers.Delete(old)
		}
		if ok {
			tx.Timers.Put(Timer{DueMs: dueMs, Kind: TimerFallback, Team: chain})
		}
	}
	tx.waits = tx.waits[:0]
}
