package fsm

// vital marks commands that go on while disks are nearly full: they keep the
// cluster led and agents honest, or make room for nothing to wait. Everything else
// is new work, and is refused until there is room.
type vital interface{ vital() }

func (BeginTerm) vital()         {}
func (AnnounceNode) vital()      {}
func (PutPresence) vital()       {}
func (DeletePlan) vital()        {}
func (RenewPresence) vital()     {}
func (CloseConversation) vital() {}

// Whoever was asked may answer: if nobody does, more is written than by an answer.

func (AcceptOffer) vital()  {}
func (DeclineOffer) vital() {}

// Vital says whether an item is to be carried out while disks are nearly full:
// by what it does, or because it was seen before and only its outcome is asked
// for. Anybody may call it, with a view.
func Vital(s *State, it Item) bool {
	if row, ok := s.Keys.Get(hashOf(it.Key)); ok && row.ExpiresMs >= s.NowMs {
		return true
	}
	c, err := DecodeItem(it)
	if err != nil {
		return true // whoever applies it says what is wrong
	}
	_, ok := c.(vital)
	return ok
}
