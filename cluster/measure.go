package cluster

import (
	"strconv"
	"strings"
	"time"

	metrics "github.com/hashicorp/go-metrics/compat"
)

// What a group measures goes to the sink of the process, as Raft's own does; cmd
// opens one, and without it nobody counts. Durations are in seconds.

// measureWait tells how long the first of a batch has waited to be carried.
func measureWait(since time.Time) {
	metrics.AddSample([]string{"rondo", "batch", "wait_seconds"}, float32(time.Since(since).Seconds()))
}

func measureSnapshot(took time.Duration) {
	metrics.AddSample([]string{"rondo", "snapshot", "duration_seconds"}, float32(took.Seconds()))
}

func countLeaderChange() { metrics.IncrCounter([]string{"rondo", "leader", "changes_total"}, 1) }

// Queued returns how many calls of this node wait to be carried to the leader. It
// may be called from any goroutine.
func Queued(g *Group) int { return len(g.desk.batcher.queue) + len(g.desk.batcher.first) }

// A StoredSnapshot is the newest snapshot on this node's disk.
type StoredSnapshot struct {
	Index uint64
	Bytes int64
	At    time.Time // by the wall clock of that moment
}

// NewestSnapshot returns the newest snapshot on this node's disk; false if there is
// none, or the disk does not say. It may be called from any goroutine.
func NewestSnapshot(g *Group) (StoredSnapshot, bool) {
	list, err := g.keeper.disk.Snapshots().List()
	if err != nil || len(list) == 0 {
		return StoredSnapshot{}, false
	}
	s := StoredSnapshot{Index: list[0].Index, Bytes: list[0].Size}
	// Raft names a snapshot term-index-milliseconds.
	ms, err := strconv.ParseInt(list[0].ID[strings.LastIndexByte(list[0].ID, '-')+1:], 10, 64)
	if err != nil {
		return StoredSnapshot{}, false
	}
	s.At = time.UnixMilli(ms)
	return s, true
}
