package fsm

import "github.com/rondohq/rondo/rotation"

// MaxDwellSeconds bounds dwell_seconds.
const MaxDwellSeconds = 3600

// settling says whether a member whom the policy admits must wait until she has
// been available for the team's dwell: who comes and goes with a bad connection
// is not picked in between. Where the status is not looked at, nobody comes back.
// Who was eligible, or had her share of the queue, has settled before.
//
// It keeps the member's timer; the caller stores the row.
func settling(tx *Tx, team Team, row *Member, agent Agent) bool {
	tx.Timers.Delete(row.settledTimer())
	was := row.Verdict
	row.SettledMs = 0
	if team.DwellMs == 0 || team.Rotation.AssignTo == rotation.AssignToAnyone ||
		mayTake(was) {
		return false
	}
	due := agent.Presence.SinceMs + team.DwellMs
	if due <= tx.NowMs {
		return false
	}
	row.SettledMs = due
	tx.Timers.Put(row.settledTimer())
	return true
}

func (m Member) settledTimer() Timer {
	return Timer{DueMs: m.SettledMs, Kind: TimerSettled, Team: m.Team, Agent: m.Agent}
}

// hasSettled ends a member's dwell.
func hasSettled(tx *Tx, agent Agent, handle TeamHandle) {
	team, _ := tx.Teams.Get(handle)
	m, ok := tx.Members.Of(handle, agent.Handle)
	if ok && rejudge(tx, team, m, agent) {
		serveFor(tx, team, agent.Handle, PresenceChanged)
	}
	ownerReturns(tx, agent.Handle, PresenceChanged)
}
