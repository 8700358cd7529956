package fsm

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// TestStateAgainstModel sends random commands to the state machine and to the
// dumb model of model_test.go, and compares every decision, in order and word for
// word, every row and every number; the invariants of model_check_test.go hold
// after every entry.
func TestStateAgainstModel(t *testing.T) {
	met, steps, runs := map[string]int{}, 120, 0
	if underRace {
		steps = 12
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, met)
		runs++
		for range upTo(t, steps, "steps") {
			switch upTo(t, 10, "action") {
			case 0, 1:
				w.tick(t)
			case 2:
				w.repeatItem(t)
			case 3:
				w.backlog(t)
			case 4:
				w.conditional(t)
			default:
				w.drawEntry(t)
			}
		}
		w.seen.checkChain(t, w.state)
	})
	t.Log(met)
	if runs < 100 || underRace || t.Failed() {
		return
	}
	for _, what := range []string{"rotation", "fallback", "claim", "manual", "unassign", "last_assignee", "no_one_available", "no_members",
		"outbound", "mode", "drain_allowance", "on allowance.due", "on team.changed", "on queue.resumed", "queue.alert",
		"cursor carried", "replayed", "least_open", "excluded", "requirement", "busier", "on fallback.due", "turn_refunded", "returned", "turn.refunded",
		"passed on", "on conversation.untagged", "rotation.resorted", "on agent.changed", "condition held", "condition failed"} {
		if met[what] == 0 {
			t.Errorf("%s was never met: the model has proved nothing about it", what)
		}
	}
}

// A sending is one item for both sides: expect does the same to the model.
type sending struct {
	item    Item
	request string // equal for two sendings of one request
	expect  func(*dumb) string
	again   func() sending // makes it anew, if that differs from sending it once more
}

// A heard key is what a client would be told when it sends again.
type heard struct {
	request   string
	expiresMs int64
	outcome   Outcome
}

type world struct {
	t     *rapid.T
	state *State
	model *dumb
	nowMs int64
	sent  []sending
	keys  map[string]heard
	seen  *witness
	names int            // for keys and minted ids
	picks []dumbPick     // decisions that gave something to somebody
	met   map[string]int // how often something happened, over all runs
}

func newWorld(t *rapid.T, met map[string]int) *world {
	w := &world{t: t, met: met, state: NewState(), model: &dumb{}, nowMs: 1_800_000_000_000, keys: map[string]heard{}, seen: newWitness()}
	begin := w.send(BeginTerm{Node: "n1", Term: 1, ClusterID: "test"}, func(*dumb) string { return wordCreated })
	entry := []sending{begin}
	for i, id := range agentPool[:4] {
		name := namePool[i]
		entry = append(entry, w.agent(id, name, languagePool[i], nil))
		if i == 0 {
			entry = append(entry, w.presence(id, "available"))
		}
	}
	for i, id := range contactPool[:3] {
		entry = append(entry, w.contact(id, fmt.Sprint("+", i), ""))
	}
	members := []AgentID{agentPool[2], agentPool[0], agentPool[1]}
	rules := drawRules(t)
	other := drawRules(t)
	other.fallback = []dumbStep{{to: "wait"}} // there is no other team yet
	rules.fallback = pickOne(t, [][]dumbStep{{{to: "wait"}}, {{to: "team", team: "t1", afterMs: pickOne(t, []int64{0, 4000}, "after")}}}, "first fallback")
	entry = append(entry, w.team("t1", []AgentID{agentPool[3], agentPool[1]}, other), w.team("t0", members, rules),
		w.inbox("i0", "rotation", "t0"), w.inbox("i1", "rotation", "t0"))
	w.apply(t, 0, entry)
	return w
}

var (
	agentPool    = []AgentID{"a0", "a1", "a2", "a3", "a4"} // there is no a4 at first
	namePool     = []string{"Value 1", "anna", "Bert", "Anna", "carl"}
	teamPool     = []TeamID{"t0", "t0", "t0", "t1", "t2"}
	inboxPool    = []InboxID{"i0", "i0", "i1", "i2"}
	contactPool  = []ContactID{"p0", "p1", "p2", "p3"}
	statusPool   = []string{"available", "available", "away", "unavailable", "in_break"}
	stepPool     = []int64{-2000, 0, 0, 0, 1, 1, 1000, 1000, 4000, 4000, 10_000, 31_000, 60_000, 60_001, 3_600_000, 24 * 3_600_000, 8 * 24 * 3_600_000}
	fallbackPool = []string{"wait", "wait", "wait", "wait", "team", "team", "team_inbox", "agent"}
	languagePool = [][]string{{"es"}, nil, {"de", "es"}, {"de"}}
	tagPool      = []string{"spam", "spam", "vip"}
)

func pickOne[T any](t *rapid.T, pool []T, label string) T {
	return pool[upTo(t, len(pool)-1, label)]
}

// upTo draws a number, each as often as any other: rapid's own draws prefer small
// ones, which suits sizes and leaves kinds of commands out.
func upTo(t *rapid.T, most int, label string) int {
	n := rapid.Uint64().Draw(t, label)
	n = (n ^ n>>33) * 0xff51afd7ed558ccd
	n = (n ^ n>>33) * 0xc4ceb9fe1a85ec53
	return int((n ^ n>>33) % uint64(most+1))
}

func (w *world) send(c Command, expect func(*dumb) string) sending {
	w.names++
	key := Key{KeyMinted, "", fmt.Sprint(w.names)}
	switch m, message := c.(ReceiveMessage); {
	case message:
		key = Key{KeyMessage, string(m.Inbox), m.ID}
	case w.names%2 == 0:
		key = Key{KeyClient, "agent:x", fmt.Sprint(w.names)}
	}
	request, err := json.Marshal(c) // leaves out what nodes mint
	if err != nil {
		w.t.Fatal(err)
	}
	return sending{item: NewItem(c, "agent:x", "asserted", key), request: fmt.Sprintf("%T %s", c, request), expect: expect}
}

func (w *world) agent(id AgentID, name string, languages, skills []string) sending {
	return w.send(PutAgent{ID: id, Name: name, SortKey: cbor.ByteString(sortText(name)), Languages: languages, Skills: skills},
		func(d *dumb) string { return d.putAgent(string(id), name, languages, skills) })
}

func (w *world) presence(id AgentID, status string) sending {
	return w.send(PutPresence{Agent: id, Status: status}, func(d *dumb) string { return d.putPresence(string(id), status) })
}

func (w *world) contact(id ContactID, address string, owner AgentID) sending {
	return w.send(PutContact{ID: id, Name: string(id), Addresses: []string{address}, Owner: owner},
		func(d *dumb) string { return d.putContact(string(id), address, string(owner)) })
}

func (w *world) inbox(id InboxID, mode string, team TeamID) sending {
	return w.send(PutInbox{ID: id, Name: string(id), Assignment: InboxAssignment{Mode: mode, Team: team}},
		func(d *dumb) string { return d.putInbox(string(id), mode, string(team)) })
}

func (w *world) team(id TeamID, members []AgentID, rules dumbRules) sending {
	c := PutTeam{ID: id, Name: "team", Rotation: &RotationSettings{
		Strategy: rules.strategy, Order: rules.order, AssignTo: rules.assignTo, Per: rules.per, OnReturn: rules.onReturn, ExcludeTags: rules.exclude,
		Fallback:             fallbackOf(rules.fallback),
		DrainBurst:           new(uint32(rules.burst)),
		DrainIntervalSeconds: new(uint32(rules.intervalMs / 1000)),
		AlertAfterSeconds:    new(uint32(rules.alertMs / 1000)),
	}}
	var names []string
	for _, m := range members {
		c.Members = append(c.Members, TeamMember{Agent: m, Weight: new(uint32(dumbWeight(string(m))))})
		names = append(names, string(m))
	}
	return w.send(c, func(d *dumb) string { return d.putTeam(string(id), "team", names, rules) })
}

// conversation draws mostly one there is.
func (w *world) conversation(t *rapid.T) ConversationID {
	ids := []string{"no-such"}
	for _, c := range w.model.conversations[max(0, len(w.model.conversations)-12):] {
		ids = append(ids, c.id)
	}
	return ConversationID(pickOne(t, ids, "conversation"))
}

// draw returns one random command.
func (w *world) draw(t *rapid.T) sending {
	kinds := []func(*rapid.T) sending{w.drawOpen, w.drawOpen, w.drawOpen, w.drawMessage, w.drawMessage, w.drawPresence, w.drawPresence, w.drawPresence,
		w.drawConfiguration, w.drawConfiguration, w.drawHand, w.drawHand, w.drawHand, w.drawHand}
	return kinds[upTo(t, len(kinds)-1, "kind")](t)
}

func (w *world) drawOpen(t *rapid.T) sending {
	id := w.conversation(t)
	if upTo(t, 9, "taken") > 0 {
		id = ConversationID(fmt.Sprint("c", w.names))
	}
	inbox, contact := pickOne(t, inboxPool, "inbox"), pickOne(t, contactPool, "contact")
	direction := pickOne(t, []string{"inbound", "inbound", "inbound", "outbound"}, "direction")
	c := OpenConversation{ID: id, Inbox: inbox, Contact: contact, Direction: direction}
	var language, skill string
	if upTo(t, 2, "restricted") == 0 {
		language, skill = pickOne(t, []string{"es", "es", "de", ""}, "language"), pickOne(t, []string{"", "", "vip"}, "skill")
		c.Requires = &Requirement{Language: language, Skill: skill}
	}
	if upTo(t, 4, "tagged") == 0 {
		c.Tags = []string{pickOne(t, tagPool, "tag")}
	}
	return w.send(c, func(d *dumb) string {
		return d.open(string(id), string(inbox), string(contact), direction, language, skill, c.Tags)
	})
}

func (w *world) drawMessage(t *rapid.T) sending {
	inbox, address := pickOne(t, inboxPool, "inbox"), fmt.Sprint("+", upTo(t, 4, "address"))
	return w.message(inbox, address, fmt.Sprint("m", w.names))
}

// message is one of a channel. Who sends it again, perhaps through another node,
// mints anew.
func (w *world) message(inbox InboxID, address, id string) sending {
	minted := fmt.Sprint(id, "-", w.names)
	s := w.send(
		ReceiveMessage{Inbox: inbox, ID: id, From: Sender{Address: address}, MintedContact: ContactID("of-" + minted), MintedID: ConversationID(minted)},
		func(d *dumb) string { return d.message(string(inbox), address, "of-"+minted, minted) })
	s.again = func() sending { return w.message(inbox, address, id) }
	return s
}

func (w *world) drawPresence(t *rapid.T) sending {
	return w.presence(pickOne(t, agentPool, "agent"), pickOne(t, statusPool, "status"))
}

func (w *world) drawConfiguration(t *rapid.T) sending {
	agent, team := pickOne(t, agentPool, "agent"), pickOne(t, teamPool, "team")
	switch upTo(t, 9, "configuration") {
	case 0:
		return w.drawAgent(t, agent)
	case 1, 2:
		return w.send(PutMember{Team: team, Agent: agent, Weight: new(uint32(dumbWeight(string(agent))))}, func(d *dumb) string { return d.putMember(string(team), string(agent)) })
	case 8, 9:
		return w.drawResort(t, team)
	case 3:
		return w.send(DeleteMember{Team: team, Agent: agent}, func(d *dumb) string { return d.deleteMember(string(team), string(agent)) })
	case 4:
		if upTo(t, 1, "manual") == 1 {
			return w.inbox(pickOne(t, inboxPool, "inbox"), "manual", pickOne(t, []TeamID{"", team}, "team"))
		}
		return w.inbox(pickOne(t, inboxPool, "inbox"), "rotation", team)
	case 5:
		return w.contact(pickOne(t, contactPool, "contact"), fmt.Sprint("+", upTo(t, 4, "address")), pickOne(t, []AgentID{"", agent}, "owner"))
	default:
		members := rapid.SliceOfNDistinct(rapid.SampledFrom(agentPool), 0, 5, rapid.ID[AgentID]).Draw(t, "members")
		rules := drawRules(t)
		if old := w.model.team(string(team)); old != nil && upTo(t, 1, "same rules") == 1 {
			rules = old.rules
		}
		return w.team(team, members, rules)
	}
}

// drawHand is a person who does it herself.
func (w *world) drawHand(t *rapid.T) sending {
	id, agent := w.conversation(t), pickOne(t, agentPool, "agent")
	switch upTo(t, 14, "hand") {
	case 0:
		c, expected := AssignConversation{Conversation: id, Agent: agent}, (*string)(nil)
		if upTo(t, 1, "expects") == 1 {
			who := pickOne(t, append(agentPool[:3:3], ""), "expected")
			c.IfAssignee, expected = Expectation{Set: true, Agent: who}, new(string(who))
		}
		return w.send(c, func(d *dumb) string { return d.assign(string(id), string(agent), expected) })
	case 10:
		tag := pickOne(t, tagPool, "tag")
		return w.send(PutTag{id, tag}, func(d *dumb) string { return d.putTag(string(id), tag) })
	case 11, 14:
		return w.drawUntag(t, id)
	case 12, 13:
		if len(w.picks) == 0 {
			return w.send(RefundDecision{Decision: "1.0"}, func(*dumb) string { return string(NotFound) })
		}
		p := pickOne(t, w.picks[max(0, len(w.picks)-8):], "refund")
		return w.send(RefundDecision{Decision: p.id}, func(d *dumb) string { return d.refund(p) })
	case 1:
		return w.send(UnassignConversation{Conversation: id}, func(d *dumb) string { return d.unassign(string(id)) })
	case 2, 3:
		return w.send(ClaimConversation{Conversation: id, Agent: agent}, func(d *dumb) string { return d.claim(string(id), string(agent)) })
	case 4:
		return w.send(RequeueConversation{Conversation: id}, func(d *dumb) string { return d.requeue(string(id)) })
	case 5, 6, 7:
		return w.send(CloseConversation{id}, func(d *dumb) string { return d.closeIt(string(id)) })
	default:
		return w.send(ReopenConversation{id}, func(d *dumb) string { return d.reopen(string(id)) })
	}
}

func (w *world) drawEntry(t *rapid.T) {
	var entry []sending
	for range 1 + upTo(t, 3, "items") {
		entry = append(entry, w.draw(t))
	}
	w.apply(t, pickOne(t, stepPool, "step"), entry)
}

// tick is the leader who proposes nothing at the moment something is due.
func (w *world) tick(t *rapid.T) {
	due, ok := w.state.NextDue()
	if !ok {
		return
	}
	w.apply(t, max(0, due-w.nowMs), nil)
}

// repeatItem sends an old item again: the same bytes, or the same request or
// another one under its key.
func (w *world) repeatItem(t *rapid.T) {
	again := pickOne(t, w.sent, "again")
	step := pickOne(t, stepPool, "step")
	switch upTo(t, 2, "how") {
	case 0:
		if again.again != nil {
			again = again.again()
		}
		again.item.NotAfterMs = w.nowMs + step + 60_000
	case 1:
		other := w.draw(t)
		other.item.Key, again = again.item.Key, other
	}
	w.apply(t, step, []sending{again})
}

// backlog is a night: everybody leaves, a queue fills, now and then beyond what
// one entry may serve, and somebody returns.
func (w *world) backlog(t *rapid.T) {
	portion := 1 + upTo(t, 4, "portion")
	if upTo(t, 49, "rarely") == 0 && len(w.model.conversations) < 60 {
		portion = 160
	} else if upTo(t, 4, "night") > 0 {
		return
	}
	var entry []sending
	for _, id := range agentPool {
		entry = append(entry, w.presence(id, "away"))
	}
	inbox := pickOne(t, inboxPool, "inbox")
	if upTo(t, 3, "all wait") > 0 {
		rules := drawRules(t)
		rules.fallback, rules.assignTo = nil, "available"
		if portion > StepsPerEntry/2 {
			rules.burst = 0
		}
		entry = append(entry, w.team("t0", agentPool[:4], rules), w.inbox(inbox, "rotation", "t0"))
	}
	w.apply(t, 0, entry)
	for range 2 {
		entry = nil
		for range portion {
			id, contact := fmt.Sprint("c", w.names), pickOne(t, contactPool[:2], "contact")
			entry = append(entry, w.send(OpenConversation{ID: ConversationID(id), Inbox: inbox, Contact: contact},
				func(d *dumb) string { return d.open(id, string(inbox), string(contact), "inbound", "", "", nil) }))
		}
		w.apply(t, 0, entry)
	}
	w.apply(t, 1000, []sending{w.presence(pickOne(t, agentPool, "returns"), "available"), w.drawOpen(t), w.drawOpen(t)})
}

// apply brings one entry to both sides and compares them.
func (w *world) apply(t *rapid.T, stepMs int64, entry []sending) {
	w.nowMs += stepMs
	e := Entry{Format: EntryFormat, MinSemantics: 1, TimeMs: w.nowMs, Items: []Item{}}
	for i := range entry {
		if entry[i].item.NotAfterMs == 0 {
			entry[i].item.NotAfterMs = w.nowMs + 60_000
		}
		e.Items = append(e.Items, entry[i].item)
	}
	w.sent = append(w.sent, entry...)
	w.sent = w.sent[max(0, len(w.sent)-40):]
	decoded, err := DecodeEntry(EncodeEntry(e))
	if err != nil || !reflect.DeepEqual(decoded, e) {
		t.Fatalf("the codec changed an entry (%v):\n%+v\n%+v", err, decoded, e)
	}

	w.seen.before(t, w.state)
	cursors := slices.Collect(w.state.Cursors.All())
	index := w.state.Index + 1
	w.model.weeds = noticeTimers(w.state, max(w.state.NowMs, w.nowMs))
	outcomes, err := w.state.Apply(index, e)
	if err != nil {
		t.Fatal(err)
	}
	w.model.begin(w.nowMs)
	for i, s := range entry {
		w.model.seq++
		if !w.model.beyond {
			w.judge(t, s, outcomes[i])
		}
	}
	w.model.end()
	w.compare(t, index)
	w.tally(index, cursors)
	w.seen.after(t, w.state, index, e, w.model)
}

// judge compares what became of one item.
func (w *world) judge(t *rapid.T, s sending, got Outcome) {
	key := string(s.item.Key)
	if k, known := w.keys[key]; known && k.expiresMs >= w.model.nowMs {
		want := k.outcome
		want.Replayed = true
		w.met["replayed"]++
		if k.request != s.request {
			want = Outcome{Seq: w.model.seq, Index: w.state.Index, Rejection: got.Rejection}
			if got.Rejection == nil || got.Rejection.Reason != KeyReused {
				t.Fatalf("another request under a key was answered with %+v", got)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s again:\ngot  %+v\nwant %+v", s.request, got, want)
		}
		return
	}
	want, seq := string(Expired), w.model.seq
	if w.model.nowMs <= s.item.NotAfterMs {
		want = s.expect(w.model)
		life := int64(24 * 3600 * 1000)
		if KeySource(key[0]) == KeyMinted {
			life = 60_000
		}
		w.keys[key] = heard{s.request, w.model.nowMs + life, got}
	}
	if word := wordOf(got); word != want || got.Seq != seq || got.Index != w.state.Index || got.Replayed {
		t.Fatalf("%s: got %s, %+v, want %s with seq %d", s.request, word, got, want, seq)
	}
	if c, ok := w.state.Conversations.Get(ConversationHandle(got.Subject.Handle)); ok && !got.Decision.IsZero() {
		rec, found := w.state.Records.ByID(got.Decision)
		if !found || rec.Decision == nil || rec.Conversation != c.Handle {
			t.Fatalf("%s: its decision %s is %+v", s.request, got.Decision, rec)
		}
	}
}

func wordOf(o Outcome) string {
	switch {
	case o.Rejection != nil:
		return string(o.Rejection.Reason)
	case o.Created:
		return wordCreated
	default:
		return wordOK
	}
}

// compare compares the decisions of an entry and then every row.
func (w *world) compare(t *rapid.T, index uint64) {
	if w.model.beyond {
		t.Skip("a contact has more conversations than an entry has steps")
	}
	var decisions []string
	for rec := range w.state.Records.From(RecordID{index, 0}) {
		if rec.Decision != nil {
			decisions = append(decisions, w.describe(rec))
		}
	}
	for i := range max(len(decisions), len(w.model.decisions)) {
		got, want := "nothing", "nothing"
		if i < len(decisions) {
			got = decisions[i]
		}
		if i < len(w.model.decisions) {
			want = w.model.decisions[i]
		}
		if got != want {
			t.Fatalf("decision %d of entry %d:\ngot  %s\nwant %s", i, index, got, want)
		}
	}
	if w.state.Seq != w.model.seq {
		t.Fatalf("Seq is %d after entry %d, want %d", w.state.Seq, index, w.model.seq)
	}
	if got, want := w.state.Conversations.Len(), len(w.model.conversations); got != want {
		t.Fatalf("%d conversations, want %d", got, want)
	}
	for _, c := range w.model.conversations {
		got, _ := w.state.Conversations.ByID(ConversationID(c.id))
		team, _ := w.state.Teams.Get(got.Assignment.Team)
		a := fmt.Sprintf("%v %s %s of %q", got.Status == StatusClosed, got.Assignment.State, w.name(got.Assignment.Assignee), team.ID)
		teamID := ""
		if c.team != nil {
			teamID = c.team.id
		}
		if b := fmt.Sprintf("%v %s %s of %q", c.closed, c.state, nameOfAgent(c.assignee), teamID); a != b {
			t.Fatalf("%s: got %s, want %s", c.id, a, b)
		}
	}
	for _, team := range w.model.teams {
		w.compareTeam(t, team)
	}
}

func (w *world) name(h AgentHandle) string {
	a, _ := w.state.Agents.Get(h)
	return string(a.ID)
}

func (w *world) describe(rec Record) string {
	c, _ := w.state.Conversations.Get(rec.Conversation)
	x := dumbDecision{
		conversation: string(c.ID), kind: rec.Decision.Kind.String(), trigger: rec.Decision.Trigger.String(),
		before: w.name(rec.Decision.Before), assignee: w.name(rec.Decision.Assignee), cause: rec.Decision.Cause.String(),
		cursor: w.name(rec.Decision.CursorBefore), after: w.name(rec.Decision.CursorAfter), turn: rec.Decision.Turn,
		absent: slices.Contains(rec.Decision.Notes, AssigneeAbsent),
	}
	x.restriction = rec.Decision.Restriction
	if step := rec.Decision.FallbackStep; step != nil {
		x.step = fmt.Sprint(*step)
	}
	for _, n := range rec.Decision.Notes {
		if n == WentFirstRefunded || n == WentFirstReturned { // the others say which ways were not open: transcripts
			x.note = n.String()
		}
	}
	for _, p := range rec.Decision.Passed {
		x.passed = append(x.passed, fmt.Sprint(w.name(p.Agent), " ", p.Verdict))
	}
	return x.String()
}

// tally counts what the entry at index led to.
func (w *world) tally(index uint64, before []Cursor) {
	turns := map[AgentHandle]bool{}
	for rec := range w.state.Records.From(RecordID{index, 0}) {
		w.met[rec.Event.String()]++
		if d := rec.Decision; d != nil {
			w.pickedUp(rec)
			for _, n := range d.Notes {
				w.met[n.String()]++
			}
			if d.FallbackStep != nil && (d.Turn || d.Kind == DecidedWaiting) {
				w.met["passed on"]++
			}
			w.met[d.Kind.String()]++
			w.met[d.Cause.String()]++
			w.met["on "+d.Trigger.String()]++
			for _, p := range d.Passed {
				w.met[p.Verdict.String()]++
			}
			turns[d.CursorAfter] = turns[d.CursorAfter] || d.Turn
		}
	}
	for _, old := range before {
		now, _ := w.state.Cursors.Get(cursorKey{team: old.Team, inbox: old.Inbox})
		if now.Agent != old.Agent && !turns[now.Agent] {
			w.met["cursor carried"]++
		}
	}
}

// pickedUp remembers who got something, for refunds.
func (w *world) pickedUp(rec Record) {
	d := rec.Decision
	if d.Assignee == 0 {
		return
	}
	team, _ := w.state.Teams.Get(rec.Team)
	inbox, _ := w.state.Inboxes.Get(rec.Inbox)
	w.picks = append(w.picks, dumbPick{id: rec.ID.String(), team: string(team.ID), agent: w.name(d.Assignee),
		inbox: string(inbox.ID), restriction: d.Restriction, ms: rec.TimeMs, turn: d.Turn})
}
