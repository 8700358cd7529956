package fsm

var (
	_ = register[FollowContact](130, "contact.follow")
	_ = register[UnfollowContact](131, "contact.unfollow")
)

// FollowContact makes an agent a follower of a contact: she is told of what it
// writes, where she has access (S4.24). The contact is named, or one of its
// conversations; the answer is about the one that was.
type FollowContact struct {
	Contact      ContactID      `json:"contact" cbor:"1,keyasint,omitempty"`
	Conversation ConversationID `json:"conversation" cbor:"2,keyasint,omitempty"`
	Agent        AgentID        `json:"agent" cbor:"3,keyasint"`
}

// Check implements Command.
func (c FollowContact) Check() error { return checkFollow(c.Contact, c.Conversation, c.Agent) }

func checkFollow(contact ContactID, conversation ConversationID, agent AgentID) error {
	var check checker
	switch {
	case contact != "" && conversation != "":
		check.add("/conversation", "unexpected", `give either "contact" or "conversation", not both`)
	case conversation != "":
		check.idUpTo("/conversation", string(conversation), MaxLongIDBytes)
	default:
		check.id("/contact", string(contact))
	}
	check.id("/agent", string(agent))
	return check.err()
}

// followed finds what is to be followed, and what the answer is about.
func followed(s *State, contact ContactID, conversation ConversationID) (Contact, Result, error) {
	if conversation == "" {
		row, ok := s.Contacts.ByID(contact)
		if !ok {
			return row, Result{}, reject(NotFound, "there is no contact %q", contact)
		}
		return row, Result{Subject: Subject{NounContact, uint64(row.Handle)}}, nil
	}
	c, ok := s.Conversations.ByID(conversation)
	if !ok {
		return Contact{}, Result{}, reject(NotFound, "there is no conversation %q", conversation)
	}
	row, _ := s.Contacts.Get(c.Contact)
	return row, Result{Subject: Subject{NounConversation, uint64(c.Handle)}, Decision: s.lastDecision(c)}, nil
}

func (c FollowContact) apply(tx *Tx) (Result, error) {
	contact, result, err := followed(tx.State, c.Contact, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	agent, ok := tx.Agents.ByID(c.Agent)
	if !ok {
		return Result{}, unknown("/agent", "agent", string(c.Agent))
	}
	if _, already := tx.Followers.Following(contact.Handle, agent.Handle); already {
		return result, nil
	}
	switch {
	case contact.ErasedMs != 0:
		return Result{}, reject(NotFound, "contact %q was erased; nobody can follow it any more", contact.ID)
	case tx.Followers.countOf(contact.Handle) >= MaxFollowers:
		return Result{}, reject(TooManyFollowers, "contact %q has %d followers, the most it may have; let one go first", contact.ID, MaxFollowers)
	case tx.Followers.following.Of(agent.Handle) >= MaxFollowing:
		return Result{}, reject(TooManyFollowers, "agent %q follows %d contacts, the most she may; let one go first", agent.ID, MaxFollowing)
	}
	tx.Followers.Put(Follow{contact.Handle, agent.Handle, tx.NowMs})
	tx.emit(Record{Event: ContactFollowed, Contact: contact.Handle, Agent: agent.Handle}, nil)
	result.Created = c.Conversation == ""
	return result, nil
}

func (c FollowContact) target(s *State) Target {
	return followTarget(s, c.Contact, c.Conversation, c.Agent, true)
}

// UnfollowContact ends that.
type UnfollowContact struct {
	Contact      ContactID      `json:"contact" cbor:"1,keyasint,omitempty"`
	Conversation ConversationID `json:"conversation" cbor:"2,keyasint,omitempty"`
	Agent        AgentID        `json:"agent" cbor:"3,keyasint"`
}

// Check implements Command.
func (c UnfollowContact) Check() error { return checkFollow(c.Contact, c.Conversation, c.Agent) }

func (c UnfollowContact) apply(tx *Tx) (Result, error) {
	contact, result, err := followed(tx.State, c.Contact, c.Conversation)
	if err != nil {
		return Result{}, err
	}
	agent, _ := tx.Agents.ByID(c.Agent)
	if _, follows := tx.Followers.Following(contact.Handle, agent.Handle); !follows {
		return Result{}, reject(NotFound, "agent %q does not follow contact %q", c.Agent, contact.ID)
	}
	tx.Followers.Delete(contact.Handle, agent.Handle)
	tx.emit(Record{Event: ContactUnfollowed, Contact: contact.Handle, Agent: agent.Handle}, nil)
	return result, nil
}

func (c UnfollowContact) target(s *State) Target {
	return followTarget(s, c.Contact, c.Conversation, c.Agent, false)
}

// followTarget is about a follower, who has been seen with the contact or with the
// conversation.
func followTarget(s *State, contact ContactID, conversation ConversationID, agent AgentID, creates bool) Target {
	row, _, err := followed(s, contact, conversation)
	a, known := s.Agents.ByID(agent)
	_, follows := s.Followers.Following(row.Handle, a.Handle)
	revision := row.Revision
	if c, ok := s.Conversations.ByID(conversation); ok && conversation != "" {
		revision = c.Revision
	}
	return Target{"follower", string(agent), err == nil && known && follows, revision, creates && err == nil && known}
}
