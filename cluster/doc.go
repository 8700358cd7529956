// Package cluster is one node among others: it carries commands to the leader,
// puts them into the Raft log, applies the log to the state of package fsm, and
// hands out views of that state that are as fresh as a reader asks for.
//
// It does not know what a command means or what HTTP is, and it decides nothing:
// it orders, replicates, waits and gives up with a clear outcome.
//
// A Node is what a process runs: listener, connections, gossip, membership. A
// Group is one replicated state on it, with Raft, the machine, the batcher and
// the timers; there is one group now, and room for many.
//
// Read batch.go first (how a command travels), then machine.go (how it is
// applied), outcome.go (committed, rejected or unknown), incumbent.go (what a
// leader does on its own), heir.go (who follows one that died), clock.go, snapshot.go
// with keeper.go, checkpoint.go (the nodes compare their states), space.go (disks that
// are nearly full), group.go, and node.go with bootstrap.go; members.go with
// membership*.go and autopilot.go last (who belongs to the group, and who may decide
// that). SIMULATION.md says how all of it is attacked in virtual time.
//
// The traps of the libraries underneath are answered here and in
// cluster/storage and cluster/wire; raft.md in comments means the study they
// come from.
package cluster
