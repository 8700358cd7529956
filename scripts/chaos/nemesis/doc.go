// Package nemesis does harm to a testbed: it kills, pauses and parts nodes, cuts
// their power and spoils their disks, one fault after another, each healed before
// the next begins. A seed decides which and how long; when they meet the work of
// the clients is up to the machine.
//
// It does not know what the cluster is for and judges nothing.
//
// Read nemesis.go (the sequence), then faults.go (what each kind does).
package nemesis
