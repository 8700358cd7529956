package fsm

func init() {
	samples = append(samples,
		NoteConversation{Conversation: "c1", Note: "n1"},
	)
}
