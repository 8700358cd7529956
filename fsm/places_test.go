package fsm

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// placeLog names the file with the log that a process of TestPlaces applies.
const placeLog = "RONDO_TEST_PLACE_LOG"

// TestPlaces: machines anywhere in the world, whatever they take for the time of day,
// the language or the database of zones, come from one log to one state (S5.13).
func TestPlaces(t *testing.T) {
	if path := os.Getenv(placeLog); path != "" {
		applyPlaceLog(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, encode(placeEntries()), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	states := map[string][]string{}
	for _, env := range [][]string{
		{"TZ=UTC", "LANG=C"}, {"TZ=Pacific/Auckland", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8"},
		{"TZ=America/St_Johns", "LANG=de_DE.UTF-8", "ZONEINFO=" + filepath.Join(t.TempDir(), "none")},
	} {
		run := exec.CommandContext(t.Context(), self, "-test.run=^TestPlaces$", "-test.v")
		run.Env = append(append(os.Environ(), placeLog+"="+path), env...)
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", env, err, out)
		}
		_, state, found := strings.Cut(string(out), "state ")
		if state, _, _ = strings.Cut(state, "\n"); !found {
			t.Fatalf("%v says nothing of its state:\n%s", env, out)
		}
		states[state] = append(states[state], env[0])
	}
	if len(states) != 1 {
		t.Errorf("one log, and several states: %v", states)
	}
}

// applyPlaceLog prints what a log leads to. One that told too little shows nothing.
func applyPlaceLog(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	if err := cbor.Unmarshal(data, &entries); err != nil {
		t.Fatal(err)
	}
	s, events := NewState(), map[Event]int{}
	for i, entry := range entries {
		out, err := s.Apply(uint64(i+1), entry)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			if o.Rejection != nil {
				t.Fatalf("entry %d: %s", i+1, o.Rejection.Detail)
			}
		}
	}
	for rec := range s.Records.From(RecordID{}) {
		events[rec.Event]++
	}
	if events[ScheduleOpened] < 5 || events[ScheduleClosed] < 5 || events[ShiftBegan] < 3 || events[RuleRan] < 20 || events[RuleWaits] < 20 {
		t.Fatalf("void: it tells too little: %v", events)
	}
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("state %x\n", sha256.Sum256(b.Bytes()))
}

// placeEntries is a day or two of a team with shifts, hours and rules.
func placeEntries() (entries []Entry) {
	nowMs, n := int64(1_800_000_000_000), 0
	entry := func(commands ...Command) {
		e := Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: nowMs}
		for _, c := range commands {
			n++
			it := NewItem(c, "system:test", "asserted", Key{KeyMinted, "", fmt.Sprint(n)})
			it.NotAfterMs = nowMs + 60_000
			e.Items = append(e.Items, it)
		}
		entries = append(entries, e)
	}
	ahead := Horizon{Zones: "2026a", FromMs: nowMs, UntilMs: nowMs + 3*dayMs}
	for i := int64(1); i <= 20; i++ {
		ahead.Turns = append(ahead.Turns, Turn{AtMs: nowMs + i*3*3_600_000, On: uint32(i % 4)})
	}
	entry(BeginTerm{Node: "n1", Term: 1, ClusterID: "test"})
	entry(PutAgent{ID: "a", Name: "İrem"}, PutAgent{ID: "b", Name: "Zoë"}, PutPresence{Agent: "a", Status: "available"},
		PutGroup{ID: "g", Name: "G", Members: []ListedAgent{{"b"}}}, stormHours("s", "a", true, ahead),
		PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: "a"}, {Agent: "b"}}},
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t", Hours: "s"}},
		PutRule{ID: "r", Name: "R", RuleBody: RuleBody{On: Trigger{On: OnOpened, Inbox: "i"}, Steps: []Step{
			{AddTag: &TagStep{Tag: "i"}}, {Assign: &AssignStep{Team: "t", AssignTeam: AssignTeam{Schedule: "s"}, WithinSeconds: 3600, Otherwise: []Step{{SetPriority: &PriorityStep{3}}}}},
			{Wait: &WaitStep{Schedule: "s", Until: "closed"}}, {AddComment: &CommentStep{"closed"}}}}},
		PublishRule{"r"},
		PutRule{ID: "late", Name: "Late", RuleBody: RuleBody{On: Trigger{On: OnNoReply, ForSeconds: 5400}, Steps: []Step{{AddTag: &TagStep{Tag: "late"}}}}},
		PublishRule{"late"})
	for i := range 60 {
		nowMs += 47 * 60_000
		id := fmt.Sprint("c", i)
		entry(ReceiveMessage{Inbox: "i", ID: id, From: Sender{fmt.Sprint("+", i), "IĞDIR"}, MintedContact: ContactID("p" + id), MintedID: ConversationID(id)})
	}
	return entries
}
