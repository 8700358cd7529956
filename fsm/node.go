package fsm

import "strings"

// A Node is a machine of the cluster, as it announced itself. Raft's own
// configuration says who votes; this table says where to find them.
type Node struct {
	ID        NodeID `cbor:"1,keyasint"`
	HTTP      string `cbor:"2,keyasint"` // host:port of the API
	Cluster   string `cbor:"3,keyasint"` // host:port of the cluster port
	Zone      string `cbor:"4,keyasint,omitempty"`
	Region    string `cbor:"5,keyasint,omitempty"`
	Version   string `cbor:"6,keyasint"`
	Semantics uint32 `cbor:"7,keyasint"` // newest it knows
	Revision  uint64 `cbor:"8,keyasint"`
	Forgotten bool   `cbor:"9,keyasint,omitempty"` // removed for good; nothing but its id is kept
}

// Nodes is the table of nodes.
type Nodes struct{ Table[NodeID, Node] }

func newNodes() Nodes {
	return Nodes{newTable[NodeID, Node](func(a, b NodeID) int { return strings.Compare(string(a), string(b)) })}
}

func (t Nodes) clone() Nodes { return Nodes{t.Table.clone()} }

// Put stores row under its id.
func (t Nodes) Put(row Node) { t.set(row.ID, &row) }

// Known returns the row of a node that has announced itself and has not been
// removed.
func (t Nodes) Known(id NodeID) (row Node, ok bool) {
	row, ok = t.Get(id)
	return row, ok && !row.Forgotten
}

// IsForgotten says whether the id belonged to a node that has been removed.
func (t Nodes) IsForgotten(id NodeID) bool {
	row, ok := t.Get(id)
	return ok && row.Forgotten
}

// CountKnown is how many nodes have announced themselves and are not removed.
func (t Nodes) CountKnown() (n int) {
	for row := range t.All() {
		if !row.Forgotten {
			n++
		}
	}
	return n
}

// dropOldest leaves at most so many forgotten nodes, those removed last.
func (t Nodes) dropOldest(most int) {
	count, oldest := 0, Node{}
	for row := range t.All() {
		if !row.Forgotten {
			continue
		}
		if count++; oldest.ID == "" || row.Revision < oldest.Revision {
			oldest = row
		}
	}
	if count > most {
		t.remove(oldest.ID)
	}
}
