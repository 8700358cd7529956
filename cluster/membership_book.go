package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/raft"

	"github.com/rondohq/rondo/fsm"
)

// A book is what a leader has seen of the servers, and since when. It begins anew
// with each term: what another leader has seen is not known here.
type book struct {
	replica  *replica
	peers    *peerage
	overview *overview
	policy   MembershipPolicy

	mu    sync.Mutex
	term  uint64
	lines map[string]*bookLine
}

type bookLine struct {
	healthySince time.Time // zero: it is not
	answeredAt   time.Time
}

// survey asks every server how it is and returns what is known of each, in the
// order of Raft's configuration. It waits half a second for those that do not
// answer.
func (b *book) survey(ctx context.Context) []server {
	servers := b.replica.servers()
	last := b.replica.raft.LastIndex()
	answers := make([]*Stats, len(servers))
	var asking sync.WaitGroup
	for i, s := range servers {
		asking.Go(func() {
			if s.ID == b.replica.self {
				own := b.overview.stats()
				answers[i] = &own
			} else if stats, err := b.peers.stats(ctx, string(s.Address)); err == nil && stats.NodeID == string(s.ID) {
				answers[i] = &stats
			}
		})
	}
	asking.Wait()
	nodes := b.replica.machine.Latest().Nodes
	now, term := time.Now(), b.replica.raft.CurrentTerm()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.term != term {
		b.term, b.lines = term, nil
	}
	fresh := make(map[string]*bookLine, len(servers))
	list := make([]server, len(servers))
	for i, s := range servers {
		line := b.lines[string(s.ID)]
		if line == nil {
			line = &bookLine{answeredAt: now}
		}
		line.see(now, answers[i] != nil, answers[i] != nil && b.healthy(*answers[i], s.ID, last))
		_, announced := nodes.Known(fsm.NodeID(s.ID))
		list[i] = line.server(now)
		list[i].id, list[i].address = string(s.ID), string(s.Address)
		list[i].voter, list[i].announced = s.Suffrage == raft.Voter, announced
		fresh[string(s.ID)] = line
	}
	b.lines = fresh
	return list
}

// healthy: it has nearly all of the log and hears its leader.
func (b *book) healthy(s Stats, id raft.ServerID, last uint64) bool {
	hears := id == b.replica.self || s.More.HearsLeader && time.Duration(s.More.ContactMs)*time.Millisecond < staleContact
	return hears && s.HasState && s.Applied+b.policy.MaxLag >= last
}

func (l *bookLine) see(now time.Time, answers, healthy bool) {
	if answers {
		l.answeredAt = now
	}
	switch {
	case !healthy:
		l.healthySince = time.Time{}
	case l.healthySince.IsZero():
		l.healthySince = now
	}
}

func (l *bookLine) server(now time.Time) server {
	s := server{healthy: !l.healthySince.IsZero(), silentFor: now.Sub(l.answeredAt)}
	if s.healthy {
		s.healthyFor = now.Sub(l.healthySince)
	}
	return s
}

// configure notes where the newest configuration of Raft stands in the log.
func (p *progress) configure(index uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.configured = max(p.configured, index)
}

func (p *progress) configuredAt() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.configured
}
