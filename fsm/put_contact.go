package fsm

import (
	"fmt"
	"slices"
)

var _ = register[PutContact](6, "contact.put")

// PutContact creates or replaces a contact, who is known from then on. Another
// owner gets its conversations, too; see PutContactOwner.
type PutContact struct {
	ID        ContactID `json:"id" cbor:"1,keyasint"`
	Name      string    `json:"name" cbor:"2,keyasint"`
	Addresses []string  `json:"addresses" cbor:"3,keyasint,omitempty"`
	Owner     AgentID   `json:"owner" cbor:"10,keyasint,omitempty"` // "": nobody

	Tags     []string          `json:"tags" cbor:"11,keyasint,omitempty"`
	Fields   map[string]string `json:"fields" cbor:"12,keyasint,omitempty"`
	Language string            `json:"language" cbor:"13,keyasint,omitempty"`
	Region   string            `json:"region" cbor:"14,keyasint,omitempty"`
	Blocked  bool              `json:"blocked" cbor:"15,keyasint,omitempty"` // what it writes opens nothing (S3.29)

	Conversations string `json:"conversations" cbor:"16,keyasint,omitempty"` // all (default), none
}

// Check implements Command.
func (c PutContact) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.text("/name", c.Name, MaxNameRunes)
	if c.Owner != "" {
		check.id("/owner", string(c.Owner))
	}
	checkTags(&check, "/tags", c.Tags)
	checkFields(&check, "/fields", c.Fields)
	if c.Language != "" {
		check.id("/language", c.Language)
	}
	if c.Region != "" {
		check.id("/region", c.Region)
	}
	check.oneOf("/conversations", c.Conversations, allOfThem, noneOfThem)
	if len(c.Addresses) > MaxAddresses {
		check.add("/addresses", "too_many", "%d, at most %d are allowed", len(c.Addresses), MaxAddresses)
		return check.err()
	}
	for i, address := range c.Addresses {
		pointer := fmt.Sprintf("/addresses/%d", i)
		check.address(pointer, address)
		if slices.Contains(c.Addresses[:i], address) {
			check.add(pointer, "duplicate", "this address is listed twice")
		}
	}
	return check.err()
}

func (c PutContact) apply(tx *Tx) (Result, error) {
	if old, ever := tx.Contacts.everByID(c.ID); ever {
		if err := refuseEnded(tx.State, old); err != nil {
			return Result{}, err
		}
	}
	for i, address := range c.Addresses {
		if other, taken := tx.Contacts.ByAddress(address); taken && other.ID != c.ID {
			// The address itself is not repeated: refusals outlive erasure.
			return Result{}, reject(AddressTaken, "contact %q has the address at /addresses/%d already", other.ID, i)
		}
	}
	owner, ok := tx.Agents.ByID(c.Owner)
	if c.Owner != "" && !ok {
		return Result{}, unknown("/owner", "agent", string(c.Owner))
	}
	old, known := tx.Contacts.ByID(c.ID)
	row := old
	if !known {
		row = Contact{Handle: ContactHandle(tx.mint()), ID: c.ID, CreatedMs: tx.NowMs}
	}
	row.Name, row.Addresses, row.Known, row.Owner = c.Name, slices.Clone(c.Addresses), true, owner.Handle
	row.Traits = Traits{sortedTags(c.Tags), sortedAttributes(c.Fields), c.Language, c.Region, c.Blocked}
	result := putContact(tx, row, old)
	result.Created = !known
	if c.Conversations != noneOfThem {
		ownerFollows(tx, row, old)
	} else {
		leadsEnd(tx, row, old)
	}
	return result, nil
}
