package preset

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
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
	Parameters  []Parameter       `json:"parameters" yaml:"parameters"`
	Rules       []Ruling          `json:"rules" yaml:"rules"`
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

// A Parameter is something that people may want otherwise. Settings and rules name it
// as $name; what it may be, they say.
type Parameter struct {
	Name    string `json:"name" yaml:"name"`
	About   string `json:"about" yaml:"about"`
	Default string `json:"default" yaml:"default"` // "": nothing
}

// A Ruling is a rule of a preset: a template, filled in. It is left out where a
// parameter that the template requires is nothing.
type Ruling struct {
	ID       string            `json:"id" yaml:"id"`             // with TEAM, or INBOX for one of each inbox
	Template string            `json:"template" yaml:"template"` // of rondo rule template list
	Set      map[string]string `json:"set" yaml:"set"`           // the template's parameters
}

// Settings returns the part of the preset's file that rondo apply understands once
// its placeholders are filled in.
func (p Preset) Settings() string {
	return p.text[strings.Index(p.text, "\nteams:")+1:]
}
