package fsm

import "slices"

// scheduleNamed returns the schedule that clients call id.
func scheduleNamed(s *State, id ScheduleID) (ScheduleHandle, bool) {
	row, ok := s.Schedules.ByID(id)
	return row.Handle, ok
}

// shiftsOn returns the names of the shifts of a schedule that are on now, sorted.
func shiftsOn(s *State, h ScheduleHandle) (names []string) {
	row, ok := s.Schedules.Get(h)
	if !ok || row.Removed {
		return nil
	}
	for shift := range row.OnShift(s.NowMs) {
		names = append(names, shift.Name)
	}
	slices.Sort(names)
	return names
}

// scheduleOpen says whether a schedule is open now. One that was removed, or of
// which nothing is known, is closed.
func scheduleOpen(s *State, h ScheduleHandle) bool {
	row, ok := s.Schedules.Get(h)
	return ok && !row.Removed && row.Open(s.NowMs)
}

// onShift says whether an agent is on a shift of a schedule now, by herself or in a
// group.
func onShift(s *State, h ScheduleHandle, agent AgentHandle) bool {
	row, ok := s.Schedules.Get(h)
	if !ok || row.Removed {
		return false
	}
	for shift := range row.OnShift(s.NowMs) {
		if shift.has(s, agent) {
			return true
		}
	}
	return false
}

// has says whether an agent is in a shift, by herself or in a group.
func (r ShiftRow) has(s *State, agent AgentHandle) bool {
	if r.Agents.lists(agent) {
		return true
	}
	if !r.Agents.grouped() {
		return false
	}
	for group := range s.Groups.OfAgent(agent) {
		if slices.Contains(r.Agents, Participant{Group: group}) {
			return true
		}
	}
	return false
}
