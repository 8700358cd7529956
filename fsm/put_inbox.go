package fsm

import "strings"

var _ = register[PutInbox](5, "inbox.put")

// PutInbox creates or replaces an inbox.
type PutInbox struct {
	ID         InboxID         `json:"id" cbor:"1,keyasint"`
	Name       string          `json:"name" cbor:"2,keyasint"`
	Channel    Channel         `json:"channel" cbor:"3,keyasint"`
	Assignment InboxAssignment `json:"assignment" cbor:"4,keyasint"`
}

// InboxAssignment says how an inbox assigns: by a team's rotation, or not at all.
type InboxAssignment struct {
	Mode string `json:"mode" cbor:"1,keyasint,omitempty"` // manual (default), rotation
	Team TeamID `json:"team" cbor:"2,keyasint,omitempty"`
}

// Check implements Command.
func (c PutInbox) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	if c.Channel.Kind != "" || c.Channel.Address != "" {
		check.id("/channel/kind", c.Channel.Kind)
		if c.Channel.Address != "" {
			check.address("/channel/address", c.Channel.Address)
		}
	}
	check.oneOf("/assignment/mode", c.Assignment.Mode, modes...)
	if c.Assignment.Mode == "rotation" || c.Assignment.Team != "" {
		check.id("/assignment/team", string(c.Assignment.Team))
	}
	return check.err()
}

func (c PutInbox) apply(tx *Tx) (Result, error) {
	var team Team
	if c.Assignment.Team != "" {
		var ok bool
		if team, ok = tx.Teams.ByID(c.Assignment.Team); !ok {
			return Result{}, unknown("/assignment/team", "team", string(c.Assignment.Team))
		}
	}
	old, known := tx.Inboxes.ByID(c.ID)
	if other, taken := tx.Inboxes.ByChannel(c.Channel); taken && other.ID != c.ID {
		return Result{}, reject(AddressTaken, "inbox %q has this channel address already", other.ID)
	}

	mode, _ := numberOf(modes, c.Assignment.Mode)
	row := old
	if !known {
		row = Inbox{Handle: InboxHandle(tx.mintSmall()), ID: c.ID}
	}
	row.Name, row.Channel, row.Mode, row.Team = c.Name, c.Channel, Mode(mode), team.Handle
	if row != old {
		row.Revision = tx.Seq
		tx.Inboxes.Put(row)
		tx.emit(Record{Event: InboxChanged, Inbox: row.Handle}, nil)
	}
	return Result{
		Created: !known, Subject: Subject{NounInbox, uint64(row.Handle)}, Warnings: warnOfInbox(tx, row, team),
	}, nil
}

// unknown refuses a reference to nothing.
func unknown(pointer, noun, id string) *Rejection {
	var check checker
	check.add(pointer, "unknown_"+noun, "there is no %s %q; create it first", noun, id)
	r, _ := asRejection(check.as(UnknownReference))
	r.Detail = strings.TrimPrefix(pointer, "/") + ": " + check.fields[0].Detail
	return r
}
