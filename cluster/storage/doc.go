// Package storage is what one node keeps on disk, and the decorators that end
// the traps of the libraries underneath (raft.md 1.4 and 1.6).
//
// It keeps the data directory: who the node is, which cluster it belongs to,
// the Raft log, the votes and the snapshots. It does NOT know what an entry
// means, never decides what to do about a broken disk (it says so once through
// Options.Fatal and then refuses to write), and does no networking.
//
// Read disk.go first (Open, the directory), then guard.go (fail-stop and
// watchdog), guarded.go and guardedsnapshots.go (the same around the stores),
// canary.go and reserve.go (disks that hang or fill), vote.go and install.go (one
// trap each), identity.go and lock.go, found.go (a disk made offline from a
// snapshot). memdisk.go is the same disk in memory, made to be crashed by tests
// and by the simulation.
package storage
