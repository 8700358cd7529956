package fsm

import (
	"cmp"
	"iter"
	"slices"
)

// Limits of following.
const (
	MaxFollowers = 100    // of a contact
	MaxFollowing = 10_000 // contacts that an agent follows

	// unfollowedAtOnce is how many contacts one step lets a removed agent go from.
	unfollowedAtOnce = 64
)

// A Follow is that an agent is told of what a contact writes, whoever has the
// conversation (S4.24). It is kept for the contact, through whatever it was asked
// for (S4.30).
type Follow struct {
	Contact ContactHandle `cbor:"1,keyasint"`
	Agent   AgentHandle   `cbor:"2,keyasint"`
	SinceMs int64         `cbor:"3,keyasint"`
}

// Followers is the table of them.
type Followers struct {
	Table[followKey, Follow]
	ofAgent   Index[following, Follow]
	following Tally[AgentHandle, Follow]
}

type followKey struct {
	contact ContactHandle
	agent   AgentHandle
}

type following struct {
	agent   AgentHandle
	contact ContactHandle
}

func newFollowers() Followers {
	return Followers{
		newTable[followKey, Follow](func(a, b followKey) int {
			return cmp.Or(cmp.Compare(a.contact, b.contact), cmp.Compare(a.agent, b.agent))
		}),
		newIndex(
			func(a, b following) int {
				return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.contact, b.contact))
			},
			func(f *Follow) (following, bool) { return following{f.Agent, f.Contact}, true }),
		newTally(func(f *Follow) (AgentHandle, bool) { return f.Agent, true }),
	}
}

func (t Followers) clone() Followers {
	return Followers{t.Table.clone(), t.ofAgent.clone(), t.following.clone()}
}

// Put stores row under its contact and agent.
func (t Followers) Put(row Follow) {
	old := t.set(followKey{row.Contact, row.Agent}, &row)
	t.ofAgent.move(old, &row)
	t.following.move(old, &row)
}

// Delete ends a following; one that is not there is no mistake.
func (t Followers) Delete(contact ContactHandle, agent AgentHandle) {
	old := t.remove(followKey{contact, agent})
	t.ofAgent.move(old, nil)
	t.following.move(old, nil)
}

// Following returns how an agent follows a contact.
func (t Followers) Following(contact ContactHandle, agent AgentHandle) (Follow, bool) {
	return t.Get(followKey{contact, agent})
}

// Of yields the followers of a contact, in the order in which they became agents.
func (t Followers) Of(contact ContactHandle) iter.Seq[AgentHandle] {
	return func(yield func(AgentHandle) bool) {
		for row := range t.OfFrom(contact, 0) {
			if !yield(row.Agent) {
				return
			}
		}
	}
}

// OfFrom yields how a contact is followed, beginning at the first agent who is not
// before agent.
func (t Followers) OfFrom(contact ContactHandle, agent AgentHandle) iter.Seq[Follow] {
	return func(yield func(Follow) bool) {
		for row := range t.From(followKey{contact, agent}) {
			if row.Contact != contact || !yield(row) {
				return
			}
		}
	}
}

// FollowedBy yields the contacts that an agent follows, in the order in which they
// came to be, beginning at the first that is not before contact.
func (t Followers) FollowedBy(agent AgentHandle, contact ContactHandle) iter.Seq[ContactHandle] {
	return func(yield func(ContactHandle) bool) {
		for key := range t.ofAgent.From(following{agent, contact}) {
			if key.agent != agent || !yield(key.contact) {
				return
			}
		}
	}
}

// FollowedBack yields them in falling order, beginning at the last that is not
// behind contact.
func (t Followers) FollowedBack(agent AgentHandle, contact ContactHandle) iter.Seq[ContactHandle] {
	return func(yield func(ContactHandle) bool) {
		for key := range t.ofAgent.Back(following{agent, contact}) {
			if key.agent != agent || !yield(key.contact) {
				return
			}
		}
	}
}

// countOf returns how many follow a contact.
func (t Followers) countOf(contact ContactHandle) (n int) {
	for range t.Of(contact) {
		n++
	}
	return n
}

// unfollowAll lets a contact be followed by nobody: it is erased. The record of
// that says so.
func unfollowAll(tx *Tx, contact ContactHandle) {
	for _, agent := range slices.Collect(tx.Followers.Of(contact)) {
		tx.Followers.Delete(contact, agent)
	}
}

// moveFollowers makes the followers of a contact those of another: it is merged
// into that. Who followed the other already does so as before; of the rest those
// come for whom there is room. The record of the merge says so.
func moveFollowers(tx *Tx, from, to ContactHandle) {
	room := MaxFollowers - tx.Followers.countOf(to)
	for _, row := range slices.Collect(tx.Followers.OfFrom(from, 0)) {
		tx.Followers.Delete(from, row.Agent)
		if _, already := tx.Followers.Following(to, row.Agent); already || room <= 0 {
			continue
		}
		row.Contact = to
		tx.Followers.Put(row)
		room--
	}
}

// stopFollowing takes an agent who is removed out of the lists of followers, in as
// many steps as it takes, and drops her notifications.
func stopFollowing(tx *Tx, agent Agent) {
	for _, row := range slices.Collect(tx.Notifications.Of(agent.Handle)) {
		tx.Notifications.Delete(row)
	}
	if tx.Followers.following.Of(agent.Handle) == 0 {
		return
	}
	tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerUnfollow, Agent: agent.Handle, Ref: uint64(tx.NowMs)})
}

// unfollowMore goes on with that. What she follows since then, being back, stays.
func unfollowMore(tx *Tx, t Timer) {
	var some []ContactHandle
	for contact := range tx.Followers.FollowedBy(t.Agent, ContactHandle(t.Resume)) {
		if some = append(some, contact); len(some) == unfollowedAtOnce {
			break
		}
	}
	for _, contact := range some {
		if row, _ := tx.Followers.Following(contact, t.Agent); row.SinceMs <= int64(t.Ref) {
			tx.Followers.Delete(contact, t.Agent)
		}
		t.Resume = ConversationHandle(contact) + 1 // handles of both are minted alike
	}
	if len(some) == unfollowedAtOnce {
		t.DueMs = tx.NowMs
		tx.Timers.Put(t)
	}
}
