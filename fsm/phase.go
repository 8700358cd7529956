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

// Marks are what lists ask for and no owner of a shelf has: two of each
// conversation. They share one index, as shelves. Also the commonest phase and the
// commonest traits are marked: where others are common, they are what is rare.
const (
	markPhase  uint32 = iota // its phase
	markTraits               // its traits
	markCount
)

func (c *Conversation) marks() [markCount]shelf {
	return [markCount]shelf{{markPhase, c.phase(), c.Handle}, {markTraits, phase(c.traits()), c.Handle}}
}

// Traits are what does not depend on how far a conversation has come: whether there
// is something unread, whether the company began, whether it is a lead, and how
// urgent it is, in one byte.
type traits uint8

const (
	traitUnread traits = 1 << iota
	traitOutbound
	traitLead
	traitBits = iota // the rest is the priority
)

func (c *Conversation) traits() traits {
	t := traits(c.Priority) << traitBits
	if c.Talk.Unread > 0 {
		t |= traitUnread
	}
	if c.Direction == Outbound {
		t |= traitOutbound
	}
	if c.Lead {
		t |= traitLead
	}
	return t
}

func (t traits) has(one traits) uint8 { return bit(t&one != 0) }
func (t traits) priority() uint8      { return uint8(t >> traitBits) }
func lastTraits(priority uint8) traits { // of those of a priority or a lower one
	return traits(min(priority, MaxPriority)+1)<<traitBits - 1
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
	var marks [2][markCount]shelf
	var labels [2][4]label
	var pulses [2][3]pulse
	var had []shelf
	var tagged, tags []label
	var beat, beats []pulse
	if old != nil {
		marks[0] = old.marks()
		had, tagged, beat = marks[0][:], old.appendLabels(labels[0][:0]), old.appendPulses(pulses[0][:0])
	}
	marks[1] = row.marks()
	tags, beats = row.appendLabels(labels[1][:0]), row.appendPulses(pulses[1][:0])
	r.marks.moveAll(had, marks[1][:])
	r.labels.moveAll(tagged, tags)
	r.pulses.moveAll(beat, beats)
}
