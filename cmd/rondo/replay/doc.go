// Package replay plays the event log of a real help desk against a cluster and
// then proves, from what the cluster says it decided, that nothing was lost,
// repeated or taken out of turn.
//
// The proof shares no code with the server: check.go has its own idea of a ring
// and a queue, and would disagree with a server that had the wrong one. The
// package does not judge speed, does not imitate the log's hours on the cluster's
// clock (they are attributes of the conversations), and leaves what it created in
// the cluster, under a prefix of its own.
//
// Read in this order: log.go (events from a CSV file), plan.go (events to steps),
// replay.go (Run: the whole way), setup.go and play.go (steps to calls), fetch.go
// (what the cluster decided), history.go, check.go, ring.go and fairness.go (is it
// right?), report.go and text.go, progress.go, command.go.
package replay
