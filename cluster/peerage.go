package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/rondohq/rondo/cluster/wire"
)

// statsPatience is how long a node may take to say how it is.
const statsPatience = 500 * time.Millisecond

// A peerage asks the other nodes of the group.
type peerage struct {
	pool    Caller
	group   uint64
	replica *replica
}

// call sends a frame to the node at address.
func (p *peerage) call(ctx context.Context, address string, f wire.Frame) (wire.Frame, error) {
	f.Group = p.group
	return p.pool.Call(ctx, address, f)
}

// stats asks the node at address how it is.
func (p *peerage) stats(ctx context.Context, address string) (Stats, error) {
	return askStats(ctx, p.pool, p.group, address)
}

// A report is what a voter said of itself, and when, by the monotonic clock of
// the node that asked: half the round trip before the answer came; or why it said
// nothing.
type report struct {
	peer  peer
	stats Stats
	at    time.Time
	err   error
}

// voters asks the other voters at once, and yields a report on each as it comes.
// The channel takes them all, so it may be left; it is never closed. The number
// of voters counts this node too.
func (p *peerage) voters(ctx context.Context) (answers <-chan report, asked, voters int) {
	others, voters := p.replica.peers()
	reports := make(chan report, len(others))
	for _, other := range others {
		if !other.voter {
			continue
		}
		asked++
		go func() {
			began := time.Now()
			s, err := p.stats(ctx, other.address)
			reports <- report{other, s, began.Add(time.Since(began) / 2), err}
		}()
	}
	return reports, asked, voters
}

func askStats(ctx context.Context, pool Caller, group uint64, address string) (Stats, error) {
	ctx, cancel := context.WithTimeout(ctx, statsPatience)
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
