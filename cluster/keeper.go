package cluster

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/cluster/storage"
)

// longestBackoff is how long the keeper waits at most after snapshots that failed.
const longestBackoff = time.Minute

// A keeper takes snapshots and cuts the log behind them. It writes none itself:
// Raft asks the machine for one (snapshot.go).
//
// Raft would cut the log so many entries behind its end. We cut it at the snapshot
// before the newest, or further back: when the newest turns out to be unreadable,
// Raft falls back to that one, and the log must still continue it (raft.md 1.4).
type keeper struct {
	replica *replica
	disk    *storage.Disk
	policy  SnapshotPolicy
	logger  hclog.Logger

	damaged string // id of a snapshot that could not be read; set before run
}

// neverCut as Raft's TrailingLogs leaves the cutting to the keeper.
const neverCut = math.MaxUint64

// inspect looks whether Raft had to fall back to an older snapshot, which it does
// without a word. It is called before run.
func (k *keeper) inspect() error {
	list, err := k.disk.Snapshots().List()
	if err != nil {
		return fmt.Errorf("list snapshots: %w", err)
	}
	if len(list) > 0 && list[0].Index > k.replica.restored {
		k.damaged = list[0].ID
		k.logger.Error("the newest snapshot cannot be read and an older one is used: check the disk", "snapshot", list[0].ID)
	}
	return nil
}

// run takes a snapshot whenever one is wanted, until ctx ends.
func (k *keeper) run(ctx context.Context) {
	for pause := k.policy.Every; ; {
		sleep(ctx, pause)
		if ctx.Err() != nil {
			return
		}
		pause = k.policy.Every
		if !k.policy.wants(k.replica.machine.load.now()) && !k.newestIsDamaged() {
			continue
		}
		if err := k.take(ctx); err != nil {
			// A transfer of leadership, an unfinished membership change or a full
			// disk is in the way. Each try writes the whole state: not too often.
			pause = min(2*pause, longestBackoff)
			k.logger.Warn("no snapshot yet", "error", err, "next_try_in", pause)
		}
	}
}

// newestIsDamaged: a follower that needed it would get nothing.
func (k *keeper) newestIsDamaged() bool {
	if k.damaged == "" {
		return false
	}
	list, err := k.disk.Snapshots().List()
	return err == nil && len(list) > 0 && list[0].ID == k.damaged
}

// check tells of snapshots on their way, and of one that could not be read.
func (k *keeper) check() Check {
	text, replacing := k.disk.Progress().Now()
	if text == "" {
		text = "none is on its way"
	}
	if k.newestIsDamaged() {
		text += fmt.Sprintf("; the newest one, %s, cannot be read and an older one was used: check the disk", k.damaged)
	}
	return Check{"snapshots", !replacing, text}
}

// take is Group.Snapshot. It may be called from any goroutine.
func (k *keeper) take(ctx context.Context) error {
	load, began := k.replica.machine.load.now(), time.Now()
	if err := k.replica.await(ctx, k.replica.raft.Snapshot()); err != nil {
		return fmt.Errorf("take snapshot: %w", err)
	}
	measureSnapshot(time.Since(began))
	k.logger.Info("snapshot taken", "commands", load.commands, "bytes", load.bytes, "took", time.Since(began).Round(time.Millisecond))
	if err := k.cut(load); err != nil {
		return fmt.Errorf("cut the log: %w", err)
	}
	return nil
}

// cut forgets what no restart and no follower that was away for a moment needs.
func (k *keeper) cut(load logLoad) error {
	list, err := k.disk.Snapshots().List()
	if err != nil {
		return fmt.Errorf("list snapshots: %w", err)
	}
	list = slices.DeleteFunc(list, func(s *raft.SnapshotMeta) bool { return s.ID == k.damaged })
	if len(list) < 2 {
		return nil
	}
	logs := k.disk.Logs()
	first, err := logs.FirstIndex()
	if err != nil {
		return err
	}
	last := k.replica.raft.LastIndex()
	upTo := min(list[1].Index, last-min(last, k.policy.trailing(load)))
	if first == 0 || first > upTo {
		return nil
	}
	return logs.DeleteRange(first, upTo)
}
