package fsm

import (
	"cmp"
	"iter"
	"strings"
)

// waiting are the indexes of what waits.
type waiting struct {
	queues Index[place, Conversation] // by team, as they are served
	lines  Index[stand, Conversation] // by team and line
	stages Index[stage, Conversation] // by chain of fallbacks
	ages   Index[age, Conversation]   // by team, the oldest first
	asking Tally[TeamHandle, Conversation]
}

func newWaiting() waiting {
	return waiting{
		newIndex(place.compare,
			func(c *Conversation) (place, bool) { return c.place(), c.Assignment.State == StateWaiting }),
		newIndex(stand.compare, func(c *Conversation) (stand, bool) {
			if c.Assignment.State != StateWaiting {
				return stand{}, false
			}
			return stand{lineOf(c), c.place()}, true
		}),
		newIndex(stage.compare, func(c *Conversation) (stage, bool) {
			return stage{c.Assignment.Progress, c.Handle}, c.Assignment.State == StateWaiting
		}),
		newIndex(age.compare, func(c *Conversation) (age, bool) {
			return age{c.Assignment.Team, c.Assignment.SinceMs, c.Handle}, c.Assignment.State == StateWaiting
		}),
		newTally(func(c *Conversation) (TeamHandle, bool) {
			return c.Assignment.Team, c.Assignment.State == StateWaiting && asksOf(c) != Asks{}
		}),
	}
}

func (w waiting) clone() waiting {
	return waiting{w.queues.clone(), w.lines.clone(), w.stages.clone(), w.ages.clone(), w.asking.clone()}
}

func (w waiting) move(old, row *Conversation) {
	w.queues.move(old, row)
	w.lines.move(old, row)
	w.stages.move(old, row)
	w.ages.move(old, row)
	w.asking.move(old, row)
}

// A line is what waits in a team and can be taken by the same agents, as far as
// the conversations themselves demand: of one inbox, with one requirement. Only
// the first of each line has to be looked at to see what can be served.
type line struct {
	inbox    InboxHandle
	desk     InboxHandle // that serves the reply, as long as it is there
	requires string      // canonical, with what it asks of the rotation, and who was asked
}

func lineOf(c *Conversation) line {
	return line{c.Inbox, c.RepliesTo.Inbox, requirementOf(c).text() + asksOf(c).text() + askedText(c.Asked)}
}

// A stand is a place in a line.
type stand struct {
	line
	place
}

func (s stand) compare(other stand) int {
	return cmp.Or(cmp.Compare(s.team, other.team), cmp.Compare(s.inbox, other.inbox), cmp.Compare(s.desk, other.desk),
		strings.Compare(s.requires, other.requires), s.place.compare(other.place))
}

func (s stage) compare(other stage) int {
	return cmp.Or(cmp.Compare(s.Chain, other.Chain), cmp.Compare(s.Step, other.Step),
		cmp.Compare(s.StepMs, other.StepMs), cmp.Compare(s.handle, other.handle))
}

// heads yields the first of each line of a team, as if one conversation were not
// there. It costs a search for each line.
func (w waiting) heads(team TeamHandle, without ConversationHandle) iter.Seq[stand] {
	return func(yield func(stand) bool) {
		from := stand{place: place{team: team}}
		for {
			head, ok := first(w.lines.From(from))
			switch {
			case !ok || head.team != team:
				return
			case head.handle == without:
				from = head
				from.handle++ // behind it in its line
				continue
			case !yield(head):
				return
			}
			from = stand{line{head.inbox, head.desk, head.requires + "\x00"}, place{team: team}}
		}
	}
}
