package cluster

import (
	"cmp"
	"slices"
	"time"
)

// What may be changed, and what should be, as pure functions of what the leader
// sees. hashicorp/raft-autopilot is not used: it keeps to no odd number of votes
// and to no limit, its changes do not name the configuration they were decided
// on, and it wants to own the removal of the dead, which we guard like any other.

// A server is a server of Raft's configuration as its leader sees it.
type server struct {
	id, address string
	voter       bool
	announced   bool          // it has a row in the node table
	healthy     bool          // it answers, hears us, and is not far behind
	healthyFor  time.Duration // without a break
	silentFor   time.Duration // since it answered last
}

// census counts voters.
type census struct{ voters, healthy int }

func count(servers []server) (c census) {
	for _, s := range servers {
		if s.voter {
			c.voters++
			if s.healthy {
				c.healthy++
			}
		}
	}
	return c
}

func quorum(voters int) int { return voters/2 + 1 }

// mayRemove returns why a server must not be removed, or nil. Enough of the voters
// that remain must be healthy: otherwise the change could not be committed, or the
// next failure would end it all.
func mayRemove(servers []server, id string) *Refusal {
	at := slices.IndexFunc(servers, func(s server) bool { return s.id == id })
	switch {
	case at < 0:
		return refusal(CodeUnknownNode, "there is no node %q in the cluster", id)
	case !servers[at].voter:
		return nil
	}
	left := count(slices.Concat(servers[:at], servers[at+1:]))
	switch {
	case left.voters == 0:
		return refusal(CodeLastVoter, "%s is the only voter: without it there is no cluster. Add another node first and wait until it votes, or stop this one for good", id)
	case left.healthy < quorum(left.voters):
		return refusal(CodeNoQuorum, "without %s only %d of %d voters would be healthy, and %d are needed. Bring the others back, or remove those that are dead first",
			id, left.healthy, left.voters, quorum(left.voters))
	}
	return nil
}

// nextVoter returns the server without a vote that should get one now. There is an
// odd number of votes, since an even one survives no more failures, and at most
// MaxVoters. Who has been stable longest comes first.
func nextVoter(servers []server, p MembershipPolicy) (server, bool) {
	now := count(servers)
	var ready []server
	for _, s := range servers {
		if !s.voter && s.announced && s.healthy && s.healthyFor >= p.StableFor {
			ready = append(ready, s)
		}
	}
	goal := min(now.voters+len(ready), p.MaxVoters)
	if goal%2 == 0 {
		goal--
	}
	if len(ready) == 0 || now.voters >= goal || now.healthy+1 < quorum(now.voters+1) {
		return server{}, false
	}
	return slices.MinFunc(ready, func(a, b server) int {
		return cmp.Or(cmp.Compare(b.healthyFor, a.healthyFor), cmp.Compare(a.id, b.id))
	}), true
}

// minVotersKept: removing the dead by ourselves never leaves fewer votes.
const minVotersKept = 3

// nextDead returns the server that has been silent for too long.
func nextDead(servers []server, p MembershipPolicy) (server, bool) {
	if p.RemoveDeadAfter <= 0 {
		return server{}, false
	}
	voters := count(servers).voters
	for _, s := range servers {
		if s.silentFor < p.RemoveDeadAfter || s.voter && voters <= minVotersKept {
			continue
		}
		if mayRemove(servers, s.id) == nil {
			return s, true
		}
	}
	return server{}, false
}
