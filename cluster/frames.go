package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/rondohq/rondo/cluster/wire"
	"github.com/rondohq/rondo/fsm"
)

// What stands in the payloads of frames. Field numbers are for ever.

type proposeRequest struct {
	Items []fsm.Item `cbor:"1,keyasint"`
}

type proposeAnswer struct {
	Outcomes []fsm.Outcome `cbor:"1,keyasint"`
	Index    uint64        `cbor:"2,keyasint"`
}

// Stats is what a node says of itself.
type Stats struct {
	NodeID    string `cbor:"1,keyasint"`
	ClusterID string `cbor:"2,keyasint"`
	Version   string `cbor:"3,keyasint"`
	PID       int    `cbor:"4,keyasint"`
	ClockMs   int64  `cbor:"5,keyasint"` // its wall clock
	Applied   uint64 `cbor:"6,keyasint"`
	LastIndex uint64 `cbor:"7,keyasint"`
	HasState  bool   `cbor:"8,keyasint"` // Raft has written to its disk
	Leader    bool   `cbor:"9,keyasint"` // it leads and is ready
}

// Error codes of answers. The first says that nothing was appended.
const (
	codeNotLeader = "not_leader"
	codeUncertain = "uncertain"
	codeBadFrame  = "bad_frame"
)

var (
	frameEncoding, errFrameEncoding = cbor.CoreDetEncOptions().EncMode()
	frameDecoding, errFrameDecoding = cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, MaxArrayElements: 4096, MaxNestedLevels: 16,
	}.DecMode()
)

// handle answers a frame of another node.
func (g *Group) handle(ctx context.Context, _ string, f wire.Frame) wire.Frame {
	switch f.Kind {
	case wire.Propose, wire.Fence:
		return g.handlePropose(ctx, f)
	case wire.Stats:
		return answer(g.stats())
	default:
		return refuse(codeBadFrame, fmt.Sprintf("frame kind %d is unknown to this binary", f.Kind))
	}
}

// handlePropose puts the items of a follower among our own proposals. Only a
// leader does: a node that guessed who leads would send them round in circles.
func (g *Group) handlePropose(ctx context.Context, f wire.Frame) wire.Frame {
	if !g.office.ready() {
		return refuse(codeNotLeader, errNotReady.Error())
	}
	request := proposeRequest{}
	if f.Kind == wire.Propose {
		if err := frameDecoding.Unmarshal(f.Payload, &request); err != nil {
			return refuse(codeBadFrame, err.Error())
		}
		if len(request.Items) > fsm.MaxEntryItems {
			return refuse(codeBadFrame, fmt.Sprintf("%d items, at most %d are allowed", len(request.Items), fsm.MaxEntryItems))
		}
	}
	proposals := make([]*proposal, 0, len(request.Items)+1)
	for i := range request.Items {
		proposals = append(proposals, newProposal(ctx, &request.Items[i]))
	}
	if len(proposals) == 0 {
		proposals = append(proposals, newProposal(ctx, nil))
	}
	for _, p := range proposals {
		g.batcher.submit(p)
	}
	return g.gather(proposals)
}

// gather waits for all of them. Where one may have been appended and another was
// not, the whole answer is uncertain, and the follower asks again.
func (g *Group) gather(proposals []*proposal) wire.Frame {
	reply := proposeAnswer{}
	failed, sure := error(nil), 0
	for _, p := range proposals {
		r := p.await()
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

func answer(payload any) wire.Frame {
	data, err := frameEncoding.Marshal(payload)
	if err != nil {
		return refuse(codeUncertain, err.Error())
	}
	return wire.Frame{Payload: data}
}

func refuse(code, text string) wire.Frame { return wire.Frame{ErrorCode: code, ErrorText: text} }

// forward carries items to the leader at address.
func (g *Group) forward(ctx context.Context, address string, items []fsm.Item) (carried, error) {
	f := wire.Frame{Group: g.id, Kind: wire.Fence, Hops: 1}
	if len(items) > 0 {
		payload, err := frameEncoding.Marshal(proposeRequest{items})
		if err != nil {
			return carried{}, fmt.Errorf("encode items: %w", err)
		}
		f.Kind, f.Payload = wire.Propose, payload
	}
	reply, err := g.options.Pool.Call(ctx, address, f)
	switch {
	case errors.Is(err, wire.ErrNotSent):
		return carried{}, fmt.Errorf("forward to the leader: %w", err)
	case err != nil:
		return carried{}, fmt.Errorf("forward to the leader: %w: %w", err, errUncertain)
	case reply.ErrorCode == codeNotLeader, reply.ErrorCode == wire.CodeNotReady:
		return carried{}, fmt.Errorf("forward to the leader: %s", reply.ErrorText)
	case reply.ErrorCode != "":
		return carried{}, fmt.Errorf("forward to the leader: %s: %w", reply.ErrorText, errUncertain)
	}
	var done proposeAnswer
	if err := frameDecoding.Unmarshal(reply.Payload, &done); err != nil {
		return carried{}, fmt.Errorf("decode the leader's answer: %w: %w", err, errUncertain)
	}
	if len(done.Outcomes) != len(items) {
		return carried{}, fmt.Errorf("the leader answered %d of %d items: %w", len(done.Outcomes), len(items), errUncertain)
	}
	if err := g.machine.applied.wait(ctx, done.Index); err != nil {
		return carried{}, fmt.Errorf("%w: %w", err, errUncertain)
	}
	return carried{done.Outcomes, done.Index}, nil
}

// askStats asks a node for its stats.
func (g *Group) askStats(ctx context.Context, address string) (Stats, error) {
	return askStats(ctx, g.options.Pool, g.id, address)
}

func askStats(ctx context.Context, pool Caller, group uint64, address string) (Stats, error) {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	reply, err := pool.Call(ctx, address, wire.Frame{Group: group, Kind: wire.Stats})
	if err != nil {
		return Stats{}, fmt.Errorf("ask %s for its stats: %w", address, err)
	}
	if reply.ErrorCode != "" {
		return Stats{}, fmt.Errorf("ask %s for its stats: %s", address, reply.ErrorText)
	}
	var s Stats
	if err := frameDecoding.Unmarshal(reply.Payload, &s); err != nil {
		return Stats{}, fmt.Errorf("decode stats of %s: %w", address, err)
	}
	return s, nil
}
