package fsm

var (
	_ = register[FollowContact](130, "contact.follow")
	_ = register[UnfollowContact](131, "contact.unfollow")
	_ = register[FollowConversation](134, "conversation.follow")
	_ = register[UnfollowConversation](135, "conversation.unfollow")
)

// FollowContact makes an agent a follower of a contact: she is told of what it
// writes, where she has access (S4.24).
type FollowContact struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Agent   AgentID   `json:"agent" cbor:"2,keyasint"`
}

// UnfollowContact ends that.
type UnfollowContact struct {
	Contact ContactID `json:"contact" cbor:"1,keyasint"`
	Agent   AgentID   `json:"agent" cbor:"2,keyasint"`
}

// FollowConversation makes an agent a follower of the contact of a conversation
// (S4.30).
type FollowConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Agent        AgentID        `json:"agent" cbor:"2,keyasint"`
}

// UnfollowConversation ends that.
type UnfollowConversation struct {
	Conversation ConversationID `json:"conversation" cbor:"1,keyasint"`
	Agent        AgentID        `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c FollowContact) Check() error { return checkFollow(c.Contact, c.Agent) }

// Check implements Command.
func (c UnfollowContact) Check() error { return checkFollow(c.Contact, c.Agent) }

// Check implements Command.
func (c FollowConversation) Check() error { return checkFollowThrough(c.Conversation, c.Agent) }

// Check implements Command.
func (c UnfollowConversation) Check() error { return checkFollowThrough(c.Conversation, c.Agent) }

func checkFollow(contact ContactID, agent AgentID) error {
	var check checker
	check.id("/contact", string(contact))
	check.id("/agent", string(agent))
	return check.err()
}

func checkFollowThrough(conversation ConversationID, agent AgentID) error {
	var check checker
	check.idUpTo("/conversation", string(conversation), MaxLongIDBytes)
	check.id("/agent", string(agent))
	return check.err()
}

func (c FollowContact) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	began, err := follow(tx, contact, c.Agent)
	return Result{Created: began, Subject: Subject{NounContact, uint64(contact.Handle)}}, err
}

func (c UnfollowContact) apply(tx *Tx) (Result, error) {
	contact, err := findContact(tx.State, c.Contact)
	if err != nil {
		return Result{}, err
	}
	return Result{Subject: Subject{NounContact, uint64(contact.Handle)}}, unfollow(tx, contact, c.Agent)
}

func (c FollowConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	contact := customerOf(tx.State, row)
	tx.subject, tx.decided = row.Handle, tx.lastDecision(row)
	began, err := follow(tx, contact, c.Agent)
	return tx.accept(began), err
}

func (c UnfollowConversation) apply(tx *Tx) (Result, error) {
	row, ok := tx.Conversations.ByID(c.Conversation)
	if !ok {
		return Result{}, reject(NotFound, "there is no conversation %q", c.Conversation)
	}
	contact := customerOf(tx.State, row)
	tx.subject, tx.decided = row.Handle, tx.lastDecision(row)
	return tx.accept(false), unfollow(tx, contact, c.Agent)
}

// follow says whether an agent begins to follow a contact; following it already is
// no mistake.
func follow(tx *Tx, contact Contact, id AgentID) (began bool, err error) {
	agent, ok := tx.Agents.ByID(id)
	if !ok {
		return false, unknown("/agent", "agent", string(id))
	}
	if _, already := tx.Followers.Following(contact.Handle, agent.Handle); already {
		return false, nil
	}
	switch {
	case contact.ErasedMs != 0:
		return false, reject(NotFound, "contact %q was erased; nobody can follow it any more", contact.ID)
	case tx.Followers.countOf(contact.Handle) >= MaxFollowers:
		return false, reject(TooManyFollowers, "contact %q has %d followers, the most it may have; let one go first", contact.ID, MaxFollowers)
	case tx.Followers.following.Of(agent.Handle) >= MaxFollowing:
		return false, reject(TooManyFollowers, "agent %q follows %d contacts, the most she may; let one go first", agent.ID, MaxFollowing)
	}
	tx.Followers.Put(Follow{contact.Handle, agent.Handle, tx.NowMs})
	tx.emit(Record{Event: ContactFollowed, Contact: contact.Handle, Agent: agent.Handle}, nil)
	return true, nil
}

func unfollow(tx *Tx, contact Contact, id AgentID) error {
	agent, _ := tx.Agents.ByID(id)
	if _, follows := tx.Followers.Following(contact.Handle, agent.Handle); !follows {
		return reject(NotFound, "agent %q does not follow contact %q", id, contact.ID)
	}
	tx.Followers.Delete(contact.Handle, agent.Handle)
	tx.emit(Record{Event: ContactUnfollowed, Contact: contact.Handle, Agent: agent.Handle}, nil)
	return nil
}

// Who follows has been seen with the contact, or with the conversation.

func (c FollowContact) target(s *State) Target   { return followTarget(s, c.Contact, c.Agent, true) }
func (c UnfollowContact) target(s *State) Target { return followTarget(s, c.Contact, c.Agent, false) }

func (c FollowConversation) target(s *State) Target {
	return followTargetThrough(s, c.Conversation, c.Agent, true)
}

func (c UnfollowConversation) target(s *State) Target {
	return followTargetThrough(s, c.Conversation, c.Agent, false)
}

func followTarget(s *State, id ContactID, agent AgentID, creates bool) Target {
	contact, ok := s.Contacts.ByID(id)
	a, known := s.Agents.ByID(agent)
	_, follows := s.Followers.Following(contact.Handle, a.Handle)
	return Target{"follower", string(agent), ok && known && follows, contact.Revision, creates && ok && known}
}

func followTargetThrough(s *State, id ConversationID, agent AgentID, creates bool) Target {
	row, _ := s.Conversations.ByID(id)
	contact := customerOf(s, row)
	t := followTarget(s, contact.ID, agent, creates)
	t.Revision = row.Revision
	return t
}
