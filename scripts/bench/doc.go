// Command bench measures how many conversations a cluster of three nodes on this
// machine assigns in a second, and how long each takes, at several numbers of
// connections:
//
//	go run ./scripts/bench
//
// It builds the binary, starts `rondo dev` on ports of its own, opens
// conversations over kept connections to the leader (--through all: to all nodes in
// turn), one request at a time on each, and reads every answer to its end. Client and nodes share the
// machine's processors, so the figures are what the whole of it can do.
//
// Absolute figures say more about the machine than about the product; so, where
// etcd is installed, three servers of it are measured in turn in the same run
// (scripts/bench/etcd, a module of its own), and what is printed last is the
// ratio: assignments a second over etcd's plain puts through the same nodes, which
// decide nothing.
//
//	go run ./scripts/bench failover
//
// measures for how long nothing can be assigned when the leader dies (kill -9)
// and when it is stopped as an operator would. Nothing is asserted.
//
//	go run ./scripts/bench scale --conversations 1000000
//
// weighs one big state, writes and restores its snapshot, and starts a real server
// on it. It fills the state by State.Apply, without a cluster, since what it
// measures begins where the conversations are there.
//
// Read main.go, then load.go (one round), peer.go, failover.go, and fill.go,
// scale.go, scalestart.go.
package main
