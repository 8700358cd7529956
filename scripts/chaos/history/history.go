// Package history is what was seen in a run: every call of every client, every
// fault, and what each node said at the end. It is written to a directory as lines
// of JSON while the run goes on, so that a run can be judged again, by eye or by
// package check.
//
// It judges nothing and knows no HTTP. All times are microseconds of one clock
// that began with the run; ids and states are as the API spells them.
//
// Read this file (what there is), then files.go (where it lies).
package history

// A Run is one campaign from its beginning to its end.
type Run struct {
	Config  Config
	Ops     []Op
	Faults  []Fault
	Exits   []Exit
	Terms   []Term
	Watches map[string][]Event // by the node that was watched
	Nodes   map[string]Dump    // by node, at the end
	End     End
}

// Config is what was asked for.
type Config struct {
	Seed     uint64   `json:"seed"`
	ForUs    int64    `json:"for_us"`
	Nemeses  []string `json:"nemeses"`
	Nodes    int      `json:"nodes"`
	Rate     int      `json:"rate"` // operations a second that make it count
	Teams    []Team   `json:"teams"`
	Watching bool     `json:"watching"` // the binary has an event stream
	Resolves bool     `json:"resolves"` // the binary tells what became of a key
}

// A Team is as it was set up; it does not change in a run.
type Team struct {
	ID      string   `json:"id"`
	Members []string `json:"members"` // in the order of their turns
	Inboxes []string `json:"inboxes"`
	PerBox  bool     `json:"per_inbox"` // a ring for each inbox
}

// The kinds of operations.
const (
	Open     = "open"
	Message  = "message"
	Claim    = "claim"
	Close    = "close"
	Assign   = "assign"
	Requeue  = "requeue"
	Presence = "presence"
	Read     = "read"  // linearizable
	Stale    = "stale" // a read that may be old
)

// The outcomes of an operation.
const (
	OK      = "ok"
	Refused = "refused" // a definite no: it did not happen
	Unknown = "unknown" // it may have happened
	Unsent  = "unsent"  // it was never sent, or every node said that it did not happen
)

// An Op is one operation of one client, however often it was sent.
type Op struct {
	N       int     `json:"n"` // from 1
	Client  int     `json:"client"`
	Kind    string  `json:"kind"`
	Actor   string  `json:"actor"` // of this operation alone; records name it
	Subject Subject `json:"subject"`
	BeginUs int64   `json:"begin_us"`
	EndUs   int64   `json:"end_us"`
	Outcome string  `json:"outcome"`
	Answer  Answer  `json:"answer"`
	Tries   Tries   `json:"tries"`
}

// Writes says whether the operation changes anything.
func (o *Op) Writes() bool { return o.Kind != Read && o.Kind != Stale }

// A Subject is what an operation is about.
type Subject struct {
	Conversation string `json:"conversation,omitempty"`
	Inbox        string `json:"inbox,omitempty"`
	Agent        string `json:"agent,omitempty"`
	Status       string `json:"status,omitempty"`  // of presence
	Message      string `json:"message,omitempty"` // its id
	Contact      string `json:"contact,omitempty"` // the address it comes from
}

// An Answer is the last that was said.
type Answer struct {
	Node         string `json:"node,omitempty"`
	Status       int    `json:"status,omitempty"`
	Code         string `json:"code,omitempty"` // of a problem
	Index        uint64 `json:"index,omitempty"`
	Decision     string `json:"decision,omitempty"` // its id
	Conversation string `json:"conversation,omitempty"`
	Assignee     string `json:"assignee,omitempty"` // of the conversation
	State        string `json:"state,omitempty"`    // its status, or an agent's
	Revision     uint64 `json:"revision,omitempty"` // of the conversation or agent
	AtMs         int64  `json:"at_ms,omitempty"`    // presence: since; close: closed at
}

// Tries are how an operation went.
type Tries struct {
	Sent     int  `json:"sent"`
	Unknown  int  `json:"unknown,omitempty"`  // answers that were lost or said unknown
	Rejected int  `json:"rejected,omitempty"` // answers that said: not done, try again
	Replayed bool `json:"replayed,omitempty"` // the last answer was that of an earlier try
	Again    int  `json:"again,omitempty"`    // sent once more on purpose: N of the first time
	Resolved int  `json:"resolved,omitempty"` // status that the key had when it was asked for
}

// A Fault is what a nemesis did.
type Fault struct {
	Kind    string   `json:"kind"` // kill, pause, partition, power, disk
	What    string   `json:"what"` // in words
	Nodes   []string `json:"nodes"`
	BeginUs int64    `json:"begin_us"`
	EndUs   int64    `json:"end_us"` // healed
}

// An Exit is a server that ended although nobody had killed it.
type Exit struct {
	Node string `json:"node"`
	AtUs int64  `json:"at_us"`
	How  string `json:"how"`
}

// A Term is the first time that a term was seen.
type Term struct {
	Term   uint64 `json:"term"`
	Leader string `json:"leader"`
	AtUs   int64  `json:"at_us"`
}

// An Event is what a watcher saw: an id, and a sum of all that came with it.
type Event struct {
	ID    string `json:"id"`
	Sum   uint64 `json:"sum"`
	Reset bool   `json:"reset,omitempty"`
}

// End is how the run ended.
type End struct {
	WorkedUs    int64    `json:"worked_us"`    // how long faults came and went
	Ended       int      `json:"ended"`        // operations in that time
	GapUs       int64    `json:"gap_us"`       // the longest time in it without an acknowledged write
	RecoveredUs int64    `json:"recovered_us"` // how long it took after the last heal; -1: it did not
	Problems    []string `json:"problems"`     // of recovery
}
