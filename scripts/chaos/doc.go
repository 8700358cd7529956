// Command chaos attacks a cluster of real processes and says whether it kept its
// promises. README.md says what it does and how to run it; the file run, beside
// this one, builds and starts it.
//
// Each node is a rondo server in a network namespace of its own, on a disk that
// loses what was not synced. Clients work through all nodes while faults come and
// go; all that they saw is written down and judged afterwards by package check,
// which shares nothing with the server. This package knows no checks: it wires the
// others together, and prints.
//
// Read main.go (what can be asked), campaign.go (one run), follow.go (who leads),
// prepare.go and report.go. The packages: lossyfs (disks), testbed (nodes and
// cables), workload (clients), nemesis (faults), history (what was seen), check
// (the judge).
package main
