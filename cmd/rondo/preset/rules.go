package preset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
	"github.com/rondohq/rondo/cmd/rondo/noun"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/templates"
)

// States of the rules of presets.
const (
	statePublished = "published"
	statePaused    = "paused"
)

// A Rule is a rule that a preset makes of certain names, to be in force at once.
type Rule struct {
	ID       string
	Sentence string // what it does

	doc cli.Doc
}

// RulesOf returns the rules that the preset makes of these names, whose parameters
// are settled by Fill; those of others are as by default. Its error is a usage error
// that names the parameter.
func (p Preset) RulesOf(names Names) ([]Rule, error) {
	names, err := p.settle(names)
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for _, ruling := range p.Rules {
		made, err := ruling.of(names)
		if err != nil {
			return nil, err
		}
		rules = append(rules, made...)
	}
	return rules, nil
}

// of makes the rule for each inbox, or the one of the team.
func (r Ruling) of(names Names) (rules []Rule, err error) {
	template, ok, err := templates.Named(names.word(r.Template))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the templates: %w", err)
	case !ok:
		return nil, cli.Usage("--set %s is %q: there is no such template; see rondo rule template list", strings.TrimPrefix(r.Template, "$"), names.word(r.Template))
	}
	for _, named := range r.ids(names) {
		values := map[string]string{}
		for parameter, word := range r.Set {
			value := names.word(word)
			if word == inboxWord {
				value = named.inbox
			}
			if value != "" {
				values[parameter] = value
			}
		}
		if r.lacks(template, values) {
			continue
		}
		doc, err := r.fill(template, values)
		if err != nil {
			return nil, err
		}
		if len(named.id) > fsm.MaxIDBytes {
			return nil, cli.Usage("the rule %s would have an id of %d characters, at most %d are allowed: use shorter ids", named.id, len(named.id), fsm.MaxIDBytes)
		}
		doc["state"] = statePublished
		rules = append(rules, Rule{ID: named.id, Sentence: template.Sentence, doc: doc})
	}
	return rules, nil
}

// lacks says whether something that the rule is about is nothing.
func (r Ruling) lacks(template templates.Template, values map[string]string) bool {
	return slices.ContainsFunc(template.Parameters, func(p templates.Parameter) bool {
		_, set := r.Set[p.Name]
		return values[p.Name] == "" && (p.Required() || set && !p.Optional)
	})
}

// fill fills in the template. What is wrong is named by the parameter of the preset
// that it came from.
func (r Ruling) fill(template templates.Template, values map[string]string) (cli.Doc, error) {
	filled, faults, err := template.Fill(values)
	if err != nil {
		return nil, err
	}
	for _, fault := range faults {
		name := strings.TrimPrefix(r.Set[fault.Parameter], "$")
		return nil, cli.Usage("--set %s, for the template %s: %s", name, template.Name, fault.Detail)
	}
	raw, err := json.Marshal(filled.Document)
	if err != nil {
		return nil, fmt.Errorf("write the rule: %w", err)
	}
	return cli.DecodeDoc(raw)
}

// A ruleName is the id of a rule, and the inbox that it is of.
type ruleName struct{ id, inbox string }

// ids returns what the rule is called: once, or for each inbox.
func (r Ruling) ids(names Names) (list []ruleName) {
	if rest, ofInbox := strings.CutPrefix(r.ID, inboxWord); ofInbox {
		for _, inbox := range names.Inboxes {
			list = append(list, ruleName{inbox + rest, inbox})
		}
		return list
	}
	return []ruleName{{id: names.Team + strings.TrimPrefix(r.ID, teamWord)}}
}

// others pauses what any preset makes of these names and is not wanted, so that
// nothing of a preset stays in force when another one is applied over it.
func others(names Names, wanted []Rule) (things []manifest.Thing, err error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		for _, ruling := range p.Rules {
			for _, named := range ruling.ids(names) {
				if !slices.ContainsFunc(wanted, func(r Rule) bool { return r.ID == named.id }) {
					things = append(things, manifest.Thing{Noun: noun.Rule, ID: named.id, Doc: cli.Doc{"state": statePaused}, Where: "preset " + p.Name, IfThere: true})
				}
			}
		}
	}
	return things, nil
}
