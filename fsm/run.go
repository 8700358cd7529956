package fsm

import "cmp"

// A Run is a rule under way, from one step that has to wait to the next. It exists
// only while it waits: what needs no waiting is done at once.
type Run struct {
	Handle       RunHandle          `cbor:"1,keyasint"`
	Rule         RuleHandle         `cbor:"2,keyasint"`
	Edition      uint64             `cbor:"3,keyasint"` // with which it began, and ends
	Conversation ConversationHandle `cbor:"4,keyasint,omitempty"`
	Contact      ContactHandle      `cbor:"5,keyasint,omitempty"`
	At           uint16             `cbor:"6,keyasint"` // step with which it goes on, counted in the order in which they are written
	Pending      Pending            `cbor:"7,keyasint,omitzero"`
	BegunSeq     uint64             `cbor:"8,keyasint"`           // what a person has decided since is left alone
	Because      Event              `cbor:"9,keyasint,omitempty"` // what it answers to
	Depth        uint8              `cbor:"10,keyasint,omitempty"`
	By           string             `cbor:"11,keyasint,omitempty"` // who set it off
	Form         string             `cbor:"12,keyasint,omitempty"` // that was submitted
	Agent        AgentHandle        `cbor:"13,keyasint,omitempty"` // whose presence or shift it answers to
	Waits        uint16             `cbor:"14,keyasint,omitempty"` // so far
}

// A Pending is what a run waits for.
type Pending struct {
	For      PendingFor     `cbor:"1,keyasint"`
	DueMs    int64          `cbor:"2,keyasint,omitempty"` // when it waits no longer; 0: for ever
	Schedule ScheduleHandle `cbor:"3,keyasint,omitempty"`
	Tries    uint8          `cbor:"4,keyasint,omitempty"` // of a webhook: begun so far
	Left     bool           `cbor:"5,keyasint,omitempty"` // the conversation is still left to this run
	Paused   bool           `cbor:"6,keyasint,omitempty"` // of a webhook: until the next try begins
	Call     uint64         `cbor:"7,keyasint,omitempty"` // of a webhook: Seq of its first try
	SinceSeq uint64         `cbor:"8,keyasint,omitempty"` // when it began to wait
}

// A PendingFor says what ends the waiting.
type PendingFor uint8

const (
	PendingNothing    PendingFor = iota
	PendingTime                  // DueMs
	PendingOpened                // a schedule opens
	PendingClosed                // a schedule closes
	PendingAssignment            // somebody gets the conversation, or DueMs
	PendingWebhook               // an answer comes back, or DueMs
)

// Runs is the table of runs.
type Runs struct {
	Table[RunHandle, Run]
	ofRule         Index[runOf, Run]
	ofConversation Index[runAbout, Run]
	pending        Index[runPending, Run]
}

type runOf struct {
	rule    RuleHandle
	edition uint64
	run     RunHandle
}

type runAbout struct {
	conversation ConversationHandle
	contact      ContactHandle
	run          RunHandle
}

type runPending struct {
	waits    PendingFor
	schedule ScheduleHandle
	run      RunHandle
}

func newRuns() Runs {
	return Runs{
		newTable[RunHandle, Run](cmp.Compare[RunHandle]),
		newIndex(func(a, b runOf) int {
			return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(a.edition, b.edition), cmp.Compare(a.run, b.run))
		}, func(r *Run) (runOf, bool) { return runOf{r.Rule, r.Edition, r.Handle}, true }),
		newIndex(func(a, b runAbout) int {
			return cmp.Or(cmp.Compare(a.conversation, b.conversation), cmp.Compare(a.contact, b.contact), cmp.Compare(a.run, b.run))
		}, func(r *Run) (runAbout, bool) { return runAbout{r.Conversation, r.Contact, r.Handle}, true }),
		newIndex(func(a, b runPending) int {
			return cmp.Or(cmp.Compare(a.waits, b.waits), cmp.Compare(a.schedule, b.schedule), cmp.Compare(a.run, b.run))
		}, func(r *Run) (runPending, bool) { return runPending{r.Pending.For, r.Pending.Schedule, r.Handle}, true }),
	}
}

func (t Runs) clone() Runs {
	return Runs{t.Table.clone(), t.ofRule.clone(), t.ofConversation.clone(), t.pending.clone()}
}

// Put stores row under its handle.
func (t Runs) Put(row Run) {
	old := t.set(row.Handle, &row)
	t.ofRule.move(old, &row)
	t.ofConversation.move(old, &row)
	t.pending.move(old, &row)
}

// Delete ends a run.
func (t Runs) Delete(handle RunHandle) {
	old := t.remove(handle)
	t.ofRule.move(old, nil)
	t.ofConversation.move(old, nil)
	t.pending.move(old, nil)
}
