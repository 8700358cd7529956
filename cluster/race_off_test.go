//go:build !race

package cluster

// raceEnabled says whether the race detector is on: it makes everything ten times
// slower.
const raceEnabled = false
