// Package dev is `rondo dev`: a whole cluster on one machine, for somebody who
// meets Rondo for the first time and for those who attack it.
//
// It starts real `rondo server` processes, each with its own data directory and
// ports, watches them, starts a dead one again and stops them all with itself.
// It is no part of the cluster: kill any of its children and see.
//
// Read dev.go (the command), then child.go (one process), watch.go (what is
// reported while they run) and demo.go.
package dev
