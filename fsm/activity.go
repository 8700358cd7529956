package fsm

import (
	"cmp"
	"math"
	"slices"
)

// ActivityMs is when somebody last did something about c: when it was opened, when
// the customer or somebody of the company last wrote, when its assignment last
// changed, or when it was closed, whichever is latest. Marks of reading, tags and
// priorities are no activity.
func (c *Conversation) ActivityMs() int64 {
	return max(c.OpenedMs, c.Talk.InboundMs, c.Talk.OutboundMs, c.Assignment.SinceMs, c.ClosedMs)
}

// A pulse is the last activity of a conversation: among all, and, unless it is
// closed, among those of its team that somebody has, or that nobody has, and, if
// nobody has it, among those of all teams.
type pulse struct {
	team     TeamHandle // 0: among all
	assigned bool       // of no team: among what nobody has, see unclaimed
	ms       int64
	handle   ConversationHandle
}

func (p pulse) compare(other pulse) int {
	if c := cmp.Compare(p.team, other.team); c != 0 {
		return c
	}
	if p.assigned != other.assigned {
		if other.assigned {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(p.ms, other.ms), cmp.Compare(p.handle, other.handle))
}

// unclaimed are the pulses of all that nobody has and that is not closed. Nothing
// that somebody has is without a team's pulses, so the place is free.
var unclaimed = pulseSource{team: 0, assigned: true}

func (c *Conversation) appendPulses(to []pulse) []pulse {
	ms := c.ActivityMs()
	to = append(to, pulse{0, false, ms, c.Handle})
	if team := c.Assignment.Team; team != 0 && c.Status != StatusClosed {
		to = append(to, pulse{team, c.Assignment.Assignee != 0, ms, c.Handle})
	}
	if c.Assignment.Assignee == 0 && c.Status != StatusClosed {
		to = append(to, pulse{unclaimed.team, unclaimed.assigned, ms, c.Handle})
	}
	return to
}

// Lists by activity are of two kinds. What few are asked for is collected along the
// ways of its filters, and sorted. Otherwise the pulses are followed, of the teams
// asked for if it is not closed, and of all else, and rows are judged one by one:
// where many are asked for, they are found soon.

// maxCollected is how many conversations are sorted for a list by activity.
const maxCollected = 2000

// A Recent is the conversations of a state that are asked for, in the order of their
// last activity, or the falling one. It is read once, by one goroutine.
type Recent struct {
	state     *State
	where     Where
	falling   bool
	at        Moment
	collected []Conversation // nil: the pulses are followed
	sources   []pulseSource
	most      int
	steps     int
	done      bool
}

// A Moment is a place in the order of activity.
type Moment struct {
	Ms     int64
	Handle ConversationHandle
}

func (m Moment) compare(other Moment) int {
	return cmp.Or(cmp.Compare(m.Ms, other.Ms), cmp.Compare(m.Handle, other.Handle))
}

// FirstMoment is before all others, and LastMoment behind.
var (
	FirstMoment = Moment{math.MinInt64, 0}
	LastMoment  = Moment{math.MaxInt64, math.MaxUint64}
)

// SelectRecent returns the conversations of s that are asked for, behind after, within so
// many steps, as Select does.
func SelectRecent(s *State, w Where, after Moment, falling bool, most int) *Recent {
	x := &Recent{state: s, where: w, falling: falling, at: after, most: most}
	if x.collect() {
		return x
	}
	x.sources = x.pulses()
	x.most += x.steps
	return x
}

// pulses returns sources that are enough.
func (x *Recent) pulses() (sources []pulseSource) {
	free, had := x.where.acceptsLive(false), x.where.acceptsLive(true)
	switch w := &x.where; {
	case w.acceptsClosed() || had && (w.Team == nil || len(w.Team) > wideWay/2 || w.Team.Has(0)):
		return []pulseSource{{}}
	case w.Team == nil || len(w.Team) > wideWay/2 || w.Team.Has(0):
		return []pulseSource{unclaimed}
	}
	for _, team := range x.where.Team {
		if free {
			sources = append(sources, pulseSource{team: team})
		}
		if had {
			sources = append(sources, pulseSource{team: team, assigned: true})
		}
	}
	return sources
}

// collect reads all that is asked for and sorts it, if it is not too much.
func (x *Recent) collect() bool {
	start := ConversationHandle(0)
	all := Select(x.state, x.where, start, false, x.most)
	if !all.narrow() {
		return false
	}
	list := []Conversation{}
	for row, ok := all.Next(); ok; row, ok = all.Next() {
		if len(list) == maxCollected {
			x.steps = all.steps
			return false
		}
		list = append(list, row)
	}
	if x.steps = all.steps; all.Cut() {
		return false
	}
	slices.SortFunc(list, func(a, b Conversation) int {
		if x.falling {
			a, b = b, a
		}
		return a.moment().compare(b.moment())
	})
	x.collected = list
	return true
}

func (c *Conversation) moment() Moment { return Moment{c.ActivityMs(), c.Handle} }

// Next returns the next conversation, or false at the end and out of steps.
func (x *Recent) Next() (Conversation, bool) {
	for x.collected != nil {
		if len(x.collected) == 0 {
			x.done = true
			return Conversation{}, false
		}
		row := x.collected[0]
		x.collected = x.collected[1:]
		if x.isBehind(row.moment(), x.at) {
			x.at = row.moment()
			return row, true
		}
	}
	for !x.done && x.steps < x.most {
		at, ok := x.nextPulse()
		if !ok {
			x.done = true
			break
		}
		x.at = at
		x.steps++
		if row, ok := x.state.Conversations.Get(at.Handle); ok && x.where.Keeps(x.state, &row) {
			return row, true
		}
	}
	return Conversation{}, false
}

func (x *Recent) isBehind(a, b Moment) bool {
	if x.falling {
		return a.compare(b) < 0
	}
	return a.compare(b) > 0
}

// A pulseSource is the pulses of a team that somebody has, or that nobody has; of no
// team, of all.
type pulseSource struct {
	team     TeamHandle
	assigned bool
	head     Moment
	known    bool
	ended    bool
}

// nextPulse returns the first pulse of all sources behind where the list stands.
func (x *Recent) nextPulse() (best Moment, found bool) {
	for i := range x.sources {
		source := &x.sources[i]
		if !source.ended && (!source.known || !x.isBehind(source.head, x.at)) {
			x.steps++
			x.advance(source)
		}
		if !source.ended && (!found || x.isBehind(best, source.head)) {
			best, found = source.head, true
		}
	}
	return best, found
}

func (x *Recent) advance(source *pulseSource) {
	index := x.state.Conversations.pulses
	from := pulse{source.team, source.assigned, x.at.Ms, x.at.Handle}
	keys := index.From(from)
	if x.falling {
		keys = index.Back(from)
	}
	source.known, source.ended = true, true
	for key := range keys {
		if key == from {
			continue // there it stands
		}
		source.head = Moment{key.ms, key.handle}
		source.ended = key.team != source.team || key.assigned != source.assigned
		return
	}
}

// Cut says whether the list has run out of steps: another one goes on behind At.
func (x *Recent) Cut() bool { return !x.done && x.collected == nil && x.steps >= x.most }

// At is the place behind which the list goes on.
func (x *Recent) At() Moment { return x.at }

// Steps is how often the list has looked into an index or at a row.
func (x *Recent) Steps() int { return x.steps }

// Urgent is a list by priority, the highest first, and by age.
type Urgent struct {
	state    *State
	where    Where
	priority uint8
	rest     *Selection
	most     int
	steps    int // of the selections before
	done     bool
}

// SelectUrgent returns the conversations of s that are asked for, the most urgent first and
// then the oldest, behind the one of a priority and a handle, within so many steps.
// The first is behind math.MaxUint8 and 0.
func SelectUrgent(s *State, w Where, priority uint8, after ConversationHandle, most int) *Urgent {
	x := &Urgent{state: s, where: w, most: most}
	x.begin(priority, after)
	return x
}

// begin selects what has a priority, or the next lower one that there is.
func (x *Urgent) begin(priority uint8, after ConversationHandle) {
	x.steps++
	key, ok := first(x.state.Conversations.marks.Back(shelf{markTraits, phase(lastTraits(priority)), math.MaxUint64}))
	found := uint8(0)
	if ok && key.owner == markTraits {
		found = traits(key.phase).priority()
	}
	if found != priority {
		after = 0
	}
	w := x.where
	w.Priority = w.Priority.And(OneOf(found))
	x.priority = found
	x.rest = Select(x.state, w, after, false, max(x.most-x.steps, 1))
}

// Next returns the next conversation, or false at the end and out of steps.
func (x *Urgent) Next() (Conversation, bool) {
	for {
		row, ok := x.rest.Next()
		switch {
		case ok:
			return row, true
		case x.rest.Cut():
			return row, false
		case x.priority == 0:
			x.done = true
			return row, false
		}
		x.steps += x.rest.steps
		x.begin(x.priority-1, 0)
	}
}

// Cut says whether the list has run out of steps: another one goes on behind At.
func (x *Urgent) Cut() bool { return !x.done && x.rest.Cut() }

// At is the place behind which the list goes on.
func (x *Urgent) At() (priority uint8, handle ConversationHandle) { return x.priority, x.rest.at }

// Steps is how often the list has looked into an index or at a row.
func (x *Urgent) Steps() int { return x.steps + x.rest.steps }
