package words

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

var update = flag.Bool("update", false, "rewrite the texts in testdata; read the difference before you commit it")

// A desk is a cluster of one whose decisions are told.
type desk struct {
	t     *testing.T
	state *fsm.State
	nowMs int64
	keys  int
	out   strings.Builder
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, state: fsm.NewState(), nowMs: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).UnixMilli()}
	d.do("system:node", fsm.BeginTerm{Node: "n1", Term: 1, ClusterID: "test"})
	return d
}

// do applies a command ten seconds after the one before, and tells every decision
// that it led to.
func (d *desk) do(actor string, commands ...fsm.Command) {
	d.t.Helper()
	d.nowMs += 10_000
	var items []fsm.Item
	for _, c := range commands {
		d.keys++
		it := fsm.NewItem(c, actor, "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(d.keys)})
		it.NotAfterMs = d.nowMs + fsm.MintedKeyLifeMs
		items = append(items, it)
	}
	outcomes, err := d.state.Apply(d.state.Index+1, fsm.Entry{MinSemantics: 1, TimeMs: d.nowMs, Items: items})
	if err != nil {
		d.t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Rejection != nil {
			d.t.Fatalf("%+v was refused: %s", commands[i], o.Rejection.Detail)
		}
	}
	for rec := range d.state.Records.From(fsm.RecordID{Index: d.state.Index}) {
		if rec.Decision != nil {
			fmt.Fprintln(&d.out, Decision(d.state, rec))
		}
	}
}

func (d *desk) title(text string) { fmt.Fprintf(&d.out, "\n# %s\n", text) }

func putAgent(id, name string) fsm.Command {
	return fsm.PutAgent{ID: fsm.AgentID(id), Name: name, SortKey: cbor.ByteString(strings.ToLower(name))}
}

func putPresence(id, status string) fsm.Command {
	return fsm.PutPresence{Agent: fsm.AgentID(id), Status: status}
}

func putTeam(id, name string, settings fsm.RotationSettings, members ...fsm.AgentID) fsm.Command {
	t := fsm.PutTeam{ID: fsm.TeamID(id), Name: name, Rotation: &settings}
	for _, m := range members {
		t.Members = append(t.Members, fsm.TeamMember{Agent: m})
	}
	return t
}

func putInbox(id, name, team string) fsm.Command {
	mode := "rotation"
	if team == "" {
		mode = "manual"
	}
	return fsm.PutInbox{ID: fsm.InboxID(id), Name: name, Assignment: fsm.InboxAssignment{Mode: mode, Team: fsm.TeamID(team)}}
}

func opened(id, inbox string) fsm.Command {
	return fsm.OpenConversation{ID: fsm.ConversationID(id), Inbox: fsm.InboxID(inbox), Contact: "ben"}
}

func (d *desk) golden(path string) {
	d.t.Helper()
	got := d.out.String()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if got != string(want) {
		d.t.Errorf("the texts have changed; -update writes them anew:\n%s\nwant:\n%s", got, want)
	}
}

// TestDecisionsInWords tells a day of a desk. The file is to be read: that is what
// these texts are for.
func TestDecisionsInWords(t *testing.T) {
	d := newDesk(t)
	d.do("system:anonymous", fsm.PutAgent{ID: "ann", Name: "Ann", SortKey: cbor.ByteString("ann"), Role: "supervisor"}, putAgent("bob", "Bob"), putAgent("cleo", "Cleo"), putAgent("dan", "Dan"), putAgent("dan2", "Dan"),
		fsm.PutContact{ID: "ben", Name: "Ben"}, putTeam("sales", "Sales", fsm.RotationSettings{}, "ann", "bob", "cleo"), putInbox("support", "Support", "sales"))
	d.do("agent:ann", putPresence("ann", "available"), putPresence("bob", "available"), putPresence("cleo", "available"))
	d.title("a rotation")
	d.do("system:anonymous", opened("c1", "support"))
	d.do("agent:bob", putPresence("bob", "away"))
	d.do("connector:twilio", fsm.ReceiveMessage{Inbox: "support", ID: "m1", From: fsm.Sender{Address: "+1", Name: "Eve"}, MintedContact: "eve", MintedID: "c2"})
	d.title("people decide")
	d.do("agent:ann", fsm.AssignConversation{Conversation: "c2", Agent: "bob"})
	d.do("agent:ann", fsm.UnassignConversation{Conversation: "c2"})
	d.do("agent:cleo", fsm.ClaimConversation{Conversation: "c2", Agent: "cleo"})
	d.do("agent:bob", fsm.RequeueConversation{Conversation: "c2"})
	d.do("agent:ann", fsm.CloseConversation{Conversation: "c2"})
	d.do("agent:ann", fsm.ReopenConversation{Conversation: "c2"})
	d.title("nobody")
	d.do("agent:ann", putPresence("ann", "in_break"), putPresence("cleo", "unavailable"))
	d.do("system:anonymous", opened("c3", "support"), opened("c4", "support"))
	d.nowMs += 24 * 3600 * 1000
	d.do("system:anonymous", opened("c5", "support"))
	d.do("agent:cleo", putPresence("cleo", "available"))
	d.nowMs += 60_000
	d.do("system:anonymous")
	d.title("fallbacks and other inboxes")
	d.do("system:anonymous", putTeam("late", "Late", fsm.RotationSettings{Per: "inbox", Order: "list", Fallback: &fsm.FallbackSettings{To: "agent", Agent: "dan"}}, "dan2", "bob"),
		putInbox("night", "Night", "late"), putInbox("post", "Post", ""), putTeam("empty", "Empty", fsm.RotationSettings{}), putInbox("lost", "Lost", "empty"))
	d.do("system:anonymous", opened("n1", "night"))
	d.do("agent:dan2", putPresence("dan2", "available"))
	d.do("system:anonymous", opened("n2", "night"))
	d.do("system:anonymous", opened("n3", "night"))
	d.do("system:anonymous", opened("p1", "post"), opened("l1", "lost"))
	d.do("agent:ann", fsm.OpenConversation{ID: "o1", Inbox: "support", Contact: "ben", Direction: "outbound"})
	d.do("system:anonymous", putTeam("late", "Late", fsm.RotationSettings{Fallback: &fsm.FallbackSettings{To: "team_inbox"}}, "bob"))
	d.do("system:anonymous", opened("n4", "night"))
	d.title("and as that looked later")
	d.do("system:anonymous", putTeam("late", "Early", fsm.RotationSettings{Order: "name"}, "bob"), putPresence("bob", "available"))
	for rec := range d.state.Records.From(fsm.RecordID{}) {
		if row, _ := d.state.Conversations.Get(rec.Conversation); rec.Decision != nil && (row.ID == "n2" || row.ID == "c2") {
			fmt.Fprintln(&d.out, Decision(d.state, rec))
		}
	}
	d.golden("testdata/decisions.txt")
}

// TestManyPassedOver: those beyond the ones that a record names are counted.
func TestManyPassedOver(t *testing.T) {
	d := newDesk(t)
	var members []fsm.AgentID
	for i := range 41 {
		id := fmt.Sprintf("a%02d", i)
		d.do("system:anonymous", putAgent(id, id))
		members = append(members, fsm.AgentID(id))
	}
	d.do("system:anonymous", fsm.PutContact{ID: "ben", Name: "Ben"}, putTeam("t", "T", fsm.RotationSettings{}, members...), putInbox("i", "I", "t"))
	for i, m := range members {
		d.do("agent:"+string(m), putPresence(string(m), []string{"away", "in_break"}[i%2]))
	}
	d.do("agent:x", putPresence("a40", "available"))
	d.do("agent:x", opened("c1", "i"))
	d.golden("testdata/many.txt")
}

// everyWord calls each word of an enumeration.
func everyWord[E ~uint8](name func(E) string, look func(E, string)) {
	for e := E(0); name(e) != "unknown"; e++ {
		look(e, name(e))
	}
}

// TestEveryWordHasASentence: whoever adds a kind, a reason, a note or an event adds
// what people read of it, too.
func TestEveryWordHasASentence(t *testing.T) {
	missing := func(table, word string, known bool) {
		if !known {
			t.Errorf("%s has nothing to say of %q: add a sentence in sentences.go", table, word)
		}
	}
	seen := map[string]bool{}
	everyWord(fsm.DecisionKind.String, func(_ fsm.DecisionKind, w string) { _, ok := kinds[w]; missing("kinds", w, ok) })
	everyWord(fsm.Event.String, func(_ fsm.Event, w string) { _, ok := triggers[w]; missing("triggers", w, ok); seen[w] = true })
	everyWord(fsm.Cause.String, func(_ fsm.Cause, w string) { _, ok := causes[w]; missing("causes", w, ok) })
	everyWord(fsm.Note.String, func(_ fsm.Note, w string) { _, ok := notes[w]; missing("notes", w, ok) })
	everyWord(fsm.Order.String, func(_ fsm.Order, w string) { _, ok := orders[w]; missing("orders", w, ok) })
	everyWord(rotation.Verdict.String, func(_ rotation.Verdict, w string) { _, ok := verdicts[w]; missing("verdicts", w, ok) })
	for word := range arrivals {
		if !seen[word] {
			t.Errorf("there is no event %q: remove it from arrivals", word)
		}
	}
}

// TestEverySentenceIsWhole: whatever is put together, nothing is left unfilled, and
// words of a newer version are said as they are.
func TestEverySentenceIsWhole(t *testing.T) {
	d := newDesk(t)
	d.do("system:anonymous", putAgent("ann", "{team}"), putTeam("t", "T", fsm.RotationSettings{}, "ann"), putInbox("i", "I", "t"))
	whole := func(dec fsm.Decision) {
		t.Helper()
		dec.Rule, dec.RuleRevision, dec.Restriction = "vip", 3, "inbox=i;language=es"
		text := Decision(d.state, fsm.Record{ID: fsm.RecordID{Index: 1}, TimeMs: d.nowMs, Seq: 1, Actor: "agent:nobody", Decision: &dec})
		if strings.ContainsAny(text, "{}") || strings.Contains(text, "  ") || strings.Contains(text, "..") || !strings.HasSuffix(text, ".") {
			t.Errorf("%+v: %q", dec, text)
		}
	}
	everyWord(fsm.DecisionKind.String, func(k fsm.DecisionKind, _ string) {
		everyWord(fsm.Event.String, func(e fsm.Event, _ string) { whole(fsm.Decision{Kind: k, Trigger: e}) })
		everyWord(fsm.Cause.String, func(c fsm.Cause, _ string) { whole(fsm.Decision{Kind: k, Cause: c, FallbackStep: new(uint8)}) })
		everyWord(rotation.Verdict.String, func(v rotation.Verdict, _ string) {
			whole(fsm.Decision{Kind: k, Counts: []fsm.Count{{Verdict: v, N: 2}}})
		})
	})
	whole(fsm.Decision{Kind: 200, Trigger: 200, Cause: 200, Notes: []fsm.Note{200}, Counts: []fsm.Count{{Verdict: 200, N: 1}}})
	ann, _ := d.state.Agents.ByID("ann")
	text := Decision(d.state, fsm.Record{Decision: &fsm.Decision{Kind: fsm.DecidedOwner, Assignee: ann.Handle}})
	if !strings.Contains(text, "{team}") {
		t.Errorf("a name was taken for a part to fill in: %q", text)
	}
}
