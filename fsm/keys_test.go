package fsm

import (
	"reflect"
	"testing"
)

// keyed is item under a key of the test's own.
func (l *lab) keyed(c Command, key Key) Item {
	it := l.item(c)
	it.Key = key.Bytes()
	return it
}

func agentExists(s *State, i int) bool {
	_, ok := s.Agents.ByID(agentID(i))
	return ok
}

// TestKeysNeverCollide: a source, a scope and a text are one key, and however
// they are cut, no other three are.
func TestKeysNeverCollide(t *testing.T) {
	texts := []string{"", "a", "b", "aa", "ab", "a:b", "\x01", "\x02", "\x03", "\x01a", "agent:a", "0"}
	seen := map[KeyHash]Key{}
	rows := map[string]Key{}
	for _, source := range []KeySource{KeyMessage, KeyClient, KeyMinted} {
		for _, scope := range texts {
			for _, text := range texts {
				k := Key{source, scope, text}
				if other, taken := seen[k.Hash()]; taken {
					t.Errorf("%+v and %+v have one hash", k, other)
				}
				if other, taken := rows[string(k.Bytes())]; taken {
					t.Errorf("%+v and %+v are written alike", k, other)
				}
				seen[k.Hash()], rows[string(k.Bytes())] = k, k
			}
		}
	}
}

// TestSourcesAndScopesAreApart: one text from another source or for another scope
// is another request; in its own it is a repetition.
func TestSourcesAndScopesAreApart(t *testing.T) {
	l := newLab(t)
	keys := []Key{{KeyMessage, "sms", "1"}, {KeyMessage, "web", "1"}, {KeyClient, "sms", "1"}, {KeyClient, "agent:a", "1"},
		{KeyClient, "agent:b", "1"}, {KeyMinted, "", "1-"}, {KeyMinted, "", "2-"}}
	for i, key := range keys {
		if o := l.apply(l.keyed(putAgent(i), key))[0]; o.Replayed || !o.Created {
			t.Fatalf("%+v met another key: %+v", key, o)
		}
	}
	for i, key := range keys {
		if o := l.apply(l.keyed(putAgent(i), key))[0]; !o.Replayed || !o.Created {
			t.Fatalf("%+v was not known again: %+v", key, o)
		}
		o := l.apply(l.keyed(putAgent(i+100), key))[0]
		if o.Rejection == nil || o.Rejection.Reason != KeyReused || o.Replayed || agentExists(l.state, i+100) {
			t.Fatalf("another request under %+v: %+v", key, o)
		}
	}
}

// TestKeysLiveAsLongAsTheyMust: a client's key and a message id for 24 hours, a
// minted one for a minute, to the millisecond; then the key may be used anew.
func TestKeysLiveAsLongAsTheyMust(t *testing.T) {
	for _, test := range []struct {
		key    Key
		lifeMs int64
	}{
		{Key{KeyClient, "agent:a", "k"}, 24 * 60 * 60 * 1000},
		{Key{KeyMessage, "sms", "k"}, 24 * 60 * 60 * 1000},
		{Key{KeyMinted, "", "k"}, 60 * 1000},
	} {
		l := newLab(t)
		first := l.apply(l.keyed(putAgent(1), test.key))[0]

		l.nowMs += test.lifeMs
		want := first
		want.Replayed = true
		for range 2 { // the last moment may see many entries
			if o := l.apply(l.keyed(putAgent(1), test.key))[0]; !reflect.DeepEqual(o, want) {
				t.Errorf("%+v at the end of its life: got %+v, want %+v", test.key, o, want)
			}
		}
		l.nowMs++
		if o := l.apply(l.keyed(putAgent(1), test.key))[0]; o.Replayed || o.Created || o.Rejection != nil || o.Index != l.state.Index {
			t.Errorf("%+v after its life: %+v", test.key, o)
		}
		l.nowMs += test.lifeMs + 1
		if l.apply(); l.state.Keys.Len() != 0 {
			t.Errorf("%+v is still there after its second life", test.key)
		}
	}
}

// TestNoCopyIsAppliedTwice: an item is sent again at every moment until long
// after it has expired. It is applied once, then answered, then refused.
func TestNoCopyIsAppliedTwice(t *testing.T) {
	for _, key := range []Key{{KeyMinted, "", "x"}, {KeyClient, "agent:a", "x"}} {
		l := newLab(t)
		l.staff(1, RotationSettings{})
		it := l.keyed(openIt("c"), key)
		l.apply(it)
		closing := l.keyed(CloseConversation{"c"}, Key{key.Source, key.Scope, "close"})
		l.apply(closing)
		reopening := l.keyed(ReopenConversation{"c"}, Key{key.Source, key.Scope, "reopen"})
		l.apply(reopening)
		revision := l.conversation("c").Revision
		for _, step := range []int64{0, 1, 59_998, 1, 1, 1, 60_000, 24 * 3_600_000, 1} {
			l.nowMs += step
			for _, o := range l.apply(closing, reopening, it) {
				if !o.Replayed && (o.Rejection == nil || o.Rejection.Reason != Expired) {
					t.Fatalf("%+v after %d ms: %+v", key, l.nowMs-it.NotAfterMs, o)
				}
			}
			if c := l.conversation("c"); c.Revision != revision {
				t.Fatalf("a copy changed the conversation: %+v", c)
			}
		}
	}
}

// TestNotAfter: an item that comes too late is refused and leaves no key, so that
// the client may send it again; one that was applied in time is answered however
// late its copy is.
func TestNotAfter(t *testing.T) {
	l := newLab(t)
	key := Key{KeyClient, "agent:a", "k"}
	late := l.keyed(putAgent(1), key)
	inTime := l.keyed(putAgent(2), Key{KeyClient, "agent:a", "other"})
	l.apply(inTime)
	rows := l.state.Keys.Len()

	l.nowMs = late.NotAfterMs + 1
	before := l.state.Clone()
	o := l.apply(late)[0]
	if o.Rejection == nil || o.Rejection.Reason != Expired || o.Seq != before.Seq+1 {
		t.Fatalf("a late item: %+v", o)
	}
	if l.state.Keys.Len() > rows || agentExists(l.state, 1) || l.state.Chain != before.Chain {
		t.Fatal("a late item left something behind")
	}
	if o := l.apply(inTime)[0]; !o.Replayed || !o.Created {
		t.Fatalf("a late copy: %+v", o)
	}
	late.NotAfterMs = l.nowMs // the last moment is good
	if o := l.apply(late)[0]; o.Replayed || !o.Created {
		t.Fatalf("sent again: %+v", o)
	}
}

// TestRefusalsAreKept: a refused request is refused in the same words when it
// comes again, whatever has changed meanwhile, and a state that was restored
// knows it too.
func TestRefusalsAreKept(t *testing.T) {
	l := newLab(t)
	l.staff(2, RotationSettings{})
	l.accept(available(0), openIt("c"))
	it := l.keyed(ClaimConversation{Conversation: "c", Agent: agentID(1)}, Key{KeyClient, "agent:a", "k"})
	first := l.apply(it)[0]
	if first.Rejection == nil || first.Rejection.Reason != AlreadyAssigned || first.Rejection.Assignee != agentID(0) {
		t.Fatalf("the claim: %+v", first)
	}
	l.accept(UnassignConversation{Conversation: "c"})
	first.Replayed = true
	for _, s := range []*State{l.state, restore(t, snapshotIn(t, l.state))} {
		outcomes, err := s.Apply(s.Index+1, Entry{MinSemantics: 1, TimeMs: l.nowMs, Items: []Item{it}})
		if err != nil || !reflect.DeepEqual(outcomes[0], first) {
			t.Errorf("again: %+v (%v), want %+v", outcomes, err, first)
		}
	}
}

// TestTooManyKeys: at the limit nothing new is taken and nothing old is forgotten
// for it: repetitions are still answered, and there is room when keys expire.
func TestTooManyKeys(t *testing.T) {
	const most = 5
	l := newLab(t)
	l.state.Settings.MaxKeys = most
	var known Item
	for i := range most - l.state.Keys.Len() {
		known = l.item(putAgent(i))
		l.apply(known)
	}
	var hashes []KeyHash
	for row := range l.state.Keys.All() {
		hashes = append(hashes, row.Hash)
	}

	if r := l.refuse(putAgent(99)); r.Reason != TooManyKeys {
		t.Fatalf("refused for %s", r.Reason)
	}
	if agentExists(l.state, 99) || l.state.Keys.Len() != most {
		t.Fatalf("%d keys", l.state.Keys.Len())
	}
	for _, hash := range hashes {
		if _, ok := l.state.Keys.Get(hash); !ok {
			t.Errorf("%x was evicted", hash)
		}
	}
	if o := l.apply(known)[0]; !o.Replayed || !o.Created {
		t.Fatalf("a known key at the limit: %+v", o)
	}
	restored := restore(t, snapshotIn(t, l.state))
	if restored.Settings.MaxKeys != most {
		t.Errorf("the limit is %d after a restore", restored.Settings.MaxKeys)
	}

	l.nowMs += MintedKeyLifeMs + 1
	l.apply()
	if o := l.apply(l.item(putAgent(99)))[0]; o.Rejection != nil {
		t.Fatalf("there is room again: %s", o.Rejection.Detail)
	}
}
