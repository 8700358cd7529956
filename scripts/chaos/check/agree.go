package check

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// checkEvents: every watcher saw all records, in their order, without gap or
// repeat, and all saw the same.
func checkEvents(e *evidence) *Check {
	check := &Check{Name: "events"}
	if !e.Config.Watching {
		check.Off = "this binary had no event stream"
		return check
	}
	sums := map[string]uint64{}
	total := 0
	for _, node := range slices.Sorted(maps.Keys(e.Watches)) {
		seen := e.Watches[node]
		total += len(seen)
		for i, event := range seen {
			if event.Reset {
				check.violate("the watcher of %s was reset at %s", node, event.ID)
				break
			}
			if i >= len(e.records) {
				check.violate("the watcher of %s saw %s, which is not a record", node, event.ID)
				break
			}
			if want := e.records[i].ID; event.ID != want {
				check.violate("the watcher of %s saw %s where %s should follow", node, event.ID, want)
				break
			}
			if sum, known := sums[event.ID]; known && sum != event.Sum {
				check.violate("the watcher of %s saw something else as %s than another", node, event.ID)
			}
			sums[event.ID] = event.Sum
		}
		if len(seen) < len(e.records) {
			check.violate("the watcher of %s saw %d of %d records", node, len(seen), len(e.records))
		}
	}
	if len(e.Watches) < e.Config.Nodes {
		check.violate("%d of %d watchers saw anything", len(e.Watches), e.Config.Nodes)
	}
	check.Examined = fmt.Sprintf("%d events on %d nodes", total, len(e.Watches))
	return check
}

// checkNodes: in the end all nodes have the same.
func checkNodes(run *history.Run) *Check {
	check := &Check{Name: "nodes", Examined: fmt.Sprintf("%d nodes, byte by byte", len(run.Nodes))}
	names := slices.Sorted(maps.Keys(run.Nodes))
	if len(names) < run.Config.Nodes {
		check.violate("%d of %d nodes could be read: %v", len(names), run.Config.Nodes, run.End.Problems)
	}
	for _, name := range names[min(1, len(names)):] {
		a, b := run.Nodes[names[0]], run.Nodes[name]
		compareLines(check, names[0], name, "decisions", a.Decisions, b.Decisions)
		compareLines(check, names[0], name, "conversations", a.Conversations, b.Conversations)
		compareLines(check, names[0], name, "agents", a.Agents, b.Agents)
		compareLines(check, names[0], name, "rotations", a.Teams, b.Teams)
		compareLines(check, names[0], name, "events", a.Events, b.Events)
	}
	return check
}

func compareLines(check *Check, nameA, nameB, what string, a, b [][]byte) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a) || i >= len(b):
			check.violate("%s has %d %s and %s has %d", nameA, len(a), what, nameB, len(b))
			return
		case !bytes.Equal(a[i], b[i]):
			check.violate("%s of %s and %s differ in line %d: %.200s ... %.200s", what, nameA, nameB, i+1, a[i], b[i])
			return
		}
	}
}

// excuseUs is how long after a fault of its disk a node may still end by itself:
// its watchdog, and starts that fail.
const excuseUs = 15e6

// checkServers: no server ended by itself, unless its disk was spoiled; and with
// all healed the cluster recovered.
func checkServers(run *history.Run) *Check {
	check := &Check{Name: "servers", Examined: fmt.Sprintf("%d ended by themselves", len(run.Exits))}
	for _, exit := range run.Exits {
		excused := slices.ContainsFunc(run.Faults, func(f history.Fault) bool {
			return f.Kind == "disk" && slices.Contains(f.Nodes, exit.Node) && f.BeginUs <= exit.AtUs && exit.AtUs <= f.EndUs+excuseUs
		})
		if !excused {
			check.violate("%s ended by itself at %.1f s: %s; its log says why", exit.Node, float64(exit.AtUs)/1e6, exit.How)
		}
	}
	for _, problem := range run.End.Problems {
		check.violate("%s", problem)
	}
	return check
}
