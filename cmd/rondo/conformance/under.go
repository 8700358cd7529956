package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// A Preset is settings that cases may stand on. Who runs cases brings it along: this
// package knows no presets.
type Preset struct {
	Name       string
	Cases      []string // that it should pass
	NeedsAdmin bool     // Fill wants an agent who is the admin

	// Fill returns the settings for things of these ids. The bodies are the caller's.
	Fill func(team, inbox, admin string) (Settings, error)
}

// Settings are the bodies of PUT for a team, an inbox that shares by rotation to it,
// and the rules of both.
type Settings struct {
	Team, Inbox map[string]any
	Rules       []SettledRule
}

// A SettledRule is a rule of a preset.
type SettledRule struct {
	ID        string
	Body      map[string]any
	Published bool // or a draft
}

// A footing is a preset under a case: its teams and inboxes begin with the settings
// of the preset, of which the case may change some, and inboxes that share by rotation
// have its rules. The nil footing is none.
type footing struct {
	preset Preset
	admin  string
	team   tree
	inbox  tree
}

// stand puts a case on a preset, nil: on none.
func stand(ctx context.Context, w *world, p *Preset) error {
	if p == nil {
		return nil
	}
	f := &footing{preset: *p}
	if p.NeedsAdmin {
		const name = "Admin of the preset"
		f.admin = w.id("agents", name)
		if err := w.put(ctx, w.path("agents", name), tree{"name": name}); err != nil {
			return err
		}
	}
	settings, err := p.Fill("team", "inbox", f.admin)
	if err != nil {
		return fmt.Errorf("fill in preset %s: %w", p.Name, err)
	}
	f.team, f.inbox = treeOf(settings.Team), treeOf(settings.Inbox)
	w.under = f
	return nil
}

// treeOf is an object as steps change it.
func treeOf(doc map[string]any) tree {
	t := tree{}
	for name, value := range doc {
		if below, ok := value.(map[string]any); ok {
			value = treeOf(below)
		}
		t[name] = value
	}
	return t
}

// begun is what a thing is that a step puts for the first time.
func (f *footing) begun(path string, first tree) tree {
	switch {
	case f == nil:
		return first
	case strings.HasPrefix(path, "/v1/teams/"):
		return over(f.team, first)
	case strings.HasPrefix(path, "/v1/inboxes/"):
		settings := maps.Clone(f.inbox)
		delete(settings, "assignment") // as assigned says
		return over(settings, first)
	}
	return first
}

// assigned is how an inbox assigns: by rotation as the preset says, and otherwise as
// the case does.
func (f *footing) assigned(said tree) tree {
	if f == nil || said["mode"] != "rotation" {
		return said
	}
	settings, _ := f.inbox["assignment"].(tree)
	return over(settings, said)
}

// perInbox says whether the preset gives each inbox a ring: that of the one where
// conversations arrive is meant where a case names none.
func (f *footing) perInbox() bool {
	if f == nil {
		return false
	}
	rotation, _ := f.team["rotation"].(tree)
	return rotation["per"] == "inbox"
}

// over puts an object over another one.
func over(below, above tree) tree {
	both := maps.Clone(below)
	for name, value := range above {
		object, is := value.(tree)
		if under, too := both[name].(tree); is && too {
			value = over(under, object)
		}
		both[name] = value
	}
	return both
}

// putRules puts the rules of the preset for an inbox and its team. What was answered
// to the step before stays what the next step looks at.
func putRules(ctx context.Context, w *world, inbox, team string) error {
	if w.under == nil || w.last.refused != nil {
		return nil
	}
	answered := w.last
	defer func() { w.last = answered }()
	settings, err := w.under.preset.Fill(w.id("teams", team), w.id("inboxes", inbox), w.under.admin)
	if err != nil {
		return fmt.Errorf("fill in preset %s: %w", w.under.preset.Name, err)
	}
	for _, rule := range settings.Rules {
		path := "/v1/rules/" + rule.ID
		err := w.put(ctx, path, tree(rule.Body))
		if err == nil && w.last.refused == nil && rule.Published {
			_, _, err = w.change(ctx, runner, http.MethodPost, path+"/publish", tree{})
		}
		if err == nil && w.last.refused != nil {
			err = w.last.refused
		}
		if err != nil {
			return fmt.Errorf("put rule %s of preset %s: %w", rule.ID, w.under.preset.Name, err)
		}
	}
	return nil
}
