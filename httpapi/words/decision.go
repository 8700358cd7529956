package words

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// A story is a decision while it is told.
type story struct {
	state    *fsm.State
	rec      fsm.Record
	decision *fsm.Decision
	team     fsm.Team // as it was then, as far as that is kept
	preview  bool
	whole    bool // it is told with all that was before it
}

// Decision says what became of a conversation and why, as rec has it. rec must
// hold a decision; names are those of now, in state.
func Decision(state *fsm.State, rec fsm.Record) string {
	return moment(rec.TimeMs) + ". " + newStory(state, rec).tell()
}

// Preview says what would become of a conversation, as rec of a copy has it.
func Preview(state *fsm.State, rec fsm.Record) string {
	s := newStory(state, rec)
	s.preview = true
	return "A preview for " + moment(rec.TimeMs) + "; nothing has happened. " + s.tell()
}

func newStory(state *fsm.State, rec fsm.Record) story {
	return story{state: state, rec: rec, decision: rec.Decision, team: teamThen(state, rec.Team, rec.Seq)}
}

// teamThen returns a team as it was configured when item seq was done.
func teamThen(state *fsm.State, h fsm.TeamHandle, seq uint64) fsm.Team {
	now, _ := state.Teams.Get(h)
	kept, ok := state.Revisions.InForce(fsm.Subject{Noun: fsm.NounTeam, Handle: uint64(h)}, seq)
	if !ok {
		return now
	}
	then, err := fsm.RowOf[fsm.Team](kept)
	if err != nil {
		return now // a newer version packed it
	}
	return then
}

// tell says what triggered it, how it was decided, and what is odd about it.
func (s story) tell() string {
	kind := s.kind()
	how, known := kinds[kind]
	if !known {
		how = kindText{text: "It was decided by " + plain(kind) + ": {assignee} has it now."}
	}
	var text []string
	opening, asked := "", Ruled(s.state, s.decision)
	if how.say != nil {
		how.text = how.say(s)
	}
	switch {
	case how.alone, s.follows():
	case s.goesOn():
		asked = byRule(s.state, s.decision)
	default:
		off := s.setOff()
		said := trigger(off)
		opening = off.fill(said)
		if !arrivals[s.decision.Trigger.String()] {
			text = append(text, until(s, strings.Contains(said, "onversation}")))
		}
	}
	text = append(text, how.text)
	if isLead(s) && s.decision.Assignee != 0 && s.decision.Kind != fsm.DecidedOwner {
		text = append(text, "The contact is {assignee}'s from then on.")
	}
	for _, note := range s.decision.Notes {
		said, known := notes[note.String()]
		if !known {
			said = "Note: " + plain(note.String()) + "."
		}
		text = append(text, said)
	}
	said := slices.ContainsFunc(text, func(t string) bool { return strings.Contains(t, "{before}") })
	if before := s.decision.Before; before != 0 && before != s.decision.Assignee && !said {
		text = append(text, "Until then {before} had it.")
	}
	parts := slices.DeleteFunc([]string{opening, asked, s.fill(strings.Join(text, " "))}, func(t string) bool { return t == "" })
	return strings.Join(parts, " ") + reasonGiven(s)
}

// part finds what fill replaces.
var part = regexp.MustCompile(`\{[A-Za-z]+\}`)

// fill puts the parts in their places and leaves no gap where one is empty. Names
// are never looked at again, whatever they look like.
func (s story) fill(text string) string {
	text = strings.ReplaceAll(text, "{cause}", causeOf(s)) // it has parts itself
	if isLead(s) {
		text = nowhere.Replace(text)
	}
	text = part.ReplaceAllStringFunc(text, func(name string) string {
		if say, known := parts[name]; known {
			return say(s)
		}
		return name
	})
	return strings.Join(strings.Fields(text), " ")
}
