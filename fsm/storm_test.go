package fsm

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// TestStorm throws commands of every kind at states that were reached by others, by
// whoever and about whatever: what was closed, merged, erased or removed, too. No
// entry fails, a refusal leaves no trace, indexes are what they would be if they were
// made anew, copies stay as they were, replicas are equal, what waits is counted,
// and nothing of a person stands outside of rows.
func TestStorm(t *testing.T) {
	met := map[string]int{}
	runs := 0
	most := 40
	if underRace {
		most = 6
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newStorm(t, met)
		runs++
		for range upTo(t, most, "entries") {
			w.blow(t)
		}
		w.calm(t)
	})
	if runs < 100 || underRace || t.Failed() {
		return
	}
	checkRuleFloors(t, met)
	met = maps.Clone(met)
	maps.DeleteFunc(met, func(name string, _ int) bool { return strings.Contains(name, " ") })
	for name := range stormless {
		delete(met, name)
	}
	if want := (len(registrations) - len(stormless)) * 3 / 4; len(met) < want {
		t.Errorf("only %d kinds of commands were ever accepted, want %d at least: %v", len(met), want, met)
	}
}

// stormless are the commands that have tests of their own, and why.
var stormless = map[string]string{
	"term.begin": "once, at the beginning", "agent.presence_plan_delete": "plans are not drawn", "checkpoint.begin": "of the cluster", "checkpoint.report": "of the cluster",
	"node.announce": "of the cluster", "node.forget": "of the cluster", "presence.renew": "leases are not drawn",
}

// secret marks all that tells of a person: it may stand in rows only.
const secret = "Zyxwvut"

type storm struct {
	state, twin *State
	nowMs       int64
	n           int
	met         map[string]int
	told        recount
}

func newStorm(t *rapid.T, met map[string]int) *storm {
	w := &storm{state: NewState(), twin: NewState(), nowMs: 1_800_000_000_000, met: met, told: recount{}}
	w.apply(t, []Item{w.item("system:setup", BeginTerm{Node: "n1", Term: 1, ClusterID: "test"})})
	var items []Item
	for _, c := range []Command{
		PutAgent{ID: "a", Name: "A"}, PutAgent{ID: "b", Name: "B"}, PutAgent{ID: "c", Name: "C", Role: "supervisor"},
		PutAgent{ID: "d", Name: "D", Role: "admin"}, PutAgent{ID: "bot", Name: "Bot", Kind: "bot"},
		PutPresence{Agent: "a", Status: "available"}, PutGroup{ID: "g", Name: "G", Members: []ListedAgent{{"b"}}},
		PutTeam{ID: "t", Name: "T", Members: []TeamMember{{Agent: "a"}, {Group: "g"}}},
		PutTeam{ID: "u", Name: "U", Members: []TeamMember{{Agent: "c"}}, AutoAssign: new(false)},
		PutInbox{ID: "i", Name: "I", Assignment: InboxAssignment{Mode: "rotation", Team: "t"}},
		PutInbox{ID: "j", Name: "J", Assignment: InboxAssignment{Mode: "rotation", Team: "u", Bot: "bot"}},
		PutContact{ID: "p", Name: secret, Addresses: []string{secret + "0"}},
		PutContact{ID: "q", Name: secret, Addresses: []string{secret + "1"}, Owner: "a"},
		stormHours("s", "a", false, w.drawHorizon(t, 1)),
		PutRule{ID: "ra", Name: "R", RuleBody: w.drawBody(t)}, PutRule{ID: "rb", Name: "R", RuleBody: w.drawBody(t)}, PublishRule{"ra"}, PublishRule{"rb"},
	} {
		items = append(items, w.item("system:setup", c))
	}
	w.apply(t, items)
	return w
}

func (w *storm) item(actor string, c Command) Item {
	w.n++
	it := NewItem(c, actor, "asserted", Key{KeyMinted, "", fmt.Sprint(w.n)})
	it.NotAfterMs = w.nowMs + 60_000
	return it
}

// blow applies one entry of a few random commands, or time passes.
func (w *storm) blow(t *rapid.T) {
	w.nowMs += pickOne(t, []int64{0, 0, 1, 1000, 60_000, 31 * 60_000, 3_600_000, 8 * 24 * 3_600_000, 31 * 24 * 3_600_000}, "passes")
	var items []Item
	for range upTo(t, 6, "items") {
		actor := pickOne(t, []string{"agent:a", "agent:b", "agent:c", "agent:d", "agent:bot", "agent:nobody", "system:crm", "connector:wa"}, "actor")
		items = append(items, w.item(actor, w.draw(t)))
	}
	w.apply(t, items)
}

func (w *storm) apply(t *rapid.T, items []Item) {
	entry := Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: w.nowMs, Items: items}
	due, ok := w.state.NextDue()
	idle := !ok || due > w.nowMs
	before := w.state.Clone()
	was, wasIndexes := bytesOf(t, before), derivedOf(before)

	index := w.state.Index + 1
	out, err := w.state.Apply(index, entry)
	other, errToo := w.twin.Apply(index, entry)
	if err != nil || errToo != nil {
		t.Fatal(err, errToo)
	}
	is := bytesOf(t, w.state)
	if !bytes.Equal(encode(out), encode(other)) || !bytes.Equal(is, bytesOf(t, w.twin)) {
		t.Fatal("replicas differ")
	}
	if !bytes.Equal(bytesOf(t, before), was) || derivedOf(before) != wasIndexes {
		t.Fatal("the copy from before has changed")
	}
	rebuilt, err := ReadSnapshot(bytes.NewReader(is))
	if err != nil {
		t.Fatal(err)
	}
	if kept, made := derivedOf(w.state), derivedOf(rebuilt); kept != made {
		t.Fatalf("the indexes have drifted:\n%s", firstDifference(kept, made))
	}
	if w.n%3 == 0 {
		w.twin = rebuilt
	}
	if idle && len(items) == 1 && out[0].Rejection != nil {
		w.checkTraceless(t, before, out[0])
	}
	for i, o := range out {
		if o.Rejection == nil {
			w.met[items[i].Kind.Name()]++
		}
	}
	checkQueues(t, w.state)
	checkHeld(t, w.state)
	checkOpenOffers(t, w.state)
	checkWatched(t, w.state)
	checkClimbs(t, before, w.state, w.met)
	w.checkRows(t)
	w.checkRules(t)
	w.followRules(t, index)
	w.told.follow(t, w.state, index, items, out)
}

// checkTraceless: a refusal leaves its number and its key.
func (w *storm) checkTraceless(t *rapid.T, before *State, o Outcome) {
	after := w.state.Clone()
	after.Keys, after.Seq, after.Index, after.NowMs = before.Keys, before.Seq, before.Index, before.NowMs
	if !bytes.Equal(bytesOf(t, before), bytesOf(t, after)) {
		t.Fatalf("refused by %s, and it left a trace", o.Rejection.Detail)
	}
}

// checkRows: what cannot be, is not.
func (w *storm) checkRows(t *rapid.T) {
	s := w.state
	for c := range s.Conversations.All() {
		waits := c.Assignment.State == StateWaiting
		_, wakes := s.Timers.Get(c.wakeTimer())
		switch contact, _ := s.Contacts.Get(c.Contact); {
		case waits && c.Status != StatusOpen:
			t.Fatalf("%s is %s and waits", c.ID, c.Status)
		case (c.Status == StatusSnoozed) != wakes || (c.UntilMs != 0) != wakes:
			t.Fatalf("%s is %s until %d, a timer wakes it: %v", c.ID, c.Status, c.UntilMs, wakes)
		case c.Status == StatusClosed && c.Assignment.State != StateNone && c.Assignment.State != StateAssigned:
			t.Fatalf("%s is closed and %s", c.ID, c.Assignment.State)
		case s.Chores.Len() > 0:
		case contact.MergedInto != 0:
			t.Fatalf("%s is that of a contact that is part of another one", c.ID)
		case contact.ErasedMs != 0 && (len(c.Attributes) > 0 || c.Lead && c.Status != StatusClosed):
			t.Fatalf("%s of an erased contact is %+v", c.ID, c)
		case c.Lead && c.Status != StatusClosed && ownedBefore(s, contact) && !ruleOpened(s, c):
			t.Fatalf("lead %s waits though its contact %s has an owner", c.ID, contact.ID)
		}
	}
	for c := range s.Contacts.All() {
		if c.End != (End{}) && (c.Name != "" || len(c.Addresses) > 0 || c.Owner != 0 || len(c.Tags) > 0 || len(c.Fields) > 0 || s.Followers.countOf(c.Handle) > 0) {
			t.Fatalf("of contact %s, which is none any more, is left %+v, %d followers", c.ID, c, s.Followers.countOf(c.Handle))
		}
	}
}

// ownedBefore says whether a contact has an owner who was not put since: one who was
// removed, and is back, is an owner again of what may be waiting for one meanwhile.
func ownedBefore(s *State, contact Contact) bool {
	owner, owned := s.Agents.shown(contact.Owner)
	return owned && owner.Revision <= contact.Revision
}

// ruleOpened says whether a rule has opened a lead: one that comes before owners
// (even_if_owned) does so for a contact that has one.
func ruleOpened(s *State, lead Conversation) bool {
	rec, kept := s.Records.At(lead.Opening)
	return !kept || strings.HasPrefix(rec.Actor, "rule:")
}

// calm lets all that is due happen, and looks for what tells of a person.
func (w *storm) calm(t *rapid.T) {
	for range 20 {
		w.apply(t, nil)
	}
	if due, ok := w.state.NextDue(); ok && due == 0 {
		t.Fatal("it does not come to an end")
	}
	for rec := range w.state.Records.From(RecordID{}) {
		if bytes.Contains(encode(rec), []byte(secret)) {
			t.Fatalf("the record of a %s tells of a person: %+v", rec.Event, rec)
		}
	}
	for row := range w.state.Keys.All() {
		if bytes.Contains(encode(row), []byte(secret)) {
			t.Fatalf("what is kept with a key tells of a person: %+v", row.Rejection)
		}
	}
}

// derivedOf writes all that is derived from rows: every index and every count that a
// table has, so that none is forgotten when it is new.
func derivedOf(s *State) string {
	var out strings.Builder
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if v.Kind() != reflect.Struct || path == ".Records" || path == ".Meta" {
			return
		}
		name := v.Type().Name()
		if strings.HasPrefix(name, "Table[") {
			return
		}
		for i := range v.NumField() {
			f := v.Field(i)
			here := path + "." + v.Type().Field(i).Name
			if items := f.Type(); items.Kind() == reflect.Interface && strings.HasPrefix(items.Name(), "tree[") {
				tree := reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
				fmt.Fprintf(&out, "%s %v\n", here, tree.MethodByName("Items").Call(nil)[0].Interface())
				continue
			}
			walk(here, f)
		}
	}
	walk("", reflect.ValueOf(s).Elem())
	return out.String()
}

func firstDifference(kept, made string) string {
	a, b := strings.Split(kept, "\n"), strings.Split(made, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("kept %s\nmade %s", a[i], b[i])
		}
	}
	return "one has more"
}

// TestAllThatIsDerivedIsCompared: derivedOf finds what is known to be there.
func TestAllThatIsDerivedIsCompared(t *testing.T) {
	l := everything(t)
	found := derivedOf(l.state)
	for _, part := range []string{".Conversations.waiting.ages.keys [{", ".Conversations.lingering.aside.keys ", ".Notifications.counts [", ".Followers.following.counts ", ".Keys.expiry.keys [{", ".Conversations.load.counts [{"} {
		if !strings.Contains(found, part) {
			t.Errorf("%s is not compared", part)
		}
	}
	if n := strings.Count(found, "\n"); n < 40 {
		t.Errorf("only %d things are compared:\n%s", n, found)
	}
}

func sortKeyOf(name string) cbor.ByteString { return cbor.ByteString(strings.ToLower(name)) }

// A recount is what lists of notifications must hold, counted from the records
// (P8): one for each agent and record that names her on that channel, the newest
// MaxNotifications, as long as they live.
type recount map[AgentHandle][]Notification

func (r recount) follow(t *rapid.T, s *State, index uint64, items []Item, out []Outcome) {
	for rec := range s.Records.From(RecordID{index, 0}) {
		if rec.Event == AgentRemoved {
			delete(r, rec.Agent)
		}
		var told []AgentHandle
		for _, n := range rec.Notices {
			agent, _ := s.Agents.Get(n.Agent)
			if slices.Contains(told, n.Agent) || n.Channels == 0 || rec.Actor == "agent:"+string(agent.ID) {
				t.Fatalf("%s by %s tells %s: %+v", rec.Event, rec.Actor, agent.ID, rec.Notices)
			}
			told = append(told, n.Agent)
			if n.Channels&ChannelList != 0 {
				r[n.Agent] = append(r[n.Agent], Notification{Agent: n.Agent, Kind: n.Kind, Team: rec.Team, Record: rec.ID, Conversation: rec.Conversation, TimeMs: rec.TimeMs})
			}
		}
	}
	r.read(s, items, out)
	r.compare(t, s)
}

// read marks what an accepted command says was read.
func (r recount) read(s *State, items []Item, out []Outcome) {
	for i, it := range items {
		command, _ := DecodeItem(it)
		c, reads := command.(ReadNotifications)
		if !reads || out[i].Rejection != nil {
			continue
		}
		agent, _ := s.Agents.everByID(c.Agent)
		upTo, err := ParseRecordID(c.UpTo)
		for at := range r[agent.Handle] {
			row := &r[agent.Handle][at]
			row.Read = row.Read || err == nil && row.Record.Compare(upTo) <= 0 || slices.Contains(c.IDs, row.Record.String())
		}
	}
}

func (r recount) compare(t *rapid.T, s *State) {
	agents := 0
	for agent, list := range r {
		list = list[max(0, len(list)-MaxNotifications):]
		for len(list) > 0 && list[0].TimeMs+NotificationLifeMs <= s.NowMs-forgetHourly {
			list = list[1:]
		}
		got := slices.Collect(s.Notifications.Of(agent))
		for len(list) > len(got) && list[0].TimeMs+NotificationLifeMs <= s.NowMs { // within the hour
			list = list[1:]
		}
		r[agent] = list
		if !slices.Equal(got, list) {
			t.Fatalf("agent %d has the notifications\n%+v\nand was told\n%+v", agent, got, list)
		}
		unread := 0
		for _, row := range list {
			unread += int(bit(!row.Read))
		}
		if kept, n := s.Notifications.Counts(agent); kept != len(list) || n != unread {
			t.Fatalf("agent %d: %d and %d unread are counted, there are %d and %d", agent, kept, n, len(list), unread)
		}
		agents += len(list)
	}
	if s.Notifications.Len() != agents {
		t.Fatalf("there are %d notifications, want %d", s.Notifications.Len(), agents)
	}
}
