package cluster

import (
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// VerifyLog checks the checksum of a command read back from the log: raft-boltdb
// has none of its own (raft.md 1.4).
func VerifyLog(entry *raft.Log) error { return fsm.VerifyEntry(entry.Data) }
