package archive

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/rondohq/rondo/fsm"
)

// Write writes s as a stream (raft.md 1.4 and 1.5). It may run while the state
// that s was cloned from goes on, on any goroutine, and holds less than a megabyte.
func Write(w io.Writer, s *fsm.State) error {
	if err := codecReady(); err != nil {
		return err
	}
	head, err := encoding.Marshal(HeaderOf(s))
	if err != nil {
		return fmt.Errorf("encode snapshot header: %w", err)
	}
	chunks := newChunkWriter(w)
	prefix := binary.BigEndian.AppendUint32([]byte(magic), uint32(len(head)))
	if _, err := chunks.out.Write(append(prefix, head...)); err != nil {
		return fmt.Errorf("write snapshot header: %w", err)
	}
	z, err := zstd.NewWriter(chunks, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("compress snapshot: %w", err)
	}
	if err := s.WriteSnapshot(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compress snapshot: %w", err)
	}
	if err := chunks.close(w); err != nil {
		return fmt.Errorf("write snapshot checksum: %w", err)
	}
	return nil
}
