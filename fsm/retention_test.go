package fsm

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
)

// verifyChain recomputes the chain from what is kept.
func verifyChain(t testing.TB, s *State) {
	t.Helper()
	link, open := s.Forgotten.Chain, uint64(0)
	sum := sha256.New()
	seal := func() {
		if open != 0 {
			sum.Sum(link[:0])
		}
	}
	for _, rec := range packed(&s.Records) {
		if rec.id.Compare(s.Forgotten.Last) <= 0 {
			continue
		}
		if rec.id.Index != open {
			seal()
			open = rec.id.Index
			sum.Reset()
			sum.Write(link[:])
		}
		sum.Write(rec.framed)
	}
	if seal(); link != s.Chain {
		t.Fatalf("at entry %d: the chain is %x, what is kept behind %s gives %x", s.Index, s.Chain, s.Forgotten.Last, link)
	}
}

// fill opens conversations until so many segments have been begun.
func (l *lab) fill(segments uint64) {
	l.t.Helper()
	for l.state.Forgotten.Segments+uint64(segmentCount(&l.state.Records)) < segments {
		l.minted++
		l.accept(openMany(fmt.Sprint("fill", l.minted, "-"), 60)...)
	}
}

// TestRecordsAreBounded: beyond the limit goes what is older than any key, and
// nothing younger.
func TestRecordsAreBounded(t *testing.T) {
	l := newLab(t)
	l.staff(40, RotationSettings{})
	l.state.Settings.RecordBytes = 3 * segmentBytes
	first := l.conversationAfter("first")
	l.fill(5)
	if f := l.state.Forgotten; f.Segments != 0 {
		t.Fatalf("%d segments are forgotten on the day they were written", f.Segments)
	}
	wrote := l.nowMs
	if due, ok := recordsDue(l.state); !ok || due != wrote+KeyLifeMs+1 {
		t.Errorf("records are due at %d, %v, want %d", due, ok, wrote+KeyLifeMs+1)
	}
	all := slices.Collect(l.state.Records.From(RecordID{}))
	view := l.state.Clone()

	l.nowMs = wrote + KeyLifeMs
	l.apply()
	if f := l.state.Forgotten; f.Segments != 0 {
		t.Fatalf("%d segments are forgotten while a key of their day may live", f.Segments)
	}
	l.nowMs++
	l.apply()
	f := l.state.Forgotten
	if f.Segments != 2 || f.Early != 0 || l.state.Records.Bytes() > 3*segmentBytes {
		t.Fatalf("%+v, %d bytes are left", f, l.state.Records.Bytes())
	}
	verifyChain(t, l.state)
	kept := slices.DeleteFunc(slices.Collect(l.state.Records.From(RecordID{})), func(r Record) bool { return r.TimeMs > wrote }) // an alert came meanwhile
	if at := slices.IndexFunc(all, func(r Record) bool { return r.ID == kept[0].ID }); at < 1 || all[at-1].ID != f.Last || len(all)-at != len(kept) {
		t.Errorf("%d of %d records are kept, from %s on, number %d; the last forgotten is %s, behind %s", len(kept), len(all), kept[0].ID, at, f.Last, all[max(at, 1)-1].ID)
	}
	if kept[0].ID.N != 0 || l.state.Records.Oldest() != kept[0].ID || !f.Misses(RecordID{f.Last.Index, f.Last.N - 1}) || f.Misses(f.Last) {
		t.Errorf("what is kept begins with %s, in the middle of an entry", kept[0].ID)
	}
	if _, ok := l.state.Records.ByID(f.Last); ok || !Truncated(l.state, first) || Truncated(view, first) {
		t.Error("what is forgotten is still found, or a view has lost it")
	}
	if got := slices.Collect(view.Records.From(RecordID{})); len(got) != len(all) {
		t.Errorf("a view made before has %d records, of %d", len(got), len(all))
	}
	if _, ok := recordsDue(l.state); ok {
		t.Error("something is due though the records are within their limit")
	}
}

// conversationAfter opens a conversation and returns it.
func (l *lab) conversationAfter(id ConversationID) Conversation {
	l.t.Helper()
	l.accept(openIt(string(id)))
	return l.conversation(id)
}

// TestRecordsHardBound: at twice the limit the oldest go however young they are,
// and it is said. Every entry's records are verified with what is kept, positions
// stay good, and a state restored on the way goes the same way.
func TestRecordsHardBound(t *testing.T) {
	l := newLab(t)
	l.staff(40, RotationSettings{})
	l.state.Settings.RecordBytes = segmentBytes
	twin := restore(t, snapshotIn(t, l.state))
	for round := range 24 {
		l.minted++
		var items []Item
		for _, c := range openMany(fmt.Sprint("r", round, "-"), 100+round*37%156) {
			items = append(items, l.item(c))
		}
		l.apply(items...)
		if _, err := twin.Apply(twin.Index+1, Entry{MinSemantics: 1, TimeMs: l.nowMs, Items: items}); err != nil {
			t.Fatal(err)
		}
		data := snapshotIn(t, l.state)
		if !bytes.Equal(data, snapshotIn(t, twin)) {
			t.Fatalf("round %d: the restored state went another way", round)
		}
		twin = restore(t, data)
		if twin.Records.Newest() != l.state.Records.Newest() {
			t.Fatalf("the newest is %s, restored %s", l.state.Records.Newest(), twin.Records.Newest())
		}
		verifyChain(t, l.state)
		for c := range twin.Conversations.All() {
			if rec, ok := twin.Records.At(c.Opening); ok == Truncated(twin, c) || ok && rec.Conversation != c.Handle {
				t.Fatalf("the opening of %s is %+v, %v", c.ID, rec, ok)
			}
		}
	}
	f := l.state.Forgotten
	if f.Early == 0 || f.Early != f.Segments || l.state.Records.Bytes() > 3*segmentBytes {
		t.Errorf("%+v, %d bytes", f, l.state.Records.Bytes())
	}
}

// TestForgottenSteps: an entry forgets a few segments, and asks for another entry
// at once until it is done.
func TestForgottenSteps(t *testing.T) {
	l := newLab(t)
	l.staff(40, RotationSettings{})
	l.fill(2*forgottenAtOnce + 4)
	l.state.Settings.RecordBytes = 1
	for want := uint64(forgottenAtOnce); want <= 2*forgottenAtOnce; want += forgottenAtOnce {
		if due, ok := l.state.NextDue(); !ok || due != 0 {
			t.Fatalf("the next entry is due at %d, %v", due, ok)
		}
		l.apply()
		if got := l.state.Forgotten.Segments; got != want {
			t.Fatalf("%d segments are forgotten, want %d", got, want)
		}
		verifyChain(t, l.state)
	}
}

// TestRepeatAfterForgetting: the outcome of a key outlives the record of its
// decision.
func TestRepeatAfterForgetting(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(available(0))
	l.state.Settings.RecordBytes = 1
	it := l.item(openIt("c1"))
	decided := l.apply(it)[0]
	l.fill(3)
	l.apply()
	again := l.apply(it)[0]
	if _, ok := l.state.Records.ByID(decided.Decision); ok || !again.Replayed || again.Decision != decided.Decision || again.Rejection != nil {
		t.Errorf("%+v, first %+v", again, decided)
	}
	// Commands that look back in the records find nothing, and say so alike.
	if out := l.accept(OpenConversation{ID: "c1", Inbox: "i", Contact: "p"})[0]; !out.Decision.IsZero() {
		t.Errorf("a repeated id is answered with decision %s, which is gone", out.Decision)
	}
	if r := l.refuse(ClaimConversation{Conversation: "c1", Agent: agentID(1)}); r.Assignee != agentID(0) || !r.Decision.IsZero() {
		t.Errorf("%+v", r)
	}
}
