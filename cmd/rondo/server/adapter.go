package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi"
)

// backend is what the API sees of the node: it implements httpapi.Cluster. The
// errors of package cluster are httpapi.Unavailable as they are.
type backend struct {
	group    *cluster.Group
	insecure bool
	draining atomic.Bool
}

var (
	_ httpapi.Cluster     = (*backend)(nil)
	_ httpapi.Unavailable = (*cluster.Error)(nil)
)

// Propose implements httpapi.Cluster.
func (b *backend) Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	return b.group.Propose(lane(ctx), it)
}

// Read implements httpapi.Cluster.
func (b *backend) Read(ctx context.Context, stale bool, minIndex uint64) (*fsm.State, error) {
	index := minIndex
	if !stale {
		fence, err := b.group.Fence(lane(ctx))
		if err != nil {
			return nil, err
		}
		index = max(index, fence)
	}
	if err := b.group.WaitApplied(ctx, index); err != nil {
		return nil, err
	}
	if stale && !b.group.CaughtUp() {
		return nil, notReady{}
	}
	return b.group.Latest(), nil
}

// lane lets calls of operators go first in the cluster, too.
func lane(ctx context.Context) context.Context {
	if httpapi.IsOperator(ctx) {
		return cluster.WithOperator(ctx)
	}
	return ctx
}

// Applied implements httpapi.Cluster.
func (b *backend) Applied() uint64 { return cluster.Applied(b.group) }

// Await implements httpapi.Cluster.
func (b *backend) Await(ctx context.Context, index uint64) error {
	return b.group.WaitApplied(ctx, index)
}

// Age implements httpapi.Cluster.
func (b *backend) Age() time.Duration { return cluster.Age(b.group) }

// notReady refuses a stale read on a node that was started and has not caught up
// once: it would go back in time, and an empty answer would look like an empty
// cluster.
type notReady struct{}

func (notReady) Error() string {
	return "this node was started and has not caught up with the cluster yet"
}
func (notReady) Code() string              { return cluster.CodeNotReady }
func (notReady) Outcome() string           { return cluster.Rejected }
func (notReady) RetryAfter() time.Duration { return time.Second }

// View implements httpapi.Cluster. Index 0 asks for what this node has now: the
// last view that somebody needed may be hours old where nobody calls.
func (b *backend) View(index uint64) *fsm.State {
	if index == 0 {
		return b.group.Latest()
	}
	return b.group.View(index)
}

// Copy implements httpapi.Cluster.
func (b *backend) Copy() *fsm.State { return cluster.Copy(b.group) }

// Changed implements httpapi.Cluster.
func (b *backend) Changed() <-chan struct{} { return b.group.Changed() }

// Nodes implements httpapi.Cluster.
func (b *backend) Nodes(ctx context.Context) ([]httpapi.NodeStatus, error) {
	var list []httpapi.NodeStatus
	for _, n := range b.group.Nodes(ctx) {
		role := "nonvoter"
		if n.Voter {
			role = "voter"
		}
		list = append(list, httpapi.NodeStatus{
			ID: n.ID, HTTP: n.HTTP, Cluster: n.Cluster, Role: role, Leader: n.Leader,
			AppliedIndex: n.Applied, PID: n.PID, Version: n.Version, Reachable: n.Reachable,
			NodeCondition: httpapi.NodeCondition{
				Healthy: n.Healthy, Reason: n.Reason, LagEntries: n.Lag, LastContactMs: n.LastContact.Milliseconds(),
				ClockSkewMs: n.Skew.Milliseconds(), Zone: n.Zone, Region: n.Region,
				DiskRoom: httpapi.DiskRoom{Full: n.DiskFull, Free: n.DiskFree},
			},
		})
	}
	return list, nil
}

// Health implements httpapi.Cluster.
func (b *backend) Health() []httpapi.Check {
	var list []httpapi.Check
	for _, c := range b.group.Health() {
		list = append(list, httpapi.Check{Name: c.Name, OK: c.OK, Detail: c.Detail})
	}
	draining := httpapi.Check{Name: "draining", OK: !b.draining.Load(), Detail: "not stopping"}
	if !draining.OK {
		draining.Detail = "this node is about to stop"
	}
	security := httpapi.Check{Name: "security", OK: true, Detail: "no TLS and no tokens yet; listening on loopback only"}
	if b.insecure {
		security.Detail = "INSECURE: no TLS and no tokens yet, and listening beyond loopback (insecure_listen)"
	}
	return append(list, draining, security)
}

// Alive implements httpapi.Cluster.
func (b *backend) Alive() error {
	if b.group == nil {
		return errors.New("the node has not started")
	}
	return nil
}
