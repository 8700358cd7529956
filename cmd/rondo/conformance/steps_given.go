package conformance

import (
	"context"
	"net/http"
	"strconv"
	"strings"
)

// givenRules set things up. They may stand behind "when" as well: a team that is
// changed later is changed by the same words.
var givenRules = []rule{
	{pattern: `agents? {list}(?: with (id|role|language|region|skill) {word})? {status}`, run: givenAgents},
	{pattern: `agent {name} whose onboarding is not done`, run: givenUnfinished},
	{pattern: `group {name} holds {list}`, run: givenGroup},
	{pattern: `team {name} lists {list}(?: in order (name|list|least_recently_assigned))?`, run: givenTeam},
	{pattern: `team {name} has no members`, run: givenEmptyTeam},
	{pattern: `team {name} sets {word} to {word}`, run: setRotation},
	{pattern: `team {name} falls back to (its inbox|agent|team)(?: {name})?`, run: setFallback},
	{pattern: `team {name} adds {name}`, run: addMember},
	{pattern: `team {name} lets people join`, run: letJoin},
	{pattern: `team {name} drops {name}(?:, (keep|requeue) what she has)?`, run: dropMember},
	{pattern: `inbox {name} shares by rotation to {name}`, run: setMode("rotation", "team", "teams")},
	{pattern: `inbox {name} gives everything to {name}`, run: setMode("default_assignee", "agent", "agents")},
	{pattern: `inbox {name} is manual(?: for {name})?`, run: setMode("manual", "team", "teams")},
	{pattern: `inbox {name} sets {word} to {word}`, run: setAssignment},
	{pattern: `inbox {name} is open to {list}`, run: setRoster("access")},
	{pattern: `inbox {name} is worked by {list}`, run: setRoster("members")},
	{pattern: `{name} (gets|loses) access to inbox {name}`, run: changeAccess},
	{pattern: `a contact {name}(?: owned by {name})?`, run: givenContact},
}

// A presenceBody is what PUT .../presence takes.
type presenceBody struct {
	Status       string `json:"status"`
	LeaseSeconds int    `json:"lease_seconds,omitempty"`
	From         string `json:"from,omitempty"`
	Until        string `json:"until,omitempty"`
}

func statusOf(words string) string { return strings.ReplaceAll(words, " ", "_") }

// givenAgents creates people and sets their presence. What stands behind "with" is
// the id of the one, or an entry of their lists.
func givenAgents(ctx context.Context, w *world, a []string) error {
	for _, name := range names(a[0]) {
		body := tree{"name": name}
		switch a[1] {
		case "id":
			w.call("agents", name, a[2])
		case "role":
			body["role"] = a[2]
		case "language", "region", "skill":
			body[a[1]+"s"] = []string{a[2]}
		}
		if err := w.put(ctx, w.path("agents", name), body); err != nil || w.last.refused != nil {
			return err
		}
		if err := w.setPresence(ctx, runner, name, presenceBody{Status: statusOf(a[3])}); err != nil || w.last.refused != nil {
			return err
		}
	}
	return nil
}

func givenUnfinished(ctx context.Context, w *world, a []string) error {
	if err := w.put(ctx, w.path("agents", a[0]), tree{"name": a[0], "onboarded": false}); err != nil || w.last.refused != nil {
		return err
	}
	return w.setPresence(ctx, runner, a[0], presenceBody{Status: "available"})
}

func (w *world) setPresence(ctx context.Context, actor, name string, body presenceBody) error {
	_, _, err := w.change(ctx, actor, http.MethodPut, w.path("agents", name)+"/presence", body)
	return err
}

// roster writes names as members: "group G" is a group.
func (w *naming) roster(list []string) []tree {
	all := []tree{}
	for _, name := range list {
		if group, ok := strings.CutPrefix(name, "group "); ok {
			all = append(all, tree{"group": w.id("groups", group)})
			continue
		}
		all = append(all, tree{"agent": w.id("agents", name)})
	}
	return all
}

func givenGroup(ctx context.Context, w *world, a []string) error {
	return w.put(ctx, w.path("groups", a[0]), tree{"name": a[0], "members": w.roster(names(a[1]))})
}

func givenTeam(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0], "rotation": tree{}})
	body["members"] = w.roster(names(a[1]))
	if a[2] != "" {
		body["rotation"] = with(body["rotation"], "order", a[2])
	}
	return w.put(ctx, path, body)
}

func givenEmptyTeam(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0], "rotation": tree{}})
	body["members"] = []tree{}
	return w.put(ctx, path, body)
}

// with returns a copy of an object with one field changed.
func with(object any, name string, value any) tree {
	changed := tree{name: value}
	old, _ := object.(tree)
	for key, v := range old {
		if key != name {
			changed[key] = v
		}
	}
	return changed
}

func setRotation(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["rotation"] = with(body["rotation"], a[1], value(a[2]))
	return w.put(ctx, path, body)
}

// value reads a setting: numbers, on and off, one tag in brackets, or a word.
func value(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if tag, ok := strings.CutPrefix(text, "["); ok {
		return []string{strings.TrimSuffix(tag, "]")}
	}
	switch text {
	case "on":
		return true
	case "off":
		return false
	}
	return text
}

func setFallback(ctx context.Context, w *world, a []string) error {
	fallback := tree{"to": "team_inbox"}
	if a[1] != "its inbox" {
		fallback = tree{"to": a[1], a[1]: w.id(a[1]+"s", a[2])}
	}
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["rotation"] = with(body["rotation"], "fallback", fallback)
	return w.put(ctx, path, body)
}

func addMember(ctx context.Context, w *world, a []string) error {
	_, _, err := w.change(ctx, runner, http.MethodPut, w.path("teams", a[0])+"/members/"+w.id("agents", a[1]), nil)
	return err
}

func letJoin(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["self_join"] = true
	return w.put(ctx, path, body)
}

func dropMember(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0]) + "/members/" + w.id("agents", a[1])
	if a[2] != "" {
		path += "?conversations=" + a[2]
	}
	_, _, err := w.change(ctx, runner, http.MethodDelete, path, nil)
	return err
}

// setMode chooses one way to assign, which turns the others off.
func setMode(mode, field, kind string) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, a []string) error {
		assignment := tree{"mode": mode}
		if a[1] != "" {
			assignment[field] = w.id(kind, a[1])
		}
		if w.inbox == "" {
			w.inbox = a[0]
		}
		path := w.path("inboxes", a[0])
		body := w.body(path, tree{"name": a[0]})
		body["assignment"] = w.under.assigned(assignment)
		if err := w.put(ctx, path, body); err != nil || mode != "rotation" {
			return err
		}
		return putRules(ctx, w, a[0], a[1])
	}
}

func setAssignment(ctx context.Context, w *world, a []string) error {
	path := w.path("inboxes", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["assignment"] = with(body["assignment"], a[1], value(a[2]))
	return w.put(ctx, path, body)
}

func setRoster(field string) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, a []string) error {
		path := w.path("inboxes", a[0])
		body := w.body(path, tree{"name": a[0]})
		body[field] = w.roster(names(a[1]))
		return w.put(ctx, path, body)
	}
}

func changeAccess(ctx context.Context, w *world, a []string) error {
	method := http.MethodPut
	if a[1] == "loses" {
		method = http.MethodDelete
	}
	_, _, err := w.change(ctx, runner, method, w.path("inboxes", a[2])+"/access/"+w.id("agents", a[0]), nil)
	return err
}

func givenContact(ctx context.Context, w *world, a []string) error {
	body := tree{"name": a[0], "addresses": []string{w.address(a[0])}}
	if a[1] != "" {
		body["owner"] = w.id("agents", a[1])
	}
	return w.put(ctx, w.path("contacts", a[0]), body)
}
