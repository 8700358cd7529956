package tidy

import (
	"slices"
	"strings"
	"testing"
)

// A room's row in the import table: what its code may import of ours, and what
// only its tests may import besides. "name/..." is name and all below it.
type importRow struct {
	code, tests []string
}

// importTable is the picture of the architecture: rotation <- fsm <- cluster and
// httpapi <- cmd. The longest matching folder counts.
var importTable = map[string]importRow{
	"rotation":      {},
	"fsm":           {code: []string{"rotation"}, tests: []string{"fsm/..."}},
	"fsm/collation": {},

	"cluster":         {code: []string{"fsm", "fsm/collation", "cluster/archive", "cluster/storage", "cluster/wire", "cluster/gossip"}, tests: []string{"cluster/...", "rotation"}},
	"cluster/archive": {code: []string{"fsm"}},
	"cluster/storage": {},
	"cluster/wire":    {},
	"cluster/gossip":  {},
	"cluster/sim":     {tests: []string{"cluster/...", "fsm/...", "rotation"}},

	// Its tests may stand on a machine of their own, never on the cluster.
	"httpapi":            {code: []string{"fsm", "fsm/collation", "httpapi/..."}, tests: []string{"fsm/...", "rotation"}},
	"httpapi/connectors": {code: []string{"fsm", "fsm/collation", "httpapi/connectors/..."}, tests: []string{"httpapi/..."}},
	"httpapi/console":    {},

	"cmd":              {code: []string{"cmd/...", "cluster/...", "fsm/...", "httpapi/...", "rotation"}, tests: []string{"scripts/..."}},
	"cmd/rondo/client": {tests: []string{"..."}},
	"cmd/rondo/replay": {code: []string{"cmd/rondo/..."}, tests: []string{"..."}},

	"cmd/rondo/conformance": {code: []string{"cmd/rondo/client", "cmd/rondo/events"}},

	"scripts": {code: []string{"scripts/..."}, tests: []string{"..."}},
}

// checkImports finds arrows that are not in the table.
func checkImports(t *tree) []finding {
	var found []finding
	for _, f := range t.goFiles(func(*file) bool { return true }) {
		row, allowed := rowOf(f)
		for _, spec := range f.ast.Imports {
			if spec.Name != nil && spec.Name.Name == "." {
				found = append(found, t.at(f, spec.Pos(), "a dot import hides from readers and from these rules where a name comes from: import %s by name", spec.Path.Value))
			}
			dir, ours := ownDir(importOf(spec))
			if !ours || dir == f.dir || f.ast.Name.Name == "main" && f.room() == "scripts" {
				continue
			}
			if !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, dir) }) {
				found = append(found, t.at(f, spec.Pos(), "%s may not import %s (it may import: %s); declare the small interface it needs and let cmd pass it in, or move the code",
					row, dir, orNothing(allowed)))
			}
		}
	}
	return found
}

func rowOf(f *file) (name string, allowed []string) {
	name = f.dir
	for importTable[name].code == nil && importTable[name].tests == nil {
		if _, listed := importTable[name]; listed || !strings.Contains(name, "/") {
			break
		}
		name = name[:strings.LastIndex(name, "/")]
	}
	row := importTable[name]
	allowed = slices.Clone(row.code)
	if f.test {
		allowed = append(allowed, row.tests...)
	}
	return name, allowed
}

func matches(pattern, dir string) bool {
	below, all := strings.CutSuffix(pattern, "...")
	return dir == pattern || all && strings.HasPrefix(dir+"/", below)
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing of ours"
	}
	return strings.Join(list, ", ")
}

// checkIndependent finds ways, however long, from the checker and its client into
// the code they check. A checker that shares code with what it checks shares its
// mistakes.
func checkIndependent(t *tree) []finding {
	var found []finding
	for _, start := range []string{"cmd/rondo/replay", "cmd/rondo/client", "cmd/rondo/conformance", "scripts/chaos/check", "scripts/chaos/workload"} {
		seen := map[string]bool{start: true}
		for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
			for _, f := range t.goFiles(func(f *file) bool { return f.dir == queue[0] && f.production() }) {
				for _, spec := range f.ast.Imports {
					dir, ours := ownDir(importOf(spec))
					room, _, _ := strings.Cut(dir, "/")
					switch {
					case !ours || seen[dir]:
					case slices.Contains([]string{"fsm", "cluster", "httpapi", "rotation"}, room):
						found = append(found, t.at(f, spec.Pos(), "%s reaches %s through this import: the checker must be independent code, so speak to the server over HTTP and recompute", start, dir))
					default:
						seen[dir] = true
						queue = append(queue, dir)
					}
				}
			}
		}
	}
	return found
}

// checkMetricsImports finds the two metrics packages under their own names. Raft
// and memberlist write through compat, which stands for one of the two depending
// on a build tag; a direct import may be the other, and its sink stays empty.
func checkMetricsImports(t *tree) []finding {
	var found []finding
	for _, f := range t.goFiles(func(*file) bool { return true }) {
		for _, spec := range f.ast.Imports {
			name := importOf(spec)
			for _, metrics := range []string{"github.com/armon/go-metrics", "github.com/hashicorp/go-metrics"} {
				rest, ok := strings.CutPrefix(name, metrics)
				if ok && (rest == "" || rest[0] == '/') && rest != "/compat" && rest != "/compat/prometheus" {
					found = append(found, t.at(f, spec.Pos(), "import github.com/hashicorp/go-metrics/compat (or compat/prometheus) instead of %s: raft and memberlist write to that one", name))
				}
			}
		}
	}
	return found
}

func importing(pkg, name string) string {
	return "package " + pkg + "\n\nimport _ \"" + name + "\"\n"
}

func TestImportsBreaks(t *testing.T) {
	own := func(dir string) string { return modulePath + "/" + dir }
	breaks(t, checkImports, []sample{
		{"rotation to fsm", one("rotation/a.go", importing("rotation", own("fsm"))), "rotation/a.go:3: rotation may not import fsm"},
		{"fsm to cluster", one("fsm/a.go", importing("fsm", own("cluster"))), "fsm may not import cluster"},
		{"fsm to collation", one("fsm/a.go", importing("fsm", own("fsm/collation"))), "fsm may not import fsm/collation"},
		{"cluster to httpapi", one("cluster/a.go", importing("cluster", own("httpapi"))), "cluster may not import httpapi"},
		{"httpapi to cluster in a test", one("httpapi/a_test.go", importing("httpapi", own("cluster"))), "httpapi may not import cluster"},
		{"storage to fsm", one("cluster/storage/a.go", importing("storage", own("fsm"))), "cluster/storage may not import fsm"},
		{"storage to wire in a test", one("cluster/storage/a_test.go", importing("storage", own("cluster/wire"))), "cluster/storage may not import cluster/wire"},
		{"folder without a row", one("cluster/wire/deep/a.go", importing("deep", own("fsm"))), "cluster/wire may not import fsm"},
		{"replay to fsm", one("cmd/rondo/replay/a.go", importing("replay", own("fsm"))), "cmd/rondo/replay may not import fsm"},
		{"scripts library", one("scripts/chaos/load/a.go", importing("load", own("cluster"))), "scripts may not import cluster"},
		{"a dot import", one("fsm/a.go", "package fsm\n\nimport . \"fmt\"\n"), "dot import"},
		{"a name that only begins like a room", one("rotation/a.go", importing("rotation", own("fsmx"))), "may not import fsmx"},

		{"down the picture", one("fsm/a.go", importing("fsm", own("rotation"))), ""},
		{"collation at the edge", one("httpapi/a.go", importing("httpapi", own("fsm/collation"))), ""},
		{"sim's tests", one("cluster/sim/a_test.go", importing("sim", own("cluster"))), ""},
		{"cmd", one("cmd/rondo/a.go", importing("main", own("cluster/wire"))), ""},
		{"a script's main", one("scripts/chaos/main.go", importing("main", own("cluster"))), ""},
		{"external tests of itself", one("cluster/wire/a_test.go", importing("wire_test", own("cluster/wire"))), ""},
	})
}

func TestIndependentBreaks(t *testing.T) {
	breaks(t, checkIndependent, []sample{
		{"by a detour", map[string]string{
			"cmd/rondo/replay/a.go": importing("replay", modulePath+"/cmd/rondo/dev"),
			"cmd/rondo/dev/a.go":    importing("dev", modulePath+"/cluster"),
		}, "cmd/rondo/dev/a.go:3: cmd/rondo/replay reaches cluster"},
		{"client only", one("cmd/rondo/replay/a.go", importing("replay", modulePath+"/cmd/rondo/client")), ""},
	})
}

func TestMetricsImportsBreaks(t *testing.T) {
	breaks(t, checkMetricsImports, []sample{
		{"armon", one("cluster/a.go", importing("cluster", "github.com/armon/go-metrics")), "go-metrics/compat"},
		{"hashicorp", one("cmd/rondo/a_test.go", importing("main", "github.com/hashicorp/go-metrics/prometheus")), "go-metrics/compat"},
		{"compat", one("cluster/a.go", importing("cluster", "github.com/hashicorp/go-metrics/compat")), ""},
	})
}
