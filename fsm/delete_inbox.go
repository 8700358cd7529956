package fsm

var _ = register[DeleteInbox](84, "inbox.delete")

// DeleteInbox removes an inbox: it takes no messages any more and its channel
// address is free. What was closed in it stays and cannot be opened again, unless
// an inbox is put under this id, which brings it back.
type DeleteInbox struct {
	Inbox InboxID `json:"inbox" cbor:"1,keyasint"`
}

// Check implements Command.
func (c DeleteInbox) Check() error {
	var check checker
	check.id("/inbox", string(c.Inbox))
	return check.err()
}

func (c DeleteInbox) apply(tx *Tx) (Result, error) {
	row, ok := tx.Inboxes.ByID(c.Inbox)
	if !ok {
		return Result{}, reject(NotFound, "there is no inbox %q", c.Inbox)
	}
	if open, found := first(tx.Conversations.ofInbox.From(shelf{owner: uint32(row.Handle)})); found &&
		open.owner == uint32(row.Handle) && !open.phase.closed() {
		c, _ := tx.Conversations.Get(open.handle)
		return Result{}, reject(InUse, "inbox %q has open conversations, such as %q; close them first", row.ID, c.ID)
	}
	row.Removed, row.Revision = true, tx.Seq
	tx.Inboxes.Put(row)
	tx.emit(Record{Event: InboxChanged, Inbox: row.Handle}, nil)
	if row.demands() {
		accessChanged(tx) // what waits as a reply to it is open to others now
	}
	return Result{Subject: Subject{NounInbox, uint64(row.Handle)}, Warnings: warnOfRules(tx.State, NounInbox, string(row.ID))}, nil
}
