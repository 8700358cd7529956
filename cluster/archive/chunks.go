package archive

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
)

// The compressed state stands in chunks, each after its length (4 bytes, big
// endian); a length of 0 ends them, and the SHA-256 of everything before follows.
// So a stream whose rest was lost is never taken for a whole one, its sum is found
// without knowing its length, and nothing has to be held in memory.

const (
	chunkBytes    = 64 << 10
	maxChunkBytes = 1 << 20
)

// A chunkWriter hashes what it passes on.
type chunkWriter struct {
	out     io.Writer
	sum     hash.Hash
	pending []byte
}

func newChunkWriter(w io.Writer) *chunkWriter {
	sum := sha256.New()
	return &chunkWriter{out: io.MultiWriter(w, sum), sum: sum, pending: make([]byte, 4, 4+chunkBytes)}
}

// Write implements io.Writer.
func (w *chunkWriter) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		n := min(len(p), cap(w.pending)-len(w.pending))
		w.pending = append(w.pending, p[:n]...)
		p, written = p[n:], written+n
		if len(w.pending) == cap(w.pending) {
			if err := w.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (w *chunkWriter) flush() error {
	binary.BigEndian.PutUint32(w.pending, uint32(len(w.pending)-4))
	_, err := w.out.Write(w.pending)
	w.pending = w.pending[:4]
	return err
}

// close writes the end and the sum.
func (w *chunkWriter) close(to io.Writer) error {
	if len(w.pending) > 4 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if err := w.flush(); err != nil { // length 0
		return err
	}
	_, err := to.Write(w.sum.Sum(nil))
	return err
}

// A chunkReader returns what stands in the chunks and compares the sum at their
// end, behind which nothing may follow.
type chunkReader struct {
	in   io.Reader
	sum  hash.Hash
	left uint32 // of this chunk
	end  error  // io.EOF once the sum was right
}

// Read implements io.Reader.
func (r *chunkReader) Read(p []byte) (int, error) {
	if r.end != nil {
		return 0, r.end
	}
	if r.left == 0 {
		var head [4]byte
		if err := r.full(head[:]); err != nil {
			return 0, r.stop(err)
		}
		r.sum.Write(head[:])
		switch r.left = binary.BigEndian.Uint32(head[:]); {
		case r.left == 0:
			return 0, r.stop(r.verify())
		case r.left > maxChunkBytes:
			return 0, r.stop(fmt.Errorf("a chunk of %d bytes: %w", r.left, ErrDamaged))
		}
	}
	n, err := r.in.Read(p[:min(len(p), int(r.left))])
	r.sum.Write(p[:n])
	r.left -= uint32(n)
	if err != nil {
		return n, r.stop(lost(err))
	}
	return n, nil
}

func (r *chunkReader) stop(err error) error {
	r.end = err
	return err
}

func (r *chunkReader) verify() error {
	var want [sha256.Size]byte
	if err := r.full(want[:]); err != nil {
		return err
	}
	if want != [sha256.Size]byte(r.sum.Sum(nil)) {
		return fmt.Errorf("its checksum does not match: %w", ErrDamaged)
	}
	switch n, err := io.ReadFull(r.in, want[:1]); {
	case n > 0:
		return fmt.Errorf("something follows its end: %w", ErrDamaged)
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return err
	}
}

func (r *chunkReader) full(p []byte) error {
	_, err := io.ReadFull(r.in, p)
	return lost(err)
}

// lost makes an end in the wrong place what it is.
func lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("its end is missing: %w", ErrDamaged)
	}
	return err
}
