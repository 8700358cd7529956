package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

const (
	// forwardLimit bounds one try through another node; a leader that takes longer
	// has probably lost its majority and does not know yet.
	forwardLimit = 5 * time.Second

	// forwardWindow is how many batches a follower has under way: one in the log
	// and one in the leader's queue.
	forwardWindow = 2

	// appendLimit bounds one try on the leader itself. Raft answers while it runs,
	// and the watchdog of the disk ends a node that does not write for 10 s; asking
	// sooner would only put the items into the log a second time.
	appendLimit = 15 * time.Second
)

// A courier carries batches to the leader: into the log, when this node is the
// leader in office, and otherwise to the node that it believes to lead.
type courier struct {
	replica *replica
	office  *office
	leader  *leaderWatch
	peers   *peerage
	space   *spaceWatch
}

// carry implements carrier.
func (c *courier) carry(ctx context.Context, items []fsm.Item, operators int) (carried, error) {
	if stamp, leads := c.office.stamp(c.replica.raft.CurrentTerm()); leads {
		ctx, cancel := context.WithTimeout(ctx, appendLimit)
		defer cancel()
		return c.append(ctx, stamp, items)
	}
	ctx, cancel := context.WithTimeout(ctx, forwardLimit)
	defer cancel()
	// When the leader changes, the old one's answer is not worth waiting for. The
	// watch begins before the look, or a change between the two would be missed.
	asking, stop := c.leader.until(ctx)
	defer stop()
	address, id := c.replica.raft.LeaderWithID()
	switch id {
	case "":
		return carried{}, errNoLeader
	case c.replica.self:
		return carried{}, errNotReady
	}
	done, err := c.forward(asking, string(address), proposeRequest{items, uint32(operators)})
	if err != nil {
		return carried{}, err
	}
	if err := c.replica.machine.applied.wait(ctx, done.Index); err != nil {
		return carried{}, fmt.Errorf("%w: %w", err, errUncertain)
	}
	return carried{done.Outcomes, done.Index}, nil
}

// window implements carrier. A leader has one entry under way: what comes
// meanwhile makes the next one larger. A follower sends what waits while its last
// batch is still being written, so that it stands in the leader's queue when the
// next entry is made; otherwise each of its calls would take two entries.
func (c *courier) window() int {
	if c.replica.leads() {
		return 1
	}
	return forwardWindow
}

// append writes what there is room for. With nothing left it is a fence: the
// answers of refused items, too, come with an index.
func (c *courier) append(ctx context.Context, stamp int64, items []fsm.Item) (carried, error) {
	admitted, refused := c.space.admit(items, c.replica.machine.Latest)
	done, err := c.replica.append(ctx, stamp, admitted)
	if err != nil {
		return carried{}, err
	}
	return carried{merge(done.outcomes, refused), done.index}, nil
}

// retry implements carrier.
func (c *courier) retry() <-chan struct{} { return c.leader.next() }

// forward asks the leader at address for the outcomes of items.
func (c *courier) forward(ctx context.Context, address string, request proposeRequest) (proposeAnswer, error) {
	var done proposeAnswer
	f := wire.Frame{Kind: wire.Fence, Hops: 1}
	if len(request.Items) > 0 {
		payload, err := frameEncoding.Marshal(request)
		if err != nil {
			return done, fmt.Errorf("encode items: %w: %w", err, errNotUnderstood)
		}
		f.Kind, f.Payload = wire.Propose, payload
	}
	reply, err := c.peers.call(ctx, address, f)
	switch {
	case errors.Is(err, wire.ErrNotSent):
		return done, fmt.Errorf("forward to the leader: %w", err)
	case err != nil:
		return done, fmt.Errorf("forward to the leader: %w: %w", err, errUncertain)
	}
	switch reply.ErrorCode {
	case "":
	case codeNotLeader, wire.CodeNotReady:
		return done, fmt.Errorf("forward to the leader: %s", reply.ErrorText)
	case codeBadFrame:
		return done, fmt.Errorf("forward to the leader: %s: %w", reply.ErrorText, errNotUnderstood)
	default:
		return done, fmt.Errorf("forward to the leader: %s: %w", reply.ErrorText, errUncertain)
	}
	if err := frameDecoding.Unmarshal(reply.Payload, &done); err != nil {
		return done, fmt.Errorf("decode the leader's answer: %w: %w", err, errUncertain)
	}
	if len(done.Outcomes) != len(request.Items) {
		return done, fmt.Errorf("the leader answered %d of %d items: %w", len(done.Outcomes), len(request.Items), errUncertain)
	}
	return done, nil
}
