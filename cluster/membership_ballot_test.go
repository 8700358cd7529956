package cluster

import (
	"testing"

	"github.com/hashicorp/raft"
)

// TestBallotTellsTheSize of a snapshot that begins to come, which Raft tells nobody.
func TestBallotTellsTheSize(t *testing.T) {
	told := int64(0)
	b := newBallot(nil, func() bool { return true }, func(bytes int64) { told = bytes }, nil)
	if b.refuses(raft.RPC{Command: &raft.InstallSnapshotRequest{Size: 7}}) || told != 7 {
		t.Errorf("told %d bytes, want 7, and nothing refused", told)
	}
}
