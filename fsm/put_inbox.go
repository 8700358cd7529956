package fsm

import (
	"strings"
)

var _ = register[PutInbox](5, "inbox.put")

// PutInbox creates or replaces an inbox.
type PutInbox struct {
	ID         InboxID         `json:"id" cbor:"1,keyasint"`
	Name       string          `json:"name" cbor:"2,keyasint"`
	Channel    Channel         `json:"channel" cbor:"3,keyasint"`
	Assignment InboxAssignment `json:"assignment" cbor:"4,keyasint"`
	Access     []RosterEntry   `json:"access" cbor:"10,keyasint,omitempty"`  // [] is everybody
	Members    []RosterEntry   `json:"members" cbor:"11,keyasint,omitempty"` // [] is everybody with access

	Capacity *CapacitySettings `json:"capacity" cbor:"24,keyasint,omitempty"`
}

// InboxAssignment says how an inbox assigns: by hand, to one agent, or by the
// rotation of a team. Setting one turns the others off (S1.12).
type InboxAssignment struct {
	Mode  string  `json:"mode" cbor:"1,keyasint,omitempty"` // manual (default), rotation, default_assignee
	Team  TeamID  `json:"team" cbor:"2,keyasint,omitempty"`
	Agent AgentID `json:"agent" cbor:"3,keyasint,omitempty"` // of default_assignee

	AssignUnknown     *bool  `json:"assign_unknown" cbor:"4,keyasint,omitempty"`      // true by default (S5.3)
	KnownWithoutOwner string `json:"known_without_owner" cbor:"5,keyasint,omitempty"` // rotation (default), team_inbox
	WhenOwnerAbsent   string `json:"when_owner_absent" cbor:"6,keyasint,omitempty"`   // reassign (default), keep, wait
	LastAssignee      bool   `json:"last_assignee" cbor:"7,keyasint,omitempty"`
	SetOwner          string `json:"set_owner" cbor:"20,keyasint,omitempty"` // never (default), first_assignee
	Reassign          string `json:"reassign" cbor:"23,keyasint,omitempty"`  // anyone (default), supervisors

	Hours        ScheduleID `json:"hours" cbor:"28,keyasint,omitempty"`         // a schedule; "": at any time
	OutsideHours string     `json:"outside_hours" cbor:"29,keyasint,omitempty"` // assign (default), team_inbox, wait

	Bot AgentID `json:"bot" cbor:"21,keyasint,omitempty"` // an agent of kind bot; "": none
}

// Check implements Command.
func (c PutInbox) Check() error {
	var check checker
	check.id("/id", string(c.ID))
	check.name("/name", c.Name)
	if c.Channel.Kind != "" || c.Channel.Address != "" {
		check.id("/channel/kind", c.Channel.Kind)
		if c.Channel.Address != "" {
			check.address("/channel/address", c.Channel.Address)
		}
	}
	c.Assignment.check(&check)
	checkRoster(&check, "/access", c.Access, MaxMembers)
	checkRoster(&check, "/members", c.Members, MaxMembers)
	c.Capacity.check(&check)
	return check.err()
}

func (a InboxAssignment) check(check *checker) {
	check.oneOf("/assignment/mode", a.Mode, modes...)
	if a.Mode == ModeRotation.String() || a.Team != "" {
		check.id("/assignment/team", string(a.Team))
	}
	switch {
	case a.Mode == ModeDefaultAssignee.String():
		check.id("/assignment/agent", string(a.Agent))
	case a.Agent != "" && a.Mode == "":
		check.add("/assignment/mode", "required", `an agent is named; say "mode":"default_assignee" if everything is to go to her`)
	case a.Agent != "":
		check.id("/assignment/agent", string(a.Agent))
	}
	check.oneOf("/assignment/known_without_owner", a.KnownWithoutOwner, knownWithoutOwners...)
	check.oneOf("/assignment/when_owner_absent", a.WhenOwnerAbsent, whenOwnerAbsents...)
	check.oneOf("/assignment/set_owner", a.SetOwner, setOwners...)
	check.oneOf("/assignment/reassign", a.Reassign, reassigns...)
	a.checkHours(check)
	if a.Bot != "" {
		check.id("/assignment/bot", string(a.Bot))
	}
}

func (c PutInbox) apply(tx *Tx) (Result, error) {
	to, people, err := c.resolve(tx)
	team := to.team
	if err != nil {
		return Result{}, err
	}
	if other, taken := tx.Inboxes.ByChannel(c.Channel); taken && other.ID != c.ID {
		return Result{}, reject(AddressTaken, "inbox %q has this channel address already", other.ID)
	}

	old, named := tx.Inboxes.Named.ByID(c.ID)
	row := old
	if !named {
		row = Inbox{Handle: InboxHandle(tx.mintSmall()), ID: c.ID}
	}
	row.Name, row.Channel, row.Team, row.People, row.Removed = c.Name, c.Channel, team.Handle, people, false
	row.Mode, row.Rules = c.Assignment.resolve(to.agent.Handle)
	row.Rules.Bot = c.Assignment.bot(tx.State)
	row.Rules.OfficeHours = c.Assignment.officeHours(tx.State)
	row.Capacity = to.capacity
	was := old
	if old.Removed {
		was = Inbox{}
	}
	created := !named || old.Removed
	if created || !row.equal(old) {
		putInbox(tx, row, was)
		if old.Removed {
			accessChanged(tx) // replies to it go by its people again
		}
		openInbox(tx, row, InboxChanged)
	}
	return Result{
		Created: created, Subject: Subject{NounInbox, uint64(row.Handle)},
		Warnings: warnOfInbox(tx, row, team) | warnOfMode(c.Assignment, was, row),
	}, nil
}

// putInbox stores an inbox that was changed, and serves whom the change lets in.
func putInbox(tx *Tx, row, old Inbox) {
	keepInbox(tx, row)
	if old.Mode == ModeDefaultAssignee && (row.Mode != old.Mode || row.Rules.DefaultAssignee != old.Rules.DefaultAssignee) {
		letGo(tx, old.Rules.DefaultAssignee)
	}
	if !row.People.equal(old.People) || !row.Capacity.equal(old.Capacity) {
		accessChanged(tx)
	}
}

// keepInbox stores an inbox that was changed, and tells it.
func keepInbox(tx *Tx, row Inbox) {
	row.Revision = tx.Seq
	tx.Inboxes.Put(row)
	tx.emit(Record{Event: InboxChanged, Inbox: row.Handle}, nil)
}

func (i Inbox) equal(other Inbox) bool {
	return i.People.equal(other.People) && i.Capacity.equal(other.Capacity) && i.Handle == other.Handle && i.Name == other.Name && i.Channel == other.Channel && i.Mode == other.Mode &&
		i.Team == other.Team && i.Rules == other.Rules && i.Removed == other.Removed
}

// namedByInbox is what the settings of an inbox name, besides its people.
type namedByInbox struct {
	team     Team
	agent    Agent // of default_assignee
	capacity Capacity
}

// resolve refuses references to nothing, all of them at once.
func (c PutInbox) resolve(tx *Tx) (to namedByInbox, people InboxPeople, err error) {
	var check checker
	if id := c.Assignment.Team; id != "" {
		var ok bool
		if to.team, ok = tx.Teams.ByID(id); !ok {
			check.add("/assignment/team", "unknown_team", "there is no team %q; create it first", id)
		}
	}
	if id := c.Assignment.Agent; id != "" {
		var ok bool
		if to.agent, ok = tx.Agents.ByID(id); !ok {
			check.add("/assignment/agent", "unknown_agent", "there is no agent %q; create it first", id)
		}
	}
	c.Assignment.checkBot(tx.State, &check)
	c.Assignment.checkSchedule(tx.State, &check)
	people.Access = resolveRoster(tx.State, &check, "/access", c.Access)
	people.Members = resolveRoster(tx.State, &check, "/members", c.Members)
	to.capacity = c.Capacity.resolve(tx.State, &check)
	return to, people, check.as(UnknownReference)
}

// resolve returns the mode and the rules that the settings stand for. An agent who
// is not needed in the mode is dropped; warnOfMode says so.
func (a InboxAssignment) resolve(agent AgentHandle) (Mode, InboxRules) {
	mode, _ := numberOf(modes, a.Mode)
	known, _ := numberOf(knownWithoutOwners, a.KnownWithoutOwner)
	absent, _ := numberOf(whenOwnerAbsents, a.WhenOwnerAbsent)
	setOwner, _ := numberOf(setOwners, a.SetOwner)
	reassign, _ := numberOf(reassigns, a.Reassign)
	rules := InboxRules{
		SetOwner:          SetOwner(setOwner),
		Reassign:          Reassign(reassign),
		HoldUnknown:       a.AssignUnknown != nil && !*a.AssignUnknown,
		KnownWithoutOwner: KnownWithoutOwner(known), WhenOwnerAbsent: WhenOwnerAbsent(absent), LastAssignee: a.LastAssignee,
	}
	if Mode(mode) == ModeDefaultAssignee {
		rules.DefaultAssignee = agent
	}
	return Mode(mode), rules
}

// unknown refuses a reference to nothing.
func unknown(pointer, noun, id string) *Rejection {
	var check checker
	check.add(pointer, "unknown_"+noun, "there is no %s %q; create it first", noun, id)
	r, _ := asRejection(check.as(UnknownReference))
	r.Detail = strings.TrimPrefix(pointer, "/") + ": " + check.fields[0].Detail
	return r
}
