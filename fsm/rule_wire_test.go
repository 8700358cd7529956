package fsm

func init() {
	samples = append(samples,
		NoteConversation{Conversation: "c1", Note: "n1"}, QualifyContact{Contact: "p1"}, EndRun{Run: 7},
		SubmitForm{Inbox: "web", ID: "f1", Form: "landing-1", From: Sender{"ann@example.com", "Ann"}, Fields: map[string]string{"plan": "gold"},
			Language: "es", Region: "ES-MD", Tags: []string{"lead"}, MintedContact: "p9"},
	)
	laterSamples["entry with agent.preferences_put, of rules"] = PutPreferences{"uk", NoticePreferences{Rule: &ChannelPreferences{new(false), new(false), new(true)}}}
}
