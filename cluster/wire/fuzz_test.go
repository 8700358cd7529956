package wire

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzFrame: whatever comes over the port is a frame that encodes again, or an
// error; it is never a panic, and nothing beyond the frame is read.
func FuzzFrame(f *testing.F) {
	for _, frame := range []Frame{{}, {ID: 1, Kind: Propose, Payload: []byte("x")}, {ID: 1 << 60, Group: 3, Kind: 255, DeadlineMS: 1 << 62, Hops: 2, ErrorCode: "c", ErrorText: "t"}} {
		raw, err := encodeFrame(frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{0, 0, 0, 1, 0xa0})
	f.Add([]byte{0, 0, 0, 2, 0xbf, 0xff})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bytes.NewReader(raw)
		frame, err := readFrame(r)
		if err != nil {
			known := errors.Is(err, ErrMalformed) || errors.Is(err, ErrTooLarge) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if !known {
				t.Fatalf("unknown error: %v", err)
			}
			return
		}
		again, err := encodeFrame(frame)
		if errors.Is(err, ErrTooLarge) {
			return
		}
		if err != nil {
			t.Fatalf("%+v does not encode: %v", frame, err)
		}
		second, err := readFrame(bytes.NewReader(again))
		if err != nil || second.ID != frame.ID || !bytes.Equal(second.Payload, frame.Payload) || second.ErrorCode != frame.ErrorCode {
			t.Fatalf("%+v became %+v, %v", frame, second, err)
		}
	})
}

// FuzzHello: a hello is judged, never trusted.
func FuzzHello(f *testing.F) {
	raw, err := encodeMessage(hello{ClusterID: "c", NodeID: "n", Versions: [2]uint64{1, 1}, Group: 1}, maxHelloBytes)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte{0, 0, 0, 4, 0xa1, 3, 0x83, 1})
	ours := hello{ClusterID: "c", NodeID: "n", Versions: [2]uint64{minVersion, maxVersion}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var theirs hello
		if err := readMessage(bytes.NewReader(raw), maxHelloBytes, &theirs); err != nil {
			return
		}
		if err := ours.check(theirs, "x"); err == nil && (theirs.NodeID == "" || theirs.ClusterID != "" && theirs.ClusterID != "c") {
			t.Fatalf("let in: %+v", theirs)
		}
	})
}
