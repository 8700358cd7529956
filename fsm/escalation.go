package fsm

import "slices"

// TimerEscalation is the next step of a team's escalations being due for a
// conversation, which is Ref. A conversation has one at most.
const TimerEscalation TimerKind = 73

// An EscalationStep is what a team does when something has taken too long: with a
// conversation of its own that is open, and that neither a person holds nor has been
// left to (K15). The steps do not wait for one another; what is due at the same
// time is done in their order.
type EscalationStep struct {
	When      EscalationWhen `cbor:"1,keyasint"`
	AfterMs   int64          `cbor:"2,keyasint"` // since the beginning of what When names
	Do        EscalationDo   `cbor:"3,keyasint"`
	Team      TeamHandle     `cbor:"4,keyasint,omitempty"` // of EscalateToTeam
	Agent     AgentHandle    `cbor:"5,keyasint,omitempty"` // of EscalateToAgent
	Priority  uint8          `cbor:"6,keyasint,omitempty"` // of EscalatePriority
	OnlyFirst bool           `cbor:"7,keyasint,omitempty"` // only for the first assignment since it was opened (S3.26)
}

// An EscalationWhen says what takes too long.
type EscalationWhen uint8

const (
	WhenWaiting      EscalationWhen = iota // it waits in the queue
	WhenNoAcceptance                       // nobody accepts the offer, or who has it neither reads nor answers
	WhenNoFirstReply                       // somebody has it, and the customer has never had an answer
	WhenNoReply                            // somebody has it, and the customer waits for an answer
)

var escalationWhens = []string{"waiting", "no_acceptance", "no_first_reply", "no_reply"}

func (w EscalationWhen) String() string { return nameOf(escalationWhens, int(w)) }

// An EscalationDo says what is done about it.
type EscalationDo uint8

const (
	EscalateNext        EscalationDo = iota // to whoever is next by the rotation, and none of those who let it lie
	EscalateToTeam                          // to another team's queue, at the place of its age
	EscalateSupervisors                     // they are told, and it stays where it is
	EscalatePriority                        // it becomes more urgent, never less
	EscalateToAgent                         // to one agent, as a fallback would
)

var escalationDos = []string{"next", "team", "supervisors", "priority", "agent"}

func (d EscalationDo) String() string { return nameOf(escalationDos, int(d)) }

// An EscalationOutcome says what came of a step.
type EscalationOutcome uint8

const (
	EscalationDone        EscalationOutcome = iota
	EscalationNobodyElse                    // nobody else may be picked: it stays with who has it
	EscalationAtCapacity                    // its agent has come to a limit
	EscalationUnnecessary                   // it is so already
)

var escalationOutcomes = []string{"done", "nobody_else", "at_capacity", "unnecessary"}

func (o EscalationOutcome) String() string { return nameOf(escalationOutcomes, int(o)) }

// An Escalation is how far a conversation has come in the escalations of its team, and
// what they depend on that nothing else says. An episode ends with an answer, with a
// close, and with a person's giving it to somebody; each step is done once in it.
type Escalation struct {
	Team  TeamHandle       `cbor:"1,keyasint"`
	DueMs int64            `cbor:"2,keyasint,omitempty"` // of the timer; 0: none is set
	Done  []DoneEscalation `cbor:"3,keyasint,omitempty"` // in this episode, by all teams; replaced, never changed
	Tried []AgentHandle    `cbor:"4,keyasint,omitempty"` // who let it lie in this lap, sorted; replaced, never changed

	// SinceMs is when the team got it, a person decided about it, or somebody answered:
	// no time before that counts. OfferedMs is when it was first offered in this
	// episode; 0: it is not.
	SinceMs   int64  `cbor:"5,keyasint,omitempty"`
	OfferedMs int64  `cbor:"6,keyasint,omitempty"`
	Seq       uint64 `cbor:"7,keyasint,omitempty"` // of its opening, which is its age in a queue; 0: as Opening says
	Given     uint8  `cbor:"8,keyasint,omitempty"` // how often it was given to somebody since it was opened; 255: more often
	Seen      bool   `cbor:"9,keyasint,omitempty"` // who has it has accepted, read or answered
}

// A DoneEscalation is a step that was done.
type DoneEscalation struct {
	Team    TeamHandle        `cbor:"1,keyasint"`
	Number  uint8             `cbor:"2,keyasint"` // of the step in the list of then, from 1
	AtMs    int64             `cbor:"3,keyasint"`
	Step    EscalationStep    `cbor:"4,keyasint"` // as it was then
	Outcome EscalationOutcome `cbor:"5,keyasint,omitempty"`
}

// MaxStepsOfEpisode bounds the steps that are done before somebody answers, however
// many teams have passed a conversation on. Behind it nothing is done.
const MaxStepsOfEpisode = 64

// escalates says whether a team has escalations. It costs nothing where none has.
func (t Teams) escalates(team TeamHandle) bool {
	if t.escalating.keys.Len() == 0 || team == 0 {
		return false
	}
	key, ok := first(t.escalating.From(team))
	return ok && key == team
}

// NextEscalation returns the step that is next for a conversation if nothing happens
// before, its number in the team's list from 1, and when it is due.
func NextEscalation(s *State, c Conversation) (step EscalationStep, number uint8, dueMs int64, ok bool) {
	e := c.Escalated
	if e == nil || c.Status != StatusOpen || e.Team != c.Assignment.Team || len(e.Done) >= MaxStepsOfEpisode {
		return step, 0, 0, false
	}
	team, _ := s.Teams.Get(e.Team)
	if team.Removed {
		return step, 0, 0, false
	}
	for i, one := range team.Escalations {
		since, counts := one.since(&c)
		since, fresh := e.turnOf(team, i, since)
		if due := since + one.AfterMs; counts && fresh && (!ok || due < dueMs) {
			step, number, dueMs, ok = one, uint8(i+1), due, true
		}
	}
	return step, number, dueMs, ok
}

// since returns when what a step waits for began; false: it is not so.
func (f EscalationStep) since(c *Conversation) (sinceMs int64, counts bool) {
	e, at := c.Escalated, &c.Assignment
	assigned := at.State == StateAssigned && !c.Lead && !(f.OnlyFirst && e.Given > 1)
	sinceMs = max(at.SinceMs, e.SinceMs)
	switch f.When {
	case WhenWaiting:
		return sinceMs, at.State == StateWaiting
	case WhenNoAcceptance:
		if e.OfferedMs != 0 {
			return e.OfferedMs, at.State == StateOffered || at.State == StateWaiting
		}
		return sinceMs, assigned && !e.Seen
	case WhenNoFirstReply:
		return sinceMs, assigned && !c.Talk.answered()
	case WhenNoReply:
		return max(sinceMs, c.Talk.SinceMs), assigned && c.Talk.SinceMs != 0
	}
	return 0, false
}

// answered says whether the customer has ever had an answer.
func (t *Talk) answered() bool {
	return t.FirstReplyMs != 0 || t.InboundMs == 0 && t.OutboundMs != 0
}

// turnOf says whether a step was not done yet. One that stands several times in the
// list is done as often, and its time counts from when it was done before: so it is
// tried again, and not at once.
func (e *Escalation) turnOf(team Team, step int, sinceMs int64) (int64, bool) {
	earlier := 0 // equal ones before it
	for _, one := range team.Escalations[:step] {
		if one == team.Escalations[step] {
			earlier++
		}
	}
	for _, done := range e.Done {
		if done.Team != team.Handle || done.Step != team.Escalations[step] {
			continue
		}
		if earlier--; earlier < 0 {
			return 0, false
		}
		sinceMs = max(sinceMs, done.AtMs)
	}
	return sinceMs, earlier == 0
}

// escalationsTo and escalationsToTeam name the escalations that would not work without
// an agent or a team.
func escalationsTo(s *State, agent AgentHandle) (list []string) {
	return escalationsNaming(s, func(f EscalationStep) bool { return f.Agent == agent })
}

func escalationsToTeam(s *State, team TeamHandle) (list []string) {
	return escalationsNaming(s, func(f EscalationStep) bool { return f.Team == team })
}

func escalationsNaming(s *State, names func(EscalationStep) bool) (list []string) {
	for handle := range s.Teams.escalating.From(0) {
		if team, _ := s.Teams.Get(handle); slices.ContainsFunc(team.Escalations, names) {
			list = append(list, "in the escalations of team "+quoted(team.ID))
		}
	}
	return list
}
