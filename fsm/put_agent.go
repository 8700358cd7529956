package fsm

import (
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

var _ = register[PutAgent](2, "agent.put")

// PutAgent creates or replaces an agent. A new one is unavailable until she says
// otherwise. One who was removed is the same as before, and unavailable.
type PutAgent struct {
	ID   AgentID `json:"id" cbor:"1,keyasint"`
	Name string  `json:"name" cbor:"2,keyasint"`
	Kind string  `json:"kind" cbor:"3,keyasint,omitempty"` // person (default), shared, bot

	Email     string            `json:"email" cbor:"4,keyasint,omitempty"`
	Role      string            `json:"role" cbor:"5,keyasint,omitempty"`      // agent (default), supervisor, admin
	Onboarded *bool             `json:"onboarded" cbor:"6,keyasint,omitempty"` // true (default); who is not takes no turn
	Languages []string          `json:"languages" cbor:"7,keyasint,omitempty"`
	Regions   []string          `json:"regions" cbor:"8,keyasint,omitempty"`
	Skills    []string          `json:"skills" cbor:"9,keyasint,omitempty"`
	Fields    map[string]string `json:"fields" cbor:"11,keyasint,omitempty"` // the client's own

	Limits *LimitSettings `json:"limits" cbor:"25,keyasint,omitempty"`

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
	check.email("/email", c.Email)
	check.oneOf("/role", c.Role, agentRoles...)
	check.abilities("/languages", c.Languages)
	check.abilities("/regions", c.Regions)
	check.abilities("/skills", c.Skills)
	checkFields(&check, "/fields", c.Fields)
	c.Limits.check(&check)
	if len(c.SortKey) > MaxSortKeyBytes {
		check.add("/name", "too_long", "its sort key has %d bytes, at most %d are allowed", len(c.SortKey), MaxSortKeyBytes)
	}
	return check.err()
}

// email judges the form and no more: whether somebody reads it, a message tells.
func (c *checker) email(pointer, s string) {
	if s == "" {
		return
	}
	local, domain, _ := strings.Cut(s, "@")
	switch {
	case len(s) > MaxEmailBytes:
		c.add(pointer, "too_long", "%d bytes, at most %d are allowed", len(s), MaxEmailBytes)
	case local == "" || domain == "" || strings.ContainsAny(domain, "@") || strings.ContainsAny(s, " \t<>,;\""):
		c.add(pointer, "email", "not an e-mail address such as ann@example.com")
	default:
		c.text(pointer, s, MaxEmailBytes)
	}
}

func (c *checker) abilities(pointer string, list []string) {
	if len(list) > MaxAbilities {
		c.add(pointer, "too_many", "%d, at most %d are allowed", len(list), MaxAbilities)
		return
	}
	seen := make(map[string]bool, len(list))
	for i, value := range list {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if c.id(at, value); seen[value] {
			c.add(at, "duplicate", "%q is listed twice", clip(value))
		}
		seen[value] = true
	}
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
	old, known := tx.Agents.ByID(c.ID)
	if !known {
		old, _ = tx.Agents.everByID(c.ID)
	}
	row := c.over(old)
	if row.Handle == 0 {
		row.Handle, row.CreatedMs = AgentHandle(tx.mintSmall()), tx.NowMs
		row.Presence = Presence{SinceMs: tx.NowMs, By: tx.actor}
	}

	if !same(row, old) {
		row.Revision = tx.Seq
		tx.Agents.Put(row)
		tx.emit(Record{Event: AgentChanged, Agent: row.Handle}, nil)
		if row.Pending != old.Pending || row.Limits != old.Limits {
			rejudgeEverywhere(tx, row, AgentChanged)
		}
		attributesChanged(tx, row)
	}
	return Result{Created: !known, Subject: Subject{NounAgent, uint64(row.Handle)}}, nil
}

// over returns the row that the command makes of old.
func (c PutAgent) over(old Agent) Agent {
	kind, _ := numberOf(agentKinds, c.Kind)
	role, _ := numberOf(agentRoles, c.Role)
	row := old
	row.ID, row.Name, row.Kind, row.SortKey, row.Removed = c.ID, c.Name, AgentKind(kind), c.SortKey, false
	row.Email, row.Role, row.Pending = c.Email, AgentRole(role), c.Onboarded != nil && !*c.Onboarded
	row.Languages, row.Regions, row.Skills = orNil(c.Languages), orNil(c.Regions), orNil(c.Skills)
	row.Fields, row.Limits = sortedAttributes(c.Fields), c.Limits.resolve()
	return row
}

// orNil stores a list of nothing as none, as a snapshot gives it back.
func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
