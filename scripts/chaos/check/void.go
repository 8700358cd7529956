package check

import (
	"fmt"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// How much a run must have done to prove anything, for its length; at least one of
// each.
const (
	usPerFault   = 40e6 // of each kind
	usPerLeader  = 30e6
	usPerUnknown = 10e6
)

// Rate returns the operations a second while faults came and went. An operation
// counts once, however often it was sent, when its outcome is known or unknown; one
// that never reached a node does not count.
func Rate(run *history.Run) float64 {
	return float64(run.End.Ended) / (float64(max(run.End.WorkedUs, 1)) / 1e6)
}

// LeaderChanges returns how often another term began than the first.
func LeaderChanges(run *history.Run) int { return max(0, len(run.Terms)-1) }

// voids says why a run proves nothing.
func voids(run *history.Run) []string {
	var list []string
	need := func(usEach float64) int { return max(1, int(float64(run.Config.ForUs)/usEach)) }
	if rate := Rate(run); rate < float64(run.Config.Rate) {
		list = append(list, fmt.Sprintf("%.0f operations a second, and %d are needed", rate, run.Config.Rate))
	}
	kinds := map[string]int{}
	for _, f := range run.Faults {
		kinds[f.Kind]++
	}
	for _, kind := range run.Config.Nemeses {
		least := max(1, need(usPerFault)*2/max(2, len(run.Config.Nemeses)))
		if kinds[kind] < least {
			list = append(list, fmt.Sprintf("%d faults of kind %s, and %d are needed", kinds[kind], kind, least))
		}
	}
	if n := LeaderChanges(run); n < need(usPerLeader) {
		list = append(list, fmt.Sprintf("%d leader changes, and %d are needed", n, need(usPerLeader)))
	}
	unknown := 0
	for _, op := range run.Ops {
		if op.Writes() {
			unknown += op.Tries.Unknown
		}
	}
	if unknown < need(usPerUnknown) {
		list = append(list, fmt.Sprintf("%d answers were lost or unknown, and %d are needed", unknown, need(usPerUnknown)))
	}
	return list
}
