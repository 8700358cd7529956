package cluster

import (
	"errors"
	"fmt"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

// VerifyLog checks the checksum of a command read back from the log: raft-boltdb
// has none of its own (raft.md 1.4).
// What a newer version wrote is not damaged, and the cure is another one.
func VerifyLog(entry *raft.Log) error {
	err := fsm.VerifyEntry(entry.Data)
	if errors.Is(err, fsm.ErrNewer) {
		return fmt.Errorf("%w: %w", storage.ErrNewer, err)
	}
	return err
}
