package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// BenchmarkPropose opens conversations on three nodes of this process, with bolt
// on real disks and TCP over loopback: at so many callers at once, on the leader
// and on a follower. It tells conversations per second and the middle and the
// 99th percentile of how long a call takes.
//
//	go test ./cluster -run '^$' -bench Propose -benchtime 2s
func BenchmarkPropose(b *testing.B) {
	nodes := openTCPNodes(b)
	leader := slices.IndexFunc(nodes, func(n *Node) bool { return n.group.replica.leads() })
	for where, n := range map[string]*Node{"leader": nodes[leader], "follower": nodes[(leader+1)%3]} {
		for _, callers := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("%s/callers=%d", where, callers), func(b *testing.B) { benchmarkPropose(b, n.group, callers) })
		}
	}
}

var benchmarked atomic.Int64 // makes ids

func benchmarkPropose(b *testing.B, g *Group, callers int) {
	took := make([][]time.Duration, callers)
	var left atomic.Int64
	left.Store(int64(b.N))
	before := g.replica.raft.LastIndex()
	b.ResetTimer()
	began := time.Now()
	var calling sync.WaitGroup
	for c := range callers {
		calling.Go(func() {
			for left.Add(-1) >= 0 {
				start, id := time.Now(), fmt.Sprintf("b%d", benchmarked.Add(1))
				if _, _, err := g.Propose(b.Context(), itemOf(open(fsm.ConversationID(id)), id)); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	calling.Wait()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(len(all))/time.Since(began).Seconds(), "opens/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(len(all))/float64(g.replica.raft.LastIndex()-before), "opens/entry")
	b.ReportMetric(0, "ns/op") // the mean says nothing that these do not
}

func openTCPNodes(b *testing.B) []*Node {
	b.Helper()
	ports := freePorts(b, 3)
	var voters []Voter
	for i, p := range ports {
		voters = append(voters, Voter{fmt.Sprintf("n%d", i+1), p})
	}
	var nodes []*Node
	for i, v := range voters {
		n, err := OpenNode(NodeOptions{
			Self: Identity{AnnounceNode: fsm.AnnounceNode{ID: fsm.NodeID(v.ID), HTTP: "127.0.0.1:1", Cluster: v.Address,
				Version: "bench", Semantics: fsm.Semantics}, Collation: collation.Version},
			DataDir: b.TempDir(), Bind: ports[i], Bootstrap: Bootstrap{InitialVoters: voters}, Timing: LANTiming, Logger: hclog.NewNullLogger(),
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := n.Close(); err != nil {
				b.Error(err)
			}
		})
		nodes = append(nodes, n)
	}
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	setUpBench(ctx, b, nodes[0].group)
	return nodes
}

// setUpBench makes five agents available in one team with one inbox.
func setUpBench(ctx context.Context, b *testing.B, g *Group) {
	b.Helper()
	team := fsm.PutTeam{ID: "team", Name: "Team"}
	commands := []fsm.Command{fsm.PutContact{ID: "contact", Name: "Contact"}}
	for i := range 5 {
		id := agentCalled(i)
		commands = append(commands, fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version}, presence(i, "available"))
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
	}
	commands = append(commands, team, fsm.PutInbox{ID: "inbox", Name: "Inbox", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "team"}})
	for i, c := range commands {
		if outcome, _, err := g.Propose(ctx, itemOf(c, fmt.Sprintf("setup-%d", i))); err != nil || outcome.Rejection != nil {
			b.Fatalf("%T: %v %v", c, err, outcome.Rejection)
		}
	}
}
