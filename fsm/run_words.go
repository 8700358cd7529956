package fsm

import "strconv"

// What clients call runs and what they wait for.

// String returns the number of a run, which is its id, or "" for none.
func (h RunHandle) String() string {
	if h == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(h), 10)
}

var pendings = []string{"", "time", "schedule_opened", "schedule_closed", "assignment", "webhook"}

// String returns what ends the waiting. Names are for ever.
func (p PendingFor) String() string { return nameOf(pendings, int(p)) }
