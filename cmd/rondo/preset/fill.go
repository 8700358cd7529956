package preset

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// NeedsAdmin says whether an admin must be named.
func (p Preset) NeedsAdmin() bool { return strings.Contains(p.Settings(), adminWord) }

// Names are what a preset's placeholders stand for.
type Names struct {
	Team    string
	Inboxes []string
	Members string            // "": the team's members stay as they are
	Admin   string            // "": the preset must not need one
	Set     map[string]string // parameters that are to be otherwise than by default
}

// Fill returns what the preset wants of these names, for package manifest. Rules that
// a preset makes of the same names and this one does not want are to be paused, where
// they are. Its error is a usage error that names the parameter.
func (p Preset) Fill(names Names) (manifest.Files, error) {
	filled := manifest.Files{Nouns: map[*noun.Noun]bool{}}
	names, err := p.settle(names)
	if err != nil {
		return filled, err
	}
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
				doc, err := names.document(section.noun, settings[word])
				if err != nil {
					return filled, err
				}
				filled.Things = append(filled.Things, manifest.Thing{Noun: section.noun, ID: id, Doc: doc, Where: "preset " + p.Name})
			}
		}
	}
	wanted, err := p.RulesOf(names)
	if err != nil {
		return filled, err
	}
	rest, err := others(names, wanted)
	if err != nil {
		return filled, err
	}
	filled.Things = append(filled.Things, rest...)
	for _, rule := range wanted {
		filled.Things = append(filled.Things, manifest.Thing{Noun: noun.Rule, ID: rule.ID, Doc: rule.doc, Where: "preset " + p.Name})
	}
	return filled, nil
}

// settle puts the defaults of the parameters beside what is said of them.
func (p Preset) settle(names Names) (Names, error) {
	settled := map[string]string{}
	var known []string
	for _, parameter := range p.Parameters {
		settled[parameter.Name] = parameter.Default
		known = append(known, parameter.Name)
	}
	for name, value := range names.Set {
		switch {
		case slices.Contains(known, name):
			settled[name] = value
		case len(known) == 0:
			return names, cli.Usage("preset %s has no parameters: leave --set out", p.Name)
		default:
			return names, cli.Usage("preset %s has no parameter %q; it has %s", p.Name, name, strings.Join(known, ", "))
		}
	}
	names.Set = settled
	return names, nil
}

// document fills in the settings of one thing.
func (n Names) document(of *noun.Noun, pattern any) (cli.Doc, error) {
	v, err := n.fill(of, "", pattern)
	if err != nil {
		return nil, err
	}
	doc, ok := v.(cli.Doc)
	if !ok {
		return nil, fmt.Errorf("settings of a %s hold no fields", of.Name)
	}
	for _, slip := range of.Check(doc) {
		return nil, cli.Usage("%s of the %s: %s", cli.Dotted(slip.Pointer), of.Name, slip.Says)
	}
	return doc, nil
}

// leftOut marks a field whose placeholder stands for nothing.
type leftOut struct{}

// fill returns a copy of a value with its placeholders filled in. What a parameter
// holds is read as the flag of the field where it stands, with the words around it;
// a parameter that is nothing leaves nothing of them.
func (n Names) fill(of *noun.Noun, pointer string, v any) (any, error) {
	switch v := v.(type) {
	case cli.Doc:
		doc := cli.Doc{}
		for name, below := range v {
			filled, err := n.fill(of, pointer+"/"+name, below)
			if err != nil {
				return nil, err
			}
			if filled != (leftOut{}) {
				doc[name] = filled
			}
		}
		return doc, nil
	case string:
		if v == membersWord {
			return n.roster(), nil
		}
		before, behind, is := strings.Cut(v, "$")
		if !is {
			return n.word(v), nil
		}
		name, after, _ := strings.Cut(behind, " ")
		field, known := of.Field(pointer)
		if !known {
			return nil, fmt.Errorf("parameter %s stands at %s, which is no field", name, pointer)
		}
		field.Flag = "set " + name
		text := n.Set[name]
		if text != "" && v != "$"+name {
			text = before + text + " " + after
		}
		return field.Parse(text)
	}
	return v, nil
}

// word returns what a word of a preset stands for: a placeholder, a parameter, or
// itself.
func (n Names) word(word string) string {
	switch word {
	case teamWord:
		return n.Team
	case adminWord:
		return n.Admin
	}
	if name, is := strings.CutPrefix(word, "$"); is {
		return n.Set[name]
	}
	return word
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
