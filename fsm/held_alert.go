package fsm

// TimerHeld is a conversation having been held for as long as its team lets it.
const TimerHeld TimerKind = 60

// DefaultHeldAlertSeconds is how long a conversation may be held before its
// supervisors are told (decision 11).
const DefaultHeldAlertSeconds = 1800

// HandoverRules are what a team does with what people give to it, and leave.
type HandoverRules struct {
	// ByHand: the team picks nobody by itself (auto_assign is off). What comes to it
	// is left to people (K51, K67).
	ByHand bool `cbor:"18,keyasint,omitempty"`

	// HeldAlertMs is when its supervisors are told of what is held. 0: after
	// DefaultHeldAlertSeconds; less than 0: never.
	HeldAlertMs int64 `cbor:"25,keyasint,omitempty"`
}

// HeldAlertSeconds returns after how long supervisors are told; 0: never.
func (r HandoverRules) HeldAlertSeconds() int64 {
	switch {
	case r.HeldAlertMs < 0:
		return 0
	case r.HeldAlertMs == 0:
		return DefaultHeldAlertSeconds
	default:
		return r.HeldAlertMs / 1000
	}
}

// handoverRules returns the rules that the settings of a team stand for.
func (c PutTeam) handoverRules() (r HandoverRules) {
	r.ByHand = c.AutoAssign != nil && !*c.AutoAssign
	switch after := valueOr(c.HeldAlertSeconds, DefaultHeldAlertSeconds); after {
	case DefaultHeldAlertSeconds:
	case 0:
		r.HeldAlertMs = -1
	default:
		r.HeldAlertMs = int64(after) * 1000
	}
	return r
}

// heldTimer is the alert of a held conversation, counted from sinceMs; false: its
// team wants none.
func heldTimer(s *State, c Conversation, sinceMs int64) (Timer, bool) {
	team, _ := s.Teams.Get(c.Assignment.Team)
	after := team.HeldAlertSeconds() * 1000
	return Timer{DueMs: sinceMs + after, Kind: TimerHeld, Ref: uint64(c.Handle)}, after > 0
}

// armHeld sets the alert of a conversation that is held from now on.
func armHeld(tx *Tx, c Conversation) {
	if t, wanted := heldTimer(tx.State, c, c.Assignment.SinceMs); wanted {
		tx.Timers.Put(t)
	}
}

// disarmHeld stops it. One that was set by other settings fires, and sees that
// nothing is held any more.
func disarmHeld(tx *Tx, c Conversation) {
	t, _ := heldTimer(tx.State, c, c.Assignment.SinceMs)
	tx.Timers.Delete(t)
}

// heldAlert tells that nobody has had a conversation for a while because a person
// said so: once an episode. What is put off meanwhile is looked at again later.
func heldAlert(tx *Tx, handle ConversationHandle) {
	c, _ := tx.Conversations.Get(handle)
	if c.Assignment.State != StateHeld || c.Status == StatusClosed {
		return
	}
	since := c.Assignment.SinceMs
	if c.Status == StatusSnoozed {
		since = c.UntilMs
	}
	t, wanted := heldTimer(tx.State, c, since)
	switch {
	case !wanted:
	case t.DueMs > tx.NowMs: // it is another episode, or put off (see heldWakes), or the settings were changed
		tx.Timers.Put(t)
	default:
		tx.emit(Record{Event: HeldAlert}, &c)
		tx.Conversations.Put(c)
	}
}

// heldWakes counts the alert of a held conversation anew from when it wakes, if it
// would have come in the meantime. c still says until when it was put off.
func heldWakes(tx *Tx, c Conversation) {
	t, _ := heldTimer(tx.State, c, c.UntilMs)
	if _, waits := tx.Timers.Get(t); !waits || c.Assignment.State != StateHeld {
		return
	}
	tx.Timers.Delete(t)
	t, _ = heldTimer(tx.State, c, tx.NowMs)
	tx.Timers.Put(t)
}
