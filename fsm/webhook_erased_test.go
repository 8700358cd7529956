package fsm

import "testing"

// The runs of an erased contact end one conversation after the other, over many
// entries. An answer that comes in between brings it no fields back.
func TestAnswerForErasedContact(t *testing.T) {
	s := NewState()
	s.Contacts.Put(Contact{Handle: 7, ID: "p", End: End{ErasedMs: 1}})
	s.Conversations.Put(Conversation{Handle: 9, ID: "c", Contact: 7})
	tx := &Tx{State: s}
	for _, run := range []Run{{Handle: 1, Conversation: 9}, {Handle: 2, Contact: 7}} {
		WebhookStep{Save: map[string]string{"plan": "plan"}}.save(tx, &run, map[string]string{"plan": "gold"})
		if row, _ := s.Contacts.Get(7); len(row.Fields) != 0 {
			t.Errorf("run %d: an erased contact has the fields %v", run.Handle, row.Fields)
		}
	}
}
