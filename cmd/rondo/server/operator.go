package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/httpapi"
)

// An operator is what the API changes the membership with. It implements
// httpapi.Operator.
type operator struct {
	self    string
	members *cluster.Members
	left    chan struct{} // closed when this node has left the cluster
	once    sync.Once
}

var _ httpapi.Operator = (*operator)(nil)

func newOperator(self string, m *cluster.Members) *operator {
	return &operator{self: self, members: m, left: make(chan struct{})}
}

// AddNode implements httpapi.Operator.
func (o *operator) AddNode(ctx context.Context, id, address string) (string, error) {
	added, err := o.members.Add(ctx, id, address)
	return added, refused(err)
}

// RemoveNode implements httpapi.Operator.
func (o *operator) RemoveNode(ctx context.Context, id string) error {
	return refused(o.members.Remove(ctx, id))
}

// Leave implements httpapi.Operator. The answer is sent before the node stops,
// since stopping waits for calls that are under way.
func (o *operator) Leave(ctx context.Context) (string, error) {
	if err := o.members.Leave(ctx); err != nil {
		return "", refused(err)
	}
	o.once.Do(func() { close(o.left) })
	return o.self, nil
}

// Transfer implements httpapi.Operator.
func (o *operator) Transfer(ctx context.Context, to string) (string, error) {
	leader, err := o.members.Transfer(ctx, to)
	return leader, refused(err)
}

func refused(err error) error {
	var no *cluster.Refusal
	if errors.As(err, &no) {
		return &httpapi.MemberRefusal{Code: no.Code(), Detail: no.Error()}
	}
	return err
}

// Bounds of the settings of membership.
const (
	votersMax       = 9
	stableMsMax     = 24 * 3600 * 1000
	removeHoursMax  = 24 * 365
	autoNodeID      = "auto"
	autoNodeIDBytes = 8
)

func (c *ClusterConfig) membership() cluster.MembershipPolicy {
	return cluster.MembershipPolicy{
		MaxVoters: c.MaxVoters, StableFor: time.Duration(c.StableMs) * time.Millisecond,
		RemoveDeadAfter: time.Duration(c.RemoveDeadAfterHours) * time.Hour,
	}
}

func (c *ClusterConfig) checkMembership() (errs []error) {
	if c.MaxVoters < 1 || c.MaxVoters > votersMax || c.MaxVoters%2 == 0 {
		errs = append(errs, fmt.Errorf("cluster.max_voters is %d: use 1, 3, 5, 7 or 9; an even number survives no more failures", c.MaxVoters))
	}
	if c.StableMs < 1 || c.StableMs > stableMsMax {
		errs = append(errs, fmt.Errorf("cluster.stable_ms is %d: use 1 to %d", c.StableMs, stableMsMax))
	}
	if c.RemoveDeadAfterHours < 0 || c.RemoveDeadAfterHours > removeHoursMax {
		errs = append(errs, fmt.Errorf("cluster.remove_dead_after_hours is %d: use 1 to %d, or 0 for never", c.RemoveDeadAfterHours, removeHoursMax))
	}
	return errs
}

// findNodeID resolves node_id = "auto": the id that the data directory was made
// with, or a new one for an empty directory. So a wiped machine comes back under a
// new id, as it must.
func (c *Config) findNodeID() error {
	if c.NodeID != autoNodeID {
		return nil
	}
	kept, err := storage.NodeIDOf(c.DataDir)
	if err != nil {
		return fmt.Errorf("find the node id: %w", err)
	}
	if c.NodeID = kept; kept != "" {
		return nil
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return fmt.Errorf("find a node id: %w", err)
	}
	c.NodeID = "node-" + id.String()[:autoNodeIDBytes]
	return nil
}
