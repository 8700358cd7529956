package fsm

// ChorePatience sets the timers of customers who waited already when a rule about their
// waiting came in force: a step of an entry each. Nobody writes for them meanwhile, so
// nothing else would.
const ChorePatience ChoreKind = 21

// patienceFires begins the chore, if a rule answers to a wait from now on to which it
// did not. A wait that is over is answered at once; but no shorter one than rules were
// asked about already since the customer began to wait.
func patienceFires(tx *Tx, row, old Rule) {
	if now := row.patience(); now != 0 && now != old.patience() {
		Chore{Kind: ChorePatience, Because: RuleIsPublished}.begin(tx)
	}
}

// patience is to how long a wait a rule in force answers; 0: to none.
func (r Rule) patience() uint32 {
	if r.Removed || r.State != RulePublished || r.Live == nil || r.Live.On.On != OnNoReply {
		return 0
	}
	return r.Live.On.ForSeconds
}

// armPatience does one step of the chore, inbox by inbox. Where the rule is in force no
// more by then, there is nothing to do.
func armPatience(tx *Tx, c Chore) {
	inbox, handle, found := nextPatient(tx.State, c.Inbox, c.Resume)
	if !found {
		tx.Chores.Delete(c)
		return
	}
	if !tx.step() {
		return
	}
	c.Inbox, c.Resume = inbox, handle+1
	tx.Chores.Put(c)
	row, _ := tx.Conversations.Get(handle)
	due := row.Talk.DueMs
	if watchReply(tx, &row); row.Talk.DueMs != due {
		tx.Conversations.Put(row)
	}
}

// nextPatient returns the open conversation that the chore looks at next, and its
// inbox.
func nextPatient(s *State, inbox InboxHandle, from ConversationHandle) (InboxHandle, ConversationHandle, bool) {
	if !s.Rules.answer(OnNoReply) {
		return 0, 0, false
	}
	for ; ; from = 0 {
		if next, ok := nextOpenOn(s.Conversations.ofInbox, uint32(inbox), from); ok {
			return inbox, ConversationHandle(next), true
		}
		key, ok := first(s.Conversations.ofInbox.From(shelf{owner: uint32(inbox) + 1}))
		if !ok {
			return 0, 0, false
		}
		inbox = InboxHandle(key.owner)
	}
}
