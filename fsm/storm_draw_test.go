package fsm

import (
	"fmt"

	"pgregory.net/rapid"
)

// What the storm is made of. Most of what is drawn is about something that is there,
// or was.

func (w *storm) draw(t *rapid.T) Command {
	draws := []func(*rapid.T) Command{w.drawTalk, w.drawTalk, w.drawTalk, w.drawMove, w.drawMove, w.drawLife, w.drawLife,
		w.drawContact, w.drawContact, w.drawPerson, w.drawPlaces, w.drawRules, w.drawRules, w.drawRuled, w.drawSchedule, w.drawOffer}
	return draws[upTo(t, len(draws)-1, "draw")](t)
}

func stormAgent(t *rapid.T) AgentID {
	return pickOne(t, []AgentID{"a", "a", "b", "b", "c", "d", "bot", "e", "no-such"}, "agent")
}

func stormTeam(t *rapid.T) TeamID {
	return pickOne(t, []TeamID{"t", "t", "t", "u", "v", "no-such"}, "team")
}

func stormInbox(t *rapid.T) InboxID {
	return pickOne(t, []InboxID{"i", "i", "i", "j", "k", "no-such"}, "inbox")
}

func stormContact(t *rapid.T) ContactID {
	return pickOne(t, []ContactID{"p", "p", "q", "q", "r", "s", "m1", "m2", "no-such"}, "contact")
}

func stormAddress(t *rapid.T) string { return fmt.Sprint(secret, upTo(t, 5, "address")) }

func (w *storm) conversation(t *rapid.T) ConversationID {
	ids := []ConversationID{"no-such"}
	n := 0
	for c := range w.state.Conversations.Back(ConversationHandle(w.state.LastHandle)) {
		if ids = append(ids, c.ID); n == 14 {
			break
		}
		n++
	}
	return pickOne(t, ids, "conversation")
}

// decision draws the newest decision of a conversation, or another one.
func (w *storm) decision(t *rapid.T) string {
	row, _ := w.state.Conversations.ByID(w.conversation(t))
	at := row.Latest
	for range upTo(t, 2, "back") {
		if rec, ok := w.state.Records.At(at); ok && rec.Previous != 0 {
			at = rec.Previous
		}
	}
	rec, ok := w.state.Records.At(at)
	if newest := w.state.lastDecision(row); upTo(t, 3, "newest") > 0 {
		return newest.String()
	}
	if !ok {
		return "99999.0"
	}
	return rec.ID.String()
}

func (w *storm) belief(t *rapid.T) string {
	if upTo(t, 3, "shows") > 0 {
		return ""
	}
	return w.decision(t)
}

func (w *storm) minted() string { return fmt.Sprint("x", w.n) }

func (w *storm) drawTalk(t *rapid.T) Command {
	from := Sender{stormAddress(t), secret}
	minted := ContactID(pickOne(t, []string{"m1", "m2", w.minted()}, "minted"))
	if _, taken := w.state.Contacts.everByID(minted); taken {
		minted = ContactID(w.minted())
	}
	inbox, id := stormInbox(t), ConversationID(w.minted())
	var tags []string
	if upTo(t, 4, "tagged") == 0 {
		tags = []string{"spam"}
	}
	switch upTo(t, 7, "talk") {
	case 0, 1:
		return ReceiveMessage{Inbox: inbox, ID: w.minted(), From: from, Tags: tags, MintedContact: minted, MintedID: id}
	case 2:
		return ReceiveMessage{Inbox: inbox, ID: w.minted(), Direction: "outbound", To: &from, MintedContact: minted, MintedID: id}
	case 3:
		return AddMessage{Conversation: w.conversation(t), ID: w.minted(), Direction: pickOne(t, []string{"inbound", "outbound"}, "direction"), MintedID: id}
	case 4:
		return OpenConversation{ID: id, Inbox: inbox, From: &from, MintedContact: minted, Attributes: map[string]string{"order": secret}}
	case 5:
		return OpenConversation{ID: id, Inbox: inbox, Contact: stormContact(t), Direction: "outbound", RepliesTo: &ReplyDesk{Team: stormTeam(t)}}
	case 6:
		return OpenConversation{ID: w.conversation(t), Inbox: inbox, Contact: stormContact(t)}
	default:
		return OpenConversation{ID: id, Inbox: inbox, Contact: stormContact(t), Status: pickOne(t, []string{"", "open", "pending"}, "status"),
			Priority: uint8(upTo(t, 10, "priority")), Tags: tags, Attributes: map[string]string{"order": secret}}
	}
}

// drawMove changes who has something.
func (w *storm) drawMove(t *rapid.T) Command {
	id, agent, team := w.conversation(t), stormAgent(t), stormTeam(t)
	switch upTo(t, 9, "move") {
	case 0:
		return ClaimConversation{Conversation: id, Agent: agent, IfDecision: w.belief(t)}
	case 1:
		return AssignConversation{Conversation: id, Agent: agent, IfDecision: w.belief(t)}
	case 2:
		return AssignConversation{Conversation: id, Agent: agent, Team: team, Reason: "skill", IfDecision: w.belief(t)}
	case 3:
		return UnassignConversation{Conversation: id, IfDecision: w.belief(t)}
	case 4:
		return RequeueConversation{Conversation: id, IfDecision: w.belief(t)}
	case 5:
		return TransferConversation{Conversation: id, Team: team, IfDecision: w.belief(t)}
	case 6:
		return RemoveFromTeam{Conversation: id, IfDecision: w.belief(t)}
	case 7, 8:
		return UndoDecision{Decision: w.decision(t)}
	default:
		return RefundDecision{Decision: w.decision(t), Reason: "spam"}
	}
}

func (w *storm) drawLife(t *rapid.T) Command {
	id := w.conversation(t)
	switch upTo(t, 9, "life") {
	case 0, 1:
		return CloseConversation{id}
	case 2:
		return ReopenConversation{id}
	case 3, 4:
		return SnoozeConversation{id, timeText(w.nowMs + pickOne(t, []int64{1, 60_000, 40 * 60_000, MaxSnoozeMs, MaxSnoozeMs + 1000}, "until"))}
	case 5:
		return HandOffConversation{id}
	case 6:
		return PutPriority{id, new(uint8(upTo(t, 10, "priority")))}
	case 7:
		return ReadConversation{id}
	case 8:
		return PutTag{id, pickOne(t, []string{"spam", "vip"}, "tag")}
	default:
		return DeleteTag{id, pickOne(t, []string{"spam", "vip"}, "tag")}
	}
}

func (w *storm) drawContact(t *rapid.T) Command {
	id, agent := stormContact(t), stormAgent(t)
	which := pickOne(t, []string{"", "all", "none"}, "conversations")
	switch upTo(t, 14, "contact") {
	case 0:
		return PutContact{ID: id, Name: secret, Addresses: []string{stormAddress(t)}, Owner: pickOne(t, []AgentID{"", agent}, "owner"),
			Tags: []string{secret}, Fields: map[string]string{"f": secret}, Language: "es", Blocked: upTo(t, 4, "blocked") == 0, Conversations: which}
	case 1, 2:
		return PutContactOwner{Contact: id, Agent: agent, Conversations: which}
	case 3:
		return DeleteContactOwner{Contact: id, Conversations: which}
	case 4:
		return PutContactTag{id, pickOne(t, []string{secret, secret + "more"}, "tag")}
	case 5:
		return DeleteContactTag{id, secret}
	case 6, 7:
		return AssignContact{id, stormTeam(t), ConversationID(w.minted())}
	case 8, 9:
		return MergeContacts{id, stormContact(t)}
	case 10:
		return EraseContact{id}
	case 11:
		return FollowContact{id, agent}
	case 12:
		return UnfollowContact{id, agent}
	case 13:
		return FollowConversation{w.conversation(t), agent}
	default:
		return UnfollowConversation{w.conversation(t), agent}
	}
}

func (w *storm) drawPerson(t *rapid.T) Command {
	agent := stormAgent(t)
	row, _ := w.state.Agents.ByID(agent)
	newest, some := first(w.state.Notifications.Back(row.Handle, RecordID{1 << 60, 0}))
	switch upTo(t, 9, "person") {
	case 0, 1, 2:
		return PutPresence{Agent: agent, Status: pickOne(t, statusPool, "status")}
	case 3:
		return ReadNotifications{Agent: agent, UpTo: newest.Record.String()}
	case 4:
		if !some {
			return ReadNotifications{Agent: agent, IDs: []string{"1.0"}}
		}
		return ReadNotifications{Agent: agent, IDs: []string{newest.Record.String(), newest.Record.String()}}
	case 5:
		off := &ChannelPreferences{List: new(upTo(t, 1, "list") == 0), Stream: new(upTo(t, 1, "stream") == 0), Webhook: new(false)}
		return PutPreferences{agent, NoticePreferences{Assigned: off, Message: off}}
	case 6:
		return DeleteAgent{agent, pickOne(t, []string{"", "keep"}, "conversations")}
	case 7:
		return ReleaseAgent{Agent: agent, To: pickOne(t, []string{"requeue", "keep"}, "to")}
	case 8:
		return PutAgent{ID: agent, Name: string(agent), SortKey: sortKeyOf(string(agent)), Kind: pickOne(t, []string{"", "bot"}, "kind"),
			Role: pickOne(t, []string{"", "supervisor", "admin"}, "role"), Limits: &LimitSettings{Open: stormLimit(t)}}
	default:
		return PutView{ID: ViewID(pickOne(t, []string{"v", "w"}, "view")), Name: "V", Owner: pickOne(t, []AgentID{"", agent}, "owner"), Filter: "status=open"}
	}
}

func (w *storm) drawPlaces(t *rapid.T) Command {
	agent, team, inbox := stormAgent(t), stormTeam(t), stormInbox(t)
	switch upTo(t, 15, "place") {
	case 0, 1:
		return PutTeam{ID: team, Name: "T", Members: []TeamMember{{Agent: pickOne(t, []AgentID{"a", "b"}, "member"), Weight: stormWeight(t)}, {Agent: "c"}},
			Capacity: stormCapacity(t), Rate: stormRate(t), Escalations: stormEscalations(t),
			Supervisors: []ListedAgent{{pickOne(t, []AgentID{"c", "b"}, "supervisor")}}, AutoAssign: new(upTo(t, 3, "auto") > 0),
			UnassignOnClose: upTo(t, 1, "on close") == 0, WhenAway: pickOne(t, whenAways, "when away"),
			Greeting: pickOne(t, []string{"", "Hello {{contact.name}}, {{agent.name}}"}, "greeting"),
			Rotation: &RotationSettings{ExcludeTags: pickOne(t, [][]string{nil, {"spam"}}, "exclude"),
				Strategy: pickOne(t, []string{"", "least_open", "weighted"}, "strategy"), Fallback: w.drawFallback(t),
				LeastOpenBy: pickOne(t, leastOpenBys, "by"), RespectCapacity: new(upTo(t, 4, "respected") > 0), OfferSeconds: stormOffers(t)}}
	case 2:
		return DeleteTeam{team}
	case 3, 4:
		return PutInbox{ID: inbox, Name: "I", Assignment: InboxAssignment{Mode: pickOne(t, []string{"manual", "rotation", "rotation", "default_assignee"}, "mode"),
			Team: team, Agent: agent, Bot: pickOne(t, []AgentID{"", "", "bot", "a"}, "bot"), LastAssignee: upTo(t, 1, "last") == 0,
			SetOwner: pickOne(t, setOwners, "set owner"), Reassign: pickOne(t, reassigns, "reassign"),
			WhenOwnerAbsent: pickOne(t, whenOwnerAbsents, "owner absent"), Hours: pickOne(t, []ScheduleID{"", "", "s"}, "hours")}, Capacity: stormCapacity(t), Access: pickOne(t, [][]RosterEntry{nil, nil, {{Agent: "a"}, {Agent: "c"}}}, "access")}
	case 5:
		return DeleteInbox{inbox}
	case 6:
		return PutMember{Team: team, Agent: agent, Weight: stormWeight(t)}
	case 7:
		return DeleteMember{Team: team, Agent: agent}
	case 8:
		return PutInboxAccess{inbox, agent}
	case 9:
		return DeleteInboxAccess{inbox, agent}
	case 10:
		return DeleteView{pickOne(t, []ViewID{"v", "w"}, "view")}
	case 11:
		return PutGroupMember{"g", agent}
	case 12:
		return DeleteGroupMember{"g", agent}
	case 13:
		return pickOne(t, []Command{PutGroup{ID: "g", Name: "G"}, PutGroup{ID: "h", Name: "H"}, DeleteGroup{"h"}}, "group")
	case 14:
		return pickOne(t, []Command{PutInboxMember{inbox, agent}, DeleteInboxMember{inbox, agent}}, "inbox member")
	default:
		return pickOne(t, []Command{ResortRotation{team}, PutView{ID: "tv", Name: "V", Team: team},
			PutCriteria{&Condition{Field: "contact.tags", Op: "has", Value: "lead"}},
			PutRule{ID: "r", Name: "R", RuleBody: RuleBody{On: Trigger{On: "conversation_opened"}, Steps: []Step{{Close: &PlainStep{}}}}}, DeleteRule{"r"}}, "sort")
	}
}

func (w *storm) drawFallback(t *rapid.T) *FallbackSettings {
	return pickOne(t, []*FallbackSettings{nil, {To: "wait"}, {To: "team_inbox"}, {To: "agent", Agent: "b"}, {To: "team", Team: "u"}}, "fallback")
}
