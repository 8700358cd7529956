//go:build race

package fsm

// underRace says that the race detector watches, which makes one goroutine that
// encodes and decodes twenty times slower and finds nothing in it.
const underRace = true
