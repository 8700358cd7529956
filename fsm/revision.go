package fsm

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// MaxRevisions is how many revisions of one thing are kept, the newest; older
// ones are dropped.
const MaxRevisions = 50

// A Revision is how an agent, a group, a team, an inbox or a contact was
// configured from some moment on, and who made it so. What is not configuration
// (an agent's presence) is not in it.
type Revision struct {
	Noun     Noun   `cbor:"1,keyasint"`
	Handle   uint64 `cbor:"2,keyasint"`
	Revision uint64 `cbor:"3,keyasint"`           // Seq of the change, as in the row
	TimeMs   int64  `cbor:"4,keyasint,omitempty"` // of the change; 0: before revisions were kept, or made by a message
	Actor    string `cbor:"5,keyasint,omitempty"` // likewise ""
	Via      string `cbor:"6,keyasint,omitempty"` // as in Item

	Row   cbor.RawMessage `cbor:"7,keyasint"`           // see RowOf
	Seats []AgentHandle   `cbor:"8,keyasint,omitempty"` // of a team: who had a seat, as listed
}

// Revisions is the table of revisions. It holds names and addresses of contacts,
// as their rows do: whoever erases a contact calls DeleteOf.
type Revisions struct {
	Table[revisionKey, Revision]
}

type revisionKey struct {
	noun     Noun
	handle   uint64
	revision uint64
}

func newRevisions() Revisions {
	return Revisions{newTable[revisionKey, Revision](func(a, b revisionKey) int {
		return cmp.Or(cmp.Compare(a.noun, b.noun), cmp.Compare(a.handle, b.handle), cmp.Compare(a.revision, b.revision))
	})}
}

func (t Revisions) clone() Revisions { return Revisions{t.Table.clone()} }

// Put stores row, and drops the oldest of its thing beyond MaxRevisions.
func (t Revisions) Put(row Revision) {
	t.set(revisionKey{row.Noun, row.Handle, row.Revision}, &row)
	of := slices.Collect(t.Of(Subject{row.Noun, row.Handle}))
	for _, old := range of[:max(0, len(of)-MaxRevisions)] {
		t.remove(revisionKey{old.Noun, old.Handle, old.Revision})
	}
}

// restore puts a row of a snapshot, which holds no more than there may be.
func (t Revisions) restore(row Revision) {
	t.set(revisionKey{row.Noun, row.Handle, row.Revision}, &row)
}

// Of yields the revisions of a thing, the oldest first.
func (t Revisions) Of(thing Subject) iter.Seq[Revision] {
	return func(yield func(Revision) bool) {
		for row := range t.From(revisionKey{thing.Noun, thing.Handle, 0}) {
			if row.Noun != thing.Noun || row.Handle != thing.Handle || !yield(row) {
				return
			}
		}
	}
}

// InForce returns the revision of a thing that was in force when item seq was
// done, as far as it is kept.
func (t Revisions) InForce(thing Subject, seq uint64) (Revision, bool) {
	row, ok := first(t.Back(revisionKey{thing.Noun, thing.Handle, seq}))
	return row, ok && row.Noun == thing.Noun && row.Handle == thing.Handle
}

// DeleteOf drops all revisions of a thing: a contact that is erased leaves none.
func (t Revisions) DeleteOf(thing Subject) {
	for _, row := range slices.Collect(t.Of(thing)) {
		t.remove(revisionKey{row.Noun, row.Handle, row.Revision})
	}
}

// RowOf reads the row that a revision keeps: an Agent, a Group, a Team, an Inbox
// or a Contact, as its noun says.
func RowOf[V any](r Revision) (V, error) {
	var row V
	if err := decoding.Unmarshal(r.Row, &row); err != nil {
		return row, undecodable(fmt.Sprintf("revision %d of a %s", r.Revision, r.Noun), err)
	}
	return row, nil
}

// revised returns what a record says was configured anew, if it says so.
func (rec Record) revised() (Subject, bool) {
	switch rec.Event {
	case AgentChanged, AgentRemoved:
		return Subject{NounAgent, uint64(rec.Agent)}, true
	case GroupChanged, GroupRemoved:
		return Subject{NounGroup, uint64(rec.Group)}, true
	case TeamChanged, TeamRemoved, RotationResorted:
		return Subject{NounTeam, uint64(rec.Team)}, true
	case InboxChanged:
		return Subject{NounInbox, uint64(rec.Inbox)}, true
	case ViewChanged, ViewRemoved:
		return Subject{NounView, uint64(rec.View)}, true
	case RuleChanged, RuleRemoved, RuleIsPublished, RuleIsPaused:
		return Subject{NounRule, uint64(rec.Rule)}, true
	case ContactChanged, ContactMerged, ContactQualified:
		return Subject{NounContact, uint64(rec.Contact)}, true
	case ScheduleChanged, ScheduleRemoved:
		return Subject{NounSchedule, uint64(rec.Schedule)}, true
	default:
		return Subject{}, false
	}
}

// revise keeps how a thing is configured now as its newest revision. emit calls
// it for every record of a change, so no command can forget to; the row must have
// been put by then.
func (tx *Tx) revise(thing Subject) {
	if row, ok := PresentRevision(tx.State, thing); ok {
		row.Revision, row.TimeMs, row.Actor, row.Via = tx.Seq, tx.NowMs, tx.actor, tx.via
		tx.Revisions.Put(row)
	}
}

// keepFirst keeps a thing as it is before its first change, if it was made
// without a record: a contact by a message. Whoever changes one calls it first.
func keepFirst(tx *Tx, thing Subject, revision uint64) {
	if _, kept := first(tx.Revisions.Of(thing)); kept || revision == 0 {
		return
	}
	if row, ok := PresentRevision(tx.State, thing); ok {
		row.Revision = revision
		tx.Revisions.Put(row)
	}
}

// PresentRevision returns how a thing is configured now, as a revision that nobody is
// known to have made: what there is to show of a thing that was not changed since
// revisions are kept.
func PresentRevision(s *State, thing Subject) (Revision, bool) {
	kept := Revision{Noun: thing.Noun, Handle: thing.Handle}
	switch thing.Noun {
	case NounAgent:
		row, ok := s.Agents.Get(AgentHandle(thing.Handle))
		row.Presence, row.Plan, row.LeftMs = Presence{}, Plan{}, 0 // it has a history of its own
		row.LatestPresence, row.LatestLoss, row.Muted = 0, 0, 0
		return kept.holding(row, row.Revision), ok
	case NounGroup:
		row, ok := s.Groups.Get(GroupHandle(thing.Handle))
		return kept.holding(row, row.Revision), ok
	case NounTeam:
		row, ok := s.Teams.Get(TeamHandle(thing.Handle))
		row.Deserted = false // nobody has set it
		kept.Seats = seatsOf(s, row.Handle)
		return kept.holding(row, row.Revision), ok
	case NounInbox:
		row, ok := s.Inboxes.Get(InboxHandle(thing.Handle))
		return kept.holding(row, row.Revision), ok
	case NounView:
		row, ok := s.Views.Get(ViewHandle(thing.Handle))
		return kept.holding(row, row.Revision), ok
	case NounRule:
		row, ok := s.Rules.Get(RuleHandle(thing.Handle))
		return kept.holding(row, row.Revision), ok
	case NounContact:
		row, ok := s.Contacts.Get(ContactHandle(thing.Handle))
		return kept.holding(row, row.Revision), ok
	case NounSchedule:
		row, ok := s.Schedules.Get(ScheduleHandle(thing.Handle))
		row.Ahead = Horizon{} // it passes by itself
		return kept.holding(row, row.Revision), ok
	default:
		return kept, false
	}
}

func (r Revision) holding(row any, revision uint64) Revision {
	r.Row, r.Revision = encode(row), revision
	return r
}

// seatsOf returns who has a seat in a team, as listed.
func seatsOf(s *State, team TeamHandle) []AgentHandle {
	seats := s.MembersOf(team)
	slices.SortStableFunc(seats, func(a, b Member) int { return cmp.Compare(a.Position, b.Position) })
	list := make([]AgentHandle, 0, len(seats))
	for _, m := range seats {
		list = append(list, m.Agent)
	}
	return list
}
