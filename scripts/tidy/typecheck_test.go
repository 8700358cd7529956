package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"runtime"
	"slices"
	"strings"
)

// Our own packages are checked from source, so that a broken one spoils only
// itself; all others come from the export data of the build cache, which makes
// this a matter of a second.

// A typed is a package that was type-checked for this machine's system.
type typed struct {
	pkg   *types.Package
	files []*file
	info  *types.Info
	err   error // first one; what could be checked is still there
}

type typeCache struct {
	root     string // "" for a tree in memory
	plain    map[string]*typed
	external types.Importer
	exports  map[string]string // import path to file of export data
}

func newTypeCache(root string) typeCache {
	return typeCache{root: root, plain: map[string]*typed{}}
}

// check returns the package in dir without its tests.
func (t *tree) check(dir string) *typed {
	if done, ok := t.types.plain[dir]; ok {
		return done
	}
	t.types.plain[dir] = &typed{err: fmt.Errorf("import cycle through %s", dir)}
	files := t.filesFor(dir, func(f *file) bool { return !f.test })
	done := t.checkFiles(importPathOf(dir), files, t.importPackage)
	t.types.plain[dir] = done
	return done
}

// checkWithTests returns the packages a test binary of dir is made of: dir with
// its internal tests, and the external test package if there is one. Errors in
// them do not matter here, since "go vet" compiles the same files.
func (t *tree) checkWithTests(dir string) []*typed {
	external := func(f *file) bool { return f.test && strings.HasSuffix(f.ast.Name.Name, "_test") }
	inside := t.checkFiles(importPathOf(dir), t.filesFor(dir, func(f *file) bool { return !external(f) }), t.importPackage)
	outer := t.filesFor(dir, external)
	if len(outer) == 0 {
		return []*typed{inside}
	}
	outside := t.checkFiles(importPathOf(dir)+"_test", outer, func(name string) (*types.Package, error) {
		if name == importPathOf(dir) {
			return inside.pkg, nil
		}
		return t.importPackage(name)
	})
	return []*typed{inside, outside}
}

func (t *tree) checkFiles(importPath string, files []*file, imports importerFunc) *typed {
	done := &typed{files: files, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}}
	config := types.Config{
		Importer: imports, Sizes: types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			if done.err == nil {
				done.err = err
			}
		},
	}
	var parsed []*ast.File
	for _, f := range files {
		parsed = append(parsed, f.ast)
	}
	done.pkg, _ = config.Check(importPath, t.fset, parsed, done.info) // the error is in done.err
	return done
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(name string) (*types.Package, error) { return f(name) }

func (t *tree) importPackage(name string) (*types.Package, error) {
	if name == "unsafe" {
		return types.Unsafe, nil
	}
	if dir, ours := ownDir(name); ours {
		if done := t.check(dir); done.pkg != nil && len(done.files) > 0 {
			return done.pkg, nil
		}
		return nil, fmt.Errorf("package %s has no Go files or cannot be checked", name)
	}
	if t.types.external == nil {
		exports, err := t.listExports()
		if err != nil {
			return nil, err
		}
		t.types.exports = exports
		t.types.external = importer.ForCompiler(t.fset, "gc", func(name string) (io.ReadCloser, error) {
			if export := t.types.exports[name]; export != "" {
				return os.Open(export)
			}
			return nil, fmt.Errorf("no export data for %s: does it build?", name)
		})
	}
	return t.types.external.Import(name)
}

// listExports asks go for the export data of everything we import from outside.
func (t *tree) listExports() (map[string]string, error) {
	names := map[string]bool{}
	for _, f := range t.goFiles(func(f *file) bool { return t.builds(f) }) {
		for _, spec := range f.ast.Imports {
			if name := importOf(spec); name != "C" && name != "unsafe" {
				if _, ours := ownDir(name); !ours {
					names[name] = true
				}
			}
		}
	}
	args := []string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export", "--"}
	for name := range names {
		args = append(args, name)
	}
	slices.Sort(args[6:])
	cmd := exec.Command("go", args...)
	cmd.Dir = t.types.root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w %s", err, stderr.String())
	}
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return exports, nil
		} else if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		exports[p.ImportPath] = p.Export
	}
}

// filesFor returns the files of dir that are built on this machine.
func (t *tree) filesFor(dir string, keep func(*file) bool) []*file {
	return t.goFiles(func(f *file) bool { return f.dir == dir && keep(f) && t.builds(f) })
}

// builds says whether build constraints let f in here.
func (t *tree) builds(f *file) bool {
	context := build.Default
	context.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(f.source)), nil
	}
	ok, err := context.MatchFile(".", path.Base(f.path))
	return ok && err == nil
}

// ownDir returns the folder of one of our packages.
func ownDir(importPath string) (dir string, ours bool) {
	if importPath == modulePath {
		return ".", true
	}
	return strings.CutPrefix(importPath, modulePath+"/")
}

func importPathOf(dir string) string { return path.Join(modulePath, dir) }
