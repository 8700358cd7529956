package fsm

var _ = register[AnnounceNode](15, "node.announce")

// AnnounceNode says where a node is found. A node announces itself when it has
// started and when what it says has changed.
type AnnounceNode struct {
	ID        NodeID `json:"id" cbor:"1,keyasint"`
	HTTP      string `json:"http" cbor:"2,keyasint"`
	Cluster   string `json:"cluster" cbor:"3,keyasint"`
	Zone      string `json:"zone" cbor:"4,keyasint,omitempty"`
	Region    string `json:"region" cbor:"5,keyasint,omitempty"`
	Version   string `json:"version" cbor:"6,keyasint"`
	Semantics uint32 `json:"semantics" cbor:"7,keyasint"`
}

// Check implements Command.
func (c AnnounceNode) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.address("/http", c.HTTP)
	check.address("/cluster", c.Cluster)
	check.text("/zone", c.Zone, MaxNameRunes)
	check.text("/region", c.Region, MaxNameRunes)
	check.text("/version", c.Version, MaxNameRunes)
	return check.err()
}

func (c AnnounceNode) apply(tx *Tx) (Result, error) {
	old, known := tx.Nodes.Get(c.ID)
	if old.Forgotten {
		return Result{}, reject(NodeRemoved, "node %s was removed from the cluster: start the machine with an empty data directory and a new node_id", c.ID)
	}
	row := Node{ID: c.ID, HTTP: c.HTTP, Cluster: c.Cluster, Zone: c.Zone, Region: c.Region,
		Version: c.Version, Semantics: c.Semantics, Revision: old.Revision}
	if known && row == old {
		return Result{Subject: Subject{Noun: NounNode}}, nil
	}
	row.Revision = tx.Seq
	tx.Nodes.Put(row)
	tx.emit(Record{Event: NodeAnnounced, Node: c.ID}, nil)
	return Result{Created: !known, Subject: Subject{Noun: NounNode}}, nil
}
