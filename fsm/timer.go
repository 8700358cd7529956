package fsm

import "cmp"

// A TimerKind says what is due. The numbers stand in snapshots.
type TimerKind uint8

// The timers. Deadlines are judged by comparing with the state's time; a timer
// only adds the side effects that nobody's command would.
const (
	TimerAllowance TimerKind = 1 // a draining member may take one more
	TimerAlert     TimerKind = 2 // the oldest in a queue may have waited too long

	TimerFallback TimerKind = 30 // the next step of a team's chain of fallbacks
	TimerCredit   TimerKind = 31 // a credit expires
	TimerSettled  TimerKind = 20 // a member's dwell is over
	TimerPlan     TimerKind = 21 // a planned presence begins
	TimerUntil    TimerKind = 22 // a presence ends
	TimerLease    TimerKind = 23 // a lease may have expired
	TimerGiveBack TimerKind = 24 // the next conversation of somebody who has gone
	TimerWake     TimerKind = 55 // a snoozed conversation is opened
	TimerRate     TimerKind = 70 // a rate window lets a member take more
	TimerOwner    TimerKind = 40 // an owner has more waiting for her than one entry could give

	TimerNotices  TimerKind = 65 // the oldest notification of an agent is too old
	TimerUnfollow TimerKind = 66 // the next contacts that a removed agent has followed
	TimerSchedule TimerKind = 80 // the next turn of a schedule; Ref is its handle
)

// A Timer is something that is due at a time.
type Timer struct {
	DueMs int64       `cbor:"1,keyasint"`
	Kind  TimerKind   `cbor:"2,keyasint"`
	Team  TeamHandle  `cbor:"3,keyasint"`
	Agent AgentHandle `cbor:"4,keyasint,omitempty"`

	// Resume is where TimerGiveBack and TimerUnfollow go on, and what TimerShift is about. It does not tell timers apart.
	Resume ConversationHandle `cbor:"5,keyasint,omitempty"`
	Ref    uint64             `cbor:"6,keyasint,omitempty"` // of a credit: its Seq; of TimerUnfollow: when she was removed; of a snooze: the conversation
}

func (t Timer) compare(other Timer) int {
	return cmp.Or(cmp.Compare(t.DueMs, other.DueMs), cmp.Compare(t.Kind, other.Kind),
		cmp.Compare(t.Team, other.Team), cmp.Compare(t.Agent, other.Agent), cmp.Compare(t.Ref, other.Ref))
}

// Timers is the table of timers, the next one first.
type Timers struct {
	Table[Timer, Timer]
	fallbacks Index[teamTimer, Timer]
}

type teamTimer struct {
	team  TeamHandle
	dueMs int64
}

func newTimers() Timers {
	return Timers{
		newTable[Timer, Timer](Timer.compare),
		newIndex(func(a, b teamTimer) int { return cmp.Or(cmp.Compare(a.team, b.team), cmp.Compare(a.dueMs, b.dueMs)) },
			func(t *Timer) (teamTimer, bool) { return teamTimer{t.Team, t.DueMs}, t.Kind == TimerFallback }),
	}
}

func (t Timers) clone() Timers { return Timers{t.Table.clone(), t.fallbacks.clone()} }

// Put sets a timer.
func (t Timers) Put(row Timer) { t.fallbacks.move(t.set(row, &row), &row) }

// Delete stops a timer; one that is not set is no mistake.
func (t Timers) Delete(row Timer) { t.fallbacks.move(t.remove(row), nil) }

// ofFallback returns the timer of a team's chain of fallbacks.
func (t Timers) ofFallback(team TeamHandle) (Timer, bool) {
	at, ok := first(t.fallbacks.From(teamTimer{team: team}))
	return Timer{DueMs: at.dueMs, Kind: TimerFallback, Team: team}, ok && at.team == team
}
