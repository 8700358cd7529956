// Command bench measures how many conversations a cluster of three nodes on this
// machine assigns in a second, and how long each takes, at several numbers of
// connections:
//
//	go run ./scripts/bench
//
// It builds the binary, starts `rondo dev` on ports of its own, opens
// conversations through all nodes at once over kept connections, one request at
// a time on each, and reads every answer to its end. Client and nodes share the
// machine's processors, so the figures are what the whole of it can do.
//
// Absolute figures say more about the machine than about Rondo; so the same run
// also measures how often the disk can sync, and prints the ratio. It does not
// compare with other products and asserts nothing.
//
// Read main.go, then load.go (one round) and disk.go.
package main
