package fsm

import (
	"slices"
	"strings"
)

// find returns what a field is now. Each is read from a row or found through an
// index: what a field costs does not grow with what there is.
//
// It is a switch and no table of functions, so that nothing is allocated.
func (f *facts) find(field fieldNumber, name, of string) fact {
	switch {
	case field < conversationInbox:
		return f.ofContact(field, name)
	case field < teamEligible:
		return f.ofConversation(field, name)
	case field < agentStatus:
		return f.ofTeam(field, of)
	case field < scheduleOpenField:
		return f.ofAgent(field, of)
	case field < formField:
		return f.ofSchedule(field, of)
	default:
		return fact{there: f.form != "", text: f.form}
	}
}

func (f *facts) ofContact(field fieldNumber, name string) (found fact) {
	c := &f.contact
	found.there = c.Handle != 0
	switch field {
	case contactKnown:
		found.yes = c.Known
	case contactNew:
		found.yes = !f.returning()
	case contactReturning:
		found.yes = f.returning()
	case contactOwnerField:
		found.text = agentIDOf(f.state, c.Owner)
	case contactTagsField:
		found.set = c.Tags
	case contactLanguage:
		found.text = c.Language
	case contactRegion:
		found.text = c.Region
	case contactCountry:
		found.text, _, _ = strings.Cut(c.Region, "-")
	case contactQualifiedField:
		found.yes = isQualified(c)
	case contactVIP:
		found.yes = slices.Contains(c.Tags, vipTag)
	case contactFieldNamed:
		found.text = attributeNamed(c.Fields, name)
	default:
		found.there = false
	}
	return found
}

func (f *facts) ofConversation(field fieldNumber, name string) (found fact) {
	c := f.conversation
	if c == nil {
		return found
	}
	found.there = true
	switch field {
	case conversationInbox, conversationChannel:
		inbox, _ := f.state.Inboxes.Get(c.Inbox)
		if found.text = string(inbox.ID); field == conversationChannel {
			found.text = inbox.Channel.Kind
		}
	case conversationDirection:
		found.text = c.Direction.String()
	case conversationPriority:
		found.number = uint64(c.Priority)
	case conversationTagsField:
		found.set = c.Tags
	case conversationAge:
		found.number = secondsSince(f.state, c.OpenedMs)
	case conversationStatusField:
		found.text = c.Status.String()
	case conversationState:
		found.text = c.Assignment.State.String()
	case conversationTeam:
		team, _ := f.state.Teams.Get(c.Assignment.Team)
		found.text = string(team.ID)
	case conversationAssignee:
		found.text = agentIDOf(f.state, c.Assignment.Assignee)
	case conversationUnread:
		found.number = uint64(c.Talk.Unread)
	case conversationAttribute:
		found.text = attributeNamed(c.Attributes, name)
	case conversationSource:
		found.text = attributeNamed(c.Attributes, "source")
	case conversationAd:
		found.text = attributeNamed(c.Attributes, "ad")
	case conversationLandingPage:
		found.text = attributeNamed(c.Attributes, "landing_page")
	default:
		found.there = false
	}
	return found
}

// ofTeam finds what is so of a team: the one named, or that of the conversation.
func (f *facts) ofTeam(field fieldNumber, of string) (found fact) {
	team, ok := f.state.Teams.ByID(TeamID(of))
	if of == "" && f.conversation != nil {
		team, ok = f.state.Teams.shown(f.conversation.Assignment.Team)
	}
	if !ok {
		return found
	}
	found.there = true
	switch field {
	case teamEligible:
		found.yes = !team.ByHand && f.state.Members.anyEligible(team.Handle)
	case teamQueueLength:
		queue, _ := f.state.Queues.Get(team.Handle)
		found.number = uint64(queue.Waiting)
	case teamLongestWait:
		if oldest, waits := oldestIn(f.state.Conversations, team.Handle); waits {
			found.number = secondsSince(f.state, oldest.Assignment.SinceMs)
		}
	default:
		found.there = false
	}
	return found
}

// ofAgent finds what is so of an agent: the one named, the one whose presence has
// changed, or who has the conversation.
func (f *facts) ofAgent(field fieldNumber, of string) (found fact) {
	agent, ok := f.state.Agents.ByID(AgentID(of))
	switch {
	case of != "":
	case f.agent != 0:
		agent, ok = f.state.Agents.shown(f.agent)
	case f.conversation != nil:
		agent, ok = f.state.Agents.shown(f.conversation.Assignment.Assignee)
	}
	if !ok {
		return found
	}
	found.there = true
	switch field {
	case agentStatus:
		found.text = agent.Presence.Status.String()
	case agentOpen:
		found.number = uint64(f.state.Conversations.load.Of(agent.Handle))
	default:
		found.there = false
	}
	return found
}

func (f *facts) ofSchedule(field fieldNumber, of string) (found fact) {
	schedule, ok := scheduleNamed(f.state, ScheduleID(of))
	if !ok {
		return found
	}
	found.there = true
	if field == scheduleOpenField {
		found.yes = scheduleOpen(f.state, schedule)
	} else {
		found.set = shiftsOn(f.state, schedule)
	}
	return found
}

// returning says whether the contact has a conversation that is older than the one
// at hand, leads aside. It looks once for each inbox to which the contact has
// written since, and so nearly always once.
func (f *facts) returning() bool {
	index := f.state.Conversations.ofContact
	from := thread{contact: f.contact.Handle, inbox: 1} // leads are in none
	for {
		key, ok := first(index.From(from))
		switch {
		case !ok || key.contact != f.contact.Handle:
			return false
		case f.conversation == nil || key.handle < f.conversation.Handle:
			return true
		case key.inbox+1 == 0:
			return false
		}
		from.inbox = key.inbox + 1
	}
}

// agentIDOf returns the id of an agent who is there; "": nobody.
func agentIDOf(s *State, handle AgentHandle) string {
	if handle == 0 {
		return ""
	}
	row, _ := s.Agents.shown(handle)
	return string(row.ID)
}

func attributeNamed(list []Attribute, name string) string {
	for i := range list {
		if list[i].Name == name {
			return list[i].Value
		}
	}
	return ""
}

func secondsSince(s *State, ms int64) uint64 { return uint64(max(s.NowMs-ms, 0) / 1000) }

// isQualified says whether a contact has met the criteria (S2.14).
func isQualified(c *Contact) bool { return c.QualifiedMs != 0 }

// unansweredMs returns when the customer wrote what nobody has answered: the oldest
// of it; 0: nothing.
func unansweredMs(c *Conversation) int64 { return c.Talk.SinceMs }
