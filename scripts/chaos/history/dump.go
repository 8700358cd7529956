package history

// A Dump is what one node had at the end: lines of JSON as the node sent them, so
// that nodes can be compared byte by byte.
type Dump struct {
	Decisions     [][]byte
	Conversations [][]byte
	Agents        [][]byte
	Teams         [][]byte // rotations
	Events        [][]byte // all records; none if there is no stream
}

// A Record is a line of Decisions or Events, as far as anybody needs it.
type Record struct {
	ID           string    `json:"id"`
	AtMs         int64     `json:"at_ms"`
	Type         string    `json:"type"`
	Actor        string    `json:"actor"`
	Conversation string    `json:"conversation"`
	Agent        string    `json:"agent"`
	Status       string    `json:"status"`
	Team         string    `json:"team"`
	Inbox        string    `json:"inbox"`
	Decision     *Decision `json:"decision"`
}

// A Decision is who got a conversation, and why.
type Decision struct {
	Kind         string         `json:"kind"`
	Reason       string         `json:"reason"`
	Assignee     string         `json:"assignee"`
	Previous     string         `json:"previous_assignee"`
	CursorBefore string         `json:"cursor_before"`
	CursorAfter  string         `json:"cursor_after"`
	Turn         bool           `json:"consumed_turn"`
	Passed       []Passed       `json:"passed_over"`
	Counts       map[string]int `json:"passed_over_counts"`
}

// A Passed is an agent who was passed over, and the reason.
type Passed struct {
	Agent  string `json:"agent"`
	Reason string `json:"reason"`
}

// A Conversation is a line of Conversations.
type Conversation struct {
	ID       string `json:"id"`
	Inbox    string `json:"inbox"`
	Contact  string `json:"contact"`
	Status   string `json:"status"`
	Assignee string `json:"assignee"`
	Revision uint64 `json:"revision"`
}
