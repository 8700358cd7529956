package fsm

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// checkHeld: what is held has its alert, as long as that is to come.
func checkHeld(t *rapid.T, s *State) {
	for c := range s.Conversations.All() {
		timer, wanted := heldTimer(s, c, c.Assignment.SinceMs)
		if c.Assignment.State != StateHeld || !wanted || timer.DueMs <= s.NowMs {
			continue
		}
		if _, armed := s.Timers.Get(timer); !armed {
			t.Fatalf("%s is held and nobody will be told", c.ID)
		}
	}
}

// TestNobodysDecisionIsOverwritten lets people and automation, each with what it
// last saw, go for the same conversations in random order, and judges every outcome
// by a model of a few lines: of those who go by the same state one wins, and what a
// person decided is changed only by who shows to have seen it.
func TestNobodysDecisionIsOverwritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newContention(t)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			d.step(t)
		}
	})
}

// contention is a desk with people, and what each of those who act has seen.
type contention struct {
	s     *State
	index uint64
	who   []string
	seen  map[string]sight // by actor and conversation
	model map[ConversationID]standing
}

// A sight is what somebody believes of a conversation.
type sight struct {
	decision string
	assignee AgentID
}

// A standing is what the model knows of one.
type standing struct {
	sight
	person bool // decided it
	held   bool
}

func newContention(t *rapid.T) *contention {
	d := &contention{s: NewState(), who: []string{"agent:a", "agent:b", "agent:c", "system:crm", "connector:wa"},
		seen: map[string]sight{}, model: map[ConversationID]standing{}}
	for _, id := range []AgentID{"a", "b", "c"} {
		d.must(t, "system:setup", PutAgent{ID: id, Name: string(id)})
	}
	d.must(t, "system:setup", PutContact{ID: "p", Name: "P"})
	d.must(t, "system:setup", PutTeam{ID: "t", Name: "T"})
	d.must(t, "system:setup", PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Team: "t"}})
	for _, id := range []ConversationID{"c1", "c2"} {
		out := d.must(t, "system:setup", OpenConversation{ID: id, Inbox: "i", Contact: "p"})
		d.model[id] = standing{sight: sight{decision: out.Decision.String()}}
	}
	return d
}

func (d *contention) do(t *rapid.T, actor string, c Command) Outcome {
	d.index++
	it := NewItem(c, actor, "asserted", Key{Source: KeyMinted, Text: fmt.Sprint(d.index)})
	it.NotAfterMs = 1_800_000_030_000
	outs, err := d.s.Apply(d.index, Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: 1_800_000_000_000, Items: []Item{it}})
	if err != nil {
		t.Fatal(err)
	}
	return outs[0]
}

func (d *contention) must(t *rapid.T, actor string, c Command) Outcome {
	out := d.do(t, actor, c)
	if out.Rejection != nil {
		t.Fatalf("%s: %v", actor, out.Rejection)
	}
	return out
}

// step lets somebody look, or act on what she saw when she last looked.
func (d *contention) step(t *rapid.T) {
	actor := rapid.SampledFrom(d.who).Draw(t, "actor")
	id := rapid.SampledFrom([]ConversationID{"c1", "c2"}).Draw(t, "conversation")
	now, believed := d.model[id], d.seen[actor+string(id)]
	person := actor[0] == 'a'
	to := rapid.SampledFrom([]AgentID{"a", "b", "c"}).Draw(t, "to")
	var ifDecision string
	expect := Expectation{}
	switch rapid.SampledFrom([]string{"decision", "assignee", "nothing"}).Draw(t, "shows") {
	case "decision":
		ifDecision = believed.decision
	case "assignee":
		expect = Expectation{Set: true, Agent: believed.assignee}
	}
	shown := ifDecision != "" || expect.Agent != ""
	stale := ifDecision != "" && ifDecision != now.decision || expect.Set && expect.Agent != now.assignee
	next := standing{sight: sight{assignee: to}, person: person}
	var c Command
	var idle bool
	switch rapid.SampledFrom([]string{"look", "claim", "assign", "unassign"}).Draw(t, "what") {
	case "look":
		d.seen[actor+string(id)] = now.sight
		return
	case "claim":
		to = AgentID(actor[len("agent:"):])
		if !person {
			return
		}
		next.assignee, stale = to, now.assignee != "" && now.assignee != to || now.assignee == "" && ifDecision != "" && ifDecision != now.decision
		c, idle = ClaimConversation{Conversation: id, Agent: to, IfDecision: ifDecision}, now.assignee == to
	case "assign":
		c, idle = AssignConversation{Conversation: id, Agent: to, IfAssignee: expect, IfDecision: ifDecision}, now.assignee == to
	case "unassign":
		next.assignee, next.held = "", true
		c, idle = UnassignConversation{Conversation: id, IfAssignee: Belief{expect.Set, expect.Agent}, IfDecision: ifDecision}, now.held
	}
	d.judge(t, id, next, d.do(t, actor, c), stale || now.person && !person && !shown && !idle, idle)
}

// judge compares what became of a command with what the model says.
func (d *contention) judge(t *rapid.T, id ConversationID, next standing, out Outcome, refused, idle bool) {
	now := d.model[id]
	if refused != (out.Rejection != nil) {
		t.Fatalf("%s is %+v: refused %v, want %v", id, now, out.Rejection, refused)
	}
	if r := out.Rejection; r != nil && (r.Decision.String() != now.decision || r.Assignee != now.assignee || r.SinceMs == 0) {
		t.Fatalf("the refusal names %s by %s since %d, and it is %+v", r.Assignee, r.Decision, r.SinceMs, now)
	}
	if !refused && !idle {
		next.decision = out.Decision.String()
		d.model[id] = next
	}
	row, _ := d.s.Conversations.ByID(id)
	holder, _ := d.s.Agents.Get(row.Assignment.Assignee)
	if want := d.model[id]; holder.ID != want.assignee || d.s.lastDecision(row).String() != want.decision {
		t.Fatalf("%q has %s by %s, want %+v", holder.ID, id, d.s.lastDecision(row), want)
	}
}
