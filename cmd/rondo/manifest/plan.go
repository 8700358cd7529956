package manifest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// An Act is what a step does with its thing.
type Act string

// The acts there are.
const (
	Create Act = "create"
	Change Act = "change"
	Delete Act = "delete"
)

// A Field is one difference, as people read it.
type Field struct {
	Pointer string `json:"pointer"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

// A Step is one call that brings the cluster nearer to the files.
type Step struct {
	Act    Act     `json:"act"`
	Noun   string  `json:"noun"`
	ID     string  `json:"id"`
	Fields []Field `json:"fields"`

	thing    Thing
	body     cli.Doc
	revision uint64 // that was seen; 0: it was not there
	then     string // a call on the thing that follows: publish, pause
}

// A Plan is what differs between files and cluster, in the order in which it can
// be done: what others name first, deletions last.
type Plan struct {
	Steps     []Step   `json:"steps"`
	Unchanged int      `json:"unchanged"`
	Notes     []string `json:"notes"` // what was left out, and why
}

// Compare asks the cluster for everything the files name, and with prune for what
// they do not, and plans. It changes nothing.
func Compare(ctx context.Context, c *client.Client, files Files, prune bool) (*Plan, error) {
	plan := &Plan{Steps: []Step{}, Notes: []string{}}
	for _, n := range noun.Files {
		things, err := ordered(n, files.Things)
		if err != nil {
			return nil, err
		}
		for _, thing := range things {
			if err := plan.compare(ctx, c, thing); err != nil {
				return nil, fmt.Errorf("%s %s (%s): %w", n.Name, thing.ID, thing.Where, err)
			}
		}
	}
	if !prune {
		return plan, nil
	}
	for _, n := range slices.Backward(noun.Files) {
		if err := plan.prune(ctx, c, n, files); err != nil {
			return nil, fmt.Errorf("find %s that no file names: %w", n.Plural, err)
		}
	}
	return plan, nil
}

// ordered returns the things of a noun, a team behind the teams it falls back on.
func ordered(n *noun.Noun, all []Thing) ([]Thing, error) {
	byID := map[string]Thing{}
	var ids []string
	for _, t := range all {
		if t.Noun == n {
			byID[t.ID] = t
			ids = append(ids, t.ID)
		}
	}
	var list []Thing
	state := map[string]int{} // 1: on the way, 2: done
	var visit func(id string, path []string) error
	visit = func(id string, path []string) error {
		thing, ok := byID[id]
		switch {
		case !ok || state[id] == 2:
			return nil
		case state[id] == 1:
			return cli.Usage("%s: teams fall back on each other in a circle: %s", thing.Where, strings.Join(append(path, id), " > "))
		}
		state[id] = 1
		fallback, _ := cli.Get(thing.Doc, "/rotation/fallback")
		for _, other := range fallbackTeams(fallback) {
			if err := visit(other, append(path, id)); err != nil {
				return err
			}
		}
		state[id] = 2
		list = append(list, thing)
		return nil
	}
	for _, id := range ids {
		if err := visit(id, nil); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func fallbackTeams(chain any) []string {
	var teams []string
	for step, ok := chain.(cli.Doc); ok; step, ok = step["then"].(cli.Doc) {
		if team, named := step["team"].(string); named {
			teams = append(teams, team)
		}
	}
	return teams
}

func (p *Plan) compare(ctx context.Context, c *client.Client, thing Thing) error {
	var raw []byte
	_, err := c.Do(ctx, http.MethodGet, thing.path(), nil, &raw)
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusNotFound && problem.Code != "no_route" {
		if thing.IfThere {
			return nil
		}
		p.create(thing)
		return nil
	}
	if err != nil {
		return err
	}
	view, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	view = inQuestion(thing, view)
	step := Step{Act: Change, Noun: thing.Noun.Name, ID: thing.ID, thing: thing, body: thing.Noun.Writable(view), revision: noun.RevisionOf(view)}
	for _, f := range thing.Noun.Fields {
		want, named := cli.Get(thing.Doc, f.Pointer)
		have, _ := cli.Get(view, f.Pointer)
		if f.Apart {
			step.becomes(f, cli.Text(have), want)
			continue
		}
		if named && !f.Same(have, want) {
			step.Fields = append(step.Fields, differences(f, have, want)...)
			cli.Set(step.body, f.Pointer, want)
		}
	}
	thing.Noun.Lean(step.body)
	if len(step.Fields) == 0 {
		if !thing.IfThere {
			p.Unchanged++
		}
		return nil
	}
	p.Steps = append(p.Steps, step)
	return nil
}

func shown(f noun.Field, want any) string {
	if want == nil && f.Default != nil {
		want = f.Default
	}
	return f.Show(want)
}

// create plans a new thing. What a file says as it is by default anyway is not
// sent, so that a file may name settings that an older cluster does not know yet.
func (p *Plan) create(thing Thing) {
	wanted := noun.Merge(cli.Doc{"name": thing.ID}, thing.Doc)
	step := Step{Act: Create, Noun: thing.Noun.Name, ID: thing.ID, thing: thing, body: cli.Doc{}, Fields: []Field{}}
	for _, f := range thing.Noun.Fields {
		if value, ok := cli.Get(wanted, f.Pointer); f.Apart {
			step.becomes(f, "", value)
		} else if ok && !f.Same(value, nil) {
			cli.Set(step.body, f.Pointer, value)
			step.Fields = append(step.Fields, created(f, value)...)
		}
	}
	p.Steps = append(p.Steps, step)
}

func (t Thing) path() string { return t.Noun.Path() + "/" + url.PathEscape(t.ID) }

// personal says whether it is a view of one agent alone: it is hers, neither
// written to files nor pruned by them.
func personal(n *noun.Noun, view cli.Doc) bool { return n == noun.View && view["owner"] != nil }

// prune plans to delete what the cluster has and no file names, of nouns that have
// a section. Contacts stay: most of them come from messages.
func (p *Plan) prune(ctx context.Context, c *client.Client, n *noun.Noun, files Files) error {
	if !files.Nouns[n] {
		return nil
	}
	if n == noun.Contact {
		p.Notes = append(p.Notes, "contacts are not pruned: whoever writes becomes one")
		return nil
	}
	views, err := ListAll(ctx, c, n)
	if err != nil {
		return err
	}
	for _, view := range views {
		id := cli.Text(view["id"])
		if slices.ContainsFunc(files.Things, func(t Thing) bool { return t.Noun == n && t.ID == id }) || personal(n, view) {
			continue
		}
		p.Steps = append(p.Steps, Step{Act: Delete, Noun: n.Name, ID: id, Fields: []Field{},
			thing: Thing{Noun: n, ID: id}, revision: noun.RevisionOf(view)})
	}
	return nil
}

// ListAll returns all things of a noun, page by page, in the order of their ids.
// What is written meanwhile may be among them or not.
func ListAll(ctx context.Context, c *client.Client, n *noun.Noun) ([]cli.Doc, error) {
	var all []cli.Doc
	query := url.Values{"limit": {"200"}}
	for {
		var page struct {
			Items         []json.RawMessage `json:"items"`
			NextPageToken string            `json:"next_page_token"`
		}
		if _, err := c.Do(ctx, http.MethodGet, n.Path()+"?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			doc, err := cli.DecodeDoc(item)
			if err != nil {
				return nil, err
			}
			all = append(all, doc)
		}
		if page.NextPageToken == "" {
			return all, nil
		}
		query.Set("page_token", page.NextPageToken)
	}
}
