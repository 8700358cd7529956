package fsm

// notify tells people that a rule wants them to know. Whoever may not see the inbox
// is told nothing.
func (s *NotifyStep) do(tx *Tx, co *course, _ instruction) error {
	c, about := co.conversation(tx)
	rec := Record{Event: RuleNotified, Contact: co.run.Contact}
	switch {
	case s.Agent != "":
		agent, ok := tx.Agents.ByID(s.Agent)
		if !ok {
			return reject(NotFound, "there is no agent %q", s.Agent)
		}
		inbox, _ := tx.Inboxes.Get(c.Inbox)
		if about && c.holder() != agent.Handle && !mayFollowIn(tx.State, inbox, agent.Handle) {
			return reject(NoAccess, "agent %q has no access to inbox %q", agent.ID, inbox.ID)
		}
		rec.Agent = agent.Handle
	case s.Assignee:
		if rec.Agent = c.holder(); rec.Agent == 0 {
			return reject(NotFound, "nobody has it")
		}
	default:
		team, ok := tx.Teams.ByID(s.Supervisors)
		if !ok {
			return reject(NotFound, "there is no team %q", s.Supervisors)
		}
		rec.Team = team.Handle
	}
	if !about {
		tx.emit(rec, nil)
		return nil
	}
	tx.emit(rec, &c)
	tx.Conversations.Put(c)
	return nil
}

// notified tells whom a rule has named: an agent, or else the supervisors of a team.
func (n *notices) notified() {
	if n.rec.Agent != 0 {
		n.add(n.rec.Agent, NoticeRule)
		return
	}
	if n.rec.Conversation == 0 {
		n.leaders(n.rec.Team, NoticeRule, nil)
		return
	}
	inbox, _ := n.state.Inboxes.Get(n.rec.Inbox)
	n.leaders(n.rec.Team, NoticeRule, &inbox)
}

// Whoever sends messages is asked to, with the template of the step, or else that of
// the team; not again for the same assignee by the latter.
func (s *MessageStep) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	team, _ := tx.Teams.Get(c.Assignment.Team)
	contact, there := co.contact(tx)
	switch {
	case c.holder() == 0 || c.Lead || c.Status != StatusOpen:
		return reject(NotFound, "nobody works on it of whom the customer could be told")
	case !there || contact.Blocked:
		return reject(BlockedContact, "the contact is blocked, or there no more")
	case s.Template == "" && team.Greeting == "":
		return reject(NotFound, "neither the step nor team %q has a message", team.ID)
	case s.Template == "" && c.Greeted == c.holder():
		return nil
	}
	c.Greeted = c.holder()
	tx.emit(Record{Event: AssignmentMessageDue, Agent: c.Greeted}, &c)
	tx.Conversations.Put(c)
	return nil
}

// templateOf returns the template by which an assignment message is made: that of
// the rule's step that asked for it, as long as its edition is kept, or else that of
// the team.
func templateOf(s *State, rec Record, team Team) string {
	if edition, ok := s.Editions.Get(editionKey{rec.Rule, rec.Edition}); ok && rec.Rule != 0 {
		p := newProgram(edition.Body.Steps)
		if at := int(rec.Step); at < len(p) && p[at].step.SendMessage != nil && p[at].step.SendMessage.Template != "" {
			return p[at].step.SendMessage.Template
		}
	}
	return team.Greeting
}
