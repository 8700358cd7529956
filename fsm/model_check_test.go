package fsm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"github.com/rondohq/rondo/rotation"
)

// A witness follows one state through its entries and says what must hold for
// any state, whatever the commands were.
type witness struct {
	clone   *State // of before the entry
	bytes   []byte // of its snapshot, nil if this entry's copies are not looked at
	indexes string

	lastRecord RecordID
	lines      map[TeamHandle][]ConversationHandle         // who waits, as the records tell
	aged       map[ConversationHandle]bool                 // who waits, but not behind all others
	threads    map[ConversationHandle][]RecordID           // all records about it, oldest first
	fairness   map[string]map[[2]*dumbMember]*turnDistance // by ring
	links      map[uint64][32]byte                         // the chain after each entry
}

// A turnDistance is how far the turns of two have drifted apart since both could
// be picked, and the least and the most it has been.
type turnDistance struct{ now, least, most int }

func newWitness() *witness {
	return &witness{
		lines: map[TeamHandle][]ConversationHandle{}, aged: map[ConversationHandle]bool{}, threads: map[ConversationHandle][]RecordID{},
		fairness: map[string]map[[2]*dumbMember]*turnDistance{}, links: map[uint64][32]byte{},
	}
}

func (w *witness) before(t *rapid.T, s *State) {
	w.clone = s.Clone()
	w.bytes, w.indexes = nil, ""
	if few := 40; s.Conversations.Len() < few || s.Index%4 == 0 { // copies of a large state take their time
		w.bytes, w.indexes = bytesOf(t, w.clone), dumpIndexes(w.clone)
	}
}

// after checks everything once the entry at index has been applied to s. e is
// that entry and d the model after it.
func (w *witness) after(t *rapid.T, s *State, index uint64, e Entry, d *dumb) {
	if w.bytes != nil {
		w.checkCopies(t, s, index, e)
	}
	w.checkRecords(t, s, index)
	if index%8 == 0 {
		w.checkChain(t, s)
	}
	checkQueues(t, s)
	checkTimers(t, s)
	checkHeld(t, s)
	w.checkRevisions(t, s)
	w.checkFairness(t, d)
}

func bytesOf(t *rapid.T, s *State) []byte {
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checkCopies: the clone made before has not moved, and whoever was restored from
// its snapshot goes the same way, to the byte.
func (w *witness) checkCopies(t *rapid.T, s *State, index uint64, e Entry) {
	if !bytes.Equal(bytesOf(t, w.clone), w.bytes) || dumpIndexes(w.clone) != w.indexes {
		t.Fatalf("entry %d changed a clone that was made before it", index)
	}
	twin, err := ReadSnapshot(bytes.NewReader(w.bytes))
	if err != nil {
		t.Fatal(err)
	}
	if index%8 == 1 && !bytes.Equal(bytesOf(t, twin), w.bytes) {
		t.Fatalf("a snapshot changed on its way through a state, before entry %d", index)
	}
	if _, err := twin.Apply(index, e); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytesOf(t, twin), bytesOf(t, s)) {
		t.Fatalf("a restored state went another way in entry %d", index)
	}
	if kept, made := dumpIndexes(s), dumpIndexes(twin); kept != made {
		t.Fatalf("the indexes have drifted in entry %d:\nkept  %s\nmade  %s", index, kept, made)
	}
}

// checkRecords: ids rise strictly, nothing overtakes, and each conversation's
// records name each other back to its opening.
func (w *witness) checkRecords(t *rapid.T, s *State, index uint64) {
	touched := map[ConversationHandle]bool{}
	n := uint32(0)
	for rec := range s.Records.From(RecordID{index, 0}) {
		if rec.ID.Compare(w.lastRecord) <= 0 || rec.ID != (RecordID{index, n}) || rec.TimeMs != s.NowMs || rec.Seq > s.Seq {
			t.Fatalf("record %s comes after %s: %+v", rec.ID, w.lastRecord, rec)
		}
		w.lastRecord = rec.ID
		n++
		if rec.Conversation == 0 {
			continue
		}
		touched[rec.Conversation] = true
		w.threads[rec.Conversation] = append(w.threads[rec.Conversation], rec.ID)
		w.checkLine(t, s, rec)
	}
	for handle := range touched {
		c, _ := s.Conversations.Get(handle)
		var ids []RecordID
		for at := c.Latest; at != 0; {
			rec, ok := s.Records.At(at)
			if !ok || rec.Conversation != handle {
				t.Fatalf("position %d of %s holds %+v", at, c.ID, rec)
			}
			ids = append(ids, rec.ID)
			if rec.Previous == 0 && at != c.Opening {
				t.Fatalf("%s was opened at %d and its records go back to %d", c.ID, c.Opening, at)
			}
			at = rec.Previous
		}
		slices.Reverse(ids)
		if !slices.Equal(ids, w.threads[handle]) {
			t.Fatalf("the records of %s are %v, want %v", c.ID, ids, w.threads[handle])
		}
	}
}

// checkLine follows the queues by their records alone: the rotation takes whoever
// has waited longest of those that the same agents may take, and who has just come
// only when none of them waits. People and fallbacks may take anyone out.
func (w *witness) checkLine(t *rapid.T, s *State, rec Record) {
	if rec.Decision == nil && rec.Event != ConversationIsClosed {
		return
	}
	c, _ := s.Conversations.Get(rec.Conversation)
	for team, queue := range w.lines {
		w.lines[team] = slices.DeleteFunc(slices.Clone(queue), func(h ConversationHandle) bool { return h == rec.Conversation })
		at := slices.Index(queue, rec.Conversation)
		took := rec.Decision != nil && rec.Decision.Turn && rec.Team == team
		if !took || at < 0 && w.aged[rec.Conversation] {
			continue
		}
		if at < 0 {
			at = len(queue)
		}
		for _, earlier := range queue[:at] {
			other, _ := s.Conversations.Get(earlier)
			if rec.Decision.FallbackStep == nil && other.Inbox == c.Inbox && other.Requires == c.Requires && rec.Event != ConversationUntagged {
				t.Fatalf("record %s overtakes %s: %+v", rec.ID, other.ID, rec)
			}
		}
	}
	delete(w.aged, rec.Conversation)
	if d := rec.Decision; d == nil || d.Kind != DecidedWaiting || d.Cause != NoOneAvailable && d.Cause != NoMembers && d.Cause != QueueAhead {
		return
	}
	if rec.Decision.FallbackStep != nil || rec.Event == ConversationUntagged {
		w.aged[rec.Conversation] = true // it stands where its age puts it
		return
	}
	w.lines[rec.Team] = append(w.lines[rec.Team], rec.Conversation)
}

// checkChain computes the chain anew from the packed records alone.
func (w *witness) checkChain(t *rapid.T, s *State) {
	var link [32]byte
	sum := sha256.New()
	open := uint64(0)
	seal := func() {
		if open != 0 {
			sum.Sum(link[:0])
			if known, ok := w.links[open]; ok && known != link {
				t.Fatalf("the chain after entry %d has changed", open)
			}
			w.links[open] = link
		}
	}
	for segment := range allSegments(&s.Records) {
		for data := segment.Data; len(data) > 0; {
			length, n := binary.Uvarint(data)
			framed := data[:n+int(length)]
			rec, _, err := unpack(framed)
			if err != nil {
				t.Fatal(err)
			}
			if rec.ID.Index != open {
				seal()
				open = rec.ID.Index
				sum.Reset()
				sum.Write(link[:])
			}
			sum.Write(framed)
			data = data[len(framed):]
		}
	}
	if seal(); link != s.Chain {
		t.Fatalf("the chain is %x, its records give %x", s.Chain, link)
	}
}

// checkQueues: something waits only where nobody may be picked, or where the
// entry had no steps left, and it is counted.
func checkQueues(t *rapid.T, s *State) {
	waiting := map[TeamHandle]uint32{}
	for c := range s.Conversations.All() {
		if c.Assignment.State == StateWaiting {
			waiting[c.Assignment.Team]++
			if c.Status == StatusClosed || c.Assignment.Assignee != 0 || c.Assignment.Cause == CauseNone {
				t.Fatalf("%s waits: %+v", c.ID, c)
			}
		}
		if (c.Assignment.State == StateAssigned) != (c.Assignment.Assignee != 0) {
			t.Fatalf("%s has state %s and assignee %d", c.ID, c.Assignment.State, c.Assignment.Assignee)
		}
	}
	for q := range s.Queues.All() {
		indexed := uint32(0)
		for range s.Conversations.Queue(q.Team) {
			indexed++
		}
		if q.Waiting == 0 || q.Waiting != waiting[q.Team] || q.Waiting != indexed {
			t.Fatalf("team %d counts %d who wait, there are %d, %d in the index", q.Team, q.Waiting, waiting[q.Team], indexed)
		}
		delete(waiting, q.Team)
		due, ok := s.NextDue()
		if q.Unserved {
			if !ok || due != 0 {
				t.Fatalf("team %d is unserved and the next entry is due at %d, %v", q.Team, due, ok)
			}
			continue
		}
		team, _ := s.Teams.Get(q.Team)
		for c := range s.Conversations.Queue(q.Team) {
			if ch := choose(s, team, &c); ch.Found {
				t.Fatalf("%s waits in team %s while agent %d may be picked", c.ID, team.ID, ch.Next.Agent)
			}
		}
	}
	if len(waiting) > 0 {
		t.Fatalf("there is no queue for %v", waiting)
	}
}

// checkTimers: there is a timer for each member whose portion is to come and for
// each queue whose alert is, and no other.
func checkTimers(t *rapid.T, s *State) {
	want := map[Timer]bool{}
	for m := range s.Members.All() {
		_, waits := s.Queues.Get(m.Team)
		switch {
		case m.Draining && !waits, !m.Draining && (m.Allowance != 0 || m.AllowanceMs != 0), m.Allowance > 0 && m.AllowanceMs > 0:
			t.Fatalf("a portion that cannot be: %+v", m)
		case m.AllowanceMs != 0:
			want[Timer{DueMs: m.AllowanceMs, Kind: TimerAllowance, Team: m.Team, Agent: m.Agent}] = true
		case m.Draining && m.Allowance == 0:
			t.Fatalf("nothing will ever give a portion to %+v", m)
		}
	}
	for q := range s.Queues.All() {
		if q.AlertMs != 0 {
			want[Timer{DueMs: q.AlertMs, Kind: TimerAlert, Team: q.Team}] = true
		}
	}
	for a := range s.Agents.All() {
		if a.Plan.FromMs != 0 {
			want[a.planTimer()] = true
		}
		if a.Presence.UntilMs != 0 {
			want[Timer{DueMs: a.Presence.UntilMs, Kind: TimerUntil, Agent: a.Handle}] = true
		}
		if a.Presence.LeaseExpiresMs(s) != 0 {
			want[Timer{DueMs: a.Presence.Lease.TimerMs, Kind: TimerLease, Agent: a.Handle}] = true
		}
	}
	for c := range s.Credits.All() {
		want[c.timer()] = true
	}
	for team := range s.Teams.All() {
		if _, ms, ok := fallbackDue(s, team.Handle); ok {
			want[Timer{DueMs: ms, Kind: TimerFallback, Team: team.Handle}] = true
		}
	}
	for m := range s.Members.All() {
		if (m.SettledMs != 0) != (m.Verdict == rotation.Settling) {
			t.Fatalf("a dwell that cannot be: %+v", m)
		}
		if m.SettledMs != 0 {
			want[m.settledTimer()] = true
		}
	}
	got := map[Timer]bool{}
	for timer := range s.Timers.All() {
		switch timer.Kind {
		case TimerGiveBack, TimerHeld, TimerNotices: // see checkHeld
			continue // it goes by itself
		}
		got[timer] = true
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("timers:\ngot  %v\nwant %v", got, want)
	}
	first, ok := s.NextDue()
	for timer := range want {
		if !ok || first > timer.DueMs {
			t.Fatalf("the next entry is due at %d, %v, and a timer at %d", first, ok, timer.DueMs)
		}
	}
}

// checkRevisions: a row that has changed carries the number of what changed it,
// and no row's number has gone back.
func (w *witness) checkRevisions(t *rapid.T, s *State) {
	judge := func(what any, before, after uint64, same bool) {
		if after < before || after > s.Seq || !same && (after == before || after <= w.clone.Seq) {
			t.Fatalf("%v went from revision %d to %d while Seq went from %d to %d (unchanged: %v)", what, before, after, w.clone.Seq, s.Seq, same)
		}
	}
	for row := range s.Conversations.All() {
		old, _ := w.clone.Conversations.Get(row.Handle)
		revision := row.Revision
		was := old.Revision
		old.Revision, row.Revision, old.Latest, row.Latest = 0, 0, 0, 0 // an appended message is not a change
		judge(row.ID, was, revision, reflect.DeepEqual(old, row))
	}
	for row := range s.Agents.All() {
		old, _ := w.clone.Agents.Get(row.Handle)
		was, revision := old.Revision, row.Revision
		for _, a := range []*Agent{&old, &row} { // neither a heartbeat nor a conversation that she loses changes her
			a.Revision, a.LatestLoss, a.Presence.Lease.ExpiresMs, a.Presence.Lease.TimerMs = 0, 0, 0, 0
		}
		judge(row.ID, was, revision, reflect.DeepEqual(row, old))
	}
	for row := range s.Teams.All() {
		old, _ := w.clone.Teams.Get(row.Handle)
		old.Deserted, row.Deserted = false, false // nobody sets it
		judge(row.ID, old.Revision, row.Revision, reflect.DeepEqual(row, old))
	}
	for row := range s.Inboxes.All() {
		old, _ := w.clone.Inboxes.Get(row.Handle)
		judge(row.ID, old.Revision, row.Revision, reflect.DeepEqual(row, old))
	}
	for row := range s.Contacts.All() {
		old, _ := w.clone.Contacts.Get(row.Handle)
		judge(row.ID, old.Revision, row.Revision, reflect.DeepEqual(row, old))
	}
	if s.Seq < w.clone.Seq || s.NowMs < w.clone.NowMs || s.LastHandle < w.clone.LastHandle {
		t.Fatalf("something went back: %+v to %+v", w.clone.Meta, s.Meta)
	}
}

// checkFairness: as long as two members of a ring could both be picked at every
// turn, neither is ever more than one turn ahead since any moment in between.
func (w *witness) checkFairness(t *rapid.T, d *dumb) {
	for _, turn := range d.turns {
		if !turn.even {
			continue
		}
		pairs := map[[2]*dumbMember]*turnDistance{}
		for _, a := range turn.eligible {
			for _, b := range turn.eligible {
				if a.agent.born >= b.agent.born {
					continue
				}
				distance := w.fairness[turn.ring][[2]*dumbMember{a, b}]
				if distance == nil {
					distance = &turnDistance{}
				}
				switch turn.picked {
				case a:
					distance.now++
				case b:
					distance.now--
				}
				distance.least, distance.most = min(distance.least, distance.now), max(distance.most, distance.now)
				if distance.most-distance.least > 1 {
					t.Fatalf("in ring %s %s and %s have drifted apart: %+v", turn.ring, a.agent.id, b.agent.id, *distance)
				}
				pairs[[2]*dumbMember{a, b}] = distance
			}
		}
		w.fairness[turn.ring] = pairs // whoever could not be picked begins anew
	}
}

// noticeTimers is when lists of notifications are weeded until nowMs, and how often.
// The model does not know who is told what; that it happens counts as a step.
func noticeTimers(s *State, nowMs int64) (dueMs []int64) {
	for timer := range s.Timers.All() {
		if timer.Kind != TimerNotices || timer.DueMs > nowMs {
			continue
		}
		old := 0
		for row := range s.Notifications.Of(timer.Agent) {
			if row.TimeMs+NotificationLifeMs <= nowMs {
				old++
			}
		}
		dueMs = append(dueMs, timer.DueMs)
		for range old / forgottenAtOnceOf {
			dueMs = append(dueMs, nowMs)
		}
	}
	slices.Sort(dueMs)
	return dueMs
}
