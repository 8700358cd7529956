package fsm

import "github.com/rondohq/rondo/rotation"

// maxSoonLooks is how many of a queue serveSoon looks at.
const maxSoonLooks = 32

// serveSoon is serveFor in a team that asks, where everything may stand in a line of its
// own, since others were asked for it. She is asked for one, and mostly that is among
// the first: then there is no need to look at all lines. It says whether there was one.
func serveSoon(tx *Tx, team Team, agent AgentHandle, trigger Event) bool {
	looks := maxSoonLooks
	for at := range tx.Conversations.queues.From(place{team: team.Handle}) {
		if looks--; at.team != team.Handle || looks < 0 {
			return false
		}
		c, _ := tx.Conversations.Get(at.handle)
		if !mayGet(tx.State, team, &c, agent) {
			continue
		}
		ch := choose(tx.State, team, &c)
		if !ch.Found || AgentHandle(ch.Next.Agent) != agent || team.Rotation.excludes(c) || !tx.step() {
			return false
		}
		leave(tx, &c, team)
		award(tx, &c, team, ch, outlook{trigger: trigger, event: ConversationAssigned})
		m, _ := tx.Members.Of(team.Handle, agent)
		return m.Verdict != rotation.Eligible
	}
	return false
}
