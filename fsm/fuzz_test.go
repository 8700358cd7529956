package fsm

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzDecodeEntry: no bytes make the decoder panic, and what it accepts means the
// same after it was written again.
func FuzzDecodeEntry(f *testing.F) {
	for _, c := range samples {
		data := EncodeEntry(sampleEntry(c))
		f.Add(data)
		f.Add(data[entryHeader:])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// Damage is refused by the checksum, so the decoder behind it is asked too.
		for _, data := range [][]byte{data, sealed(data)} {
			e, err := DecodeEntry(data)
			if err != nil {
				continue
			}
			again, err := DecodeEntry(EncodeEntry(e))
			if err != nil {
				t.Fatalf("what was accepted cannot be read again: %v", err)
			}
			if e.Items == nil {
				e.Items = []Item{}
			}
			if !reflect.DeepEqual(normal(again), normal(e)) {
				t.Fatalf("got  %+v\nwant %+v", again, e)
			}
		}
	})
}

// normal makes absent bytes and no bytes the same.
func normal(e Entry) Entry {
	for i := range e.Items {
		e.Items[i].Key = append([]byte{}, e.Items[i].Key...)
		e.Items[i].Body = append([]byte{}, e.Items[i].Body...)
	}
	return e
}

// FuzzApply: whatever can be decoded can be applied, at any time and by anybody,
// to a state with agents, teams, inboxes, contacts and conversations; and the
// state that comes out survives a snapshot.
func FuzzApply(f *testing.F) {
	for i, c := range samples {
		it := NewItem(c, "agent:mallory", "", Key{KeyClient, "agent:mallory", "k"})
		f.Add(int64(i), int64(60_000), uint16(it.Kind), []byte(it.Body), "agent:mallory", it.Key, uint16(8), []byte(encode(samples[7])))
	}
	base := newLab(f)
	base.staff(3, RotationSettings{})
	base.accept(available(0), openIt("c1"))
	base.accept(PutPresence{Agent: agentID(0), Status: "away"}, openIt("c2"),
		PutAgent{ID: "chris", Name: "Chris"}, PutAgent{ID: "uk", Name: "UK"}, PutAgent{ID: "boss", Name: "Boss"},
		PutTeam{ID: "sales", Name: "Sales", Members: []TeamMember{{Agent: "chris"}}},
		PutInbox{ID: "sms", Name: "SMS", Assignment: InboxAssignment{Mode: "rotation", Team: "sales"}},
		CloseConversation{"c1"})
	f.Fuzz(func(t *testing.T, afterMs, lifeMs int64, kind uint16, body []byte, principal string, key []byte, kind2 uint16, body2 []byte) {
		e := Entry{MinSemantics: 1, TimeMs: base.nowMs + afterMs, Items: []Item{
			{Kind: Kind(kind), Principal: principal, Key: key, NotAfterMs: base.nowMs + lifeMs, Body: body},
			{Kind: Kind(kind2), Principal: principal, Key: append(key, 1), NotAfterMs: base.nowMs + lifeMs, Body: body2},
		}}
		e, ok := proposed(e)
		if !ok {
			return
		}
		s := base.state.Clone()
		outcomes, err := s.Apply(s.Index+1, e)
		if err != nil {
			t.Fatalf("it was decoded and cannot be applied: %v", err)
		}
		for i, o := range outcomes {
			if r := o.Rejection; r != nil && (r.Reason == "" || r.Detail == "" || o.Created || !o.Decision.IsZero()) {
				t.Fatalf("item %d: %+v, %+v", i, o, r)
			}
		}
		if _, err := s.Apply(s.Index+1, Entry{MinSemantics: 1, TimeMs: e.TimeMs}); err != nil {
			t.Fatalf("a tick behind it: %v", err)
		}
		data := snapshotIn(t, s)
		restored, err := ReadSnapshot(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("its snapshot cannot be read: %v", err)
		}
		if !bytes.Equal(snapshotIn(t, restored), data) {
			t.Fatal("its snapshot has changed on the way")
		}
	})
}

// proposed returns e as it comes out of the log, if a leader would propose it: it
// reads what it wrote before it does.
func proposed(e Entry) (read Entry, ok bool) {
	for _, it := range e.Items {
		if decoding.Wellformed(it.Body) != nil { // bodies come out of a decoder as strict
			return read, false
		}
	}
	read, err := DecodeEntry(EncodeEntry(e))
	if err != nil {
		return read, false
	}
	for _, it := range read.Items {
		if _, err := DecodeItem(it); err != nil {
			return read, false
		}
	}
	return read, true
}
