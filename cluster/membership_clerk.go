package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/rondohq/rondo/cluster/wire"
)

// A memberRequest is the payload of a frame of kind wire.Members. Numbers are for
// ever.
type memberRequest struct {
	Act     uint8  `cbor:"1,keyasint"`
	ID      string `cbor:"2,keyasint,omitempty"`
	Address string `cbor:"3,keyasint,omitempty"`
}

const (
	actAdd      = 1
	actRemove   = 2
	actTransfer = 3
)

// A memberAnswer is what came of it: the node it was about, or a refusal.
type memberAnswer struct {
	ID     string `cbor:"1,keyasint,omitempty"`
	Code   string `cbor:"2,keyasint,omitempty"`
	Detail string `cbor:"3,keyasint,omitempty"`
}

// A clerk takes requests for changes of membership to the leader, and there takes
// those of other nodes.
type clerk struct {
	replica  *replica
	peers    *peerage
	leader   *leaderWatch
	standing *standing
	members  *membership
}

// ask carries out a request, here or on the leader, until ctx ends.
func (c *clerk) ask(ctx context.Context, r memberRequest) (memberAnswer, error) {
	if err := c.standing.reason(); err != nil {
		return memberAnswer{}, err
	}
	outcome, last := Rejected, errNoLeader
	for {
		changed := c.leader.next()
		done, err := c.try(ctx, r)
		var no *Refusal
		switch {
		case err == nil:
			return done, nil
		case errors.As(err, &no):
			return done, no
		case errors.Is(err, errUncertain):
			outcome = Unknown
		}
		last = err
		waited, cancel := context.WithTimeout(ctx, 10*retryPause)
		select {
		case <-changed:
		case <-waited.Done():
		}
		cancel()
		if ctx.Err() != nil {
			return done, &Error{CodeDeadline, outcome, retryAfter, fmt.Errorf("change the membership: %w", last)}
		}
	}
}

// try makes one attempt. An error other than a Refusal is worth another one.
func (c *clerk) try(ctx context.Context, r memberRequest) (done memberAnswer, err error) {
	address, id := c.replica.raft.LeaderWithID()
	switch id {
	case "":
		return done, errNoLeader
	case c.replica.self:
		return c.members.carryOut(ctx, r)
	}
	payload, err := frameEncoding.Marshal(r)
	if err != nil {
		return done, fmt.Errorf("encode the request: %w", err)
	}
	asking, stop := c.leader.until(ctx)
	defer stop()
	reply, err := c.peers.call(asking, string(address), wire.Frame{Kind: wire.Members, Hops: 1, Payload: payload})
	switch {
	case errors.Is(err, wire.ErrNotSent):
		return done, fmt.Errorf("ask the leader: %w", err)
	case err != nil:
		return done, fmt.Errorf("ask the leader: %w: %w", err, errUncertain)
	case reply.ErrorCode == codeUncertain:
		return done, fmt.Errorf("ask the leader: %s: %w", reply.ErrorText, errUncertain)
	case reply.ErrorCode != "":
		return done, fmt.Errorf("ask the leader: %s", reply.ErrorText)
	}
	if err := frameDecoding.Unmarshal(reply.Payload, &done); err != nil {
		return done, fmt.Errorf("decode the leader's answer: %w: %w", err, errUncertain)
	}
	if done.Code != "" {
		return done, &Refusal{done.Code, done.Detail}
	}
	return done, nil
}

// serve answers a frame of another node. Only a leader in office takes it.
func (c *clerk) serve(ctx context.Context, f wire.Frame) wire.Frame {
	var r memberRequest
	if err := frameDecoding.Unmarshal(f.Payload, &r); err != nil {
		return refuse(codeBadFrame, "decode the request: "+err.Error())
	}
	done, err := c.members.carryOut(ctx, r)
	var no *Refusal
	switch {
	case errors.As(err, &no):
		return answer(memberAnswer{Code: no.code, Detail: no.detail})
	case errors.Is(err, errUncertain):
		return refuse(codeUncertain, err.Error())
	case err != nil:
		return refuse(codeNotLeader, err.Error())
	}
	return answer(done)
}
