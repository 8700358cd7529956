package fsm

import (
	"cmp"
	"iter"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/rotation"
)

// MaxRestrictions bounds the cursors of restrictions that a ring remembers.
// Beyond it the one that was used least recently is dropped, and begins at the
// top should it come again.
const MaxRestrictions = 64

// A Cursor remembers who took the last turn in a ring. A restricted conversation
// has a cursor of its own (decision 3); an unrestricted one has "".
type Cursor struct {
	Team        TeamHandle      `cbor:"1,keyasint"`
	Inbox       InboxHandle     `cbor:"2,keyasint"` // 0 unless the rotation is per inbox
	Restriction string          `cbor:"3,keyasint"`
	Rank        cbor.ByteString `cbor:"4,keyasint"`
	Agent       AgentHandle     `cbor:"5,keyasint"`
	UsedSeq     uint64          `cbor:"6,keyasint"`
	Slot        rotation.Slot   `cbor:"7,keyasint,omitzero"` // of a weighted rotation: which of the agent's turns it was
}

func (c Cursor) key() rotation.Key {
	return rotation.Key{Rank: string(c.Rank), Agent: uint32(c.Agent)}
}

// Cursors is the table of cursors.
type Cursors struct{ Table[cursorKey, Cursor] }

type cursorKey struct {
	team        TeamHandle
	inbox       InboxHandle
	restriction string
}

func (c Cursor) place() cursorKey { return cursorKey{c.Team, c.Inbox, c.Restriction} }

func newCursors() Cursors {
	return Cursors{newTable[cursorKey, Cursor](func(a, b cursorKey) int {
		return cmp.Or(cmp.Compare(a.team, b.team), cmp.Compare(a.inbox, b.inbox), strings.Compare(a.restriction, b.restriction))
	})}
}

func (t Cursors) clone() Cursors { return Cursors{t.Table.clone()} }

// Put stores row under its ring and restriction.
func (t Cursors) Put(row Cursor) { t.set(row.place(), &row) }

// OfTeam yields the cursors of all rings of a team.
func (t Cursors) OfTeam(team TeamHandle) iter.Seq[Cursor] {
	return func(yield func(Cursor) bool) {
		for row := range t.From(cursorKey{team: team}) {
			if row.Team != team || !yield(row) {
				return
			}
		}
	}
}

// use stores the cursor of a ring that has just been used, and keeps the number
// of restrictions bounded.
func (t Cursors) use(row Cursor) {
	if _, known := t.Get(row.place()); !known && row.Restriction != "" {
		oldest, n := Cursor{}, 0
		for other := range t.From(cursorKey{team: row.Team, inbox: row.Inbox}) {
			if other.Team != row.Team || other.Inbox != row.Inbox {
				break
			}
			if other.Restriction == "" {
				continue
			}
			if n++; n == 1 || other.UsedSeq < oldest.UsedSeq {
				oldest = other
			}
		}
		if n >= MaxRestrictions {
			t.remove(oldest.place())
		}
	}
	t.Put(row)
}
