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
}

// Nodes is the table of nodes.
type Nodes struct{ Table[NodeID, Node] }

func newNodes() Nodes {
	return Nodes{newTable[NodeID, Node](func(a, b NodeID) int { return strings.Compare(string(a), string(b)) })}
}

func (t Nodes) clone() Nodes { return Nodes{t.Table.clone()} }

// Put stores row under its id.
func (t Nodes) Put(row Node) { t.set(row.ID, &row) }
