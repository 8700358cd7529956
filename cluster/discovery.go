package cluster

import (
	"fmt"
	"time"

	"github.com/rondohq/rondo/cluster/gossip"
)

// GossipOptions says where a node gossips. Gossip only suggests: Raft's
// configuration and the replicated node table are the truth.
type GossipOptions struct {
	Bind      string   // host:port
	Advertise string   // host:port that others reach it under; "" is Bind
	Join      []string // host:port of some others
	Label     string   // nodes of another label are not heard
	SecretKey []byte   // 16, 24 or 32 bytes; nil: not encrypted
}

// A discovery finds other nodes by gossip and tells them about this one. Without
// gossip it is empty and finds nobody.
type discovery struct {
	node   *Node
	gossip *gossip.Gossip
}

func discover(n *Node) (*discovery, error) {
	d := &discovery{node: n}
	o := n.options.Gossip
	if o == nil {
		return d, nil
	}
	g, err := gossip.Start(gossip.Options{
		NodeID: string(n.options.Self.ID), Bind: o.Bind, Advertise: o.Advertise, Join: o.Join,
		Label: o.Label, SecretKey: o.SecretKey, Meta: d.meta(), Logger: n.options.Logger.Named("gossip"),
	})
	if err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	d.gossip = g
	n.group.Members.suggest(d.suggestions)
	n.running.Go(d.keepMeta)
	return d, nil
}

func (d *discovery) enabled() bool { return d.gossip != nil }

func (d *discovery) close() error {
	if d.gossip == nil {
		return nil
	}
	return d.gossip.Close()
}

func (d *discovery) meta() gossip.Meta {
	self := d.node.options.Self
	return gossip.Meta{
		ID: string(self.ID), ClusterAddr: self.Cluster, HTTPAddr: self.HTTP,
		Expect: d.node.options.Bootstrap.Expect, ClusterID: d.node.disk.ClusterID(),
		HasState: d.node.group.replica.raft.LastIndex() > 0,
	}
}

// keepMeta tells the others what has changed about this node.
func (d *discovery) keepMeta() {
	for d.node.ctx.Err() == nil {
		if err := d.gossip.SetMeta(d.meta()); err != nil {
			d.node.options.Logger.Error("cannot tell the others about this node", "error", err)
		}
		sleep(d.node.ctx, time.Second)
	}
}

// suggestions are all other nodes that gossip shows.
func (d *discovery) suggestions() []suggestion {
	var list []suggestion
	for _, m := range d.gossip.Peers() {
		if m.ClusterAddr != "" {
			list = append(list, suggestion{m.ID, m.ClusterAddr})
		}
	}
	return list
}

func (d *discovery) mayBootstrap(expect int) ([]Voter, string) {
	decision := gossip.Decide(string(d.node.options.Self.ID), expect, d.gossip.Members())
	if decision.Verdict != gossip.Bootstrap {
		return nil, decision.Reason
	}
	voters := make([]Voter, 0, len(decision.Voters))
	for _, m := range decision.Voters {
		voters = append(voters, Voter{m.ID, m.ClusterAddr})
	}
	return voters, ""
}
