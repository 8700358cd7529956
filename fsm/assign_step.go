package fsm

// The step "assign" of a rule: to an agent, to whoever's turn it is in a team, to the
// contact's owner, to the agent whom a field of the contact names, or to nobody. It
// takes the one way to assign: what a team is to give enters its queue.

// do implements act. With no conversation at hand the step is about a contact: it opens
// a lead, and whoever gets that owns the contact.
func (a *AssignStep) do(tx *Tx, co *course, in instruction) error {
	c, ok := co.conversation(tx)
	if !ok {
		return a.doForContact(tx, co, in)
	}
	tx.subject, tx.because = c.Handle, co.run.Because
	switch {
	case co.about.desk && !a.Nobody: // decision 7: the desk comes before rules
		return nil
	case c.Status == StatusClosed && a.Nobody:
		letGoClosed(tx, &c)
		return nil
	case c.Status == StatusClosed, c.Status == StatusPending: // nobody gets it before it is opened, or handed off (K30)
		return otherwise(co, in, "conversation %q is %s", c.ID, c.Status)
	case c.leftToRule() && !evenIfOwned(tx.State, co) && ownersFirst(tx, &c):
		return nil
	}
	return a.give(tx, co, in, &c, ConversationAssigned)
}

// otherwise goes on with a step's own branch. One that has none could not be done.
func otherwise(co *course, in instruction, format string, args ...any) error {
	if in.otherwise == in.next {
		return reject(NotFound, format, args...)
	}
	co.at = in.otherwise
	return nil
}

// evenIfOwned says whether a run's assignments come before the contact's owner.
func evenIfOwned(s *State, co *course) bool {
	if edition, kept := s.Editions.Get(editionKey{co.run.Rule, co.run.Edition}); kept {
		return edition.Body.EvenIfOwned
	}
	return co.rule.Live != nil && co.rule.Live.EvenIfOwned
}

// ownersFirst gives what was left to a rule to the owner of its contact, as without
// the rule (decision 7).
func ownersFirst(tx *Tx, c *Conversation) bool {
	owner := ownerOf(tx.State, customerOf(tx.State, *c))
	inbox, _ := tx.Inboxes.Get(c.Inbox)
	return owner != 0 && toOwner(tx, c, inbox, owner, ConversationAssigned)
}

// give does the step about c, which is open or snoozed, or a lead that is not stored
// yet.
func (a *AssignStep) give(tx *Tx, co *course, in instruction, c *Conversation, event Event) error {
	switch {
	case a.Nobody:
		letGoHeld(tx, c)
		return nil
	case a.Team != "":
		team, ok := tx.Teams.ByID(a.Team)
		if !ok {
			return otherwise(co, in, "there is no team %q", a.Team)
		}
		if !a.mayReach(tx.State, *c, team) {
			return otherwise(co, in, "nobody in team %q can take it", a.Team)
		}
		a.bring(tx, c, team, event)
		a.awaits(tx, co, in, c.Handle)
		return nil
	default:
		agent, kind := a.target(tx.State, *c)
		if !a.mayGive(tx, *c, agent) {
			return otherwise(co, in, "who is named cannot take it")
		}
		giveTo(tx, c, agent, kind, event)
		return nil
	}
}

// target returns the agent whom a step names, the zero value if there is none.
func (a *AssignStep) target(s *State, c Conversation) (Agent, DecisionKind) {
	contact := customerOf(s, c)
	switch {
	case a.Owner:
		agent, _ := s.Agents.shown(contact.Owner)
		return agent, DecidedOwner
	case a.Field != "":
		for _, field := range contact.Fields {
			if field.Name == a.Field {
				agent, _ := s.Agents.ByID(AgentID(field.Value))
				return agent, DecidedRule
			}
		}
		return Agent{}, DecidedRule
	default:
		agent, _ := s.Agents.ByID(a.Agent)
		return agent, DecidedRule
	}
}

// mayGive says whether a step may give c to an agent: she is there, works already,
// may read what is in the inbox, and is as free as the step wants.
func (a *AssignStep) mayGive(tx *Tx, c Conversation, agent Agent) bool {
	switch {
	case agent.Handle == 0 || agent.Pending:
		return false
	case !c.Lead && !hasAccess(tx.State, deskOf(tx.State, c), agent.Handle):
		return false
	case a.OnlyAvailable && !pickable(tx, c.Assignment.Team, agent.Handle):
		return false
	default:
		holds := c.holder() == agent.Handle && c.Status == StatusOpen // counted already
		return a.FewerThan == 0 || holds || tx.Conversations.load.Of(agent.Handle) < a.FewerThan
	}
}

// giveTo gives c to an agent without a turn. Who has it already keeps it, and nothing
// is decided.
func giveTo(tx *Tx, c *Conversation, agent Agent, kind DecisionKind, event Event) {
	if worksOn(*c, agent) {
		return
	}
	team, _ := tx.Teams.Get(c.Assignment.Team)
	before := c.Assignment.Assignee
	leave(tx, c, team)
	bringIn(tx, c, agent)
	give(tx, c,
		Assignment{State: StateAssigned, SinceMs: tx.NowMs, Team: c.Assignment.Team, Assignee: agent.Handle},
		Decision{Kind: kind, Trigger: event, Before: before}, event)
}

// mayReach says whether a step is to bring c to a team. Where it says what to do
// otherwise, nobody waits for somebody who never comes; where it wants somebody at
// once, the team is skipped if nobody may be picked (K94).
func (a *AssignStep) mayReach(s *State, c Conversation, team Team) bool {
	if !a.OnlyAvailable && len(a.Otherwise) == 0 {
		return true
	}
	narrow(s, &c, a, team)
	c.Assignment.Team = team.Handle
	if a.OnlyAvailable {
		return !team.Rotation.excludes(c) && choose(s, team, &c).Found
	}
	demand := demandOf(s, &c)
	for m := range s.Members.From(memberKey{team: team.Handle}) {
		if m.Team != team.Handle {
			return false
		}
		if demand.allows(m.Agent) {
			return true
		}
	}
	return false
}

// bring brings c to a team, where whoever's turn it is gets it, or it waits. What
// waits already keeps its age.
func (a *AssignStep) bring(tx *Tx, c *Conversation, team Team, event Event) {
	was, next := c.Assignment, *c
	narrow(tx.State, &next, a, team)
	if was.queued() && was.Team == team.Handle && asksOf(c) == asksOf(&next) && requirementOf(c) == requirementOf(&next) {
		tx.Conversations.Put(next) // as it is
		return
	}
	from, _ := tx.Teams.Get(was.Team)
	leave(tx, c, from)
	unsnooze(tx, &next)
	next.Assignment = c.Assignment
	*c = next
	at := Assignment{SinceMs: tx.NowMs, Team: team.Handle, Assignee: was.Assignee, QueueSeq: tx.Seq,
		Progress: Progress{Chain: team.Handle, StepMs: tx.NowMs}}
	if was.queued() {
		at.SinceMs, at.QueueSeq = was.SinceMs, was.QueueSeq
	}
	arrive(tx, c, at, event)
}

// awaits lets a run wait until somebody has the conversation, if the step says for how
// long. The run stands at the step, which says what comes then.
func (a *AssignStep) awaits(tx *Tx, co *course, in instruction, handle ConversationHandle) {
	c, _ := tx.Conversations.Get(handle)
	if a.WithinSeconds > 0 && c.Status != StatusClosed && c.holder() == 0 {
		co.at = in.number
		co.pending = &Pending{For: PendingAssignment, DueMs: tx.NowMs + int64(a.WithinSeconds)*1000}
	}
}

// letGoHeld takes c from whoever has it. It is held, until somebody claims it or gives
// it to somebody; a rule may as well, since no person has said so.
func letGoHeld(tx *Tx, c *Conversation) {
	if c.Assignment.State == StateHeld {
		return
	}
	team, _ := tx.Teams.Get(c.Assignment.Team)
	before := c.Assignment.Assignee
	leave(tx, c, team)
	give(tx, c,
		Assignment{State: StateHeld, Cause: CauseUnassigned, SinceMs: tx.NowMs, Team: c.Assignment.Team},
		Decision{Kind: DecidedUnassign, Trigger: ConversationUnassigned, Before: before, Cause: CauseUnassigned},
		ConversationUnassigned)
}

// letGoClosed lets the agent of a closed conversation go (S3.25).
func letGoClosed(tx *Tx, c *Conversation) {
	if c.Assignment.Assignee == 0 {
		return
	}
	give(tx, c, Assignment{Cause: CauseClosed, SinceMs: tx.NowMs, Team: c.Assignment.Team},
		Decision{Kind: DecidedUnassign, Trigger: ConversationUnassigned, Before: c.Assignment.Assignee, Cause: CauseClosed},
		ConversationUnassigned)
}
