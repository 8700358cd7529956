package fsm

var _ = register[ForgetNode](18, "node.forget")

// ForgetNode says that a node has been removed from the cluster for good. Its id
// is kept, so that no other machine, and not the same one with an empty disk,
// comes back under it: it may have voted or acknowledged what it no longer knows
// (raft.md 1.7). An id that never announced itself may be forgotten as well.
type ForgetNode struct {
	ID NodeID `json:"id" cbor:"1,keyasint"`
}

// MaxForgottenNodes is how many ids of removed nodes are kept; beyond that the
// one that was removed first may be used again.
const MaxForgottenNodes = 1000

// Check implements Command.
func (c ForgetNode) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	return check.err()
}

func (c ForgetNode) apply(tx *Tx) (Result, error) {
	if old, known := tx.Nodes.Get(c.ID); known && old.Forgotten {
		return Result{Subject: Subject{Noun: NounNode}}, nil
	}
	tx.Nodes.Put(Node{ID: c.ID, Forgotten: true, Revision: tx.Seq})
	tx.Nodes.dropOldest(MaxForgottenNodes)
	tx.emit(Record{Event: NodeForgotten, Node: c.ID}, nil)
	return Result{Subject: Subject{Noun: NounNode}}, nil
}
