package fsm

import (
	"fmt"
	"testing"
)

// mostly fills a state with n conversations of two kinds: the first few are rare, all
// others common. Each has a contact of its own.
func mostly(n, few int, rare, common func(*Conversation)) *State {
	s := NewState()
	for i := range n {
		c := Conversation{Handle: ConversationHandle(s.mint()), Inbox: 1, OpenedMs: int64(1000 + i)}
		c.Contact = ContactHandle(c.Handle)
		c.ID = ConversationID(fmt.Sprint("c", c.Handle))
		p := Contact{Handle: c.Contact, ID: ContactID(fmt.Sprint("p", c.Handle)), Owner: 8}
		if i < few {
			p.Owner = 9
			rare(&c)
		} else {
			common(&c)
		}
		s.Contacts.Put(p)
		s.Conversations.Put(c)
	}
	return s
}

func over(c *Conversation) {
	c.Status, c.ClosedMs, c.Assignment = StatusClosed, c.OpenedMs+5, Assignment{State: StateAssigned, Assignee: 1, Team: 1, SinceMs: c.OpenedMs}
}

func current(c *Conversation) {
	c.Assignment = Assignment{State: StateAssigned, Assignee: 1, Team: 1, SinceMs: c.OpenedMs}
}

func waits(c *Conversation) {
	c.Status, c.ClosedMs, c.Assignment = StatusOpen, 0, Assignment{State: StateWaiting, Team: 1, SinceMs: c.OpenedMs, QueueSeq: 1}
}

// rarities are filters, each alone, of which few conversations are asked for, and all
// those the oldest.
var rarities = map[string]struct {
	rare, common func(*Conversation)
	where        Where
}{
	"open":       {current, over, Where{Status: OneOf(StatusOpen)}},
	"closed":     {over, current, Where{Status: OneOf(StatusClosed)}},
	"not open":   {over, current, Where{Status: OneOf(StatusClosed, StatusPending, StatusSnoozed)}},
	"snoozed":    {func(c *Conversation) { c.Status = StatusSnoozed }, current, Where{Status: OneOf(StatusSnoozed)}},
	"waiting":    {waits, over, Where{State: OneOf(StateWaiting)}},
	"assigned":   {current, waits, Where{State: OneOf(StateAssigned)}},
	"nobody's":   {waits, over, Where{Assignee: OneOf[AgentHandle](0)}},
	"somebody's": {func(c *Conversation) { over(c); c.Assignment.Assignee = 2 }, over, Where{Assignee: OneOf[AgentHandle](2)}},
	"team":       {func(c *Conversation) { over(c); c.Assignment.Team = 2 }, over, Where{Team: OneOf[TeamHandle](2)}},
	"inbox":      {func(c *Conversation) { c.Inbox = 2 }, over, Where{Inbox: OneOf[InboxHandle](2)}},
	"contact":    {over, over, Where{Contact: OneOf[ContactHandle](1, 2, 3, 4, 5, 6)}},
	"owner":      {over, over, Where{Owner: OneOf[AgentHandle](9)}},
	"tag":        {func(c *Conversation) { c.Tags = []string{"vip"} }, over, Where{Tags: []AnyOf[string]{OneOf("vip")}}},
	"urgent":     {func(c *Conversation) { c.Priority = 9 }, over, Where{Priority: OneOf[uint8](9)}},
	"not urgent": {func(c *Conversation) { c.Priority = 0 }, func(c *Conversation) { over(c); c.Priority = 9 }, Where{Priority: OneOf[uint8](0)}},
	"unread":     {func(c *Conversation) { c.Talk.Unread = 1 }, over, Where{WhereMarked: WhereMarked{Unread: OneOf[uint8](1)}}},
	"read":       {func(c *Conversation) { c.Talk.Unread = 0 }, func(c *Conversation) { c.Talk.Unread = 2 }, Where{WhereMarked: WhereMarked{Unread: OneOf[uint8](0)}}},
	"outbound":   {func(c *Conversation) { c.Direction = Outbound }, over, Where{WhereMarked: WhereMarked{Outbound: OneOf[uint8](1)}}},
	"inbound":    {func(c *Conversation) { c.Direction = Inbound }, func(c *Conversation) { c.Direction = Outbound }, Where{WhereMarked: WhereMarked{Outbound: OneOf[uint8](0)}}},
	"leads":      {func(c *Conversation) { c.Lead = true }, over, Where{WhereMarked: WhereMarked{Lead: OneOf[uint8](1)}}},
	"no leads":   {func(c *Conversation) { c.Lead = false }, func(c *Conversation) { c.Lead = true }, Where{WhereMarked: WhereMarked{Lead: OneOf[uint8](0)}}},
	"old":        {over, over, Where{WhereMarked: WhereMarked{OpenedBeforeMs: 1006}}},

	// Those of the built-in views that have more than one.
	"unassigned": {waits, over, Where{Assignee: OneOf[AgentHandle](0), Status: OneOf(StatusOpen), State: OneOf(StateWaiting, StateHeld, StateManual)}},
	"replies": {func(c *Conversation) { c.Direction, c.Assignment.State = Outbound, StateOutbound }, over,
		Where{Status: OneOf(StatusOpen), State: OneOf(StateOutbound)}},
	"held": {func(c *Conversation) { waits(c); c.Assignment.State = StateHeld }, over, Where{Status: OneOf(StatusOpen), State: OneOf(StateHeld)}},
	"following": {current, current, Where{Contact: OneOf[ContactHandle](1, 2, 3, 4, 5, 6, 7, 8, 9),
		Status: OneOf(StatusOpen, StatusPending, StatusSnoozed)}},
	"following much": {current, current, Where{Contact: contactsUpTo(300), Status: OneOf(StatusOpen), WhereMarked: WhereMarked{OpenedBeforeMs: 1006}}},
}

func contactsUpTo(n ContactHandle) AnyOf[ContactHandle] {
	list := AnyOf[ContactHandle]{}
	for h := range n {
		list = append(list, h+1)
	}
	return list
}

// TestRareThingsAreFoundAtOnce: whatever one asks for by one filter or one of the
// built-in views, the first page has it all after a few looks, in every order, also
// where it is what nearly all others are in other companies.
func TestRareThingsAreFoundAtOnce(t *testing.T) {
	const rows, few, most, enough = 15_000, 6, 10_000, 400
	for name, r := range rarities {
		s := mostly(rows, few, r.rare, r.common)
		want := dumbRows(s, r.where)
		if len(want) < few || len(want) > 10 {
			t.Fatalf("%s: there are %d", name, len(want))
		}
		for order, x := range map[string]rowReader{"opened_at": opened(s, r.where, false, most)(nil), "-opened_at": opened(s, r.where, true, most)(nil),
			"-activity": recent(s, r.where, true, most)(nil), "-priority": urgent(s, r.where, most)(nil)} {
			n := 0
			for _, ok := x.Next(); ok; _, ok = x.Next() {
				n++
			}
			looks := enough
			if len(r.where.Contact) > 100 {
				looks = 5 * len(r.where.Contact)
			}
			if n != len(want) || x.Cut() || x.Steps() > looks {
				t.Errorf("%s by %s: %d of %d after %d steps, cut %v", name, order, n, len(want), x.Steps(), x.Cut())
			}
		}
	}
}

// TestManyOfAFewAreFoundAlongPulses: what nobody has is too much to be sorted, and
// next to nothing of all there is. By activity a page of it is full all the same.
func TestManyOfAFewAreFoundAlongPulses(t *testing.T) {
	s := mostly(30_000, maxCollected+500, waits, over)
	r := rarities["unassigned"]
	for _, w := range []Where{r.where, {State: r.where.State, Status: r.where.Status}} {
		x, n := SelectRecent(s, w, LastMoment, true, 10_000), 0
		for n < 200 {
			if _, ok := x.Next(); !ok {
				break
			}
			n++
		}
		if n < 200 || x.collected != nil {
			t.Errorf("%d rows after %d steps, cut %v", n, x.Steps(), x.Cut())
		}
	}
}
