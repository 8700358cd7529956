package fsm

import (
	"cmp"
	"fmt"
	"slices"
)

// TimerHours is the next of what came to an inbox outside its hours; Ref is the
// inbox.
const TimerHours TimerKind = 82

// OutsideHours says what becomes of what comes to an inbox while its schedule is
// closed.
type OutsideHours uint8

// What becomes of it.
const (
	OutsideAssign    OutsideHours = iota // the same as ever
	OutsideTeamInbox                     // a person claims it
	OutsideWait                          // nobody gets it by herself before the schedule opens
)

var outsideHours = []string{"assign", "team_inbox", "wait"}

func (o OutsideHours) String() string { return nameOf(outsideHours, int(o)) }

// OfficeHours are when an inbox assigns.
type OfficeHours struct {
	Hours   ScheduleHandle `cbor:"28,keyasint,omitempty"` // 0: at any time
	Outside OutsideHours   `cbor:"29,keyasint,omitempty"`
}

func (a InboxAssignment) checkHours(c *checker) {
	if a.Hours != "" {
		c.id("/assignment/hours", string(a.Hours))
	}
	c.oneOf("/assignment/outside_hours", a.OutsideHours, outsideHours...)
}

func (a InboxAssignment) checkSchedule(s *State, c *checker) {
	if _, ok := s.Schedules.ByID(a.Hours); !ok && a.Hours != "" {
		c.add("/assignment/hours", "unknown_schedule", "there is no schedule %q; create it first", a.Hours)
	}
}

func (a InboxAssignment) officeHours(s *State) OfficeHours {
	row, _ := s.Schedules.ByID(a.Hours)
	outside, _ := numberOf(outsideHours, a.OutsideHours)
	return OfficeHours{row.Handle, OutsideHours(outside)}
}

// outsideOf says what becomes of c, which comes to an inbox now. While something is
// left of what came outside its hours, the rest waits behind that: it came first.
func outsideOf(tx *Tx, c *Conversation, inbox Inbox) OutsideHours {
	if inbox.Mode == ModeManual {
		return OutsideAssign
	}
	if rules := inbox.Rules.OfficeHours; rules.Hours != 0 && !scheduleOpen(tx.State, rules.Hours) {
		return rules.Outside
	}
	if behind, waits := outsiderOf(tx.State, inbox.Handle); waits && behind != c.Handle {
		return OutsideWait
	}
	return OutsideAssign
}

// openInboxes sends on what came to inboxes while a schedule was closed.
func openInboxes(tx *Tx, schedule Schedule) {
	if !scheduleOpen(tx.State, schedule.Handle) {
		return
	}
	for key := range tx.Inboxes.hours.From(inboxHours{schedule: schedule.Handle}) {
		if key.schedule != schedule.Handle {
			return
		}
		inbox, _ := tx.Inboxes.Get(key.inbox)
		openInbox(tx, inbox, ScheduleOpened)
	}
}

// openInbox sends on what came to an inbox outside its hours, in the order in which
// it came, unless it is closed. because is the trigger of the decisions. A timer goes
// on if the entry has no steps left.
func openInbox(tx *Tx, inbox Inbox, because Event) {
	if h := inbox.Rules.Hours; inbox.Removed || h != 0 && !scheduleOpen(tx.State, h) {
		return
	}
	for {
		handle, ok := outsiderOf(tx.State, inbox.Handle)
		if !ok {
			return
		}
		if !tx.step() {
			tx.Timers.Put(Timer{DueMs: tx.NowMs, Kind: TimerHours, Ref: uint64(inbox.Handle)})
			return
		}
		c, _ := tx.Conversations.Get(handle)
		tx.subject, tx.because = c.Handle, because
		routeOpen(tx, &c, inbox, ConversationRequeued)
		tx.because = EventNone
	}
}

// outsiderOf returns what came first of what waits for the hours of an inbox.
func outsiderOf(s *State, inbox InboxHandle) (ConversationHandle, bool) {
	key, ok := first(s.Conversations.outside.From(outsider{inbox: inbox}))
	return key.handle, ok && key.inbox == inbox
}

// An outsider is what waits for the hours of an inbox.
type outsider struct {
	inbox   InboxHandle
	sinceMs int64
	handle  ConversationHandle
}

func (o outsider) compare(other outsider) int {
	return cmp.Or(cmp.Compare(o.inbox, other.inbox), cmp.Compare(o.sinceMs, other.sinceMs), cmp.Compare(o.handle, other.handle))
}

func newOutsiders() Index[outsider, Conversation] {
	return newIndex(outsider.compare, func(c *Conversation) (outsider, bool) {
		at := c.Assignment
		return outsider{c.Inbox, at.SinceMs, c.Handle}, at.Cause == CauseOutsideHours && at.State == StateManual && c.Status == StatusOpen
	})
}

// An inboxHours is an inbox that goes by a schedule.
type inboxHours struct {
	schedule ScheduleHandle
	inbox    InboxHandle
}

func newInboxHours() Index[inboxHours, Inbox] {
	return newIndex(
		func(a, b inboxHours) int {
			return cmp.Or(cmp.Compare(a.schedule, b.schedule), cmp.Compare(a.inbox, b.inbox))
		},
		func(i *Inbox) (inboxHours, bool) {
			return inboxHours{i.Rules.Hours, i.Handle}, i.Rules.Hours != 0 && !i.Removed
		})
}

// inboxesBy name the inboxes that go by a schedule.
func inboxesBy(s *State, schedule ScheduleHandle) (list []string) {
	for key := range s.Inboxes.hours.From(inboxHours{schedule: schedule}) {
		if key.schedule != schedule {
			break
		}
		inbox, _ := s.Inboxes.Get(key.inbox)
		list = append(list, fmt.Sprintf("the hours of inbox %q", inbox.ID))
	}
	return slices.Sorted(slices.Values(list))
}
