// Command faults plants faults in the product, one at a time, and sees whether the
// test that should catch each does.
//
//	go run ./scripts/faults              all of them: half an hour on two busy cores
//	go run ./scripts/faults cursor key   those whose names contain one of the words
//	go run ./scripts/faults -list        names and tests
//
// It changes no file: a fault is a text that is searched for and what takes its
// place, given to go test as an overlay. A fault that no test catches, that does not
// compile, or whose text is no longer there, is a failure, and the exit code is 1.
//
// faults.txt has an entry for each: its name after "==", what it breaks, the package
// and the pattern of the test that catches it, the file, and then both texts, whole
// lines, between <<<<, ==== and >>>>. cluster/SIMULATION.md lists them for people;
// the test here keeps both in step with the code.
//
// Read fault.go (what an entry says), then main.go (how it is run).
package main
