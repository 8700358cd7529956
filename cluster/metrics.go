package cluster

import "time"

// Figures are what a group can say of itself in numbers, for metrics. Everything
// else is in the state; see Latest.
type Figures struct {
	Applied   uint64 // Raft index
	Committed uint64 // as far as this node knows
	LastLog   uint64
	Leads     bool

	// SinceContact is how long ago this node heard from a leader; 0 if it leads, and
	// negative if it never has.
	SinceContact time.Duration
	ClockSkew    time.Duration // by which this node's clock is fast

	// What has been applied since the last snapshot.
	CommandsSinceSnapshot, BytesSinceSnapshot uint64
}

// FiguresOf may be called from any goroutine, also while the group is closed.
func FiguresOf(g *Group) Figures {
	r, load := g.replica, g.replica.machine.load.now()
	f := Figures{
		Applied: r.machine.applied.now(), Committed: r.raft.CommitIndex(), LastLog: r.raft.LastIndex(), Leads: r.leads(),
		ClockSkew:             time.Duration(g.overview.clocks.skew.Load()),
		CommandsSinceSnapshot: load.commands, BytesSinceSnapshot: load.bytes,
	}
	switch last := r.raft.LastContact(); {
	case f.Leads:
	case last.IsZero():
		f.SinceContact = -1
	default:
		f.SinceContact = time.Since(last)
	}
	return f
}
