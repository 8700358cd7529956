package fsm

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

// crowd returns a lab with n conversations, a tenth as many contacts, 20 agents in
// one team, and the bytes of heap that each conversation took, with its records
// and its share of the contacts, without keys.
func crowd(b *testing.B, n int) (*lab, float64) {
	b.Helper()
	l := newLab(b)
	l.staff(20, RotationSettings{})
	for i := range 20 {
		l.accept(available(i))
	}
	before := heap()
	var batch []Command
	for i := range n {
		if i < n/10 {
			batch = append(batch, PutContact{ID: ContactID(fmt.Sprint("contact-", i)), Name: "Ann Example", Addresses: []string{fmt.Sprint("+1555", i)}})
		}
		batch = append(batch, openOf(i, n/10))
		if len(batch) > MaxEntryItems-2 {
			l.nowMs += MintedKeyLifeMs + 1
			l.accept(batch...)
			batch = batch[:0]
		}
	}
	l.accept(batch...)
	l.forgetKeys()
	if l.state.Conversations.Len() != n {
		b.Fatalf("%d conversations", l.state.Conversations.Len())
	}
	return l, float64(heap()-before) / float64(n)
}

// openOf opens conversation i for one of so many contacts, under an id of the
// length of a minted one.
func openOf(i, contacts int) Command {
	return OpenConversation{ID: ConversationID(fmt.Sprintf("01KAM8Q4TZ5R0W9%011d", i)), Inbox: "i", Contact: ContactID(fmt.Sprint("contact-", i%contacts))}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkOpen is one decision, in an entry of its own, at half a million
// conversations: without copies, and with a view of the state made every 64
// entries and after every one.
func BenchmarkOpen(b *testing.B) {
	const existing = 500_000
	l, size := crowd(b, existing)
	next := existing
	for _, every := range []int{0, 64, 1} {
		b.Run(fmt.Sprint("clone-every-", every), func(b *testing.B) {
			b.ReportAllocs()
			var view *State
			for n := 0; b.Loop(); n++ {
				l.nowMs++
				l.apply(l.item(openOf(next, existing/10)))
				next++
				if every > 0 && n%every == 0 {
					view = l.state.Clone()
				}
			}
			b.ReportMetric(size, "B/conversation")
			runtime.KeepAlive(view)
		})
	}
}

// BenchmarkSnapshot writes and reads a state of 200,000 conversations.
func BenchmarkSnapshot(b *testing.B) {
	const existing = 200_000
	l, _ := crowd(b, existing)
	data := snapshotIn(b, l.state)
	perConversation := float64(len(data)) / existing
	b.Run("write", func(b *testing.B) {
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			if err := l.state.WriteSnapshot(&out); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(data)))
		b.ReportMetric(perConversation, "B/conversation")
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := ReadSnapshot(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(data)))
	})
	b.Run("clone", func(b *testing.B) {
		for b.Loop() {
			l.state.Clone()
		}
	})
}

// BenchmarkRecordByID finds a record in the middle of a segment, as every answer
// with a decision does.
func BenchmarkRecordByID(b *testing.B) {
	l, _ := crowd(b, 20_000)
	l.accept(openOf(20_000, 2000))
	newest := l.records()[0].ID
	for b.Loop() {
		if _, ok := l.state.Records.ByID(newest); !ok {
			b.Fatal("it is not there")
		}
	}
}
