package manifest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// Limits of files.
const (
	fileLimitBytes = 16 << 20
	maxSlips       = 50 // named at once
)

// A Thing is one thing as a file wants it.
type Thing struct {
	Noun  *noun.Noun
	ID    string
	Doc   cli.Doc // in the shape of PUT; fields that are not there stay as they are
	Where string  // file and line, for people

	IfThere bool // it is changed if it is there, and never created
}

// Files are what some files say together.
type Files struct {
	Things []Thing
	Nouns  map[*noun.Noun]bool // that have a section, be it empty
}

// Read reads files (- is standard input), each with one or more YAML documents.
// Its error is a usage error that names every slip it found by file and line.
func Read(in io.Reader, names []string) (Files, error) {
	all := parsing{Files: Files{Nouns: map[*noun.Noun]bool{}}, seen: map[string]string{}}
	for _, name := range names {
		if err := all.readFile(in, name); err != nil {
			return Files{}, err
		}
	}
	if len(all.slips) > 0 {
		return Files{}, cli.Usage("%s", strings.Join(all.slips, "\n"))
	}
	return all.Files, nil
}

type parsing struct {
	Files
	seen  map[string]string // where a thing was named, by "noun id"
	slips []string
}

func (a *parsing) slip(where, format string, args ...any) {
	if len(a.slips) < maxSlips {
		a.slips = append(a.slips, where+": "+fmt.Sprintf(format, args...))
	}
}

func (a *parsing) readFile(in io.Reader, name string) error {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return &cli.UsageError{Err: err}
		}
		defer f.Close()
		in = f
	}
	limited := &io.LimitedReader{R: in, N: fileLimitBytes + 1}
	d := yaml.NewDecoder(limited)
	for {
		var node yaml.Node
		err := d.Decode(&node)
		if limited.N == 0 {
			return cli.Usage("%s has more than %d bytes", name, fileLimitBytes)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return cli.Usage("read %s: %w", name, err)
		}
		a.document(name, &node)
	}
}

func at(file string, node *yaml.Node) string { return file + ":" + strconv.Itoa(node.Line) }

// document reads the sections of one document.
func (a *parsing) document(file string, node *yaml.Node) {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	if node.Kind != yaml.MappingNode {
		if node.ShortTag() != "!!null" {
			a.slip(at(file, node), "begin with a section: agents, groups, teams, schedules, inboxes, contacts, views or rules, with a colon")
		}
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, section := node.Content[i], node.Content[i+1]
		n := sectionNamed(key.Value)
		switch {
		case n == nil:
			a.slip(at(file, key), "there is no section %q; there are agents, groups, teams, schedules, inboxes, contacts, views, rules", key.Value)
		case section.Kind == yaml.MappingNode:
			a.Nouns[n] = true
			a.section(file, n, section)
		case section.ShortTag() == "!!null":
			a.Nouns[n] = true
		default:
			a.slip(at(file, section), "%s must hold ids, each with its fields", key.Value)
		}
	}
}

func sectionNamed(word string) *noun.Noun {
	for _, n := range noun.Files {
		if n.Plural == word {
			return n
		}
	}
	return nil
}

func (a *parsing) section(file string, n *noun.Noun, section *yaml.Node) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		key, body := section.Content[i], section.Content[i+1]
		where := at(file, key)
		name := n.Name + " " + key.Value
		if before, twice := a.seen[name]; twice {
			a.slip(where, "%s stands in %s already", name, before)
			continue
		}
		a.seen[name] = where
		v, err := cli.ValueOf(body)
		if err != nil {
			a.slip(file, "%v", err)
			continue
		}
		doc, ok := v.(cli.Doc)
		if !ok && v != nil {
			a.slip(at(file, body), "%s must hold fields", name)
			continue
		}
		for _, s := range n.Check(doc) {
			a.slip(file+":"+strconv.Itoa(lineOf(body, s.Pointer)), "%s: %s: %s", name, cli.Dotted(s.Pointer), s.Says)
		}
		a.Things = append(a.Things, Thing{Noun: n, ID: key.Value, Doc: doc, Where: where})
	}
}

// lineOf returns the line of what a pointer leads to, or of what is nearest.
func lineOf(node *yaml.Node, pointer string) int {
	line := node.Line
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == name {
					next, line = node.Content[i+1], node.Content[i].Line
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node.Content) {
				next, line = node.Content[i], node.Content[i].Line
			}
		}
		if next == nil {
			return line
		}
		node = next
	}
	return line
}
