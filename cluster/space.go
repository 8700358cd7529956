package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
)

// A SpacePolicy says when a disk counts as full. Zero values take defaults.
type SpacePolicy struct {
	// SoftBytes and SoftPercent of the volume, whichever is less, must stay free:
	// below that new work is refused. Defaults 512 MiB, 5.
	SoftBytes   uint64
	SoftPercent uint64

	// ReserveBytes are taken up while there is room and given back when there is
	// not, so that what operators do then can still be written. Default: none.
	ReserveBytes uint64

	// Every is how often the volume is asked; default 1 s.
	Every time.Duration
}

func (p SpacePolicy) withDefaults() SpacePolicy {
	if p.SoftBytes == 0 {
		p.SoftBytes = 512 << 20
	}
	if p.SoftPercent == 0 {
		p.SoftPercent = 5
	}
	if p.Every == 0 {
		p.Every = time.Second
	}
	return p
}

// soft is how much of a volume must stay free.
func (p SpacePolicy) soft(total uint64) uint64 {
	return min(p.SoftBytes, total/100*p.SoftPercent)
}

// full judges a volume. One that was full must have room for the reserve and some
// more before it is not, or it would be so and not so in turn.
func (p SpacePolicy) full(s storage.Space, was bool) bool {
	if !s.Known {
		return false
	}
	soft := p.soft(s.Total)
	if was {
		return s.Free < soft+soft/10+p.ReserveBytes
	}
	return s.Free < soft
}

// A spaceWatch sees to it that work is refused before a disk is really full: a
// write that fails for want of room ends the node (storage.Guard). A leader on a
// full disk hands over; where there are no disks with room for a majority, it
// refuses what is not vital (fsm.Vital), so that operators, presence and closing
// stay possible.
type spaceWatch struct {
	disk     *storage.Disk
	reserve  *storage.Reserve // nil: none
	policy   SpacePolicy
	replica  *replica
	peers    *peerage
	handover *handover
	logger   hclog.Logger

	full    atomic.Bool   // this node's disk
	free    atomic.Uint64 // bytes, when last asked
	crowded atomic.Bool   // no majority has room; of a leader
}

func newSpaceWatch(o GroupOptions, r *replica, peers *peerage, h *handover) *spaceWatch {
	w := &spaceWatch{disk: o.Disk, policy: o.Upkeep.Space.withDefaults(), replica: r, peers: peers, handover: h, logger: o.Logger}
	if o.Upkeep.Space.ReserveBytes > 0 {
		w.reserve = o.Disk.Reserve(o.Upkeep.Space.ReserveBytes)
	}
	return w
}

const (
	// CodeDiskFull is the code of work that was refused for want of room.
	CodeDiskFull = "disk_full"

	reasonDiskFull fsm.Reason = CodeDiskFull

	// diskFullRetry is what a client is advised: room is made by people.
	diskFullRetry = 10 * time.Second
)

// run goes on until ctx ends.
func (w *spaceWatch) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.look(); err != nil {
			w.logger.Warn("cannot tell how full the disk is", "error", err)
		}
		if w.replica.leads() {
			w.lead(ctx)
		} else {
			w.crowded.Store(false)
		}
		sleep(ctx, w.policy.Every)
	}
}

// look asks the volume, and takes or gives back the reserve.
func (w *spaceWatch) look() error {
	s, err := w.disk.Space()
	if err != nil || !s.Known {
		return err
	}
	was := w.full.Load()
	full := w.policy.full(s, was)
	w.free.Store(s.Free)
	w.full.Store(full)
	switch {
	case full && !was:
		w.logger.Error("the disk is nearly full: new work is refused unless a majority of the nodes has room; make room on this volume",
			"free_bytes", s.Free, "needed_bytes", w.policy.soft(s.Total))
	case was && !full:
		w.logger.Info("the disk has room again", "free_bytes", s.Free)
	}
	switch {
	case w.reserve == nil:
		return nil
	case full:
		return w.reserve.Release()
	case !w.reserve.Held() && s.Free > w.policy.ReserveBytes+2*w.policy.soft(s.Total):
		return w.reserve.Hold()
	}
	return nil
}

// lead is what a leader does about full disks.
func (w *spaceWatch) lead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, max(w.policy.Every, statsPatience))
	defer cancel()
	if !w.full.Load() {
		w.crowded.Store(!w.majorityHasRoom(ctx))
		return
	}
	w.crowded.Store(true)
	err := w.handover.transfer(ctx, func(r report) bool { return !r.stats.More.DiskFull })
	if err != nil && !errors.Is(err, ErrNoSuccessor) && ctx.Err() == nil {
		w.logger.Warn("the disk is full and another node could not take over", "error", err)
	}
}

// majorityHasRoom: without it, every entry takes room on a disk that has none. It
// does not judge nodes that are merely away.
func (w *spaceWatch) majorityHasRoom(ctx context.Context) bool {
	answers, asked, voters := w.peers.voters(ctx)
	room, full := 1, 0
	for range asked {
		select {
		case r := <-answers:
			switch {
			case r.err != nil:
			case r.stats.More.DiskFull:
				full++
			default:
				room++
			}
		case <-ctx.Done():
		}
	}
	return full == 0 || room > voters/2
}

func (w *spaceWatch) check() Check {
	c := Check{"disk", !w.full.Load(), fmt.Sprintf("%d MiB free", w.free.Load()>>20)}
	if !c.OK {
		c.Detail += "; nearly full, make room on the volume of the data directory"
	}
	return c
}

// admit splits items into those that are appended now and the outcomes of the
// others, which are at the places that refused names.
func (w *spaceWatch) admit(items []fsm.Item, view func() *fsm.State) (admitted []fsm.Item, refused []bool) {
	if !w.crowded.Load() || len(items) == 0 {
		return items, nil
	}
	s := view()
	refused = make([]bool, len(items))
	for i, it := range items {
		if refused[i] = !fsm.Vital(s, it); !refused[i] {
			admitted = append(admitted, it)
		}
	}
	return admitted, refused
}

// merge puts the outcomes of those that were admitted between those that were not.
func merge(outcomes []fsm.Outcome, refused []bool) []fsm.Outcome {
	if refused == nil {
		return outcomes
	}
	all := make([]fsm.Outcome, 0, len(refused))
	for _, no := range refused {
		if no {
			all = append(all, fsm.Outcome{Rejection: &fsm.Rejection{Reason: reasonDiskFull, Detail: diskFullText}})
			continue
		}
		all, outcomes = append(all, outcomes[0]), outcomes[1:]
	}
	return all
}

const diskFullText = "the disks of the cluster are nearly full: presence and closing go on, new work does not; make room, or add a node with room"

func isDiskFull(o fsm.Outcome) bool {
	return o.Rejection != nil && o.Rejection.Reason == reasonDiskFull
}
