package fsm

// What rules ask of the parts that are built beside them.

// scheduleNamed returns the schedule that clients call id.
func scheduleNamed(s *State, id ScheduleID) (ScheduleHandle, bool) { return 0, true }

// scheduleOpen says whether a schedule is open now.
func scheduleOpen(s *State, h ScheduleHandle) bool { return false }

// shiftsOn returns the names of the shifts of a schedule that are on now, sorted.
func shiftsOn(s *State, h ScheduleHandle) []string { return nil }

// isQualified says whether a contact has met the criteria (S2.14).
func isQualified(c *Contact) bool { return false }

// unansweredMs returns when the customer wrote what nobody has answered: the oldest
// of it; 0: nothing.
func unansweredMs(c *Conversation) int64 {
	if c.Talk.InboundMs > c.Talk.OutboundMs {
		return c.Talk.InboundMs
	}
	return 0
}
