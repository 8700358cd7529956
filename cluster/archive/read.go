package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/rondohq/rondo/fsm"
)

// Read restores a stream into a new state, and verifies both sums before it
// returns it. It never returns a partial state. Snapshots from before this package,
// compressed or not, are read too. Errors are ErrDamaged, ErrNewer, fsm.ErrSnapshot
// or those of r.
func Read(r io.Reader) (*fsm.State, error) {
	in := bufio.NewReaderSize(r, chunkBytes)
	body, _, err := open(in)
	if err != nil {
		return nil, err
	}
	z, err := unpack(body)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	s, err := fsm.ReadSnapshot(z)
	if err != nil {
		return nil, cause(body, err)
	}
	// The state's own sum was its end; what is left is the end of the stream.
	if n, err := io.Copy(io.Discard, z); err != nil || n > 0 {
		return nil, cause(body, errors.Join(err, fmt.Errorf("%d bytes follow the state: %w", n, ErrDamaged)))
	}
	return s, nil
}

// Check reads a stream to its end, verifies both sums without building the state,
// and says what is in it. It holds one row at a time. A snapshot from before this
// package has no header: what its state says stands in for it, and Format is 0.
func Check(r io.Reader) (Header, []fsm.TableSize, error) {
	in := bufio.NewReaderSize(r, chunkBytes)
	body, h, err := open(in)
	if err != nil {
		return h, nil, err
	}
	z, err := unpack(body)
	if err != nil {
		return h, nil, err
	}
	defer z.Close()
	meta, sizes, err := fsm.ScanSnapshot(z)
	if err != nil {
		return h, sizes, cause(body, err)
	}
	if n, err := io.Copy(io.Discard, z); err != nil || n > 0 {
		return h, sizes, cause(body, errors.Join(err, fmt.Errorf("%d bytes follow the state: %w", n, ErrDamaged)))
	}
	if h.Format == 0 {
		h = Header{ClusterID: meta.ClusterID, Index: meta.Index, Term: meta.Term, Seq: meta.Seq,
			TimeMs: meta.NowMs, Semantics: meta.Semantics, Chain: meta.Chain}
	}
	return h, sizes, nil
}

// ReadHeader reads no more than the header, and verifies nothing. An early
// snapshot without one gives ErrDamaged.
func ReadHeader(r io.Reader) (Header, error) {
	_, h, err := open(bufio.NewReader(r))
	if err == nil && h.Format == 0 {
		err = fmt.Errorf("it has no header: %w", ErrDamaged)
	}
	return h, err
}

// open reads the header, if there is one, and returns what holds the state.
func open(in *bufio.Reader) (io.Reader, Header, error) {
	if err := codecReady(); err != nil {
		return nil, Header{}, err
	}
	start, err := in.Peek(len(magic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, Header{}, fmt.Errorf("read snapshot: %w", err)
	}
	if string(start) != magic {
		return in, Header{}, nil
	}
	body := &chunkReader{in: in, sum: sha256.New()}
	prefix := make([]byte, len(magic)+4)
	if err := body.full(prefix); err != nil {
		return nil, Header{}, err
	}
	n := binary.BigEndian.Uint32(prefix[len(magic):])
	if n > maxHeaderBytes {
		return nil, Header{}, fmt.Errorf("a header of %d bytes: %w", n, ErrDamaged)
	}
	head := make([]byte, n)
	if err := body.full(head); err != nil {
		return nil, Header{}, err
	}
	body.sum.Write(prefix)
	body.sum.Write(head)
	var h Header
	if err := decoding.Unmarshal(head, &h); err != nil {
		return nil, Header{}, fmt.Errorf("its header: %w: %w", err, ErrDamaged)
	}
	return body, h, h.check()
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// unpack also takes what was never packed: the first snapshots were not.
func unpack(r io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(r, chunkBytes)
	start, err := in.Peek(len(zstdMagic))
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", lost(err))
	}
	if !bytes.Equal(start, zstdMagic) {
		return io.NopCloser(in), nil
	}
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("decompress snapshot: %w", err)
	}
	return z.IOReadCloser(), nil
}

// cause prefers what was wrong with the stream to what the layers above made of
// it. It reads on to the end to know: where the outer sum is right, the writer
// meant what it wrote.
func cause(body io.Reader, err error) error {
	chunks, ok := body.(*chunkReader)
	if !ok {
		return err
	}
	if _, outer := io.Copy(io.Discard, chunks); outer != nil {
		return outer
	}
	return err
}
