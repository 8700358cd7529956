package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// MaxFrameBytes bounds one encoded request or answer.
const MaxFrameBytes = 1 << 20

const maxErrorText = 4096

// Kind says what a frame asks for. The numbers are for ever.
type Kind uint8

// The kinds of frames. 0 is a sign of life that nobody answers.
const (
	kindSign Kind = iota
	Propose
	Fence
	Stats
	Snapshot

	// Members asks the leader for a change of membership.
	Members Kind = 8
)

// Error codes that this package itself answers with; a handler has its own.
const (
	// CodeNotReady: the node listens but serves no frames yet. Retry.
	CodeNotReady = "not_ready"
	// CodeTooLarge: the answer did not fit into MaxFrameBytes. The request was
	// handled.
	CodeTooLarge = "answer_too_large"
)

var (
	// ErrMalformed: bytes that are not a frame or a hello.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge: more bytes than a frame or a hello may have.
	ErrTooLarge = errors.New("too large")
)

// Frame is a request or its answer; the answer has the request's ID.
type Frame struct {
	// ID is set by the pool.
	ID uint64 `cbor:"1,keyasint,omitempty"`
	// Group is the Raft group the frame is for.
	Group uint64 `cbor:"2,keyasint,omitempty"`
	Kind  Kind   `cbor:"3,keyasint,omitempty"`
	// DeadlineMS is how many milliseconds were left when the request was
	// sent; set by the pool. Relative, because clocks differ.
	DeadlineMS uint64 `cbor:"4,keyasint,omitempty"`
	// Hops is how often the request has been passed on.
	Hops    uint8  `cbor:"5,keyasint,omitempty"`
	Payload []byte `cbor:"6,keyasint,omitempty"`
	// ErrorCode of an answer is "" for success.
	ErrorCode string `cbor:"7,keyasint,omitempty"`
	ErrorText string `cbor:"8,keyasint,omitempty"`
}

var (
	encMode, encErr = cbor.CoreDetEncOptions().EncMode()
	decMode, decErr = cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  4,
		MaxArrayElements: 16,
		MaxMapPairs:      16,
		// Fields of a later version are ignored: the hello settles versions.
		ExtraReturnErrors: cbor.ExtraDecErrorNone,
	}.DecMode()
)

// codecReady reports options that this version of the codec does not take.
func codecReady() error {
	if err := errors.Join(encErr, decErr); err != nil {
		return fmt.Errorf("set up frame codec: %w", err)
	}
	return nil
}

// encodeFrame returns length and body in one piece, so that one Write carries
// a whole frame.
func encodeFrame(f Frame) ([]byte, error) {
	if len(f.Payload) > MaxFrameBytes {
		return nil, fmt.Errorf("%w: payload of %d bytes, a frame may have %d", ErrTooLarge, len(f.Payload), MaxFrameBytes)
	}
	if len(f.ErrorText) > maxErrorText {
		f.ErrorText = f.ErrorText[:maxErrorText]
	}
	return encodeMessage(f, MaxFrameBytes)
}

func encodeMessage(v any, maxBytes int) ([]byte, error) {
	body, err := encMode.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode frame: %w", err)
	}
	if len(body) > maxBytes {
		return nil, fmt.Errorf("%w: %d bytes, a frame may have %d", ErrTooLarge, len(body), maxBytes)
	}
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body))), body...), nil
}

// readFrame returns io.EOF only when the stream ends between two frames.
func readFrame(r io.Reader) (Frame, error) {
	var f Frame
	err := readMessage(r, MaxFrameBytes, &f)
	return f, err
}

func readMessage(r io.Reader, maxBytes int, into any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > uint32(maxBytes) {
		return fmt.Errorf("%w: length %d, at most %d", ErrTooLarge, n, maxBytes)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if err := decMode.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
