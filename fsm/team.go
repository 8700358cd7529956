package fsm

import (
	"cmp"
	"iter"
	"slices"
)

// A Team has members and a rotation.
type Team struct {
	Handle   TeamHandle `cbor:"1,keyasint"`
	ID       TeamID     `cbor:"2,keyasint"`
	Name     string     `cbor:"3,keyasint"`
	Rotation Rotation   `cbor:"4,keyasint"`
	Members  uint32     `cbor:"5,keyasint"` // how many
	Revision uint64     `cbor:"6,keyasint"` // Seq of the last change

	// Roster is who is in the team as people wrote it, if a group is among them. The
	// seats alone say it otherwise: there is no second list (K24).
	Roster      Roster        `cbor:"10,keyasint,omitempty"`
	Supervisors []AgentHandle `cbor:"11,keyasint,omitempty"` // as listed; replaced, never changed
	SelfJoin    bool          `cbor:"12,keyasint,omitempty"` // S2.7: agents come and go by themselves
	Removed     bool          `cbor:"13,keyasint,omitempty"` // the row stays, so that records can name it
	WhenAway    WhenAway      `cbor:"15,keyasint,omitempty"`
	DwellMs     int64         `cbor:"16,keyasint,omitempty"` // who comes back is eligible after that
	Greeting    string        `cbor:"19,keyasint,omitempty"` // template of the assignment message; "": none

	HandoverRules // 18, 25

	UnassignOnClose bool             `cbor:"17,keyasint,omitempty"` // S3.25: who had a conversation is let go with its close
	Capacity        Capacity         `cbor:"20,keyasint,omitzero"`
	Rate            Rate             `cbor:"21,keyasint,omitzero"`
	Weights         []Weighting      `cbor:"22,keyasint,omitempty"` // of members, where they are not 1; replaced, never changed
	Escalations     []EscalationStep `cbor:"30,keyasint,omitempty"` // replaced, never changed

	Deserted bool `cbor:"26,keyasint,omitempty"` // its stand-in is absent too, and supervisors know
}

// Teams is the table of teams.
type Teams struct {
	Named[TeamID, TeamHandle, Team]
	ofGroup Index[invited, Team]
	limited Index[TeamHandle, Team] // with a capacity or a rate

	escalating Index[TeamHandle, Team] // with escalations
}

// An invited group is in a team, with all its members.
type invited struct {
	group GroupHandle
	team  TeamHandle
}

func newTeams() Teams {
	return Teams{
		newNamed(func(t *Team) (TeamID, TeamHandle) { return t.ID, t.Handle }).unless(func(t *Team) bool { return t.Removed }),
		newIndex(
			func(a, b invited) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.team, b.team)) },
			func(*Team) (invited, bool) { return invited{}, false }), // Put keeps it: several keys a row
		newIndex(cmp.Compare[TeamHandle], func(t *Team) (TeamHandle, bool) { return t.Handle, t.Capacity.limits() || t.Rate != Rate{} }),
		newIndex(cmp.Compare[TeamHandle], func(t *Team) (TeamHandle, bool) { return t.Handle, len(t.Escalations) > 0 && !t.Removed }),
	}
}

func (t Teams) clone() Teams {
	return Teams{t.Named.clone(), t.ofGroup.clone(), t.limited.clone(), t.escalating.clone()}
}

// Put stores row under its handle.
func (t Teams) Put(row Team) {
	old := t.put(row.Handle, &row)
	t.limited.move(old, &row)
	t.escalating.move(old, &row)
	if old != nil && slices.Equal(old.Roster, row.Roster) {
		return
	}
	if old != nil {
		for _, p := range old.Roster {
			t.ofGroup.keys.Delete(invited{p.Group, row.Handle})
		}
	}
	for _, p := range row.Roster {
		if p.Group != 0 {
			t.ofGroup.keys.Set(invited{p.Group, row.Handle})
		}
	}
}

// OfGroup yields the teams that a group is in.
func (t Teams) OfGroup(group GroupHandle) iter.Seq[TeamHandle] {
	return func(yield func(TeamHandle) bool) {
		for key := range t.ofGroup.From(invited{group: group}) {
			if key.group != group || !yield(key.team) {
				return
			}
		}
	}
}
