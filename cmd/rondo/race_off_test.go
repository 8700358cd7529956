//go:build !race

package main

// raceDetector says whether this test binary has the race detector; the server
// processes that it starts then have it, too.
const raceDetector = false
