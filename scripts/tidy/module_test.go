package tidy

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// A pin is a version that builds and runs together with the others; the newest of
// each do not. Raising one takes a run of the whole suite, and a new line here.
type pin struct {
	version string
	orOlder bool
	why     string
}

var pins = map[string]pin{
	"github.com/hashicorp/raft":           {version: "v1.7.3", why: "v1.8.0 needs go-metrics v0.7.0, which raft-boltdb cannot build with"},
	"github.com/hashicorp/raft-boltdb/v2": {version: "v2.3.1", why: "it was tried with this raft and this bbolt"},
	"github.com/hashicorp/memberlist":     {version: "v0.6.0", why: "v0.7.0 needs go-metrics v0.7.0, which raft-boltdb cannot build with"},
	"github.com/hashicorp/go-metrics":     {version: "v0.6.1", orOlder: true, why: "v0.7.0 dropped the package compat that raft-boltdb imports"},
	"go.etcd.io/bbolt":                    {version: "v1.5.0", why: "raft-boltdb alone asks only for v1.3.5"},
}

// checkPins finds pinned modules in another version, missing or replaced.
func checkPins(t *tree) []finding {
	i := slices.IndexFunc(t.files, func(f *file) bool { return f.path == "go.mod" })
	if i < 0 {
		return []finding{{"go.mod", 0, "there is none"}}
	}
	mod, err := modfile.Parse("go.mod", t.files[i].source, nil)
	if err != nil {
		return []finding{{"go.mod", 0, err.Error()}}
	}
	var found []finding
	seen := map[string]bool{}
	for _, require := range mod.Require {
		path, version := require.Mod.Path, require.Mod.Version
		p, pinned := pins[path]
		seen[path] = true
		switch {
		case !pinned || version == p.version || p.orOlder && semver.Compare(version, p.version) < 0:
		default:
			found = append(found, finding{"go.mod", require.Syntax.Start.Line, fmt.Sprintf("%s %s is pinned to %s (%s): run go get %s@%s", path, version, p.version, p.why, path, p.version)})
		}
	}
	for _, path := range slices.Sorted(maps.Keys(pins)) {
		if !seen[path] {
			found = append(found, finding{"go.mod", 0, fmt.Sprintf("%s %s is not required: run go get %s@%s", path, pins[path].version, path, pins[path].version)})
		}
	}
	for _, replace := range mod.Replace {
		found = append(found, finding{"go.mod", replace.Syntax.Start.Line, "replace does not reach those who install Rondo by go install: require the version itself"})
	}
	return found
}

// topLevel is fixed; dot files besides.
var topLevel = []string{"cmd", "fsm", "cluster", "httpapi", "rotation", "deploy", "scripts", "go.mod", "go.sum", "README.md"}

// checkTopLevel finds new things beside the rooms.
func checkTopLevel(t *tree) []finding {
	var found []finding
	seen := map[string]bool{}
	for _, f := range t.files {
		top, _, _ := strings.Cut(f.path, "/")
		if !seen[top] && !strings.HasPrefix(top, ".") && !slices.Contains(topLevel, top) {
			found = append(found, finding{top, 0, "the top level is fixed (" + strings.Join(topLevel, ", ") + "): move it into one of its rooms"})
		}
		seen[top] = true
	}
	return found
}

// workplacePaths are folders of the machines this is written on. They are put
// together here so that this file does not hold them.
var workplacePaths = regexp.MustCompile(`(^|[^\w.-])/(` + strings.Join([]string{"wo" + "rk/", "tmp/bri" + "ef", "tmp/bash" + "_jobs"}, "|") + `)`)

// checkWorkplacePaths finds paths that exist only on one machine.
func checkWorkplacePaths(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		if bytes.IndexByte(f.source[:min(len(f.source), 8000)], 0) >= 0 {
			continue // not a text
		}
		number := 0
		for line := range bytes.Lines(f.source) {
			number++
			if at := workplacePaths.FindSubmatch(bytes.TrimSuffix(line, []byte("\n"))); at != nil {
				found = append(found, finding{f.path, number, fmt.Sprintf("the path /%s is of one machine: write it relative to the checkout", at[2])})
			}
		}
	}
	return found
}

func TestPinsBreaks(t *testing.T) {
	source := func(old, new string) map[string]string {
		var b strings.Builder
		b.WriteString("module " + modulePath + "\n\nrequire (\n")
		for _, path := range slices.Sorted(maps.Keys(pins)) {
			b.WriteString("\t" + path + " " + pins[path].version + "\n")
		}
		b.WriteString(")\n")
		return one("go.mod", strings.Replace(b.String(), old, new, 1))
	}
	breaks(t, checkPins, []sample{
		{"newer raft", source("raft v1.7.3", "raft v1.7.4"), "hashicorp/raft v1.7.4 is pinned to v1.7.3"},
		{"older bbolt", source("bbolt v1.5.0", "bbolt v1.4.0"), "bbolt v1.4.0 is pinned to v1.5.0"},
		{"newer metrics", source("go-metrics v0.6.1", "go-metrics v0.7.0"), "go-metrics v0.7.0 is pinned to v0.6.1"},
		{"no memberlist", source("\tgithub.com/hashicorp/memberlist v0.6.0\n", ""), "memberlist v0.6.0 is not required"},
		{"replace", source("\n)\n", "\n)\n\nreplace github.com/hashicorp/raft => ../raft\n"), "go.mod:11: replace"},
		{"no go.mod", one("README.md", ""), "there is none"},
		{"older metrics", source("go-metrics v0.6.1", "go-metrics v0.5.4"), ""},
		{"as pinned", source("", ""), ""},
	})
}

func TestTopLevelBreaks(t *testing.T) {
	breaks(t, checkTopLevel, []sample{
		{"folder", one("internal/a.go", "package internal\n"), "internal: the top level is fixed"},
		{"file", one("Makefile", ""), "Makefile: the top level is fixed"},
		{"as it is", map[string]string{"fsm/a.go": "package fsm\n", "go.mod": "", ".gitignore": "", ".ci/run": ""}, ""},
	})
}

func TestWorkplacePathsBreaks(t *testing.T) {
	home := "/" + "wo" + "rk/"
	breaks(t, checkWorkplacePaths, []sample{
		{"in a comment", one("fsm/a.go", "package fsm\n\n// See "+home+"shared.\n"), "fsm/a.go:3: the path"},
		{"at the start of a line", one("README.md", home+"\n"), "README.md:1: the path"},
		{"brief", one("scripts/a", "cat /tmp/bri"+"ef/a\n"), "scripts/a:1: the path"},
		{"part of another path", one("README.md", "net"+home+"item and ../shared/data\n"), ""},
		{"not a text", one("deploy/a.bin", "\x00 "+home), ""},
	})
}
