package fsm

import "cmp"

// A phase is all that a list may ask of how far a conversation has come: its
// status, the state of its assignment, and whether anybody has it, in one byte. So
// one index of what a team has (of what an inbox has, of what an agent has) answers
// for every combination of these, and what is closed, which is nearly everything
// before long, stands behind what is not.
type phase uint8

const (
	phaseClosed   phase = 1 << 7
	phaseAssigned phase = 1
)

func (c *Conversation) phase() phase {
	p := phase(c.Status)<<5&^phaseClosed | phase(c.Assignment.State)<<1
	if c.Status == StatusClosed {
		p |= phaseClosed
	}
	if c.Assignment.Assignee != 0 {
		p |= phaseAssigned
	}
	return p
}

func (p phase) closed() bool               { return p&phaseClosed != 0 }
func (p phase) assigned() bool             { return p&phaseAssigned != 0 }
func (p phase) status() ConversationStatus { return ConversationStatus(p >> 5 & 3) }
func (p phase) state() AssignmentState     { return AssignmentState(p >> 1 & 15) }

// A shelf is what a team, an inbox or an agent has in one phase.
type shelf struct {
	owner  uint32 // handle of the team, the inbox or the agent; of a mark: which
	phase  phase
	handle ConversationHandle
}

func (s shelf) compare(other shelf) int {
	return cmp.Or(cmp.Compare(s.owner, other.owner), cmp.Compare(s.phase, other.phase), cmp.Compare(s.handle, other.handle))
}

// Marks are what few conversations have and lists ask for. They share one index,
// as shelves: most conversations are closed, and have no mark at all.
const (
	markPhase    uint32 = iota // the phase, unless it is closed and was somebody's
	markUnread                 // 0
	markPriority               // the priority, above 0
	markOutbound               // 0
	markLead                   // 0
	markCount
)

// phaseOfMost is that of what is over: it is not marked, since most is.
const phaseOfMost = phaseClosed | phase(StatusClosed)<<5 | phase(StateAssigned)<<1 | phaseAssigned

// appendMarks appends the marks of c.
func (c *Conversation) appendMarks(to []shelf) []shelf {
	if p := c.phase(); p != phaseOfMost {
		to = append(to, shelf{markPhase, p, c.Handle})
	}
	if c.Talk.Unread > 0 {
		to = append(to, shelf{markUnread, 0, c.Handle})
	}
	if c.Priority > 0 {
		to = append(to, shelf{markPriority, phase(c.Priority), c.Handle})
	}
	if c.Direction == Outbound {
		to = append(to, shelf{markOutbound, 0, c.Handle})
	}
	if c.Lead {
		to = append(to, shelf{markLead, 0, c.Handle})
	}
	return to
}

// A label is a tag of a conversation.
type label struct {
	tag    string
	handle ConversationHandle
}

func (l label) compare(other label) int {
	return cmp.Or(cmp.Compare(l.tag, other.tag), cmp.Compare(l.handle, other.handle))
}

func (c *Conversation) appendLabels(to []label) []label {
	for _, tag := range c.Tags {
		to = append(to, label{tag, c.Handle})
	}
	return to
}

// reading are the indexes that nothing but lists needs, in which a row may have
// several keys.
type reading struct {
	marks  Index[shelf, Conversation]
	labels Index[label, Conversation]
	pulses Index[pulse, Conversation]
}

func newReading() reading {
	return reading{newManyIndex[shelf, Conversation](shelf.compare), newManyIndex[label, Conversation](label.compare), newManyIndex[pulse, Conversation](pulse.compare)}
}

func (r reading) clone() reading {
	return reading{r.marks.clone(), r.labels.clone(), r.pulses.clone()}
}

// move brings the indexes up to date. The arrays keep it from allocating.
func (r reading) move(old, row *Conversation) {
	var shelves [2][markCount]shelf
	var labels [2][4]label
	var pulses [2][2]pulse
	var had, has []shelf
	var tagged, tags []label
	var beat, beats []pulse
	if old != nil {
		had, tagged, beat = old.appendMarks(shelves[0][:0]), old.appendLabels(labels[0][:0]), old.appendPulses(pulses[0][:0])
	}
	has, tags, beats = row.appendMarks(shelves[1][:0]), row.appendLabels(labels[1][:0]), row.appendPulses(pulses[1][:0])
	r.marks.moveAll(had, has)
	r.labels.moveAll(tagged, tags)
	r.pulses.moveAll(beat, beats)
}
