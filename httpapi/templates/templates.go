// Package templates has rules that are of use at once (S3.6, S3.23): each is a rule
// with places to fill in, such as which team, and says what it does and what it needs.
//
// A template is data: one document of templates.yaml, in the shape of PUT
// /v1/rules/{id}. Its places are strings that begin with a dollar: "$team" stands for
// the value of that parameter, and what is left out is left out with its member. A
// step with "$each": "languages" comes once for each pair of that parameter, with
// "$key" and "$value"; "$keys.languages" are all its keys. One with "$with": "message" is
// left out where that parameter is. A rule that came from a template is a rule like any
// other: nothing remembers it.
//
// Read this file first, then fill.go.
package templates

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed templates.yaml
var file string

// A Template is a rule with places to fill in.
type Template struct {
	Name       string      `yaml:"name"`
	Title      string      `yaml:"title"`    // the name of the rule, until somebody gives it another one
	Sentence   string      `yaml:"sentence"` // what it does
	Needs      []string    `yaml:"needs"`    // what must be set up for it, in words
	Sources    []string    `yaml:"sources"`  // requirements that it meets, S3.6
	Parameters []Parameter `yaml:"parameters"`
	Rule       yaml.Node   `yaml:"rule"`
}

// A Parameter is a place to fill in.
type Parameter struct {
	Name     string `yaml:"name"`
	Kind     Kind   `yaml:"kind"`
	About    string `yaml:"about"`
	Default  string `yaml:"default"`  // what it is when it is left out; "": nothing
	Optional bool   `yaml:"optional"` // it may be left out though it has no default
}

// Required says whether it must be given.
func (p Parameter) Required() bool { return p.Default == "" && !p.Optional }

// A Kind says what a parameter may be.
type Kind string

// The kinds. All but the last six are ids.
const (
	KindTeam     Kind = "team"
	KindAgent    Kind = "agent"
	KindInbox    Kind = "inbox"
	KindSchedule Kind = "schedule"
	KindTag      Kind = "tag"
	KindField    Kind = "field" // of the contact
	KindForm     Kind = "form"
	KindShift    Kind = "shift" // its name
	KindText     Kind = "text"
	KindSeconds  Kind = "seconds"
	KindNumber   Kind = "number"
	KindPriority Kind = "priority"
	KindTeams    Kind = "teams" // pairs: de=support-de,fr=support-fr
)

var kinds = []Kind{KindTeam, KindAgent, KindInbox, KindSchedule, KindTag, KindField, KindForm, KindShift, KindText, KindSeconds, KindNumber, KindPriority, KindTeams}

var read = sync.OnceValues(func() ([]Template, error) { return parse(file) })

// All returns the templates in the order in which people are shown them. The caller
// must not change them. An error is a fault of this binary.
func All() ([]Template, error) { return read() }

func parse(text string) (all []Template, err error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	for {
		var t Template
		if err := d.Decode(&t); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read template %d: %w", len(all)+1, err)
		}
		for _, p := range t.Parameters {
			if !slices.Contains(kinds, p.Kind) {
				return nil, fmt.Errorf("read template %s: parameter %s is of no kind: %q", t.Name, p.Name, p.Kind)
			}
		}
		all = append(all, t)
	}
}

// Named returns one template; ok says whether there is one.
func Named(name string) (t Template, ok bool, err error) {
	all, err := All()
	if err != nil {
		return t, false, err
	}
	i := slices.IndexFunc(all, func(t Template) bool { return t.Name == name })
	if i < 0 {
		return t, false, nil
	}
	return all[i], true, nil
}

// Parameters returns the names of all parameters of all templates, sorted, each once.
func Parameters() (names []string, err error) {
	all, err := All()
	for _, t := range all {
		for _, p := range t.Parameters {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), err
}
