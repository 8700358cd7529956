package fsm

import (
	"cmp"
	"iter"
)

// What is kept of an agent's notifications.
const (
	// MaxNotifications bounds those of one agent: a new one drops the oldest.
	MaxNotifications = 500

	// NotificationLifeMs is how long one is kept. It is dropped within the hour
	// behind that.
	NotificationLifeMs = 30 * 24 * 3600 * 1000

	// forgetHourly is how exact that is, so that a quiet agent costs a timer an hour
	// and not one a notification.
	forgetHourly = 3600 * 1000

	// forgottenAtOnceOf bounds what one step drops of an agent's.
	forgottenAtOnceOf = 64
)

// A Notification is a notice in the list of an agent.
type Notification struct {
	Agent        AgentHandle        `cbor:"1,keyasint"`
	Kind         NoticeKind         `cbor:"2,keyasint"`
	Read         bool               `cbor:"3,keyasint,omitempty"`
	Team         TeamHandle         `cbor:"4,keyasint,omitempty"`
	Record       RecordID           `cbor:"5,keyasint"` // its id, too: one of a record for an agent at most
	Conversation ConversationHandle `cbor:"6,keyasint,omitempty"`
	TimeMs       int64              `cbor:"7,keyasint"`
}

func (n Notification) compare(other Notification) int {
	return cmp.Or(cmp.Compare(n.Agent, other.Agent), n.Record.Compare(other.Record))
}

// Notifications is the table of them. There are many and they are small, so the
// tree holds the rows themselves; the rules of Table hold for it.
type Notifications struct {
	rows   tree[Notification]
	counts tree[notified] // derived
}

// notified is how many notifications an agent has.
type notified struct {
	agent        AgentHandle
	kept, unread uint32
}

func newNotifications() Notifications {
	return Notifications{
		newTree(func(a, b Notification) bool { return a.compare(b) < 0 }),
		newTree(func(a, b notified) bool { return a.agent < b.agent }),
	}
}

func (t Notifications) clone() Notifications { return Notifications{t.rows.Copy(), t.counts.Copy()} }

// Len returns the number of rows.
func (t Notifications) Len() int { return t.rows.Len() }

// All yields the rows by agent and age.
func (t Notifications) All() iter.Seq[Notification] {
	return func(yield func(Notification) bool) { t.rows.Scan(yield) }
}

// Put stores row under its agent and record.
func (t Notifications) Put(row Notification) {
	old, replaced := t.rows.Set(row)
	t.count(row.Agent, int(bit(!replaced)), int(bit(!row.Read))-int(bit(replaced && !old.Read)))
}

// Delete drops a row.
func (t Notifications) Delete(row Notification) {
	old, there := t.rows.Delete(row)
	if !there {
		return
	}
	t.count(row.Agent, -1, -int(bit(!old.Read)))
}

// count adds to how many an agent has.
func (t Notifications) count(agent AgentHandle, kept, unread int) {
	n, _ := t.counts.Get(notified{agent: agent})
	n = notified{agent, uint32(int(n.kept) + kept), uint32(int(n.unread) + unread)}
	switch {
	case kept == 0 && unread == 0:
	case n.kept == 0:
		t.counts.Delete(n)
	default:
		t.counts.Set(n)
	}
}

// Counts returns how many notifications an agent has, and how many of them she has
// not read. It costs no more for many.
func (t Notifications) Counts(agent AgentHandle) (kept, unread int) {
	n, _ := t.counts.Get(notified{agent: agent})
	return int(n.kept), int(n.unread)
}

// Of yields the notifications of an agent, the oldest first.
func (t Notifications) Of(agent AgentHandle) iter.Seq[Notification] {
	return func(yield func(Notification) bool) {
		t.rows.Ascend(Notification{Agent: agent}, func(row Notification) bool { return row.Agent == agent && yield(row) })
	}
}

// Back yields the notifications of an agent, the newest first, beginning at the
// last that is not behind id.
func (t Notifications) Back(agent AgentHandle, id RecordID) iter.Seq[Notification] {
	return func(yield func(Notification) bool) {
		t.rows.Descend(Notification{Agent: agent, Record: id}, func(row Notification) bool { return row.Agent == agent && yield(row) })
	}
}

// get returns the notification of an agent about a record.
func (t Notifications) get(agent AgentHandle, id RecordID) (Notification, bool) {
	return t.rows.Get(Notification{Agent: agent, Record: id})
}

// listNotices puts the notices of a record into the lists of those who want them there.
func listNotices(tx *Tx, rec *Record) {
	for _, n := range rec.Notices {
		if n.Channels&ChannelList == 0 {
			continue
		}
		kept, _ := tx.Notifications.Counts(n.Agent)
		switch {
		case kept == 0:
			tx.Timers.Put(forgetting(n.Agent, rec.TimeMs))
		case kept >= MaxNotifications:
			oldest, _ := first(tx.Notifications.Of(n.Agent))
			tx.Notifications.Delete(oldest)
		}
		tx.Notifications.Put(Notification{Agent: n.Agent, Kind: n.Kind, Team: rec.Team, Record: rec.ID,
			Conversation: rec.Conversation, TimeMs: rec.TimeMs})
	}
}

// forgetting is the timer that drops what an agent was told at a time, and goes on
// with what came later.
func forgetting(agent AgentHandle, toldMs int64) Timer {
	hours := (toldMs + NotificationLifeMs + forgetHourly - 1) / forgetHourly
	return Timer{DueMs: hours * forgetHourly, Kind: TimerNotices, Agent: agent}
}

// forgetNotices drops what of an agent's notifications is too old.
func forgetNotices(tx *Tx, agent AgentHandle) {
	for range forgottenAtOnceOf {
		oldest, ok := first(tx.Notifications.Of(agent))
		if !ok {
			return
		}
		if oldest.TimeMs+NotificationLifeMs > tx.NowMs {
			tx.Timers.Put(forgetting(agent, oldest.TimeMs))
			return
		}
		tx.Notifications.Delete(oldest)
	}
	tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerNotices, Agent: agent})
}
