package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A bustle is what people and programs do with contacts and conversations, in two
// inboxes of its own, of which a bot has one: bursts of messages, claims against
// automation, snoozes, handoffs, transfers, undoing, merging, erasing, following.
// One thing after the other is done until its outcome is known, and what is meant
// to meet is sent through several nodes at once, so that the log can be judged.
type bustle struct {
	*storm
	rng    *rand.Rand
	number int     // of the next burst or contest
	calls  int     // made one after the other
	guests []guest // whose bursts are over, and whom nobody has erased
}

// A guest is a contact, under every address that has become theirs.
type guest []string

// The world of a bustle: b0 supervises, the others are members.
const (
	bustleAgents = 4
	bustleBot    = fsm.AgentID("bbot")
)

var bustleInboxes = []fsm.InboxID{"bi", "bp"}

func bustler(i int) fsm.AgentID            { return fsm.AgentID(fmt.Sprintf("b%d", i)) }
func bustleKey(text string) fsm.Key        { return clientKey("bustle-" + text) }
func principalOf(agent fsm.AgentID) string { return "agent:" + string(agent) }

// Nothing else in a world has such an address, such a name or such a value.
func guestAddress(n int) string { return fmt.Sprintf("zq%05d@guests.test", n) }
func guestName(n int) string    { return fmt.Sprintf("Zq%05d Quetzalcoatl", n) }
func guestWish(n int) string    { return fmt.Sprintf("wants-zq%05d-back", n) }

func burstMessage(burst, message int) string    { return fmt.Sprintf("burst-%05d-%d", burst, message) }
func contestKey(number int, side string) string { return fmt.Sprintf("contest-%d-%s", number, side) }

const (
	sideClaim = "claim"
	sideAgent = "assign" // by automation that names the decision it knows
)

func (b *bustle) run(load context.Context) {
	for _, c := range b.world() {
		b.ask("system:test", c)
	}
	for ; load.Err() == nil; sleep(load, time.Duration(b.rng.IntN(400))*time.Millisecond) {
		switch b.rng.IntN(10) {
		case 0, 1:
			b.burst(load)
		case 2:
			b.contest()
		default:
			b.act()
		}
	}
}

func (b *bustle) world() (list []fsm.Command) {
	put := func(id fsm.AgentID, kind, role string) {
		list = append(list, fsm.PutAgent{ID: id, Name: string(id), Kind: kind, Role: role, SortKey: sortKey(string(id)), Collation: collation.Version})
	}
	put(bustleBot, "bot", "agent")
	put(bustler(0), "person", "supervisor")
	soon := uint32(2)
	one := fsm.PutTeam{ID: "b1", Name: "One", Supervisors: []fsm.ListedAgent{{Agent: bustler(0)}}, HeldAlertSeconds: &soon}
	for i := 1; i < bustleAgents; i++ {
		put(bustler(i), "person", "agent")
		one.Members = append(one.Members, fsm.TeamMember{Agent: bustler(i)})
		list = append(list, fsm.PutPresence{Agent: bustler(i), Status: "available"})
	}
	two := one
	two.ID, two.Name, two.Members = "b2", "Two", one.Members[1:]
	off := false
	deaf := &fsm.ChannelPreferences{List: &off, Stream: &off, Webhook: &off}
	return append(list, one, two,
		fsm.PutInbox{ID: bustleInboxes[0], Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "b1"}},
		fsm.PutInbox{ID: bustleInboxes[1], Name: "Bot's", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "b1", Bot: bustleBot}},
		fsm.PutPreferences{Agent: bustler(2), Notifications: fsm.NoticePreferences{Message: &fsm.ChannelPreferences{List: &off}}},
		fsm.PutPreferences{Agent: bustler(3), Notifications: fsm.NoticePreferences{Followed: deaf}})
}

// ask does one thing until its outcome is known.
func (b *bustle) ask(principal string, c fsm.Command) fsm.Outcome {
	b.calls++
	return b.send(b.rng.IntN(len(b.nodes)), principal, c, fmt.Sprint(b.calls))
}

// send asks for something until its outcome is known, first at the node with that
// number, and with one key always. It may run in several goroutines.
func (b *bustle) send(first int, principal string, c fsm.Command, key string) fsm.Outcome {
	for at := first; b.ctx.Err() == nil; at++ {
		if node := b.nodes[at%len(b.nodes)].life.Load(); node != nil {
			attempt, cancel := context.WithTimeout(b.ctx, 700*time.Millisecond)
			outcome, _, err := node.group.Propose(attempt, fsm.NewItem(c, principal, "", bustleKey(key)))
			cancel()
			if err == nil && !isExpired(outcome) {
				return outcome
			}
		}
		sleep(b.ctx, 5*time.Millisecond)
	}
	b.history.accuse("bustle %s %T: no outcome until the end", key, c)
	return fsm.Outcome{Result: fsm.Result{}, Rejection: &fsm.Rejection{}}
}

// burst is somebody unknown who writes several times within an instant, or within
// half a second; each message arrives at another node, and one of them twice.
func (b *bustle) burst(load context.Context) {
	number, inbox := b.number, bustleInboxes[b.rng.IntN(3)/2]
	b.number++
	within := []time.Duration{time.Millisecond, time.Millisecond, 600 * time.Millisecond}[b.rng.IntN(3)]
	deliver := func(message, at int, after time.Duration) func() {
		c := fsm.ReceiveMessage{Inbox: inbox, ID: burstMessage(number, message),
			From:          fsm.Sender{Address: guestAddress(number), Name: guestName(number)},
			MintedContact: fsm.ContactID(fmt.Sprintf("bc%d-%d", number, at)), MintedID: fsm.ConversationID(fmt.Sprintf("bm%d-%d", number, at))}
		return func() {
			sleep(load, after)
			b.send(at, "connector:test", c, c.ID)
		}
	}
	var arriving sync.WaitGroup
	for i := range 3 + b.rng.IntN(2) {
		arriving.Go(deliver(i, i, time.Duration(b.rng.Int64N(int64(within)))))
	}
	arriving.Go(deliver(0, 1, 0))
	arriving.Wait()
	b.guests = append(b.guests, guest{guestAddress(number)})
}

// contest lets a person claim what a person has given up, while programs want to
// give it to somebody: one that knows the newest decision, one that knows an older
// one, and one that knows nothing.
func (b *bustle) contest() {
	c, ok := b.newest(func(c fsm.Conversation) bool { return c.Status == fsm.StatusOpen })
	if !ok {
		return
	}
	before := b.decision(c)
	given := b.ask(principalOf(bustler(0)), fsm.UnassignConversation{Conversation: c.ID})
	if given.Rejection != nil {
		return
	}
	number, claimer := b.number, 1+b.rng.IntN(2)
	b.number++
	var meeting sync.WaitGroup
	side := func(side, principal string, c fsm.Command) {
		at, after := b.rng.IntN(len(b.nodes)), time.Duration(b.rng.IntN(20))*time.Millisecond
		meeting.Go(func() {
			sleep(b.ctx, after)
			b.send(at, principal, c, contestKey(number, side))
		})
	}
	assign := func(decision string) fsm.Command {
		return fsm.AssignConversation{Conversation: c.ID, Agent: bustler(3), IfDecision: decision}
	}
	side(sideClaim, principalOf(bustler(claimer)), fsm.ClaimConversation{Conversation: c.ID, Agent: bustler(claimer)})
	side(sideAgent, "system:robot", assign(given.Decision.String()))
	side("blind", "system:blind", assign(""))
	if before != given.Decision {
		side("late", "system:late", assign(before.String()))
	}
	meeting.Wait()
}

func (b *bustle) decision(c fsm.Conversation) fsm.RecordID {
	rec, _ := b.alive(b.rng).group.Latest().Records.At(c.Decided)
	return rec.ID
}

// newest returns one of the newest conversations of guests that a node knows.
func (b *bustle) newest(fits func(fsm.Conversation) bool) (fsm.Conversation, bool) {
	state := b.alive(b.rng).group.Latest()
	for range min(len(b.guests), 8) {
		of := b.guests[len(b.guests)-1-b.rng.IntN(min(len(b.guests), 12))]
		contact, _ := state.Contacts.ByAddress(of[0])
		for i := range bustleInboxes {
			inbox, _ := state.Inboxes.ByID(bustleInboxes[(i+len(b.guests))%len(bustleInboxes)])
			if c, ok := state.Conversations.LatestOf(contact.Handle, inbox.Handle); ok && fits(c) {
				return c, true
			}
		}
	}
	return fsm.Conversation{}, false
}

// act does one thing of those that people do all day.
func (b *bustle) act() {
	someone := bustler(1 + b.rng.IntN(bustleAgents-1))
	if b.rng.IntN(5) == 0 {
		status := []string{"available", "available", "away"}[b.rng.IntN(3)]
		b.ask(principalOf(someone), fsm.PutPresence{Agent: someone, Status: status})
		return
	}
	if len(b.guests) < 3 {
		return
	}
	if b.rng.IntN(3) == 0 {
		b.withContacts(someone)
		return
	}
	c, ok := b.newest(func(fsm.Conversation) bool { return true })
	if !ok {
		return
	}
	principal := []string{principalOf(someone), principalOf(bustler(0)), "system:robot"}[b.rng.IntN(3)]
	b.ask(principal, b.draw(c, someone))
}

func (b *bustle) draw(c fsm.Conversation, someone fsm.AgentID) fsm.Command {
	switch b.rng.IntN(14) {
	case 0, 1:
		return fsm.CloseConversation{Conversation: c.ID}
	case 2:
		return fsm.ReopenConversation{Conversation: c.ID}
	case 3, 4:
		until := time.Now().Add(time.Duration(1+b.rng.IntN(5)) * time.Second)
		return fsm.SnoozeConversation{Conversation: c.ID, Until: until.UTC().Format(time.RFC3339)}
	case 5, 6:
		return fsm.HandOffConversation{Conversation: c.ID}
	case 7:
		return fsm.RequeueConversation{Conversation: c.ID}
	case 8:
		return fsm.AssignConversation{Conversation: c.ID, Agent: someone}
	case 9:
		return fsm.TransferConversation{Conversation: c.ID, Team: []fsm.TeamID{"b1", "b2"}[b.rng.IntN(2)]}
	case 10:
		return fsm.UndoDecision{Decision: b.decision(c).String()}
	case 11:
		return fsm.UnassignConversation{Conversation: c.ID}
	default:
		return fsm.FollowConversation{Conversation: c.ID, Agent: someone}
	}
}

// withContacts does something about the guests themselves, who write again most of
// the time: that wakes or opens what they have.
func (b *bustle) withContacts(someone fsm.AgentID) {
	state := b.alive(b.rng).group.Latest()
	at := max(0, len(b.guests)-1-b.rng.IntN(12))
	one := b.guests[at]
	contact, _ := state.Contacts.ByAddress(one[0])
	switch dice := b.rng.IntN(20); {
	case dice < 2:
		b.guests = slices.Delete(b.guests, at, at+1)
		b.ask(principalOf(bustler(0)), fsm.EraseContact{Contact: contact.ID})
	case dice < 5 && at > 0 && len(one) < 5:
		into, _ := state.Contacts.ByAddress(b.guests[at-1][0])
		if b.ask(principalOf(bustler(0)), fsm.MergeContacts{Contact: into.ID, From: contact.ID}).Rejection == nil {
			b.guests[at-1] = slices.Concat(b.guests[at-1], one)
			b.guests = slices.Delete(b.guests, at, at+1)
		}
	case dice < 7:
		b.ask("system:test", fsm.OpenConversation{MintedID: fsm.ConversationID(fmt.Sprintf("bo%d", b.calls)), Inbox: bustleInboxes[0],
			Contact: contact.ID, Attributes: map[string]string{"wish": wishOf(one)}})
	case dice < 12:
		b.ask(principalOf(someone), fsm.FollowContact{Contact: contact.ID, Agent: someone})
	case dice < 13:
		b.ask(principalOf(someone), fsm.UnfollowContact{Contact: contact.ID, Agent: someone})
	default:
		b.ask("connector:test", fsm.ReceiveMessage{Inbox: bustleInboxes[0], ID: fmt.Sprintf("again-%d", b.calls),
			From:          fsm.Sender{Address: one[b.rng.IntN(len(one))]},
			MintedContact: fsm.ContactID(fmt.Sprintf("ba%d", b.calls)), MintedID: fsm.ConversationID(fmt.Sprintf("bn%d", b.calls))})
	}
}

// wishOf is a value that tells of one guest only.
func wishOf(one guest) string {
	var number int
	_, _ = fmt.Sscanf(one[0], "zq%05d@", &number)
	return guestWish(number)
}
