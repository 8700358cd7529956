package fsm

import (
	"cmp"

	"github.com/fxamacker/cbor/v2"
)

// An Agent takes conversations.
type Agent struct {
	Handle    AgentHandle     `cbor:"1,keyasint"`
	ID        AgentID         `cbor:"2,keyasint"`
	Name      string          `cbor:"3,keyasint"`
	SortKey   cbor.ByteString `cbor:"4,keyasint"` // collation key of Name, computed at the edge
	Kind      AgentKind       `cbor:"5,keyasint"`
	Presence  Presence        `cbor:"6,keyasint"`
	CreatedMs int64           `cbor:"7,keyasint"`
	Revision  uint64          `cbor:"8,keyasint"` // Seq of the last change

	Abilities // 10 to 12

	Email   string      `cbor:"13,keyasint,omitempty"`
	Role    AgentRole   `cbor:"14,keyasint,omitempty"`
	Pending bool        `cbor:"15,keyasint,omitempty"` // not onboarded yet: takes no turn
	Fields  []Attribute `cbor:"16,keyasint,omitempty"` // the client's own, sorted by name
	Removed bool        `cbor:"17,keyasint,omitempty"` // the row stays, so that records can name her

	Plan   Plan  `cbor:"20,keyasint,omitzero"`
	LeftMs int64 `cbor:"21,keyasint,omitempty"` // when she last ceased to be available

	// The newest of the records that tell her presence, and of those that took a
	// conversation from her. Each names the one before.
	LatestPresence Position `cbor:"22,keyasint,omitempty"`
	LatestLoss     Position `cbor:"23,keyasint,omitempty"`

	Muted  uint64 `cbor:"24,keyasint,omitempty"` // what she does not want to be told: see ChannelsFor
	Limits Limits `cbor:"25,keyasint,omitzero"`
}

// Abilities are what conversations may require of an agent, as listed.
type Abilities struct {
	Languages []string `cbor:"10,keyasint,omitempty"`
	Regions   []string `cbor:"11,keyasint,omitempty"`
	Skills    []string `cbor:"12,keyasint,omitempty"`
}

// Agents is the table of agents.
type Agents struct {
	Named[AgentID, AgentHandle, Agent]
	names   Index[spelling, Agent]
	leaders Index[AgentHandle, Agent] // supervisors and admins
	limited Index[AgentHandle, Agent] // with limits of their own
}

func newAgents() Agents {
	return Agents{
		newNamed(func(a *Agent) (AgentID, AgentHandle) { return a.ID, a.Handle }).unless(func(a *Agent) bool { return a.Removed }),
		newIndex(spelling.compare, func(a *Agent) (spelling, bool) { return spelling{a.SortKey, a.Handle}, !a.Removed }),
		newIndex(cmp.Compare[AgentHandle], func(a *Agent) (AgentHandle, bool) { return a.Handle, a.Role >= RoleSupervisor && !a.Removed }),
		newIndex(cmp.Compare[AgentHandle], func(a *Agent) (AgentHandle, bool) { return a.Handle, a.Limits != Limits{} }),
	}
}

func (t Agents) clone() Agents {
	return Agents{t.Named.clone(), t.names.clone(), t.leaders.clone(), t.limited.clone()}
}

// Put stores row under its handle.
func (t Agents) Put(row Agent) {
	old := t.put(row.Handle, &row)
	t.names.move(old, &row)
	t.leaders.move(old, &row)
	t.limited.move(old, &row)
}
