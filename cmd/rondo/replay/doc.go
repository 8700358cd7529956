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
// There are two ways to play. The proof plays arrivals and closings in parallel, as
// fast as the cluster takes them, to a round robin without limits. A comparison
// (--capacity, --strategy) plays the log in its own order, once for each strategy,
// and each step is answered before the next is sent. What the cluster decided
// between two answers was therefore caused by the later step, and has that step's
// moment in the log: a waiting time is the time in the log between the step that
// opened a conversation and the step that caused its assignment. Hours of the
// cluster's clock play no part.
//
// Read in this order: log.go (events from a CSV file), plan.go (events to steps),
// replay.go (Run: the whole way), setup.go and play.go (steps to calls), fetch.go
// (what the cluster decided), history.go, check.go, ring.go and fairness.go (is it
// right?), report.go and text.go, progress.go, command.go. Then, for comparisons,
// compare.go (the whole way), in_order.go, course.go (which step caused what), desk.go,
// lap.go and capacity.go (is it right?), waits.go, comparison.go, comparison_text.go.
package replay
