package httpapi

import "github.com/rondohq/rondo/fsm"

// What an agent may not see is not there for her: a list leaves it out, and its own
// path answers as if it had never been. Systems, connectors and, until there are
// tokens, agents whom the cluster does not know see everything.

// sees says whether the caller may see a conversation.
func sees(c *call, v *fsm.State, row fsm.Conversation) bool {
	actor := actingAgent(c, v)
	return actor.Handle == 0 || fsm.Sees(v, actor, row)
}

// visible finds the conversation with an id, if the caller may see it.
func visible(c *call, v *fsm.State, id string) (fsm.Conversation, bool) {
	row, ok := v.Conversations.ByID(fsm.ConversationID(id))
	return row, ok && sees(c, v, row)
}

// seesDecision says whether the caller may see a decision: by the conversation that
// it is about.
func seesDecision(c *call, v *fsm.State, rec fsm.Record) bool {
	row, ok := v.Conversations.Get(rec.Conversation)
	return !ok || sees(c, v, row)
}
