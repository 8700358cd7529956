package httpapi

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
)

const (
	// keeperName is who tops schedules up.
	keeperName = "system:schedule"

	// A keeper looks each second whether its node leads, so that a leader begins at
	// once: a cluster may have been off for longer than the horizon.
	keepInterval = time.Second
	keepRest     = 60 // looks, when all is taken
	keepRetry    = 2  // when something was not

	// topUpMs is how much of the horizon may pass before it is topped up.
	topUpMs = 24 * 3600 * 1000
)

// KeepSchedules tops up, on the node that leads, what is known ahead of schedules:
// each once a day, and within a minute where nothing is known or the zones of this binary
// are newer. What was not taken is proposed again. It uses the Cluster, Logger and
// Timeout of o, and returns when ctx ends. A node runs it once, in a goroutine of its
// own; self is its id.
func KeepSchedules(ctx context.Context, o Options, self fsm.NodeID) {
	k := newKeeper(o)
	looks := time.NewTicker(keepInterval)
	defer looks.Stop()
	for {
		k.look(ctx, self)
		select {
		case <-ctx.Done():
			return
		case <-looks.C:
		}
	}
}

// A keeper tops up schedules.
type keeper struct {
	cluster Cluster
	log     hclog.Logger
	timeout time.Duration
	rest    int                       // looks until the next one that does anything, while it leads
	stuck   map[fsm.ScheduleID]uint64 // revisions whose zone this binary does not know: complained about once
}

func newKeeper(o Options) *keeper {
	k := &keeper{cluster: o.Cluster, log: o.Logger, timeout: o.Timeout, stuck: map[fsm.ScheduleID]uint64{}}
	if k.log == nil {
		k.log = hclog.NewNullLogger()
	}
	if k.timeout <= 0 {
		k.timeout = DefaultTimeout
	}
	return k
}

// look does what is due, if the node leads.
func (k *keeper) look(ctx context.Context, self fsm.NodeID) {
	v := k.cluster.View(0)
	switch {
	case v.Leader != self:
		k.rest = 0
	case k.rest > 0:
		k.rest--
	case k.topUp(ctx, v):
		k.rest = keepRest
	default:
		k.rest = keepRetry
	}
}

// topUp proposes what is due by a view, and says whether all of it was taken.
func (k *keeper) topUp(ctx context.Context, v *fsm.State) bool {
	for row := range v.Schedules.FromID("") {
		if !dueForTopUp(row, v.NowMs) {
			continue
		}
		zone, err := hours.Load(row.Zone)
		if err != nil {
			if k.stuck[row.ID] != row.Revision {
				k.stuck[row.ID] = row.Revision
				k.log.Error("a schedule cannot be kept up; give it another zone", "schedule", row.ID, "error", err)
			}
			continue
		}
		if err := k.extend(ctx, fsm.ExtendSchedule{ID: row.ID, Revision: row.Revision, Ahead: horizonOf(zone, row.Hours, v.NowMs)}); err != nil {
			k.log.Debug("a schedule is not topped up yet", "schedule", row.ID, "error", err)
			return false
		}
	}
	return true
}

// dueForTopUp says whether more is to be known of a schedule. Of one with so many
// turns that the horizon is cut, half of them must have passed, or it would never be
// enough. A node with older zones leaves alone what newer ones gave.
func dueForTopUp(row fsm.Schedule, nowMs int64) bool {
	ahead := row.Ahead
	switch {
	case ahead.Zones < hours.Version:
		return true
	case ahead.Zones > hours.Version && ahead.UntilMs > nowMs+horizonMs/2:
		return false
	default:
		return ahead.UntilMs < nowMs+horizonMs-topUpMs && len(ahead.Turns) <= fsm.MaxTurns/2
	}
}

func (k *keeper) extend(ctx context.Context, command fsm.ExtendSchedule) error {
	key, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, operatorKey{}, true), k.timeout)
	defer cancel()
	item := fsm.NewItem(command, keeperName, "", fsm.Key{Source: fsm.KeyMinted, Text: mintedPrefix + key.String()})
	out, _, err := k.cluster.Propose(ctx, item)
	if err != nil {
		return fmt.Errorf("propose a top-up: %w", err)
	}
	if out.Rejection != nil { // it was changed or removed meanwhile: the next look sees that
		return out.Rejection
	}
	return nil
}
