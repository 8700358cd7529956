package cluster

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// restamps bounds how often an item that this node stamped wrongly is sent again.
const restamps = 3

// A desk takes proposals: of callers on this node, and of nodes that believe it
// to lead.
type desk struct {
	batcher *batcher
	machine *machine
	office  *office
	nudger  *nudger

	// knowsTime: this process has once caught up with a leader. Before that its
	// state may be a day old, and what it stamps would be refused as expired.
	knowsTime atomic.Bool

	behind milestone // what the newest call that ended here says of our state
}

// propose is Group.Propose.
func (d *desk) propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	if _, err := fsm.DecodeItem(it); err != nil {
		return fsm.Outcome{}, 0, rejected(CodeNotUnderstood, fmt.Errorf("%w: %w", err, errNotUnderstood))
	}
	if !d.knowsTime.Load() {
		if _, err := d.fence(ctx); err != nil {
			return fsm.Outcome{}, 0, err
		}
	}
	for try := 0; ; try++ {
		it.NotAfterMs = d.machine.nowMs() + fsm.MintedKeyLifeMs
		r := d.submit(ctx, &it)
		switch {
		case r.err != nil:
			return fsm.Outcome{}, 0, r.err
		case isExpired(r.outcome) && try < restamps && ctx.Err() == nil:
			// No copy was applied, and it was not late: this node did not know the
			// cluster's time. Now that it has applied the entry it does.
			continue
		default:
			return r.outcome, r.index, nil
		}
	}
}

// fence is Group.Fence.
func (d *desk) fence(ctx context.Context) (uint64, error) {
	r := d.submit(ctx, nil)
	if r.err != nil {
		return 0, r.err
	}
	d.knowsTime.Store(true)
	return r.index, nil
}

func (d *desk) submit(ctx context.Context, it *fsm.Item) result {
	began := time.Now()
	p := newProposal(ctx, it)
	d.batcher.submit(p)
	r := d.batcher.await(p)
	if r.err == nil {
		d.behind.reached(began)
	}
	return r
}

// serve answers a frame of another node. Only a leader in office takes it: a node
// that guessed who leads would send them round in circles.
func (d *desk) serve(ctx context.Context, from string, f wire.Frame) wire.Frame {
	if !d.office.ready() {
		return refuse(codeNotLeader, errNotReady.Error())
	}
	request, err := readRequest(f)
	if err != nil {
		return refuse(codeBadFrame, err.Error())
	}
	proposals := make([]*proposal, 0, len(request.Items)+1)
	operator := WithOperator(ctx)
	for i := range request.Items {
		lane := ctx
		if uint64(i) < uint64(request.Operators) {
			lane = operator
		}
		proposals = append(proposals, newProposal(lane, &request.Items[i]))
	}
	if len(proposals) == 0 {
		// A node has one fence under way, for all its readers.
		proposals = append(proposals, newProposal(operator, nil))
	}
	for _, p := range proposals {
		d.batcher.submit(p)
	}
	reply := d.gather(proposals)
	if reply.ErrorCode == "" {
		d.nudger.tell(from) // it answers when it has applied what we have
	}
	return reply
}

// readRequest refuses what this node could not read back from the log: one item
// too new for it would hold up everybody's.
func readRequest(f wire.Frame) (request proposeRequest, err error) {
	if f.Kind == wire.Fence {
		return request, nil
	}
	if err := frameDecoding.Unmarshal(f.Payload, &request); err != nil {
		return request, fmt.Errorf("decode items: %w", err)
	}
	if len(request.Items) > fsm.MaxEntryItems {
		return request, fmt.Errorf("%d items, at most %d are allowed", len(request.Items), fsm.MaxEntryItems)
	}
	for _, it := range request.Items {
		if _, err := fsm.DecodeItem(it); err != nil {
			return request, err
		}
	}
	return request, nil
}

// gather waits for all of them. Where one may have been appended and another was
// not, the whole answer is uncertain, and the follower asks again.
func (d *desk) gather(proposals []*proposal) wire.Frame {
	reply := proposeAnswer{}
	failed, sure := error(nil), 0
	for _, p := range proposals {
		r := d.batcher.await(p)
		if r.err != nil && r.err.code == CodeDiskFull && r.err.outcome == Rejected {
			r.err = nil // the outcome says it
		}
		if r.err != nil {
			failed = r.err
			if r.err.outcome == Rejected {
				sure++
			}
			continue
		}
		if p.item != nil {
			reply.Outcomes = append(reply.Outcomes, r.outcome)
		}
		reply.Index = max(reply.Index, r.index)
	}
	switch {
	case failed == nil:
		return answer(reply)
	case sure == len(proposals):
		return refuse(codeNotLeader, failed.Error())
	default:
		return refuse(codeUncertain, failed.Error())
	}
}
