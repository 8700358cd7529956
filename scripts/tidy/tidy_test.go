package tidy

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rules are all of them; each looks at the whole tree and returns what it found.
var rules = []struct {
	name  string
	check func(*tree) []finding
}{
	{"imports", checkImports},
	{"independent_checker", checkIndependent},
	{"pure_imports", checkPureImports},
	{"pure_calls", checkPureCalls},
	{"pure_concurrency", checkPureConcurrency},
	{"pure_floats", checkPureFloats},
	{"pure_order", checkPureOrder},
	{"state_copies", checkStateCopies},
	{"panics", checkPanics},
	{"exits", checkExits},
	{"sleeps", checkSleeps},
	{"ceilings", checkCeilings},
	{"names", checkNames},
	{"package_comments", checkPackageComments},
	{"doc_comments", checkDocComments},
	{"gofmt", checkFormat},
	{"module_pins", checkPins},
	{"metrics_imports", checkMetricsImports},
	{"top_level", checkTopLevel},
	{"workplace_paths", checkWorkplacePaths},
	{"excuses", checkExcuses}, // last: it asks which excuses the others used
}

func TestTidy(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := readTree(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.files) == 0 {
		t.Fatalf("no files found below %s", root)
	}
	// All of them run whatever -run says, since the last asks about the others.
	found := map[string][]finding{}
	for _, rule := range rules {
		found[rule.name] = rule.check(tree)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			slices.SortFunc(found[rule.name], func(a, b finding) int {
				return cmp.Or(strings.Compare(a.path, b.path), a.line-b.line)
			})
			for _, f := range found[rule.name] {
				t.Error(f)
			}
		})
	}
}

// breaks fails unless rule finds exactly one thing in each of the wrong sources,
// with the words of want in it, and nothing in the right ones. A source is a file
// of the tree, and its name is its path.
func breaks(t *testing.T, rule func(*tree) []finding, cases []sample) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree, err := treeOf(c.files)
			if err != nil {
				t.Fatal(err)
			}
			found := rule(tree)
			if c.want == "" {
				for _, f := range found {
					t.Errorf("found %v in a right source", f)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0].String(), c.want) {
				t.Errorf("found %v, want one with %q", found, c.want)
			}
		})
	}
}

// A sample is a small tree and what the rule must say about it; nothing when
// want is empty.
type sample struct {
	name  string
	files map[string]string
	want  string
}

// one is a tree of one file.
func one(path, source string) map[string]string {
	return map[string]string{path: source}
}

func TestReadTreeSeesThisFile(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := readTree(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range tree.files {
		if f.path == "scripts/tidy/tidy_test.go" && f.ast != nil && f.test {
			return
		}
	}
	t.Error("the tree has no scripts/tidy/tidy_test.go")
}

func TestReadTreeLeavesOutWhatGitIgnores(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		".gitignore": "/built\n", "built": "x", "kept.go": "package kept\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := gitInit(dir); err != nil {
		t.Fatal(err)
	}
	tree, err := readTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range tree.files {
		got = append(got, f.path)
	}
	if want := ".gitignore kept.go"; strings.Join(got, " ") != want {
		t.Errorf("files %v, want %s", got, want)
	}
}
