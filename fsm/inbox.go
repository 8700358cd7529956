package fsm

import (
	"cmp"
	"iter"
	"slices"
)

// An Inbox is a channel address with a way to assign.
type Inbox struct {
	Handle   InboxHandle `cbor:"1,keyasint"`
	ID       InboxID     `cbor:"2,keyasint"`
	Name     string      `cbor:"3,keyasint"`
	Channel  Channel     `cbor:"4,keyasint"`
	Mode     Mode        `cbor:"5,keyasint"`
	Team     TeamHandle  `cbor:"6,keyasint,omitempty"` // 0: none
	Revision uint64      `cbor:"7,keyasint"`           // Seq of the last change
	People   InboxPeople `cbor:"10,keyasint,omitzero"`
	Rules    InboxRules  `cbor:"11,keyasint,omitzero"`
	Removed  bool        `cbor:"12,keyasint,omitempty"` // the row stays, so that records can name it
	Capacity Capacity    `cbor:"24,keyasint,omitzero"`
}

// A Channel is where customers write to. The address may be empty.
type Channel struct {
	Kind    string `json:"kind" cbor:"1,keyasint,omitempty"`
	Address string `json:"address" cbor:"2,keyasint,omitempty"`
}

// InboxPeople are who has to do with an inbox (S5.2, S1.10). An empty list is no
// restriction: everybody, or everybody with access. Lists are replaced, never
// changed.
type InboxPeople struct {
	Access  Roster `cbor:"1,keyasint,omitempty"` // who may read and claim
	Members Roster `cbor:"2,keyasint,omitempty"` // who of them the rotation may pick
}

func (p InboxPeople) equal(other InboxPeople) bool {
	return slices.Equal(p.Access, other.Access) && slices.Equal(p.Members, other.Members)
}

// InboxRules say what happens before and beside the rotation (decisions 7 and 8).
type InboxRules struct {
	DefaultAssignee   AgentHandle       `cbor:"1,keyasint,omitempty"` // only in ModeDefaultAssignee
	HoldUnknown       bool              `cbor:"2,keyasint,omitempty"` // assign_unknown is off (S5.4)
	KnownWithoutOwner KnownWithoutOwner `cbor:"3,keyasint,omitempty"`
	WhenOwnerAbsent   WhenOwnerAbsent   `cbor:"4,keyasint,omitempty"`
	LastAssignee      bool              `cbor:"5,keyasint,omitempty"` // who had the contact last gets the next one, too
	SetOwner          SetOwner          `cbor:"20,keyasint,omitempty"`
	Reassign          Reassign          `cbor:"23,keyasint,omitempty"`

	OfficeHours // 28 and 29

	Bot AgentHandle `cbor:"21,keyasint,omitempty"` // has what is new before any person (K91)
}

// Inboxes is the table of inboxes. A removed one is only found by its handle.
type Inboxes struct {
	Named[InboxID, InboxHandle, Inbox]
	channels Index[inboxChannel, Inbox]
	listed   Index[listing, Inbox]
	hours    Index[inboxHours, Inbox]
	limited  Index[InboxHandle, Inbox] // with a capacity
}

type inboxChannel struct {
	Channel
	handle InboxHandle
}

// A listing is an entry in one of the lists of an inbox.
type listing struct {
	agent AgentHandle
	group GroupHandle
	inbox InboxHandle
	list  inboxList
}

type inboxList uint8

const (
	listAccess inboxList = iota
	listMembers
)

func (l listing) compare(other listing) int {
	return cmp.Or(cmp.Compare(l.agent, other.agent), cmp.Compare(l.group, other.group),
		cmp.Compare(l.inbox, other.inbox), cmp.Compare(l.list, other.list))
}

func newInboxes() Inboxes {
	return Inboxes{
		newNamed(func(i *Inbox) (InboxID, InboxHandle) { return i.ID, i.Handle }),
		newIndex(
			func(a, b inboxChannel) int {
				return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Address, b.Address), cmp.Compare(a.handle, b.handle))
			},
			func(i *Inbox) (inboxChannel, bool) {
				return inboxChannel{i.Channel, i.Handle}, i.Channel.Address != "" && !i.Removed
			}),
		newIndex(listing.compare, func(*Inbox) (listing, bool) { return listing{}, false }), // Put keeps it: several keys a row
		newInboxHours(),
		newIndex(cmp.Compare[InboxHandle], func(i *Inbox) (InboxHandle, bool) { return i.Handle, i.Capacity.limits() }),
	}
}

func (t Inboxes) clone() Inboxes {
	return Inboxes{t.Named.clone(), t.channels.clone(), t.listed.clone(), t.hours.clone(), t.limited.clone()}
}

// Put stores row under its handle.
func (t Inboxes) Put(row Inbox) {
	old := t.put(row.Handle, &row)
	t.channels.move(old, &row)
	t.hours.move(old, &row)
	t.limited.move(old, &row)
	if old != nil && old.Removed == row.Removed && old.People.equal(row.People) {
		return
	}
	if old != nil {
		for key := range old.listings() {
			t.listed.keys.Delete(key)
		}
	}
	for key := range row.listings() {
		t.listed.keys.Set(key)
	}
}

// listings yields the keys of a row; a removed inbox has none.
func (i *Inbox) listings() iter.Seq[listing] {
	return func(yield func(listing) bool) {
		if i.Removed {
			return
		}
		for _, p := range i.People.Access {
			if !yield(listing{p.Agent, p.Group, i.Handle, listAccess}) {
				return
			}
		}
		for _, p := range i.People.Members {
			if !yield(listing{p.Agent, p.Group, i.Handle, listMembers}) {
				return
			}
		}
	}
}

// ByID returns the inbox that clients call id, unless it was removed.
func (t Inboxes) ByID(id InboxID) (Inbox, bool) {
	row, ok := t.Named.ByID(id)
	if !ok || row.Removed {
		return Inbox{}, false
	}
	return row, true
}

// FromID yields the inboxes in the order of their ids, beginning at the first that
// is not before id, without those that were removed.
func (t Inboxes) FromID(id InboxID) iter.Seq[Inbox] { return unremoved(t.Named.FromID(id)) }

// BackID yields them in the falling order, beginning at the last that is before
// id; "" begins at the very last.
func (t Inboxes) BackID(id InboxID) iter.Seq[Inbox] { return unremoved(t.Named.BackID(id)) }

func unremoved(rows iter.Seq[Inbox]) iter.Seq[Inbox] {
	return func(yield func(Inbox) bool) {
		for row := range rows {
			if !row.Removed && !yield(row) {
				return
			}
		}
	}
}

// ByChannel returns the inbox that has a channel address.
func (t Inboxes) ByChannel(c Channel) (Inbox, bool) {
	key, ok := first(t.channels.From(inboxChannel{Channel: c}))
	if !ok || key.Channel != c {
		return Inbox{}, false
	}
	return t.Get(key.handle)
}

// has says whether a list of an inbox has an entry.
func (t Inboxes) has(key listing) bool {
	_, ok := t.listed.keys.Get(key)
	return ok
}

// naming yields the inboxes that have a participant in one of their lists, each
// once.
func (t Inboxes) naming(p Participant) iter.Seq[InboxHandle] {
	return func(yield func(InboxHandle) bool) {
		last := InboxHandle(0)
		for key := range t.listed.From(listing{agent: p.Agent, group: p.Group}) {
			if key.agent != p.Agent || key.group != p.Group {
				return
			}
			if key.inbox != last && !yield(key.inbox) {
				return
			}
			last = key.inbox
		}
	}
}
