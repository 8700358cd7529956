package fsm

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/fsm/collation"
	"github.com/rondohq/rondo/rotation"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata; read the difference before you commit it")

// TestTranscripts replays every transcript in testdata. They are the tests of
// the commands and their documentation:
//
//	# a comment
//	> agent.put {"id":"chris","name":"Chris"}     an entry with one command
//	& agent.put {"id":"uk","name":"UK"}           another command in the same entry
//	> @agent:mallory #key1 conversation.close {}  who asks, and under which key
//	> =5 agent.put {"id":"chris","name":"C"}      if its revision is 5; =* if it is there, =! if not
//	+60s                                          time passes; the leader ticks
//	! vip {"on":{"on":"tag_applied"},"steps":[]}  a rule is in force from here on
//	? ring sales                                  what the state says
//
// Below each line stands what came of it. After each step the state makes a trip
// through a snapshot, and a replica that only knows the log agrees with it.
func TestTranscripts(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txt")
	if len(paths) < 10 {
		t.Fatalf("only %d transcripts in testdata", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := newScript(t).replay(string(want))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

type script struct {
	t       *testing.T
	out     strings.Builder
	state   *State // clones and goes through snapshots
	replica *State // only ever applies
	nowMs   int64
	minted  int
}

func newScript(t *testing.T) *script {
	s := &script{t: t, state: NewState(), replica: NewState(), nowMs: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).UnixMilli()}
	s.apply(NewItem(BeginTerm{Node: "n1", Term: 1, Semantics: Semantics, Collation: collation.Version, ClusterID: "test"}, "system:node", "", Key{KeyMinted, "", "begin"}))
	return s
}

func (s *script) replay(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "> "):
			items := []Item{s.item(line[2:])}
			fmt.Fprintln(&s.out, line)
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "& ") {
				i++
				fmt.Fprintln(&s.out, lines[i])
				items = append(items, s.item(lines[i][2:]))
			}
			s.nowMs += 10
			s.apply(items...)
		case strings.HasPrefix(line, "+"):
			fmt.Fprintln(&s.out, line)
			s.pass(line[1:])
		case strings.HasPrefix(line, "! "):
			fmt.Fprintln(&s.out, line)
			s.publish(line[2:])
		case strings.HasPrefix(line, "? "):
			fmt.Fprintln(&s.out, line)
			s.ask(strings.Fields(line[2:]))
		case strings.HasPrefix(line, "#"), line == "":
			fmt.Fprintln(&s.out, line)
		}
	}
	return s.out.String()
}

// pass lets time go by as a leader would: an entry at each moment that is due.
func (s *script) pass(d string) {
	step, err := time.ParseDuration(d)
	if err != nil {
		s.t.Fatal(err)
	}
	end := s.nowMs + step.Milliseconds()
	for {
		due, ok := s.state.NextDue()
		if !ok || due > end {
			break
		}
		s.nowMs = max(s.nowMs, due)
		s.apply()
	}
	s.nowMs = end
}

func (s *script) item(line string) Item {
	s.t.Helper()
	actor, key, condition := "system:anonymous", Key{}, Precondition{}
	for strings.ContainsAny(line[:1], "@#=") {
		word, rest, _ := strings.Cut(line, " ")
		switch word[0] {
		case '@':
			actor = word[1:]
		case '#':
			key = Key{KeyClient, actor, word[1:]}
		default:
			condition = conditionOf(s.t, word[1:])
		}
		line = rest
	}
	name, body, _ := strings.Cut(line, " ")
	pointer, ok := ZeroCommand(name)
	if !ok {
		s.t.Fatalf("there is no command %q", name)
	}
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(pointer); err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	s.minted++
	if m, ok := pointer.(*ReceiveMessage); ok && key.Text == "" {
		key = Key{KeyMessage, string(m.Inbox), m.ID}
	}
	if key.Text == "" {
		key = Key{KeyMinted, "", fmt.Sprint(s.minted)}
	}
	it := NewItem(s.mint(pointer), actor, "", key)
	it.If = condition
	return it
}

// mint fills in what a node would.
func (s *script) mint(pointer any) Command {
	switch c := pointer.(type) {
	case *PutAgent:
		c.SortKey, c.Collation = cbor.ByteString(collation.Key(c.Name)), collation.Version
	case *OpenConversation:
		if c.From != nil {
			c.MintedContact = ContactID(fmt.Sprintf("contact-%d", s.minted))
		}
		if c.ID == "" {
			c.MintedID = ConversationID(fmt.Sprintf("conversation-%d", s.minted))
		}
	case *SubmitForm:
		c.MintedContact = ContactID(fmt.Sprintf("contact-%d", s.minted))
	case *AssignContact:
		c.MintedID = ConversationID(fmt.Sprintf("lead-%d", s.minted))
	case *AddMessage:
		c.MintedID = ConversationID(fmt.Sprintf("conversation-%d", s.minted))
	case *ReceiveMessage:
		c.MintedContact, c.MintedID = ContactID(fmt.Sprintf("contact-%d", s.minted)), ConversationID(fmt.Sprintf("conversation-%d", s.minted))
	}
	return dereference(pointer)
}

func (s *script) apply(items ...Item) {
	s.t.Helper()
	for i := range items {
		items[i].NotAfterMs = s.nowMs + 60_000
	}
	data := EncodeEntry(Entry{MinSemantics: 1, TimeMs: s.nowMs, Items: items})
	entry, err := DecodeEntry(data)
	if err != nil {
		s.t.Fatal(err)
	}
	if again := EncodeEntry(entry); !bytes.Equal(again, data) {
		s.t.Fatalf("an entry changed on its way through the codec:\n%x\n%x", data, again)
	}

	before, was := s.state.Clone(), snapshotOf(s.t, s.state)
	restored := restore(s.t, was)
	index := s.state.Index + 1
	var outcomes []Outcome
	for _, replica := range []*State{restored, s.state, s.replica} {
		if outcomes, err = replica.Apply(index, entry); err != nil {
			s.t.Fatal(err)
		}
	}
	now := snapshotOf(s.t, s.state)
	for name, replica := range map[string]*State{"restored": restored, "log-only": s.replica} {
		if !bytes.Equal(now, snapshotOf(s.t, replica)) {
			s.t.Fatalf("the %s replica differs after entry %d", name, index)
		}
	}
	if !bytes.Equal(was, snapshotOf(s.t, before)) {
		s.t.Fatalf("entry %d changed a clone made before it", index)
	}
	checkIndexes(s.t, s.state)
	checkRevisions(s.t, s.state)
	s.checkRefusals(before, outcomes)
	s.print(index, outcomes)
}

// checkRefusals: an entry whose items were all refused leaves nothing behind but
// their keys and their numbers.
func (s *script) checkRefusals(before *State, outcomes []Outcome) {
	if len(outcomes) == 0 {
		return
	}
	for _, o := range outcomes {
		if o.Rejection == nil {
			return
		}
	}
	after := s.state.Clone()
	after.Keys, after.Seq, after.Index, after.NowMs = before.Keys, before.Seq, before.Index, before.NowMs
	if !bytes.Equal(snapshotOf(s.t, before), snapshotOf(s.t, after)) {
		s.t.Fatalf("a refused command left a trace")
	}
}

func (s *script) print(index uint64, outcomes []Outcome) {
	if index == 1 {
		return
	}
	for _, o := range outcomes {
		word := "ok"
		if o.Created {
			word = "created"
		}
		if o.Replayed {
			word = "replayed " + word
		}
		if r := o.Rejection; r != nil {
			word = fmt.Sprintf("rejected: %s: %s", r.Reason, r.Detail)
			if o.Replayed {
				word = "replayed " + word
			}
			for _, f := range r.Fields {
				word += fmt.Sprintf(" [%s %s]", f.Pointer, f.Code)
			}
			if r.Assignee != "" {
				word += fmt.Sprintf(" (%s by %s)", r.Assignee, r.Decision)
			}
			if r.Reason == RevisionMismatch {
				word += fmt.Sprintf(" (revision %d)", r.Revision)
			}
			if r.Differs != nil {
				word += fmt.Sprintf(" (differs: %s)", strings.Join(r.Differs, ", "))
			}
		}
		if !o.Decision.IsZero() {
			word += " " + o.Decision.String()
		}
		for _, code := range o.Warnings.Names() {
			word += ", warning: " + code
		}
		fmt.Fprintln(&s.out, word)
	}
	for rec := range s.state.Records.From(RecordID{index, 0}) {
		fmt.Fprintln(&s.out, "  "+s.describe(rec))
	}
}

// describe renders a record in one line.
func (s *script) describe(rec Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", rec.ID, rec.Event)
	if c, ok := s.state.Conversations.Get(rec.Conversation); ok {
		fmt.Fprintf(&b, " %s", c.ID)
	} else if rec.Team != 0 {
		team, _ := s.state.Teams.Get(rec.Team)
		fmt.Fprintf(&b, " %s", team.ID)
	}
	if rec.Agent != 0 {
		fmt.Fprintf(&b, " %s", s.name(rec.Agent))
	}
	if !rec.Refunds.IsZero() {
		fmt.Fprintf(&b, " %s", rec.Refunds)
	}
	describePresence(&b, rec)
	describeOffer(&b, rec)
	s.describeSchedule(&b, rec)
	s.describeRuling(&b, rec)
	describeEscalation(&b, rec)
	if rec.Actor != "system:anonymous" {
		fmt.Fprintf(&b, " by %s", rec.Actor)
	}
	d := rec.Decision
	if d == nil {
		return b.String()
	}
	fmt.Fprintf(&b, ": %s", d.Kind)
	if d.Assignee != 0 {
		fmt.Fprintf(&b, " -> %s", s.name(d.Assignee))
	}
	if d.Cause != 0 {
		fmt.Fprintf(&b, " (%s)", d.Cause)
	}
	if d.Trigger != rec.Event {
		fmt.Fprintf(&b, " on %s", d.Trigger)
	}
	if d.Before != 0 {
		fmt.Fprintf(&b, ", was %s", s.name(d.Before))
	}
	if d.FallbackStep != nil && *d.FallbackStep > 0 {
		fmt.Fprintf(&b, ", step %d", *d.FallbackStep)
	}
	b.WriteString(demanded(d.Restriction))
	if d.Turn {
		fmt.Fprintf(&b, ", turn %s to %s", s.name(d.CursorBefore), s.name(d.CursorAfter))
	}
	b.WriteString(s.ruled(d))
	for i, p := range d.Passed {
		fmt.Fprintf(&b, "%s%s is %s", map[bool]string{true: "; ", false: ", "}[i == 0], s.name(p.Agent), p.Verdict)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "; note %s", n)
	}
	return b.String()
}

// demanded is a restriction as it stands in a transcript.
func demanded(restriction string) string {
	if restriction == "" {
		return ""
	}
	return " [" + restriction + "]"
}

func describePresence(b *strings.Builder, rec Record) {
	if rec.Event == PresenceChanged || rec.Event == PresencePlanned {
		fmt.Fprintf(b, " %s", rec.Status)
	}
	if rec.Reason != "" {
		fmt.Fprintf(b, " (%s)", rec.Reason)
	}
	for _, when := range []struct {
		word string
		ms   int64
	}{{"from", rec.FromMs}, {"until", rec.UntilMs}} {
		if when.ms != 0 {
			fmt.Fprintf(b, " %s %s", when.word, time.UnixMilli(when.ms).UTC().Format("15:04:05"))
		}
	}
	if rec.PlannedBy != "" {
		fmt.Fprintf(b, " planned by %s", rec.PlannedBy)
	}
}

func (s *script) name(h AgentHandle) string {
	a, ok := s.state.Agents.Get(h)
	if !ok {
		return "-"
	}
	return string(a.ID)
}

// ask answers "ring TEAM", "conversation ID", "queue TEAM", "history AGENT", "lease
// AGENT" and "timers".
func (s *script) ask(words []string) {
	switch words[0] {
	case "ring":
		team, _ := s.state.Teams.ByID(TeamID(words[1]))
		for cursor := range s.state.Cursors.OfTeam(team.Handle) {
			inbox, _ := s.state.Inboxes.Get(cursor.Inbox)
			fmt.Fprintf(&s.out, "  cursor %s %s%s\n", inbox.ID, s.name(cursor.Agent), demanded(cursor.Restriction))
		}
		for seat := range s.state.Members.Ring(team.Handle).After(rotation.Key{}) {
			fmt.Fprintf(&s.out, "  %s %s\n", s.name(AgentHandle(seat.Agent)), seat.Verdict)
		}
		for credit := range s.state.Credits.Of(team.Handle) {
			why := "she returned"
			if !credit.Decision.IsZero() {
				why = "refund of " + credit.Decision.String()
			}
			fmt.Fprintf(&s.out, "  first: %s, %s%s\n", s.name(credit.Agent), why, demanded(credit.Restriction))
		}
	case "conversation":
		c, _ := s.state.Conversations.ByID(ConversationID(words[1]))
		fmt.Fprintf(&s.out, "  %s %s %s %s\n", c.Status, c.Assignment.State, s.name(c.Assignment.Assignee), c.Assignment.Cause)
	case "escalation":
		c, _ := s.state.Conversations.ByID(ConversationID(words[1]))
		s.askEscalation(c)
	case "talk":
		c, _ := s.state.Conversations.ByID(ConversationID(words[1]))
		fmt.Fprintf(&s.out, "  unread %d, in %v, out %v, first reply %v\n", c.Talk.Unread, clockOf(c.Talk.InboundMs), clockOf(c.Talk.OutboundMs), clockOf(c.Talk.FirstReplyMs))
	case "history":
		agent, _ := s.state.Agents.ByID(AgentID(words[1]))
		for rec := range PresenceHistory(s.state, agent, 0) {
			fmt.Fprintf(&s.out, "  %s\n", s.describe(rec))
		}
	case "lease":
		agent, _ := s.state.Agents.ByID(AgentID(words[1]))
		fmt.Fprintf(&s.out, "  %s, its lease ends in %v\n", agent.Presence.Status,
			time.Duration(agent.Presence.LeaseExpiresMs(s.state)-s.nowMs)*time.Millisecond)
	case "queue":
		team, _ := s.state.Teams.ByID(TeamID(words[1]))
		q, _ := s.state.Queues.Get(team.Handle)
		fmt.Fprintf(&s.out, "  %d waiting:", q.Waiting)
		for c := range s.state.Conversations.Queue(team.Handle) {
			fmt.Fprintf(&s.out, " %s", c.ID)
		}
		fmt.Fprintln(&s.out)
	case "told", "notifications":
		s.askNotices(words)
	case "rule", "rules":
		s.askRules(words)
	case "runs":
		s.askRuns()
	case "keys":
		fmt.Fprintf(&s.out, "  %d\n", s.state.Keys.Len())
	case "checkpoint":
		fmt.Fprintf(&s.out, "  at entry %d:", s.state.Checkpoint.Index)
		for _, r := range s.state.Checkpoint.Reports {
			fmt.Fprintf(&s.out, " %s %x", r.Node, r.Hash[:1])
		}
		fmt.Fprintln(&s.out)
	case "timers":
		for timer := range s.state.Timers.All() {
			fmt.Fprintf(&s.out, "  %d in %v\n", timer.Kind, time.Duration(timer.DueMs-s.nowMs)*time.Millisecond)
		}
	default:
		s.t.Fatalf("cannot ask %q", words)
	}
}

// clockOf is the time of day, or "-".
func clockOf(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).UTC().Format("15:04:05")
}

func snapshotOf(t *testing.T, s *State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func restore(t *testing.T, data []byte) *State {
	t.Helper()
	s, err := ReadSnapshot(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	checkIndexes(t, s)
	return s
}

// checkIndexes compares the indexes that were kept row by row with new ones.
func checkIndexes(t *testing.T, s *State) {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	rebuilt, err := ReadSnapshot(&b)
	if err != nil {
		t.Fatal(err)
	}
	if kept, made := dumpIndexes(s), dumpIndexes(rebuilt); kept != made {
		t.Fatalf("the indexes have drifted:\nkept  %s\nmade  %s", kept, made)
	}
}

func dumpIndexes(s *State) string {
	return fmt.Sprintf(strings.Repeat("%v ", 46),
		s.Rules.ids.keys.Items(), s.Rules.order.keys.Items(), s.Rules.live.keys.Items(), s.Runs.ofRule.keys.Items(), s.Runs.ofConversation.keys.Items(), s.Runs.pending.keys.Items(),
		s.Views.ids.keys.Items(), s.Views.drawers.keys.Items(), s.Groups.ids.keys.Items(), s.Groups.ofAgent.keys.Items(), s.Teams.ofGroup.keys.Items(), s.Agents.names.keys.Items(), s.Conversations.ofTeam.keys.Items(), s.Conversations.ofInbox.keys.Items(), s.Conversations.marks.keys.Items(), s.Conversations.labels.keys.Items(), s.Conversations.pulses.keys.Items(),
		s.Agents.ids.keys.Items(), s.Teams.ids.keys.Items(), s.Inboxes.ids.keys.Items(), s.Inboxes.channels.keys.Items(), s.Inboxes.listed.keys.Items(), s.Contacts.owners.keys.Items(), s.Conversations.reserved.keys.Items(),
		s.Contacts.ids.keys.Items(), s.Contacts.addresses.keys.Items(), s.Conversations.ids.keys.Items(),
		s.Conversations.queues.keys.Items(), s.Conversations.lines.keys.Items(), s.Conversations.stages.keys.Items(), s.Conversations.load.counts.Items(),
		s.Members.eligible.keys.Items(), s.Credits.pending.keys.Items(), s.Credits.ofDecision.keys.Items(), s.Timers.fallbacks.keys.Items(), s.Credits.Len(), s.Conversations.ofContact.keys.Items(), s.Conversations.live.keys.Items(), s.Contacts.aspects.keys.Items(), s.Conversations.ofAssignee.keys.Items(), s.Conversations.openOf.keys.Items(),
		s.Members.seats.keys.Items(), s.Members.ofAgent.keys.Items(), s.Members.draining.keys.Items(),
		s.Keys.expiry.keys.Items(), s.Queues.unserved.keys.Items(), s.Timers.rows.Len(), s.Conversations.shares.team.counts.Items(), s.Conversations.shares.inbox.counts.Items()) +
		fmt.Sprint(s.Agents.leaders.keys.Items(), s.Followers.ofAgent.keys.Items(), s.Followers.following.counts.Items(), s.Notifications.counts.Items(),
			s.Schedules.ids.keys.Items(), s.Schedules.present.keys.Items(), s.Schedules.following.keys.Items(), s.Inboxes.hours.keys.Items(), s.Conversations.outside.keys.Items())
}
