package preset

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

//go:embed presets/*.yaml
var files embed.FS

// The placeholders of a preset's file.
const (
	teamWord    = "TEAM"
	inboxWord   = "INBOX"
	membersWord = "MEMBERS"
	adminWord   = "ADMIN"
)

// A Preset is the settings of a team and its inboxes that one product stands for.
type Preset struct {
	Name        string            `json:"name" yaml:"-"`
	Title       string            `json:"title" yaml:"title"`
	Description string            `json:"description" yaml:"description"`
	Sources     []string          `json:"sources" yaml:"sources"` // requirements, S1.3
	Cases       map[string]string `json:"cases" yaml:"cases"`     // conformance cases it passes, K1
	Teams       yaml.Node         `json:"-" yaml:"teams"`
	Inboxes     yaml.Node         `json:"-" yaml:"inboxes"`

	text string
}

// All returns the presets in the order of their names.
func All() ([]Preset, error) {
	names, err := fs.Glob(files, "presets/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list presets: %w", err)
	}
	var all []Preset
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read preset %s: %w", name, err)
		}
		d := yaml.NewDecoder(strings.NewReader(string(text)))
		d.KnownFields(true)
		p := Preset{Name: strings.TrimSuffix(path.Base(name), ".yaml"), text: string(text)}
		if err := d.Decode(&p); err != nil {
			return nil, fmt.Errorf("read preset %s: %w", name, err)
		}
		all = append(all, p)
	}
	return all, nil
}

// Named returns one preset. Its error names those there are.
func Named(name string) (Preset, error) {
	all, err := All()
	if err != nil {
		return Preset{}, err
	}
	var names []string
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, cli.Usage("there is no preset %q; there are %s", name, strings.Join(names, ", "))
}

// Settings returns the part of the preset's file that rondo apply understands once
// its placeholders are filled in.
func (p Preset) Settings() string {
	return p.text[strings.Index(p.text, "\nteams:")+1:]
}

// NeedsAdmin says whether an admin must be named.
func (p Preset) NeedsAdmin() bool { return strings.Contains(p.Settings(), adminWord) }

// Names are what a preset's placeholders stand for.
type Names struct {
	Team    string
	Inboxes []string
	Members string // "": the team's members stay as they are
	Admin   string // "": the preset must not need one
}

// Fill returns what the preset wants of these names, for package manifest.
func (p Preset) Fill(names Names) (manifest.Files, error) {
	filled := manifest.Files{Nouns: map[*noun.Noun]bool{}}
	for _, section := range []struct {
		noun *noun.Noun
		node yaml.Node
		ids  []string
	}{{noun.Team, p.Teams, []string{names.Team}}, {noun.Inbox, p.Inboxes, names.Inboxes}} {
		v, err := cli.ValueOf(&section.node)
		if err != nil {
			return filled, fmt.Errorf("read preset %s: %w", p.Name, err)
		}
		settings, _ := v.(cli.Doc)
		for word := range settings {
			for _, id := range section.ids {
				doc, ok := names.fill(settings[word]).(cli.Doc)
				if !ok {
					return filled, fmt.Errorf("read preset %s: %s holds no fields", p.Name, word)
				}
				filled.Things = append(filled.Things, manifest.Thing{Noun: section.noun, ID: id, Doc: doc, Where: "preset " + p.Name})
			}
		}
	}
	return filled, nil
}

// leftOut marks a field whose placeholder stands for nothing.
type leftOut struct{}

// fill returns a copy of a value with its placeholders filled in.
func (n Names) fill(v any) any {
	switch v := v.(type) {
	case cli.Doc:
		doc := cli.Doc{}
		for name, below := range v {
			if filled := n.fill(below); filled != (leftOut{}) {
				doc[name] = filled
			}
		}
		return doc
	case string:
		switch v {
		case teamWord:
			return n.Team
		case adminWord:
			return n.Admin
		case membersWord:
			return n.roster()
		}
	}
	return v
}

func (n Names) roster() any {
	if n.Members == "" {
		return leftOut{}
	}
	members := []any{}
	for word := range strings.SplitSeq(n.Members, ",") {
		members = append(members, noun.Entry(strings.TrimSpace(word)))
	}
	return members
}
