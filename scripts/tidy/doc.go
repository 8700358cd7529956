// Package tidy holds the rules of this repository that a compiler does not
// check: who may import whom, what the pure rooms may not touch, how long things
// may get. It is a test, so "go test ./..." runs it and there is nothing to
// install. It does not judge style that gofmt or a linter can judge, and it does
// not change files.
//
// Read tidy_test.go first (the list of rules), then one file per family of rules;
// each ends with sources that break its rules, so that every rule is seen to
// fail. tree_test.go and typecheck_test.go are the machinery below.
//
// A line may be excused by a comment at its end, and the reason is part of it:
//
//	//tidy:ordered reason   a map is walked where order cannot matter
//	//tidy:panic reason     a panic that no input can reach
//	//tidy:sleep reason     a sleep that no event can replace
//
// An excuse that excuses nothing fails. Ceilings are excused in the one table of
// ceilings_test.go.
package tidy
