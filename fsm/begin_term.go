package fsm

var _ = register[BeginTerm](1, "term.begin")

// BeginTerm is a leader's first command: a fence, and the moment from which its
// leadership is known. The first of all sets what the cluster is called and
// which collation its sort keys follow.
type BeginTerm struct {
	Node      NodeID `json:"node" cbor:"1,keyasint"`
	Term      uint64 `json:"term" cbor:"2,keyasint"`
	Version   string `json:"version" cbor:"3,keyasint"`
	Semantics uint32 `json:"semantics" cbor:"4,keyasint"` // newest the node knows
	Collation uint32 `json:"collation" cbor:"5,keyasint"` // version its keys follow
	ClusterID string `json:"cluster_id" cbor:"6,keyasint"`
}

// Check implements Command.
func (c BeginTerm) Check() error {
	var check checker
	check.id("/node", string(c.Node))
	check.id("/cluster_id", c.ClusterID)
	return check.err()
}

func (c BeginTerm) apply(tx *Tx) (Result, error) {
	if tx.ClusterID != "" && tx.ClusterID != c.ClusterID {
		return Result{}, reject(OtherCluster, "this is cluster %s and node %s belongs to %s", tx.ClusterID, c.Node, c.ClusterID)
	}
	if tx.ClusterID == "" {
		tx.ClusterID, tx.Collation = c.ClusterID, c.Collation
	}
	tx.Term, tx.Leader = c.Term, c.Node
	tx.LeaseGraceMs = tx.NowMs
	tx.emit(Record{Event: TermBegun, Node: c.Node}, nil)
	return Result{Created: true, Subject: Subject{Noun: NounNode}}, nil
}
