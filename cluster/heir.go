package cluster

import (
	"context"
	"errors"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

const (
	// probes is how often an heir looks whether the leader's port is still open: a
	// process that is dying may close it a moment after its connections; on a busy
	// machine, well after them.
	probes        = 20
	probePause    = 10 * time.Millisecond
	probePatience = 500 * time.Millisecond

	// heirStagger is between the candidacies of two heirs of one leader: longer than
	// two votes take on their disks, so that the first has won by then.
	heirStagger = 40 * time.Millisecond

	// heirDoubt is how much longer the next heir waits when somebody stands already
	// and has not won. It may have: its first heartbeat is under way.
	heirDoubt = 100 * time.Millisecond

	// standPatience is how long Raft may be too busy to hear that it shall stand.
	standPatience = 200 * time.Millisecond
)

// An heir stands for election as soon as the process of the leader is known to be
// dead, rather than when it has been silent for a heartbeat and the others believe
// it, too (twice a heartbeat, 480 to 850 ms). A kernel tells of the death of a
// process at once: it ends its connections, and refuses new ones.
//
// Only that counts: the leader ended a connection over which it had called us, and
// its port refuses another. A machine that is gone, a network that is cut and a
// process that was stopped refuse nothing, and are left to the heartbeat, as is a
// leader that was started again so fast that its port is open.
//
// The heirs of one leader go in the order of their ids, heirStagger apart. Where the
// first cannot win, since another has more of the log, that one follows. Each stands
// at most once a term, so a mistake costs at most one election for each voter and
// term: a firewall that rejects our calls, ends the leader's calls to us, and lets
// it reach a majority looks like a death. (The next leader is then somebody whom
// that firewall does not divide from us, or divides once more.)
//
// It uses what Raft has for a transfer of leadership (TimeoutNow): no pre-vote, and
// votes also from who still believes in the leader. That bears on liveness only.
// Any node may stand at any time; a vote still needs the whole log, a leader still
// a majority, and one that is deposed by mistake commits nothing more, since
// whoever voted is in a later term. Nothing here trusts a leader's lease: writes
// are entries, a linearizable read is an entry too (Group.Fence), and VerifyLeader
// is never asked.
type heir struct {
	replica *replica
	leader  *leaderWatch
	links   Connections
	logger  hclog.Logger

	mu         sync.Mutex     // of whoever puts a suspicion
	suspicions chan suspicion // the newest one: there is one leader
	stood      uint64         // the newest term in which it stood
}

// A suspicion is that the leader of a term is dead.
type suspicion struct {
	term    uint64
	leader  raft.ServerID
	address raft.ServerAddress
}

func newHeir(o GroupOptions, r *replica, leader *leaderWatch) *heir {
	return &heir{replica: r, leader: leader, links: o.Connections, logger: o.Logger, suspicions: make(chan suspicion, 1)}
}

// lost is told that a node ended a connection. It returns at once.
func (h *heir) lost(id string) {
	term := h.replica.raft.CurrentTerm()
	address, leader := h.replica.raft.LeaderWithID()
	if string(leader) != id || leader == h.replica.self {
		return
	}
	h.suspect(suspicion{term, leader, address})
}

// suspect keeps the suspicion of the newest term for run. A node has more than one
// connection to its leader, so an older one may still lie there when the next
// leader dies, too, and must not stand in its way.
func (h *heir) suspect(s suspicion) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case old := <-h.suspicions:
		if old.term > s.term {
			s = old
		}
	default:
	}
	h.suspicions <- s // there is room: nobody else puts one
}

// run looks into suspicions, one after another, until ctx ends.
func (h *heir) run(ctx context.Context) {
	for {
		select {
		case s := <-h.suspicions:
			if h.inherits(ctx, s) {
				h.stand(ctx, s)
			}
		case <-ctx.Done():
			return
		}
	}
}

// inherits says, when it is this node's turn, whether it has to stand.
func (h *heir) inherits(ctx context.Context, s suspicion) bool {
	place, voter := placeAmong(h.replica.servers(), h.replica.self, s.leader)
	if !voter || h.stood >= s.term {
		return false
	}
	if err := h.dead(ctx, string(s.address)); err != nil {
		h.logger.Info("the leader ended a connection, which is no death", "leader", string(s.leader), "reason", err)
		return false
	}
	sleep(ctx, time.Duration(place)*heirStagger)
	return h.vacant(ctx, s) && ctx.Err() == nil
}

func (h *heir) stand(ctx context.Context, s suspicion) {
	h.stood = h.replica.raft.CurrentTerm()
	h.logger.Warn("the leader's process is dead, standing for election", "leader", string(s.leader), "address", string(s.address), "term", h.stood)
	ctx, cancel := context.WithTimeout(ctx, standPatience)
	defer cancel()
	if err := h.links.Stand(ctx); err != nil {
		h.logger.Warn("could not stand for election", "error", err)
	}
}

var errListening = errors.New("its port is open")

// dead returns nil if the machine at address says that nobody listens there, and
// otherwise what it did instead.
func (h *heir) dead(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	for range probes {
		switch err := h.links.Probe(ctx, address); {
		case errors.Is(err, syscall.ECONNREFUSED):
			return nil
		case err != nil:
			return err
		}
		sleep(ctx, probePause)
	}
	return errListening
}

// vacant says whether nobody has followed the dead leader. Somebody who stands at
// this moment is given time to win.
func (h *heir) vacant(ctx context.Context, s suspicion) bool {
	r := h.replica.raft
	now := r.CurrentTerm()
	if now == s.term {
		_, leader := r.LeaderWithID()
		return r.State() == raft.Follower && (leader == s.leader || leader == "")
	}
	ctx, cancel := context.WithTimeout(ctx, heirDoubt)
	defer cancel()
	for ctx.Err() == nil {
		changed := h.leader.next()
		if _, leader := r.LeaderWithID(); leader != "" {
			return false
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return r.State() == raft.Follower && r.CurrentTerm() == now
}

// placeAmong counts the voters, without the leader, whose ids come before that of
// self; false if self is no voter.
func placeAmong(servers []raft.Server, self, leader raft.ServerID) (place int, voter bool) {
	voter = slices.ContainsFunc(servers, func(s raft.Server) bool { return s.ID == self && s.Suffrage == raft.Voter })
	for _, s := range servers {
		if s.Suffrage == raft.Voter && s.ID != leader && s.ID < self {
			place++
		}
	}
	return place, voter
}
