// Package rotation answers one question: whose turn is it, and why not the
// others'?
//
// It is pure. It holds no state and knows nothing of clocks, storage, HTTP or
// Raft: package fsm shows it a ring and a cursor, and it names the agent and
// everybody it passed over. It does not move the cursor, assign anything or
// decide what happens when nobody can be picked; that is fsm's work. So every
// question about fairness is a question about one function here.
//
// Read verdict.go first (may she be picked?), then ring.go (who is next?), then
// round_robin.go, least_open.go and weighted.go (the strategies).
package rotation
