package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/rondohq/rondo/fsm"
)

// stateOf returns a state with so many contacts.
func stateOf(t *testing.T, contacts int) *fsm.State {
	t.Helper()
	s := fsm.NewState()
	s.ClusterID = "cluster"
	for i := range contacts {
		id := fmt.Sprintf("p%d", i)
		it := fsm.NewItem(fsm.PutContact{ID: fsm.ContactID(id), Name: strings.Repeat("N", i%90)}, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: id})
		it.NotAfterMs = 1 << 40
		outcomes, err := s.Apply(uint64(i+1), fsm.Entry{MinSemantics: fsm.Semantics, TimeMs: int64(i), Items: []fsm.Item{it}})
		if err != nil || outcomes[0].Rejection != nil {
			t.Fatal(err, outcomes)
		}
	}
	return s
}

func bare(t *testing.T, s *fsm.State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.WriteSnapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func written(t *testing.T, s *fsm.State) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRoundTrip: what is read is what was written, from every format there was.
func TestRoundTrip(t *testing.T) {
	for _, contacts := range []int{0, 1, 5000} {
		s := stateOf(t, contacts)
		packed, err := zstd.NewWriter(nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, stream := range map[string][]byte{
			"today":            written(t, s),
			"compressed early": packed.EncodeAll(bare(t, s), nil),
			"bare":             bare(t, s),
		} {
			got, err := Read(bytes.NewReader(stream))
			if err != nil {
				t.Fatalf("%d contacts, %s: %v", contacts, name, err)
			}
			if !bytes.Equal(bare(t, got), bare(t, s)) {
				t.Errorf("%d contacts, %s: the state differs", contacts, name)
			}
		}
		h, sizes, err := Check(bytes.NewReader(written(t, s)))
		if len(sizes) == 0 {
			t.Error("it says nothing of its tables")
		}
		if err != nil || h != HeaderOf(s) {
			t.Errorf("%d contacts: %+v, %v, want %+v", contacts, h, err, HeaderOf(s))
		}
		if h, err := ReadHeader(bytes.NewReader(written(t, s))); err != nil || h != HeaderOf(s) {
			t.Errorf("%d contacts: header alone: %+v, %v", contacts, h, err)
		}
	}
}

// TestEveryFlippedBitIsNoticed, and every lost and every added byte.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	whole := written(t, stateOf(t, 3))
	wantRefused := func(what string, stream []byte) {
		t.Helper()
		if _, err := Read(bytes.NewReader(stream)); err == nil {
			t.Errorf("%s: it was restored", what)
		}
		if _, _, err := Check(bytes.NewReader(stream)); err == nil {
			t.Errorf("%s: it passed the check", what)
		}
	}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		wantRefused(fmt.Sprintf("bit of byte %d", i), flipped)
		wantRefused(fmt.Sprintf("cut at %d", i), whole[:i])
	}
	wantRefused("a byte more", append(bytes.Clone(whole), 0))
	wantRefused("twice", append(bytes.Clone(whole), whole...))
}

// TestNewerIsNamed: a downgraded binary says what to do.
func TestNewerIsNamed(t *testing.T) {
	for name, h := range map[string]Header{
		"format":       {Format: Format + 1},
		"state format": {Format: Format, StateFormat: fsm.SnapshotFormat + 1},
		"semantics":    {Format: Format, Semantics: fsm.Semantics + 1},
	} {
		if err := h.check(); !errors.Is(err, ErrNewer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type failingWriter struct{ room int }

var errFull = errors.New("no space left")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestWriteTellsOfEveryFailure of the disk underneath, wherever it comes.
func TestWriteTellsOfEveryFailure(t *testing.T) {
	s := stateOf(t, 200)
	whole := written(t, s)
	for room := 0; room < len(whole); room += 1 + room/8 {
		if err := Write(&failingWriter{room}, s); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", room, len(whole), err)
		}
	}
	if err := Write(io.Discard, s); err != nil {
		t.Error(err)
	}
}
