package fsm

import "cmp"

// A TimerKind says what is due. The numbers stand in snapshots.
type TimerKind uint8

// The timers. Deadlines are judged by comparing with the state's time; a timer
// only adds the side effects that nobody's command would.
const (
	TimerAllowance TimerKind = 1 // a draining member may take one more
	TimerAlert     TimerKind = 2 // the oldest in a queue may have waited too long

	TimerSettled  TimerKind = 20 // a member's dwell is over
	TimerPlan     TimerKind = 21 // a planned presence begins
	TimerUntil    TimerKind = 22 // a presence ends
	TimerLease    TimerKind = 23 // a lease may have expired
	TimerGiveBack TimerKind = 24 // the next conversation of somebody who has gone
	TimerOwner    TimerKind = 40 // an owner has more waiting for her than one entry could give
)

// A Timer is something that is due at a time.
type Timer struct {
	DueMs int64       `cbor:"1,keyasint"`
	Kind  TimerKind   `cbor:"2,keyasint"`
	Team  TeamHandle  `cbor:"3,keyasint"`
	Agent AgentHandle `cbor:"4,keyasint,omitempty"`

	// Resume is where TimerGiveBack goes on. It does not tell timers apart.
	Resume ConversationHandle `cbor:"5,keyasint,omitempty"`
}

func (t Timer) compare(other Timer) int {
	return cmp.Or(cmp.Compare(t.DueMs, other.DueMs), cmp.Compare(t.Kind, other.Kind),
		cmp.Compare(t.Team, other.Team), cmp.Compare(t.Agent, other.Agent))
}

// Timers is the table of timers, the next one first.
type Timers struct{ Table[Timer, Timer] }

func newTimers() Timers { return Timers{newTable[Timer, Timer](Timer.compare)} }

func (t Timers) clone() Timers { return Timers{t.Table.clone()} }

// Put sets a timer.
func (t Timers) Put(row Timer) { t.set(row, &row) }

// Delete stops a timer; one that is not set is no mistake.
func (t Timers) Delete(row Timer) { t.remove(row) }
