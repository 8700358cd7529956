package fsm

import (
	"cmp"
	"iter"
	"slices"
)

// A Group is a list of agents under one name, wherever a list of people stands:
// in a team, in the access to an inbox. It has no rotation of its own.
type Group struct {
	Handle   GroupHandle   `cbor:"1,keyasint"`
	ID       GroupID       `cbor:"2,keyasint"`
	Name     string        `cbor:"3,keyasint"`
	Members  []AgentHandle `cbor:"4,keyasint,omitempty"` // as listed, each once; replaced, never changed
	Revision uint64        `cbor:"5,keyasint"`           // Seq of the last change
	Removed  bool          `cbor:"6,keyasint,omitempty"` // the row stays, so that records can name it
}

// Groups is the table of groups.
type Groups struct {
	Named[GroupID, GroupHandle, Group]
	ofAgent Index[grouped, Group]
}

type grouped struct {
	agent AgentHandle
	group GroupHandle
}

func newGroups() Groups {
	return Groups{
		newNamed(func(g *Group) (GroupID, GroupHandle) { return g.ID, g.Handle }).unless(func(g *Group) bool { return g.Removed }),
		newIndex(
			func(a, b grouped) int { return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.group, b.group)) },
			func(*Group) (grouped, bool) { return grouped{}, false }), // Put keeps it: several keys a row
	}
}

func (t Groups) clone() Groups { return Groups{t.Named.clone(), t.ofAgent.clone()} }

// Put stores row under its handle.
func (t Groups) Put(row Group) {
	old := t.put(row.Handle, &row)
	if old != nil && slices.Equal(old.Members, row.Members) {
		return
	}
	if old != nil {
		for _, agent := range old.Members {
			t.ofAgent.keys.Delete(grouped{agent, row.Handle})
		}
	}
	for _, agent := range row.Members {
		t.ofAgent.keys.Set(grouped{agent, row.Handle})
	}
}

// OfAgent yields the groups an agent is in.
func (t Groups) OfAgent(agent AgentHandle) iter.Seq[GroupHandle] {
	return func(yield func(GroupHandle) bool) {
		for key := range t.ofAgent.From(grouped{agent: agent}) {
			if key.agent != agent || !yield(key.group) {
				return
			}
		}
	}
}
