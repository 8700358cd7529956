package fsm

import "github.com/fxamacker/cbor/v2"

var _ = register[PutAgent](2, "agent.put")

// PutAgent creates or replaces an agent. A new one is unavailable until she says
// otherwise.
type PutAgent struct {
	ID   AgentID `json:"id" cbor:"1,keyasint"`
	Name string  `json:"name" cbor:"2,keyasint"`
	Kind string  `json:"kind" cbor:"3,keyasint,omitempty"` // person (default), shared, bot

	// SortKey orders the name as people expect, by the collation of this version.
	// Both are computed at the edge, since tables change between versions.
	SortKey   cbor.ByteString `json:"-" cbor:"20,keyasint"`
	Collation uint32          `json:"-" cbor:"21,keyasint"`
}

// Check implements Command.
func (c PutAgent) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	check.oneOf("/kind", c.Kind, agentKinds...)
	if len(c.SortKey) > MaxSortKeyBytes {
		check.add("/name", "too_long", "its sort key has %d bytes, at most %d are allowed", len(c.SortKey), MaxSortKeyBytes)
	}
	return check.err()
}

func (c PutAgent) withoutMinted() Command {
	c.SortKey, c.Collation = "", 0
	return c
}

func (c PutAgent) apply(tx *Tx) (Result, error) {
	if c.Collation != tx.Collation {
		return Result{}, reject(CollationVersion,
			"the sort key follows collation %d and the cluster uses %d; send the request to a node of another version", c.Collation, tx.Collation)
	}
	kind, _ := numberOf(agentKinds, c.Kind)
	old, known := tx.Agents.ByID(c.ID)
	row := old
	if !known {
		row = Agent{Handle: AgentHandle(tx.mintSmall()), ID: c.ID, CreatedMs: tx.NowMs,
			Presence: Presence{SinceMs: tx.NowMs, By: tx.actor}}
	}
	row.Name, row.Kind, row.SortKey = c.Name, AgentKind(kind), c.SortKey

	if row != old {
		row.Revision = tx.Seq
		tx.Agents.Put(row)
		tx.emit(Record{Event: AgentChanged, Agent: row.Handle}, nil)
	}
	return Result{Created: !known, Subject: Subject{NounAgent, uint64(row.Handle)}}, nil
}
