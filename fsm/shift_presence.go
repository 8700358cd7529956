package fsm

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rondohq/rondo/rotation"
)

// TimerShift is the next agents of a turn whose presence follows it: Ref is the
// schedule, Agent the last one who was looked at, and Resume which shifts turned.
const TimerShift TimerKind = 81

// ReasonShift is the reason of a presence that a shift brings.
const ReasonShift = "shift"

// A shiftTurn is which shifts of a schedule begin and end at one moment: a bit each,
// as in Horizon.On.
type shiftTurn struct{ began, ended uint32 }

// turnOf compares two states of a schedule. A shift that is not in the row any more
// ended for nobody: who was on it keeps her presence.
func turnOf(was, row Schedule) (t shiftTurn) {
	before, after := was.told(), row.told()
	for i, shift := range row.Hours.Shifts {
		begun, on := slices.Contains(before, shift.Name), slices.Contains(after, shift.Name)
		switch {
		case on && !begun:
			t.began |= 1 << (1 + i)
		case begun && !on:
			t.ended |= 1 << (1 + i)
		}
	}
	return t
}

// followShifts gives those whom a turn concerns the presence that it brings, if
// presence follows the schedule: who is on from now on becomes available, and who is
// on no such shift any more unavailable. What a person has set since the turn before
// gives way to it, but for being unavailable until a time that is still to come.
// dueMs is when the turn was due: what the entry has no steps for comes before
// anything that was due later.
func followShifts(tx *Tx, row Schedule, t shiftTurn, last AgentHandle, dueMs int64) {
	if !row.Presence || row.Removed {
		return
	}
	for _, handle := range row.turning(tx.State, t) {
		if handle <= last {
			continue
		}
		if !tx.step() {
			tx.Timers.Put(Timer{DueMs: dueMs, Kind: TimerShift, Agent: last, Ref: uint64(row.Handle),
				Resume: ConversationHandle(uint64(t.began)<<32 | uint64(t.ended))})
			return
		}
		last = handle
		followShift(tx, row, t, handle)
	}
}

// followMore goes on where an entry had no steps left.
func followMore(tx *Tx, t Timer) {
	row, _ := tx.Schedules.Get(ScheduleHandle(t.Ref))
	followShifts(tx, row, shiftTurn{uint32(t.Resume >> 32), uint32(t.Resume)}, t.Agent, t.DueMs)
}

// turning returns who is in the shifts of a turn, in the order of handles. A shift
// that has turned again, or was changed since, is left out.
func (r Schedule) turning(s *State, t shiftTurn) []AgentHandle {
	var agents []AgentHandle
	for i, shift := range r.Hours.Shifts {
		bit := uint32(1) << (1 + i)
		if on := r.Ahead.On&bit != 0; on && t.began&bit == 0 || !on && t.ended&bit == 0 {
			continue
		}
		for _, agent := range expand(s, shift.Agents) {
			agents = append(agents, agent.Handle)
		}
	}
	slices.Sort(agents)
	return slices.Compact(agents)
}

func followShift(tx *Tx, row Schedule, t shiftTurn, handle AgentHandle) {
	agent, _ := tx.Agents.Get(handle)
	was := agent.Presence
	if was.Status == rotation.StatusUnavailable && was.UntilMs > tx.NowMs {
		return
	}
	begins := false
	for i, shift := range row.Hours.Shifts {
		bit := uint32(1) << (1 + i)
		begins = begins || row.Ahead.On&t.began&bit != 0 && shift.has(tx.State, handle)
	}
	_, on := shiftsOf(tx.State, handle)
	switch {
	case begins && was.Status != rotation.StatusAvailable:
		become(tx, agent, onDuty(tx, was.Lease), "")
	case !begins && !on && was.Status != rotation.StatusUnavailable:
		become(tx, agent, offDuty(tx, was.Lease), "")
	}
}

// onDuty is the presence of somebody whose shift is on; with a lease, only a
// heartbeat shows that she is there.
func onDuty(tx *Tx, lease Lease) Presence {
	if lease.PeriodMs > 0 {
		return awaiting(tx, lease, ReasonShift)
	}
	return Presence{Status: rotation.StatusAvailable, Reason: ReasonShift, By: tx.actor}
}

func offDuty(tx *Tx, lease Lease) Presence {
	lease.Awaiting = false
	return Presence{Status: rotation.StatusUnavailable, Reason: ReasonShift, By: tx.actor, Lease: lease}
}

// shiftsOf says whether an agent's presence follows any schedule, and whether she is
// on a shift of one by what was told last.
func shiftsOf(s *State, agent AgentHandle) (follows, on bool) {
	for handle := range s.Schedules.followed(s, agent) {
		row, _ := s.Schedules.Get(handle)
		follows = true
		for i, shift := range row.Hours.Shifts {
			if row.Ahead.On>>(1+i)&1 == 1 && shift.has(s, agent) {
				return true, true
			}
		}
	}
	return follows, false
}

// A rostered is an agent or a group in a shift of a schedule that presence follows.
type rostered struct {
	agent    AgentHandle
	group    GroupHandle
	schedule ScheduleHandle
}

func (r rostered) compare(other rostered) int {
	return cmp.Or(cmp.Compare(r.agent, other.agent), cmp.Compare(r.group, other.group), cmp.Compare(r.schedule, other.schedule))
}

// rosters yields the keys of a row, some of them more than once.
func (r *Schedule) rosters() iter.Seq[rostered] {
	return func(yield func(rostered) bool) {
		if !r.Presence || r.Removed {
			return
		}
		for _, shift := range r.Hours.Shifts {
			for _, p := range shift.Agents {
				if !yield(rostered{p.Agent, p.Group, r.Handle}) {
					return
				}
			}
		}
	}
}

// followed yields the schedules that an agent's presence follows; one in which she
// is in more than one way, so often.
func (t Schedules) followed(s *State, agent AgentHandle) iter.Seq[ScheduleHandle] {
	naming := func(p Participant, yield func(ScheduleHandle) bool) bool {
		for key := range t.following.From(rostered{agent: p.Agent, group: p.Group}) {
			if key.agent != p.Agent || key.group != p.Group {
				break
			}
			if !yield(key.schedule) {
				return false
			}
		}
		return true
	}
	return func(yield func(ScheduleHandle) bool) {
		if !naming(Participant{Agent: agent}, yield) {
			return
		}
		for group := range s.Groups.OfAgent(agent) {
			if !naming(Participant{Group: group}, yield) {
				return
			}
		}
	}
}
