package fsm

// Giving the conversation to somebody, as a person would.
func (s *AssignStep) do(tx *Tx, co *course, in instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	switch {
	case s.Agent != "":
		err = perform(tx, AssignConversation{Conversation: c.ID, Agent: s.Agent})
	case s.Team != "":
		err = perform(tx, TransferConversation{Conversation: c.ID, Team: s.Team})
	case s.Nobody:
		err = perform(tx, UnassignConversation{Conversation: c.ID})
	default:
		err = reject(NotFound, "this is not assigned yet")
	}
	if err != nil && in.otherwise != in.next {
		co.at = in.otherwise
		return nil
	}
	return err
}
