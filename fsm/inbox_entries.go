package fsm

import "slices"

var (
	_ = register[PutInboxAccess](80, "inbox.access_put")
	_ = register[DeleteInboxAccess](81, "inbox.access_delete")
	_ = register[PutInboxMember](82, "inbox.member_put")
	_ = register[DeleteInboxMember](83, "inbox.member_delete")
)

// PutInboxAccess gives one agent access to an inbox, so that two people who edit
// it never overwrite each other's list. To an inbox that was open to everybody it
// is a surprise for all others, which a warning says.
type PutInboxAccess struct {
	Inbox InboxID `json:"inbox" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// DeleteInboxAccess takes it from her. Nobody picks her there any more (S5.8, K12);
// what she has stays hers (S2.21).
type DeleteInboxAccess struct {
	Inbox InboxID `json:"inbox" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// PutInboxMember adds one agent to those of an inbox whom the rotation may pick
// (S1.10).
type PutInboxMember struct {
	Inbox InboxID `json:"inbox" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// DeleteInboxMember takes one agent out of them.
type DeleteInboxMember struct {
	Inbox InboxID `json:"inbox" cbor:"1,keyasint"`
	Agent AgentID `json:"agent" cbor:"2,keyasint"`
}

// Check implements Command.
func (c PutInboxAccess) Check() error { return checkInboxEntry(c.Inbox, c.Agent) }

// Check implements Command.
func (c DeleteInboxAccess) Check() error { return checkInboxEntry(c.Inbox, c.Agent) }

// Check implements Command.
func (c PutInboxMember) Check() error { return checkInboxEntry(c.Inbox, c.Agent) }

// Check implements Command.
func (c DeleteInboxMember) Check() error { return checkInboxEntry(c.Inbox, c.Agent) }

func (c PutInboxAccess) apply(tx *Tx) (Result, error) {
	return putEntry(tx, c.Inbox, c.Agent, listAccess)
}

func (c DeleteInboxAccess) apply(tx *Tx) (Result, error) {
	return deleteEntry(tx, c.Inbox, c.Agent, listAccess)
}

func (c PutInboxMember) apply(tx *Tx) (Result, error) {
	return putEntry(tx, c.Inbox, c.Agent, listMembers)
}

func (c DeleteInboxMember) apply(tx *Tx) (Result, error) {
	return deleteEntry(tx, c.Inbox, c.Agent, listMembers)
}

func checkInboxEntry(inbox InboxID, agent AgentID) error {
	var check checker
	check.id("/inbox", string(inbox))
	check.id("/agent", string(agent))
	return check.err()
}

func (l inboxList) String() string {
	if l == listMembers {
		return "members"
	}
	return "access"
}

func (p *InboxPeople) roster(list inboxList) *Roster {
	if list == listMembers {
		return &p.Members
	}
	return &p.Access
}

func putEntry(tx *Tx, id InboxID, agentID AgentID, list inboxList) (Result, error) {
	inbox, agent, err := inboxAndAgent(tx, id, agentID)
	if err != nil {
		return Result{}, err
	}
	row, result := inbox, Result{Subject: Subject{NounInbox, uint64(inbox.Handle)}}
	entries := row.People.roster(list)
	if !slices.Contains(*entries, Participant{Agent: agent.Handle}) {
		if len(*entries) >= MaxMembers {
			return Result{}, reject(ListFull, "the %s of inbox %q has %d entries, the most it may have; put people into a group", list, inbox.ID, len(*entries))
		}
		*entries = append(slices.Clip(*entries), Participant{Agent: agent.Handle})
		putInbox(tx, row, inbox)
		result.Created = true
	}
	team, _ := tx.Teams.Get(row.Team)
	result.Warnings = warnOfInbox(tx, row, team)
	if result.Created && len(*entries) == 1 {
		result.Warnings |= WarnNarrowed
	}
	return result, nil
}

func deleteEntry(tx *Tx, id InboxID, agentID AgentID, list inboxList) (Result, error) {
	inbox, agent, err := inboxAndAgent(tx, id, agentID)
	if err != nil {
		return Result{}, err
	}
	row := inbox
	entries := row.People.roster(list)
	at := slices.Index(*entries, Participant{Agent: agent.Handle})
	switch {
	case at < 0 && stands(tx.State, inbox.Handle, list, agent.Handle):
		return Result{}, reject(NotFound, "agent %q is in the %s list of inbox %q only through a group; take her out of the group", agent.ID, list, inbox.ID)
	case at < 0:
		return Result{}, reject(NotFound, "agent %q is not in the %s list of inbox %q", agent.ID, list, inbox.ID)
	case len(*entries) == 1:
		return Result{}, reject(LastEntry,
			"agent %q is the last in the %s list of inbox %q, and an empty list means no restriction; if that is wanted, put the inbox with an empty list", agent.ID, list, inbox.ID)
	}
	*entries = slices.Delete(slices.Clone(*entries), at, at+1)
	putInbox(tx, row, inbox)
	team, _ := tx.Teams.Get(row.Team)
	return Result{Subject: Subject{NounInbox, uint64(row.Handle)}, Warnings: warnOfInbox(tx, row, team)}, nil
}

func inboxAndAgent(tx *Tx, inbox InboxID, agent AgentID) (Inbox, Agent, error) {
	i, ok := tx.Inboxes.ByID(inbox)
	if !ok {
		return i, Agent{}, reject(NotFound, "there is no inbox %q", inbox)
	}
	a, ok := tx.Agents.ByID(agent)
	if !ok {
		return i, a, reject(NotFound, "there is no agent %q", agent)
	}
	return i, a, nil
}
