package fsm

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// A lab is a state with a clock and fresh keys, for tests that say what they mean
// in commands.
type lab struct {
	t      testing.TB
	state  *State
	nowMs  int64
	minted int
}

func newLab(t testing.TB) *lab {
	l := &lab{t: t, state: NewState(), nowMs: 1_800_000_000_000}
	l.accept(BeginTerm{Node: "n1", Term: 1, ClusterID: "test"})
	return l
}

// item packs a command under a key of its own that is good for a minute.
func (l *lab) item(c Command) Item {
	l.minted++
	it := NewItem(c, "agent:x", "", Key{KeyMinted, "", fmt.Sprint(l.minted)})
	it.NotAfterMs = l.nowMs + 60_000
	return it
}

// apply applies one entry, the next one.
func (l *lab) apply(items ...Item) []Outcome {
	l.t.Helper()
	outcomes, err := l.state.Apply(l.state.Index+1, Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: l.nowMs, Items: items})
	if err != nil {
		l.t.Fatal(err)
	}
	return outcomes
}

// accept applies one entry and fails if anything in it is refused.
func (l *lab) accept(commands ...Command) []Outcome {
	l.t.Helper()
	var items []Item
	for _, c := range commands {
		items = append(items, l.item(c))
	}
	outcomes := l.apply(items...)
	for i, o := range outcomes {
		if o.Rejection != nil {
			l.t.Fatalf("%+v was refused: %s", commands[i], o.Rejection.Detail)
		}
	}
	return outcomes
}

// acceptAll is accept in as many entries as it takes.
func (l *lab) acceptAll(commands []Command) {
	l.t.Helper()
	for chunk := range slices.Chunk(commands, MaxEntryItems) {
		l.accept(chunk...)
	}
}

// forgetKeys lets all minted keys expire and be forgotten.
func (l *lab) forgetKeys() {
	l.t.Helper()
	l.nowMs += MintedKeyLifeMs + 1
	for range l.state.Keys.Len()/StepsPerEntry + 1 {
		l.apply()
	}
	if n := l.state.Keys.Len(); n != 0 {
		l.t.Fatalf("%d keys are left after their lives", n)
	}
}

// refuse applies one command that must be refused, and must leave nothing but its
// number and its key.
func (l *lab) refuse(c Command) *Rejection {
	l.t.Helper()
	before := l.state.Clone()
	outcome := l.apply(l.item(c))[0]
	if outcome.Rejection == nil {
		l.t.Fatalf("%+v was accepted", c)
	}
	after := l.state.Clone()
	after.Keys, after.Seq, after.Index, after.NowMs = before.Keys, before.Seq, before.Index, before.NowMs
	if !bytes.Equal(snapshotIn(l.t, before), snapshotIn(l.t, after)) {
		l.t.Fatalf("%+v left a trace though it was refused", c)
	}
	return outcome.Rejection
}

func snapshotIn(t testing.TB, s *State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// records returns what the last entry told.
func (l *lab) records() []Record {
	return slices.Collect(l.state.Records.From(RecordID{l.state.Index, 0}))
}

func (l *lab) conversation(id ConversationID) Conversation {
	l.t.Helper()
	c, ok := l.state.Conversations.ByID(id)
	if !ok {
		l.t.Fatalf("there is no conversation %s", id)
	}
	return c
}

// queue returns the queue of team "t".
func (l *lab) queue() (Queue, bool) {
	team, _ := l.state.Teams.ByID("t")
	return l.state.Queues.Get(team.Handle)
}

func agentID(i int) AgentID { return AgentID(fmt.Sprintf("a%04d", i)) }

func putAgent(i int) Command {
	return PutAgent{ID: agentID(i), Name: string(agentID(i)), SortKey: cbor.ByteString(agentID(i))}
}

// staff puts agents a0000 and so on, a team "t" of all of them, an inbox "i" that
// it serves and a contact "p".
func (l *lab) staff(n int, rotation RotationSettings) {
	l.t.Helper()
	var commands []Command
	team := PutTeam{ID: "t", Name: "T", Rotation: &rotation}
	for i := range n {
		commands = append(commands, putAgent(i))
		team.Members = append(team.Members, TeamMember{Agent: agentID(i)})
	}
	l.acceptAll(append(commands, team,
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t"}},
		PutContact{ID: "p", Name: "P"}))
}

func openIt(id string) Command {
	return OpenConversation{ID: ConversationID(id), Inbox: "i", Contact: "p"}
}

func available(i int) Command { return PutPresence{Agent: agentID(i), Status: "available"} }

// timers counts what is due some day, but for what forgets notifications.
func (l *lab) timers() (n int) {
	for timer := range l.state.Timers.All() {
		if timer.Kind != TimerNotices {
			n++
		}
	}
	return n
}
