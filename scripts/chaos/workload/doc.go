// Package workload is the clients of a run: they open, claim, close, reassign and
// read conversations and come and go as agents, through all nodes at once, and
// write down what they were told. Every write has a key of its own and is sent
// again under it until its outcome is known.
//
// Each operation acts under a name of its own, so that every record of the cluster
// can be led back to the operation that caused it. Nothing is judged here, and
// nothing is imported from the server: it speaks HTTP.
//
// Read load.go first (who works), then mix.go (what they do), call.go (one
// operation, however often it is sent), watch.go (event streams) and dump.go (what
// a node has at the end).
package workload
