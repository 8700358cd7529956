package tidy

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// modulePath is ours. In-memory trees use it too.
const modulePath = "github.com/rondohq/rondo"

// fileBytesMax is the largest file that is read as text; nothing in a repository
// of sources needs to be larger.
const fileBytesMax = 8 << 20

// A finding is one broken rule at one place.
type finding struct {
	path string
	line int // 0 where the whole file or folder is meant
	text string
}

func (f finding) String() string {
	if f.line == 0 {
		return f.path + ": " + f.text
	}
	return f.path + ":" + strconv.Itoa(f.line) + ": " + f.text
}

// A file is one file of the tree. ast is nil unless it is Go.
type file struct {
	path    string // slash-separated, from the root
	dir     string
	source  []byte
	ast     *ast.File
	test    bool
	excuses map[int]*excuse // by line
}

// An excuse is a "//tidy:kind reason" at the end of a line.
type excuse struct {
	kind, reason string
	used         bool
}

// A tree is the repository as the rules see it.
type tree struct {
	fset  *token.FileSet
	files []*file // by path
	types typeCache
}

// readTree reads what git tracks or would track below root. Outside a checkout it
// takes every file.
func readTree(root string) (*tree, error) {
	tracked, err := gitFiles(root)
	if err != nil {
		return nil, err
	}
	sources := map[string][]byte{}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			// Other programs may be writing here: what is gone again is not ours.
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.Type().IsRegular() || tracked != nil && !tracked[rel]:
			return nil
		}
		text, err := readText(name)
		if err == nil {
			sources[rel] = text
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	return parseTree(root, sources)
}

func readText(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > fileBytesMax {
		return nil, fmt.Errorf("%s has %d bytes, more than %d: it does not belong into the repository", name, info.Size(), fileBytesMax)
	}
	return os.ReadFile(name)
}

// gitFiles returns the files git knows or would add, or nil outside a checkout.
func gitFiles(root string) (map[string]bool, error) {
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		return nil, nil
	}
	// The tree may belong to another user, as in a container.
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files (is git installed?): %w %s", err, stderr.String())
	}
	tracked := map[string]bool{}
	for name := range strings.SplitSeq(string(out), "\x00") {
		tracked[name] = true
	}
	return tracked, nil
}

func gitInit(dir string) error {
	cmd := exec.Command("git", "init", "--quiet")
	cmd.Dir = dir
	return cmd.Run()
}

// treeOf makes a tree of sources in memory, by path.
func treeOf(sources map[string]string) (*tree, error) {
	bytes := map[string][]byte{}
	for name, text := range sources {
		bytes[name] = []byte(text)
	}
	return parseTree("", bytes)
}

func parseTree(root string, sources map[string][]byte) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), types: newTypeCache(root)}
	for name, source := range sources {
		f := &file{path: name, dir: path.Dir(name), source: source, test: strings.HasSuffix(name, "_test.go")}
		if isGo(name) {
			parsed, err := parser.ParseFile(t.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("parse: %w", err)
			}
			f.ast = parsed
			f.excuses = excusesOf(t.fset, parsed)
		}
		t.files = append(t.files, f)
	}
	slices.SortFunc(t.files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return t, nil
}

// isGo leaves out what go itself leaves out: testdata and names with _ or dot.
func isGo(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "testdata" || part == "vendor" || strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") {
			return false
		}
	}
	return strings.HasSuffix(name, ".go")
}

func excusesOf(fset *token.FileSet, f *ast.File) map[int]*excuse {
	excuses := map[int]*excuse{}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if text, ok := strings.CutPrefix(c.Text, "//tidy:"); ok {
				kind, reason, _ := strings.Cut(text, " ")
				excuses[fset.Position(c.Pos()).Line] = &excuse{kind: kind, reason: strings.TrimSpace(reason)}
			}
		}
	}
	return excuses
}

// goFiles returns the Go files that keep says yes to.
func (t *tree) goFiles(keep func(*file) bool) []*file {
	var files []*file
	for _, f := range t.files {
		if f.ast != nil && keep(f) {
			files = append(files, f)
		}
	}
	return files
}

// packages returns the Go files by folder.
func (t *tree) packages() map[string][]*file {
	byDir := map[string][]*file{}
	for _, f := range t.goFiles(func(*file) bool { return true }) {
		byDir[f.dir] = append(byDir[f.dir], f)
	}
	return byDir
}

func (t *tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }

func (t *tree) at(f *file, pos token.Pos, format string, args ...any) finding {
	return finding{path: f.path, line: t.line(pos), text: fmt.Sprintf(format, args...)}
}

// excused says whether the line of pos ends with an excuse of this kind and a
// reason, and notes that it was needed.
func (t *tree) excused(f *file, pos token.Pos, kind string) bool {
	e := f.excuses[t.line(pos)]
	if e == nil || e.kind != kind || e.reason == "" {
		return false
	}
	e.used = true
	return true
}

// room is the first part of the folder: rotation, fsm, cluster, ...
func (f *file) room() string {
	room, _, _ := strings.Cut(f.dir, "/")
	return room
}

func (f *file) production() bool { return !f.test }

// selected resolves a selector to the package and the name it asks for, as in
// "time" and "Now", whatever name the file imports the package by.
func (f *file) selected(n *ast.SelectorExpr) (pkg, name string) {
	x, ok := n.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	for _, spec := range f.ast.Imports {
		importPath := importOf(spec)
		local := lastElement(importPath)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == x.Name {
			return importPath, n.Sel.Name
		}
	}
	return "", ""
}

func importOf(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value // the parser has let it through; no rule will match it
	}
	return name
}

// lastElement guesses the name of a package, past a version such as /v2.
func lastElement(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(importPath))
	}
	return base
}

// checkExcuses finds excuses that excuse nothing, so that they do not outlive
// what they were written for.
func checkExcuses(t *tree) []finding {
	var found []finding
	for _, f := range t.files {
		for line, e := range f.excuses {
			switch {
			case !slices.Contains([]string{"ordered", "panic", "sleep"}, e.kind):
				found = append(found, finding{f.path, line, "unknown excuse //tidy:" + e.kind + ": known are ordered, panic, sleep"})
			case e.reason == "":
				found = append(found, finding{f.path, line, "//tidy:" + e.kind + " needs its reason on the same line"})
			case !e.used:
				found = append(found, finding{f.path, line, "//tidy:" + e.kind + " excuses nothing here: remove it"})
			}
		}
	}
	return found
}
