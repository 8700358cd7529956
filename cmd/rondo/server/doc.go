// Package server is `rondo server`: it reads a node's configuration and wires
// the rooms together. The cluster does not know the API and the API does not
// know Raft; this package hands each to the other through small adapters.
//
// It decides nothing. Read config.go and settings.go (what a node is told),
// run.go (how it starts and stops), adapter.go (what the API sees of it),
// metrics.go.
package server
