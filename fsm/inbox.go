package fsm

import "cmp"

// An Inbox is a channel address with a way to assign.
type Inbox struct {
	Handle   InboxHandle `cbor:"1,keyasint"`
	ID       InboxID     `cbor:"2,keyasint"`
	Name     string      `cbor:"3,keyasint"`
	Channel  Channel     `cbor:"4,keyasint"`
	Mode     Mode        `cbor:"5,keyasint"`
	Team     TeamHandle  `cbor:"6,keyasint,omitempty"` // 0: none
	Revision uint64      `cbor:"7,keyasint"`           // Seq of the last change
}

// A Channel is where customers write to. The address may be empty.
type Channel struct {
	Kind    string `json:"kind" cbor:"1,keyasint,omitempty"`
	Address string `json:"address" cbor:"2,keyasint,omitempty"`
}

// Inboxes is the table of inboxes.
type Inboxes struct {
	Named[InboxID, InboxHandle, Inbox]
	channels Index[inboxChannel, Inbox]
}

type inboxChannel struct {
	Channel
	handle InboxHandle
}

func newInboxes() Inboxes {
	return Inboxes{
		newNamed(func(i *Inbox) (InboxID, InboxHandle) { return i.ID, i.Handle }),
		newIndex(
			func(a, b inboxChannel) int {
				return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Address, b.Address), cmp.Compare(a.handle, b.handle))
			},
			func(i *Inbox) (inboxChannel, bool) {
				return inboxChannel{i.Channel, i.Handle}, i.Channel.Address != ""
			}),
	}
}

func (t Inboxes) clone() Inboxes { return Inboxes{t.Named.clone(), t.channels.clone()} }

// Put stores row under its handle.
func (t Inboxes) Put(row Inbox) { t.channels.move(t.put(row.Handle, &row), &row) }

// ByChannel returns the inbox that has a channel address.
func (t Inboxes) ByChannel(c Channel) (Inbox, bool) {
	key, ok := first(t.channels.From(inboxChannel{Channel: c}))
	if !ok || key.Channel != c {
		return Inbox{}, false
	}
	return t.Get(key.handle)
}
