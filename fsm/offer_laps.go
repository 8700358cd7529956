package fsm

import (
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// maxLapLooks bounds the lines that the end of an offer looks at in each team. What is
// behind them waits for the pause.
const maxLapLooks = 64

// endLaps ends the laps that were left open for an agent alone: she had another offer,
// which has ended, and may be picked no more, since that was the last she can take, or
// she has gone. What all others were asked for goes by the fallback at once.
func endLaps(tx *Tx, v vacancy) {
	if tx.Queues.Len() == 0 {
		return
	}
	for _, handle := range slices.Collect(tx.Members.TeamsOf(v.agent)) {
		team, _ := tx.Teams.Get(handle)
		m, _ := tx.Members.Of(handle, v.agent)
		if team.Rotation.OfferMs == 0 || m.Verdict == rotation.Eligible || m.Verdict == rotation.Offered {
			continue
		}
		for _, conversation := range lapsOver(tx.State, team, v.agent) {
			if !tx.step() {
				return
			}
			endLap(tx, team, conversation, v.because)
		}
	}
}

// lapsOver returns what waits in a team for which nobody is left who was not asked.
func lapsOver(s *State, team Team, agent AgentHandle) (list []ConversationHandle) {
	looks := maxLapLooks
	for head := range s.Conversations.heads(team.Handle, 0) {
		c, _ := s.Conversations.Get(head.handle)
		if len(c.Asked) == 0 || hasAsked(&c, agent) || c.Assignment.Cause == CauseDeclined {
			continue
		}
		if looks--; looks < 0 {
			break
		}
		if ch := choose(s, team, &c); ch.Found || !allAsked(ch.Turn) {
			continue
		}
		for at := range s.Conversations.lines.From(head) {
			if at.line != head.line || at.team != head.team || len(list) == StepsPerEntry {
				break
			}
			list = append(list, at.handle)
		}
	}
	return list
}

func endLap(tx *Tx, team Team, handle ConversationHandle, because Event) {
	c, _ := tx.Conversations.Get(handle)
	ch := choose(tx.State, team, &c)
	if c.Assignment.State != StateWaiting || c.Assignment.Team != team.Handle || ch.Found || !allAsked(ch.Turn) {
		return
	}
	o := outlook{trigger: because, event: ConversationAssigned, asked: true}
	if _, _, falls := nextStep(tx.State, c.Assignment.Progress); !falls {
		o.cause = CauseDeclined
		waitOn(tx, &c, team, ch.Turn, o) // in its queue, which is not left
		return
	}
	leave(tx, &c, team)
	fall(tx, &c, ch.Turn, o)
}
