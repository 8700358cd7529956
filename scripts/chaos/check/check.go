// Package check judges the history of a run: was anything lost, repeated,
// reordered or stale, did every turn go to whoever was next, did every watcher and
// every node see the same? It imports nothing of the server, and recomputes what
// the server decided.
//
// It is pure: the same history gives the same verdict. A run that proved too
// little is void, which is no pass. Each check has a test with a history that was
// doctored so that it must fail.
//
// Read this file first, then evidence.go (what there is to judge by), once.go
// (lost, repeated), order.go (reordered, stale, time), ring.go and turn.go, agree.go
// (events, nodes, servers), void.go.
package check

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// ViolationsShown is how many violations of one check are kept in full; the others
// are counted.
const ViolationsShown = 10

// A Check is one promise, and whether it was kept.
type Check struct {
	Name       string
	Examined   string // what was looked at, for people
	Off        string // why it was not checked; or empty
	Violations int
	First      []string // the first ViolationsShown
}

func (c *Check) violate(format string, args ...any) {
	c.Violations++
	if len(c.First) < ViolationsShown {
		c.First = append(c.First, fmt.Sprintf(format, args...))
	}
}

// A Verdict is what a run comes to.
type Verdict struct {
	Checks []*Check
	Void   []string // why it proves nothing
}

// Pass says whether all promises were kept, and the run proves it.
func (v Verdict) Pass() bool { return v.String() == "pass" }

func (v Verdict) String() string {
	var broken []string
	for _, c := range v.Checks {
		if c.Violations > 0 {
			broken = append(broken, c.Name)
		}
	}
	switch {
	case len(broken) > 0:
		return "violation: " + strings.Join(broken, ", ")
	case len(v.Void) > 0:
		return "void"
	default:
		return "pass"
	}
}

// Judge looks at a whole run.
func Judge(run *history.Run) Verdict {
	e, unreadable := gather(run)
	v := Verdict{Void: voids(run)}
	v.Checks = append(v.Checks, unreadable, checkLost(e), checkRepeated(e), checkReordered(e), checkStale(e), checkTime(e),
		checkRing(e), checkEvents(e), checkNodes(run), checkServers(run))
	return v
}
