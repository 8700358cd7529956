// Package testbed runs the nodes of a cluster on one machine as if they were
// machines of their own: each server in a network namespace with a cable to one
// bridge, its data on a lossyfs disk that another process serves. Whoever holds
// the bed can kill, pause, cut cables, cut the power and spoil disks.
//
// It needs root, iproute2, nftables and /dev/fuse. It does not choose faults
// (package nemesis) and sends no requests. What an earlier run left behind is
// removed by the next one.
//
// Read bed.go first, then network.go, node.go and disk.go.
package testbed
