// Package wire is the cluster port: one listener for Raft and for frames, the
// short requests that nodes send each other.
//
// A connection begins with one byte, 'R' or 'F', and a hello in each
// direction, so that a node of another cluster is turned away before it can
// say anything. Raft connections are then handed to raft.NetworkTransport
// untouched; the others carry frames, many at a time over one connection.
//
// It does NOT know what a payload means, never retries, chooses no leader and
// keeps no addresses. What it does say exactly is whether a call that failed
// was sent (ErrLost) or not (ErrNotSent).
//
// Read frame.go (what a request is), hello.go, listener.go, then raftlayer.go
// for Raft with lost.go (who ended a connection), server.go and pool.go for frames.
package wire
