package fsm

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// everything is a lab whose state has a row in every table.
func everything(t *testing.T) *lab {
	l := newLab(t)
	l.staff(5, RotationSettings{Per: "inbox", DrainBurst: number(1)})
	l.accept(available(0), openIt("c1"), openIt("c2"), PutPresence{Agent: agentID(0), Status: "away"}, openIt("c3"), openIt("c4"), openIt("c5"))
	l.accept(available(1), AnnounceNode{ID: "n1", HTTP: "127.0.0.1:4600", Cluster: "127.0.0.1:4601"},
		CloseConversation{"c1"}, ReceiveMessage{Inbox: "i", ID: "m1", From: Sender{"+1", "Ann"}, MintedContact: "p-m1", MintedID: "m1"})
	l.refuse(ClaimConversation{Conversation: "c2", Agent: agentID(3)})
	l.accept(office(horizon(l.nowMs, 1, Turn{AtMs: l.nowMs + 1000, On: 3}), "early"))
	s := l.state
	for name, rows := range map[string]int{
		"agents": s.Agents.Len(), "teams": s.Teams.Len(), "members": s.Members.Len(), "cursors": s.Cursors.Len(), "inboxes": s.Inboxes.Len(),
		"contacts": s.Contacts.Len(), "conversations": s.Conversations.Len(), "queues": s.Queues.Len(), "timers": s.Timers.Len(),
		"keys": s.Keys.Len(), "nodes": s.Nodes.Len(), "revisions": s.Revisions.Len(), "records": s.Records.Bytes(),
		"schedules": s.Schedules.Len(),
	} {
		if rows == 0 {
			t.Fatalf("there are no %s", name)
		}
	}
	return l
}

func refused(t *testing.T, data []byte, what string) {
	t.Helper()
	s, err := ReadSnapshot(bytes.NewReader(data))
	if err == nil || s != nil {
		t.Fatalf("a snapshot was accepted with %s", what)
	}
	if !errors.Is(err, ErrSnapshot) {
		t.Fatalf("%s: %v, want an error that is ErrSnapshot", what, err)
	}
}

// TestDamagedSnapshotsAreRefused: whichever byte has changed, and wherever it
// ends.
func TestDamagedSnapshotsAreRefused(t *testing.T) {
	data := snapshotIn(t, everything(t).state)
	random := rand.New(rand.NewPCG(1, 2))
	for at := range data {
		if underRace && at%16 > 0 {
			continue
		}
		damaged := bytes.Clone(data)
		damaged[at] ^= byte(1 + random.IntN(255))
		refused(t, damaged, fmt.Sprintf("byte %d changed from %02x to %02x", at, data[at], damaged[at]))
		if at%7 == 0 || at > len(data)-2*sha256.Size {
			refused(t, data[:at], fmt.Sprint("only the first bytes, ", at))
		}
	}
	refused(t, append(bytes.Clone(data), 0), "a byte behind it")
	refused(t, append(bytes.Clone(data), data...), "itself behind it")
	refused(t, nil, "nothing")
	if _, err := ReadSnapshot(io.MultiReader(bytes.NewReader(data[:100]), failing{})); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the error of the disk", err)
	}
}

var errDisk = errors.New("the disk is gone")

type failing struct{}

func (failing) Read([]byte) (int, error)  { return 0, errDisk }
func (failing) Write([]byte) (int, error) { return 0, errDisk }

// TestSnapshotWriterReportsTheDisk whenever it fails.
func TestSnapshotWriterReportsTheDisk(t *testing.T) {
	s := everything(t).state
	size := len(snapshotIn(t, s))
	for _, room := range []int{0, 1, size / 2, size - sha256.Size, size - 1} {
		if err := s.WriteSnapshot(&smallDisk{room}); !errors.Is(err, errDisk) {
			t.Errorf("with room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := s.WriteSnapshot(&smallDisk{size}); err != nil {
		t.Error(err)
	}
}

type smallDisk struct{ room int }

func (d *smallDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		return d.room, errDisk
	}
	d.room -= len(p)
	return len(p), nil
}

// resealed replaces the header of a snapshot and makes its checksum right again.
func resealed(t *testing.T, data []byte, change func(*snapshotHeader)) []byte {
	t.Helper()
	var header snapshotHeader
	rest, err := decoding.UnmarshalFirst(data[:len(data)-sha256.Size], &header)
	if err != nil {
		t.Fatal(err)
	}
	change(&header)
	body := append(encode(header), rest...)
	sum := sha256.Sum256(body)
	return append(body, sum[:]...)
}

// TestNewerSnapshotsAreRefused by an error that says what to do.
func TestNewerSnapshotsAreRefused(t *testing.T) {
	data := snapshotIn(t, everything(t).state)
	if same := resealed(t, data, func(*snapshotHeader) {}); !bytes.Equal(same, data) {
		t.Fatal("the test writes snapshots in another way")
	}
	for name, change := range map[string]func(*snapshotHeader){
		"format":    func(h *snapshotHeader) { h.Format++ },
		"semantics": func(h *snapshotHeader) { h.Meta.Semantics++ },
	} {
		newer := resealed(t, data, change)
		refused(t, newer, "a newer "+name)
		if _, err := ReadSnapshot(bytes.NewReader(newer)); !strings.Contains(err.Error(), "upgrade") {
			t.Errorf("a newer %s: %v, want an error that asks for an upgrade", name, err)
		}
	}
	refused(t, resealed(t, data, func(h *snapshotHeader) { h.Magic = "other" }), "another magic word")

	type newerHeader struct {
		snapshotHeader
		Tenth uint64 `cbor:"10,keyasint"`
	}
	var header snapshotHeader
	rest, err := decoding.UnmarshalFirst(data[:len(data)-sha256.Size], &header)
	if err != nil {
		t.Fatal(err)
	}
	body := append(encode(newerHeader{header, 1}), rest...)
	sum := sha256.Sum256(body)
	newer := append(body, sum[:]...)
	refused(t, newer, "a field nobody knows")
	if _, err := ReadSnapshot(bytes.NewReader(newer)); !strings.Contains(err.Error(), "upgrade") {
		t.Errorf("a newer field: %v, want an error that asks for an upgrade", err)
	}
}

// TestRecordsOverManySegments: records are found by position, by id and in order
// wherever their segments end, also after a restore and behind what is written
// then.
func TestRecordsOverManySegments(t *testing.T) {
	l := newLab(t)
	l.staff(40, RotationSettings{}) // all absent: each decision names 32 of them
	for i := 0; segmentCount(&l.state.Records) < 5; i++ {
		l.accept(openMany(fmt.Sprint("c", i, "-"), 50)...)
	}
	data := snapshotIn(t, l.state)
	twin := restore(t, data)
	if !bytes.Equal(snapshotIn(t, twin), data) {
		t.Fatal("the snapshot has changed on its way")
	}
	view := l.state.Clone()
	seen := slices.Collect(view.Records.From(RecordID{}))

	// Both go on, and the view stays.
	it := l.item(openIt("later"))
	l.apply(it)
	if _, err := twin.Apply(twin.Index+1, Entry{MinSemantics: 1, TimeMs: l.nowMs, Items: []Item{it}}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(snapshotIn(t, twin), snapshotIn(t, l.state)) {
		t.Fatal("the restored state went another way")
	}
	if !bytes.Equal(snapshotIn(t, view), data) {
		t.Fatal("the view has changed")
	}

	for name, s := range map[string]*State{"grown": l.state, "restored": twin} {
		checkRecordsOf(t, name, s, len(seen)+1)
	}
}

// TestPeekID: ids of every size are seen without unpacking, and what is no record
// is left to the decoder.
func TestPeekID(t *testing.T) {
	for _, n := range []uint64{0, 1, 23, 24, 255, 256, 1<<16 - 1, 1 << 16, 1<<32 - 1, 1 << 32, 1<<64 - 1} {
		for _, rec := range []Record{{ID: RecordID{n, uint32(n)}}, {ID: RecordID{1, uint32(n)}, Seq: n, Decision: &Decision{}}} {
			packed := encode(rec)
			if id, ok := peekID(packed); !ok || id != rec.ID {
				t.Errorf("%v is seen as %v, %v", rec.ID, id, ok)
			}
			for end := range 5 {
				if id, ok := peekID(packed[:end]); ok {
					t.Errorf("%x is seen as %v", packed[:end], id)
				}
			}
		}
	}
	for _, other := range [][]byte{{0x80, 1, 0xa2, 1, 5, 2, 5}, {0xa1, 2, 0xa2, 1, 5, 2, 5}, {0xa1, 1, 0xa3, 1, 5, 2, 5}, {0xa1, 1, 0xa2, 1, 0x25, 2, 5}} {
		if id, ok := peekID(other); ok {
			t.Errorf("%x is seen as %v", other, id)
		}
	}
}

func checkRecordsOf(t *testing.T, name string, s *State, count int) {
	all := slices.Collect(s.Records.From(RecordID{}))
	if len(all) != count {
		t.Fatalf("%s: %d records, want %d", name, len(all), count)
	}
	// Those on both sides of a segment's border, the last ones, and some between.
	border := 0
	chosen := func(i int, id RecordID) bool {
		if slices.ContainsFunc(s.Records.full, func(s segment) bool { return s.first == id }) {
			border++
			return true
		}
		last := i+1 == len(all) || slices.ContainsFunc(s.Records.full, func(s segment) bool { return s.first == all[i+1].ID })
		return last || i%401 == 0 || i+3 > len(all)
	}
	for i, rec := range all {
		if id, ok := peekID(encode(rec)); !ok || id != rec.ID {
			t.Fatalf("%s: %s is skipped as %v, %v", name, rec.ID, id, ok)
		}
		if !chosen(i, rec.ID) {
			continue
		}
		if got, ok := s.Records.ByID(rec.ID); !ok || got.Seq != rec.Seq {
			t.Fatalf("%s: %s is found as %+v", name, rec.ID, got)
		}
		next := i
		for got := range s.Records.From(rec.ID) {
			if got.ID != all[next].ID {
				t.Fatalf("%s: %s comes behind %s, want %s", name, got.ID, rec.ID, all[next].ID)
			}
			if next++; next > i+3 {
				break
			}
		}
		if next < min(i+3, len(all)) {
			t.Fatalf("%s: %d records behind %s", name, next-i, rec.ID)
		}
	}
	if border < 4 {
		t.Fatalf("%s: only %d borders of segments were met", name, border)
	}
	last := all[len(all)-1].ID
	for _, id := range []RecordID{{}, {last.Index, last.N + 1}, {last.Index + 1, 0}} {
		if _, ok := s.Records.ByID(id); ok {
			t.Fatalf("%s: there is a record %v", name, id)
		}
	}
	for c := range s.Conversations.All() {
		if rec, ok := s.Records.At(c.Opening); !ok || rec.Conversation != c.Handle || rec.Event != ConversationOpened {
			t.Fatalf("%s: the opening of %s is %+v", name, c.ID, rec)
		}
	}
	if _, ok := s.Records.At(Position(99 << segmentBits)); ok {
		t.Fatalf("%s: there is a record in a segment that does not exist", name)
	}
}

// TestTwins: a state that went through a snapshot and one that never did stay
// equal to the byte over 500 random entries, however often one of them is copied.
func TestTwins(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	l := newLab(t)
	l.staff(6, RotationSettings{DrainBurst: number(2), DrainIntervalSeconds: number(5), AlertAfterSeconds: number(30)})
	twin := restore(t, snapshotIn(t, l.state))
	for n := range 500 {
		var items []Item
		for range random.IntN(4) {
			items = append(items, l.item(randomCommand(random, l.minted)))
		}
		l.nowMs += random.Int64N(4000)
		e := Entry{MinSemantics: 1, TimeMs: l.nowMs, Items: items}
		a, errA := l.state.Apply(l.state.Index+1, e)
		b, errB := twin.Apply(twin.Index+1, e)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if !bytes.Equal(encode(a), encode(b)) {
			t.Fatalf("entry %d: outcomes differ:\n%+v\n%+v", n, a, b)
		}
		if n%3 == 0 {
			l.state.Clone()
		}
		if n%20 == 0 && !bytes.Equal(snapshotIn(t, l.state), snapshotIn(t, twin)) {
			t.Fatalf("after entry %d the twins differ", n)
		}
		if n%60 == 59 {
			twin = restore(t, snapshotIn(t, twin))
		}
	}
	if !bytes.Equal(snapshotIn(t, l.state), snapshotIn(t, twin)) || dumpIndexes(l.state) != dumpIndexes(twin) {
		t.Fatal("the twins differ")
	}
	if l.state.Conversations.Len() < 100 || l.state.Chain == [32]byte{} {
		t.Fatalf("only %d conversations", l.state.Conversations.Len())
	}
}

func randomCommand(random *rand.Rand, n int) Command {
	agent := random.IntN(6)
	some := ConversationID(fmt.Sprint("c", max(0, n-random.IntN(20))))
	switch random.IntN(12) {
	case 0, 1, 2, 3:
		return openIt(fmt.Sprint("c", n))
	case 4, 5:
		return PutPresence{Agent: agentID(agent), Status: []string{"available", "away", "in_break"}[random.IntN(3)]}
	case 6:
		return ReceiveMessage{Inbox: "i", ID: fmt.Sprint("m", n), From: Sender{Address: fmt.Sprint("+", random.IntN(9))},
			MintedContact: ContactID(fmt.Sprint("p", n)), MintedID: ConversationID(fmt.Sprint("m", n))}
	case 7:
		return CloseConversation{some}
	case 8:
		return ReopenConversation{some}
	case 9:
		return RequeueConversation{Conversation: some}
	case 10:
		return ClaimConversation{Conversation: some, Agent: agentID(agent)}
	default:
		if random.IntN(2) == 0 {
			return DeleteMember{Team: "t", Agent: agentID(agent)}
		}
		return PutMember{Team: "t", Agent: agentID(agent)}
	}
}

// TestEqualStatesGiveEqualBytes whichever way they were reached: rows are written
// in the order of their keys, not in that of their making.
func TestEqualStatesGiveEqualBytes(t *testing.T) {
	s := everything(t).state
	want := snapshotIn(t, s)
	again := NewState()
	again.Meta = s.Meta
	for _, row := range slices.Backward(slices.Collect(s.Agents.All())) {
		again.Agents.Put(row)
	}
	for _, row := range slices.Backward(slices.Collect(s.Members.All())) {
		again.Members.Put(row)
	}
	for _, row := range slices.Backward(slices.Collect(s.Keys.All())) {
		again.Keys.Put(row)
	}
	other := s.Clone()
	other.Agents, other.Members, other.Keys = again.Agents, again.Members, again.Keys
	if !bytes.Equal(snapshotIn(t, other), want) || dumpIndexes(other) != dumpIndexes(s) {
		t.Error("rows that were put in another order are written in another order")
	}
}

// An older version knew fewer tables: those it did not know are empty, and one
// that this version does not know is refused.
func TestSnapshotOfAnOlderVersion(t *testing.T) {
	s := everything(t).state
	write := func(names ...string) *bytes.Buffer {
		var file bytes.Buffer
		sum := sha256.New()
		out := snapshotWriter{encoding.NewEncoder(io.MultiWriter(&file, sum)), nil}
		out.put(snapshotHeader{snapshotMagic, SnapshotFormat, s.Meta})
		for _, name := range names {
			writeRows(&out, name, 0, slices.Values([]Agent(nil)))
		}
		writeRows(&out, "records", segmentCount(&s.Records), allSegments(&s.Records))
		if out.err != nil {
			t.Fatal(out.err)
		}
		file.Write(sum.Sum(nil))
		return &file
	}
	if old, err := ReadSnapshot(write("agents", "teams", "nodes")); err != nil || old.Chain != s.Chain || old.Groups.Len() > 0 {
		t.Errorf("an older snapshot: %v", err)
	}
	if _, err := ReadSnapshot(write("agents", "novelties", "nodes")); err == nil {
		t.Error("a table of a newer version was skipped in silence")
	}
}
