package fsm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A drawer draws numbers below n.
type drawer func(n int) int

// pseudo draws the same numbers in every run, for states too large to be drawn one
// by one.
func pseudo(seed uint64) drawer {
	return func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed >> 33 % uint64(n))
	}
}

// fill puts conversations that commands may not make yet, and contacts with owners.
func fill(s *State, n int, draw drawer) {
	for range 6 {
		h := ContactHandle(s.mint())
		s.Contacts.Put(Contact{Handle: h, ID: ContactID(fmt.Sprint("p", h)), Owner: AgentHandle(draw(3))})
	}
	for i := range n {
		h := ConversationHandle(s.mint())
		s.Conversations.Put(drawn(s, h, int64(1000+i/3*10), draw))
		if i%4 == 0 { // it changes, and the indexes with it
			s.Conversations.Put(drawn(s, h, int64(1000+i/3*10), draw))
		}
	}
}

func drawn(s *State, h ConversationHandle, openedMs int64, draw drawer) Conversation {
	c := Conversation{
		Handle: h, ID: ConversationID(fmt.Sprint("c", h)), Inbox: InboxHandle(draw(4)), Contact: ContactHandle(1 + draw(6)),
		Direction: Direction(draw(5) / 4), Status: ConversationStatus(draw(4)), OpenedMs: openedMs, Lead: draw(9) == 0,
	}
	if c.Assignment = (Assignment{State: AssignmentState(draw(6)), SinceMs: openedMs + int64(draw(50)), Team: TeamHandle(draw(4))}); c.Assignment.State == StateAssigned {
		c.Assignment.Assignee = AgentHandle(1 + draw(4))
	}
	if draw(3) == 0 {
		c.Priority = uint8(draw(4))
	}
	c.Talk = Talk{Unread: uint32(draw(3) / 2), InboundMs: openedMs + int64(draw(500))}
	for _, tag := range []string{"red", "green", "blue"} {
		if draw(4) == 0 {
			c.Tags = append(c.Tags, tag)
		}
	}
	slices.Sort(c.Tags)
	return c
}

// filters are questions by one field each.
var filters = map[string]func(w *Where, draw drawer){
	"assignee": func(w *Where, draw drawer) { w.Assignee = some[AgentHandle](draw, 0, 5) },
	"nobody":   func(w *Where, _ drawer) { w.Assignee = OneOf[AgentHandle](0) },
	"team":     func(w *Where, draw drawer) { w.Team = some[TeamHandle](draw, 1, 4) },
	"inbox":    func(w *Where, draw drawer) { w.Inbox = some[InboxHandle](draw, 0, 4) },
	"contact":  func(w *Where, draw drawer) { w.Contact = some[ContactHandle](draw, 1, 7) },
	"owner":    func(w *Where, draw drawer) { w.Owner = some[AgentHandle](draw, 0, 3) },
	"status":   func(w *Where, draw drawer) { w.Status = some[ConversationStatus](draw, 0, 4) },
	"state":    func(w *Where, draw drawer) { w.State = some[AssignmentState](draw, 0, 6) },
	"tag": func(w *Where, draw drawer) {
		w.Tags = append(w.Tags, OneOf([]string{"red", "green", "blue"}[draw(3):]...))
	},
	"priority": func(w *Where, draw drawer) { w.Priority = some[uint8](draw, 0, 4) },
	"unread":   func(w *Where, draw drawer) { w.Unread = OneOf(uint8(draw(2))) },
	"outbound": func(w *Where, draw drawer) { w.Outbound = OneOf(uint8(draw(2))) },
	"lead":     func(w *Where, draw drawer) { w.Lead = OneOf(uint8(draw(2))) },
	"from":     func(w *Where, draw drawer) { w.OpenedFromMs = int64(900 + draw(800)) },
	"before":   func(w *Where, draw drawer) { w.OpenedBeforeMs = int64(900 + draw(800)) },
}

func some[T ~uint8 | ~uint32 | ~uint64](draw drawer, least, beyond int) AnyOf[T] {
	var list []T
	for range 1 + draw(3) {
		list = append(list, T(least+draw(beyond-least)))
	}
	return OneOf(list...)
}

// dumbRows are all rows that are asked for, found the long way: by fields, without
// anything that the lists are made of.
func dumbRows(s *State, w Where) (list []Conversation) {
	has := func(asked bool, found bool) bool { return !asked || found }
	for c := range s.Conversations.All() {
		owner, _ := s.Contacts.Get(c.Contact)
		ok := has(w.Assignee != nil, slices.Contains(w.Assignee, c.Assignment.Assignee)) && has(w.Team != nil, slices.Contains(w.Team, c.Assignment.Team)) &&
			has(w.Inbox != nil, slices.Contains(w.Inbox, c.Inbox)) && has(w.Contact != nil, slices.Contains(w.Contact, c.Contact)) &&
			has(w.Owner != nil, slices.Contains(w.Owner, owner.Owner)) && has(w.Status != nil, slices.Contains(w.Status, c.Status)) &&
			has(w.State != nil, slices.Contains(w.State, c.Assignment.State)) && has(w.Priority != nil, slices.Contains(w.Priority, c.Priority)) &&
			has(w.Unread != nil, w.Unread != nil && (w.Unread[0] == 1) == (c.Talk.Unread > 0)) &&
			has(w.Outbound != nil, w.Outbound != nil && (w.Outbound[0] == 1) == (c.Direction == Outbound)) &&
			has(w.Lead != nil, w.Lead != nil && (w.Lead[0] == 1) == c.Lead) &&
			c.OpenedMs >= w.OpenedFromMs && has(w.OpenedBeforeMs != 0, c.OpenedMs < w.OpenedBeforeMs)
		for _, tags := range w.Tags {
			ok = ok && slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
		}
		if ok {
			list = append(list, c)
		}
	}
	return list
}

// A rowReader is what lists have in common.
type rowReader interface {
	Next() (Conversation, bool)
	Cut() bool
	Steps() int
}

// pages reads a list page by page, each of them beginning where the one before
// stood, until one is not cut short.
func pages(t interface{ Fatalf(string, ...any) }, limit int, begin func(last rowReader) rowReader) (ids []ConversationID) {
	var x rowReader
	for page := 0; ; page++ {
		if page > 20_000 {
			t.Fatalf("the pages do not end")
		}
		x = begin(x)
		for n := 0; ; n++ {
			if n == limit {
				break
			}
			row, ok := x.Next()
			if !ok && x.Cut() {
				break
			}
			if !ok {
				return ids
			}
			ids = append(ids, row.ID)
		}
	}
}

func idsOf(rows []Conversation, falling bool) (ids []ConversationID) {
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	if falling {
		slices.Reverse(ids)
	}
	return ids
}

func opened(s *State, w Where, falling bool, steps int) func(rowReader) rowReader {
	return func(last rowReader) rowReader {
		at := ConversationHandle(0)
		if falling {
			at = math.MaxUint64
		}
		if last != nil {
			at = last.(*Selection).At()
		}
		return Select(s, w, at, falling, steps)
	}
}

func recent(s *State, w Where, falling bool, steps int) func(rowReader) rowReader {
	return func(last rowReader) rowReader {
		at := FirstMoment
		if falling {
			at = LastMoment
		}
		if last != nil {
			at = last.(*Recent).At()
		}
		return SelectRecent(s, w, at, falling, steps)
	}
}

func urgent(s *State, w Where, steps int) func(rowReader) rowReader {
	return func(last rowReader) rowReader {
		priority, at := uint8(math.MaxUint8), ConversationHandle(0)
		if last != nil {
			priority, at = last.(*Urgent).At()
		}
		return SelectUrgent(s, w, priority, at, steps)
	}
}

// TestSelectionsAgreeWithADumbFilter: whatever is asked for, in whatever order and
// in pages of whatever size, however few steps each may take, is what somebody would
// find who looks at every row.
func TestSelectionsAgreeWithADumbFilter(t *testing.T) {
	names := sortedNames()
	rapid.Check(t, func(r *rapid.T) {
		s := NewState()
		draw := func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "n") }
		fill(s, 30+draw(60), pseudo(uint64(rapid.Uint32().Draw(r, "seed"))))
		for range 12 {
			var w Where
			for range draw(4) {
				filters[rapid.SampledFrom(names).Draw(r, "filter")](&w, draw)
			}
			falling := draw(2) == 0
			steps, limit := 1+draw(60), 1+draw(20)
			want := dumbRows(s, w)
			if got := pages(r, limit, opened(s, w, falling, steps)); !slices.Equal(got, idsOf(want, falling)) {
				r.Fatalf("%+v falling %v\ngot  %v\nwant %v", w, falling, got, idsOf(want, falling))
			}
			slices.SortFunc(want, func(a, b Conversation) int { return a.moment().compare(b.moment()) })
			if got := pages(r, limit, recent(s, w, falling, steps)); !slices.Equal(got, idsOf(want, falling)) {
				r.Fatalf("%+v by activity, falling %v\ngot  %v\nwant %v", w, falling, got, idsOf(want, falling))
			}
			slices.SortFunc(want, func(a, b Conversation) int {
				if a.Priority != b.Priority {
					return int(b.Priority) - int(a.Priority)
				}
				return int(a.Handle) - int(b.Handle)
			})
			if got := pages(r, limit, urgent(s, w, steps)); !slices.Equal(got, idsOf(want, false)) {
				r.Fatalf("%+v by priority\ngot  %v\nwant %v", w, got, idsOf(want, false))
			}
		}
		sameIndexes(r, s)
	})
}

// sameIndexes compares the indexes of conversations with those of a state to which
// the rows were put once.
func sameIndexes(r *rapid.T, s *State) {
	fresh := NewState()
	for c := range s.Conversations.All() {
		fresh.Conversations.Put(c)
	}
	a, b := s.Conversations, fresh.Conversations
	if got, want := fmt.Sprint(a.marks.keys.Items(), a.labels.keys.Items(), a.pulses.keys.Items(), a.ofTeam.keys.Items(), a.ofAssignee.keys.Items()),
		fmt.Sprint(b.marks.keys.Items(), b.labels.keys.Items(), b.pulses.keys.Items(), b.ofTeam.keys.Items(), b.ofAssignee.keys.Items()); got != want {
		r.Fatalf("the indexes have drifted:\nkept %s\nmade %s", got, want)
	}
}

func sortedNames() (names []string) {
	for name := range filters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestPagesLookAtFewRows: among 100,000 conversations a page by any two filters is
// full after a few hundred looks, where the filters let through what fills it, and
// no page ever takes more steps than it may, by any order.
func TestPagesLookAtFewRows(t *testing.T) {
	s := NewState()
	fill(s, 100_000, pseudo(7))
	const limit, most, slack = 50, 10_000, 2_000 // slack: to find the ways
	names := sortedNames()
	for i, one := range names {
		for _, other := range names[i:] {
			var w Where
			filters[one](&w, pseudo(uint64(i)))
			filters[other](&w, pseudo(uint64(i)+99))
			for order, begin := range map[string]func(rowReader) rowReader{"-opened_at": opened(s, w, true, most), "-activity": recent(s, w, true, most), "-priority": urgent(s, w, most)} {
				x, n := begin(nil), 0
				for n < limit {
					if _, ok := x.Next(); !ok {
						break
					}
					n++
				}
				bound := limit * 60
				if order == "-activity" {
					bound = 3 * most // it may sort a few thousand
				}
				if order == "-priority" || n < limit && !x.Cut() {
					bound = most
				}
				if x.Steps() > bound+slack || n < limit && x.Cut() {
					t.Errorf("%s and %s by %s: %d rows after %d steps, cut %v", one, other, order, n, x.Steps(), x.Cut())
				}
			}
		}
	}
}

// TestPagesOfNothing: two filters that never meet, row for row, are the worst there
// is. A page of them is cut, and the next one goes on.
func TestPagesOfNothing(t *testing.T) {
	s := NewState()
	const n, most = 20_000, 1000
	for i := range n {
		c := Conversation{Handle: ConversationHandle(s.mint()), Tags: []string{[]string{"even", "odd"}[i%2]}}
		c.ID = ConversationID(fmt.Sprint("c", c.Handle))
		s.Conversations.Put(c)
	}
	w := Where{Tags: []AnyOf[string]{OneOf("even"), OneOf("odd")}}
	looked, count := 0, 0
	begin := opened(s, w, false, most)
	if got := pages(t, 10, func(last rowReader) rowReader {
		x := begin(last)
		if last != nil {
			looked = max(looked, last.Steps())
			count++
		}
		return x
	}); len(got) > 0 || looked > most+10 || count < n/most-2 {
		t.Errorf("%d rows in %d pages of up to %d steps", len(got), count, looked)
	}
}
