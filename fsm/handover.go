package fsm

import "strings"

// What everybody is asked who changes who has a conversation: refuseMove is the one
// place that judges it, for all commands.

// A Reassign says who may take a conversation from whoever has it, and choose who
// gets it (K73).
type Reassign uint8

const (
	ReassignAnyone      Reassign = iota // who works with conversations
	ReassignSupervisors                 // others take what nobody has, for themselves, and give back what is theirs
)

var reassigns = []string{"anyone", "supervisors"}

func (r Reassign) String() string { return nameOf(reassigns, int(r)) }

// A move is what somebody is about to do with a conversation, and what she believes
// about it.
type move struct {
	to         Agent // who is to get it; the zero value: nobody in particular
	ifAssignee Expectation
	ifDecision string // id of the newest decision she has seen; "": she does not say
	idle       bool   // it is so already: nothing will change
}

// A Belief is an Expectation in commands that had none at first: one that expects
// nothing is left out of the log.
type Belief struct {
	Set   bool    `cbor:"1,keyasint,omitempty"`
	Agent AgentID `cbor:"2,keyasint,omitempty"`
}

// UnmarshalJSON reads an agent's id, or null for nobody.
func (b *Belief) UnmarshalJSON(data []byte) error {
	var e Expectation
	err := e.UnmarshalJSON(data)
	*b = Belief{e.Set, e.Agent}
	return err
}

func (b Belief) expectation() Expectation { return Expectation{Set: b.Set, Agent: b.Agent} }

// refuseMove says why a conversation may not change hands, or nil: who asks may not
// do it, or what she believes is not so any more, or a person has decided what she
// does not show to have seen.
func refuseMove(tx *Tx, row Conversation, m move) error {
	if err := refuseMover(tx, row, m.to); err != nil {
		return err
	}
	holder, _ := tx.Agents.Get(row.Assignment.Assignee)
	if m.ifAssignee.Set && m.ifAssignee.Agent != holder.ID {
		return lost(tx, row, AssigneeChanged, "%s has conversation %q now, not %s",
			orNobody(holder.ID), row.ID, orNobody(m.ifAssignee.Agent))
	}
	if newest := tx.lastDecision(row); m.ifDecision != "" && m.ifDecision != newest.String() {
		return lost(tx, row, DecisionChanged, "the newest decision about conversation %q is %s, not %s; look at it, then decide",
			row.ID, newest, m.ifDecision)
	}
	return refuseUnseen(tx, row, m)
}

// refuseMover judges who asks: agents whom the cluster knows, as permit does.
func refuseMover(tx *Tx, row Conversation, to Agent) error {
	by, known := actingAgent(tx.State, tx.actor)
	if !known {
		return nil
	}
	inbox, _ := tx.Inboxes.Get(row.Inbox)
	team, _ := tx.Teams.Get(row.Assignment.Team)
	holder, _ := tx.Agents.Get(row.Assignment.Assignee)
	bot := by.Kind == Bot
	switch restricted := inbox.Rules.Reassign == ReassignSupervisors; {
	case bot && !hasAccess(tx.State, inbox, by.Handle): // K71
		return reject(NoAccess, "bot %q has no access to inbox %q; give it access, or let somebody else move conversation %q", by.ID, inbox.ID, row.ID)
	case by.Role == RoleAdmin || supervises(team, by):
		return nil
	case holder.Kind == Bot && holder.Handle != by.Handle && to.Handle == by.Handle: // K37, K73
		return reject(NotPermitted, "bot %q has conversation %q; it is taken from it by being handed off, or by a supervisor", holder.ID, row.ID)
	case restricted && holder.Handle != 0 && holder.Handle != by.Handle:
		return reject(NotPermitted, "%q has conversation %q, and inbox %q lets only supervisors take it away; ask one", holder.ID, row.ID, inbox.ID)
	case restricted && !bot && to.Handle != 0 && to.Handle != by.Handle:
		return reject(NotPermitted, "inbox %q lets only supervisors choose who gets conversation %q; take it yourself, or give it to a team", inbox.ID, row.ID)
	}
	return nil
}

// refuseUnseen keeps what a person decided from automation that may have computed
// from an older state. Nobody's having it is no proof: that is so before and after
// a person has said "unassigned" (decision 11).
func refuseUnseen(tx *Tx, row Conversation, m move) error {
	if m.idle || tx.seen || m.ifDecision != "" || m.ifAssignee.Agent != "" || isPerson(tx.State, tx.actor) {
		return nil
	}
	rec, ok := newestDecision(tx.State, row)
	if !ok || !decidedByPerson(tx.State, rec) {
		return nil
	}
	r := lost(tx, row, DecidedByPerson, "%s decided about conversation %q at %s (decision %s), and this request does not show that you know; "+
		"look at it, and send it with if_decision %q if it is still right", rec.Actor, row.ID, clockTime(rec.TimeMs), rec.ID, rec.ID)
	r.By = rec.Actor
	return r
}

// decidedByPerson says whether a person decided about the very conversation. What
// the rotation did because somebody came, or another conversation moved, is none
// of it.
func decidedByPerson(s *State, rec Record) bool {
	return rec.Event == rec.Decision.Trigger && isPerson(s, rec.Actor)
}

// isPerson says whether a principal is an agent who is no bot.
func isPerson(s *State, principal string) bool {
	by, known := actingAgent(s, principal)
	return strings.HasPrefix(principal, "agent:") && !(known && by.Kind == Bot)
}

// actingAgent returns the agent that a principal is, if the cluster knows her.
func actingAgent(s *State, principal string) (Agent, bool) {
	id, isAgent := strings.CutPrefix(principal, "agent:")
	if !isAgent {
		return Agent{}, false
	}
	return s.Agents.everByID(AgentID(id))
}

// newestDecision returns the record of the newest decision about a conversation,
// unless it was forgotten.
func newestDecision(s *State, row Conversation) (Record, bool) {
	at := row.Decided
	if at == 0 {
		at = row.Latest // the row is older than the field
	}
	for at != 0 {
		rec, ok := s.Records.At(at)
		if !ok || rec.Decision != nil {
			return rec, ok
		}
		at = rec.Previous
	}
	return Record{}, false
}

// checkDecision judges an id in if_decision; "" is none.
func checkDecision(check *checker, pointer, id string) {
	if _, err := ParseRecordID(id); id != "" && err != nil {
		check.add(pointer, "format", "%q is not the id of a decision; they look like 1042.0", clip(id))
	}
}

// checkWord judges a reason in one word: more might be personal data, and it stands in
// records, which are never changed.
func checkWord(check *checker, pointer, text string) {
	if text != "" {
		check.id(pointer, text)
	}
}

// Claiming is taking for oneself. For somebody else it is assigning, which only a
// supervisor does by claiming.
func (c ClaimConversation) allowed(tx *Tx, by Agent) bool {
	row, _ := tx.Conversations.ByID(c.Conversation)
	team, _ := tx.Teams.Get(row.Assignment.Team)
	return c.Agent == by.ID || supervises(team, by)
}
