package fsm

import "maps"

// The samples of what happens to a conversation between its opening and its end.
func init() {
	samples = append(samples,
		HandOffConversation{"c1"},
		SnoozeConversation{"c1", "2026-11-22T09:00:00Z"},
		PutPriority{"c1", new(uint8(9))},
		ReadConversation{"c1"},
		AddMessage{Conversation: "c1", ID: "SM1", Direction: "outbound", SentAt: "2026-11-21T09:14:02Z", MintedID: "c9"},
	)
	maps.Copy(laterSamples, map[string]Command{
		"entry with conversation.open, pending": OpenConversation{ID: "c1", Inbox: "sms", Contact: "p1", Status: "pending", Priority: 9},
		"entry with message.receive, outbound": ReceiveMessage{Inbox: "sms", ID: "SM1", Direction: "outbound", To: &Sender{"+15550111", "Ann"},
			MintedContact: "p9", MintedID: "c9"},
		"entry with inbox.put, its bot":            PutInbox{ID: "wa", Name: "WhatsApp", Assignment: InboxAssignment{Mode: "manual", Bot: "helper"}},
		"entry with team.put, unassigned on close": PutTeam{ID: "sales", Name: "Sales", UnassignOnClose: true},
	})
	maps.Copy(laterRecords, map[string]Record{
		"record of a priority": {ID: RecordID{7, 1}, Actor: "agent:boss", Event: ConversationPrioritized, Conversation: 3, Telling: Telling{Priority: 9}},
	})
}
