package conformance

import (
	"context"
	"net/http"
	"slices"
)

// ruleRules are about rules: what they answer to, what they ask and what they do.
// Every rule of a case answers for the inbox of the case alone, since rules are of
// the whole cluster and other cases run there, too.
var ruleRules = []rule{
	{pattern: `rule {name} answers to {word}(?: with (tag|field|form) {word})?(?: after {n} seconds?)?`, run: ruleAnswers},
	{pattern: `rule {name} comes even before owners`, run: ruleBeforeOwners},
	{pattern: `rule {name} asks that {word} {word}(?: {word})?`, run: ruleAsks},
	{pattern: `rule {name} puts the tag {word} on it`, run: ruleTags},
	{pattern: `rule {name} assigns it to (agent|team) {name}(?: within {n} seconds?)?`, run: ruleAssigns},
	{pattern: `otherwise rule {name} gives it to (agent|team) {name}(?: within {n} seconds?)?`, run: ruleOtherwise},
	{pattern: `rule {name} assigns by (language|region) in team {name}`, run: ruleMatches},
	{pattern: `rule {name} assigns it to team {name} if {word} {word} {word}, else to team {name}`, run: ruleBranches},
	{pattern: `rule {name} assigns it to team {name} if team {name} has somebody, else to team {name}`, run: ruleSkips},
	{pattern: `rule {name} is (published|paused)`, run: ruleIs},
	{pattern: `contact {name} submits the form {word} with the field {word} {word}`, run: submitForm},
	{pattern: `contact {name} is said to be qualified`, run: qualify},

	{looks: true, pattern: `{conv} was decided by rule {name}`, run: decidedByRule},
	{looks: true, pattern: `no rule decided about {conv}`, run: decidedByNoRule},
	{looks: true, pattern: `{conv} has the tag {word}`, run: hasTag},
}

// amendRule changes the draft of a rule and puts it.
func amendRule(ctx context.Context, w *world, name string, change func(body tree)) error {
	path := w.path("rules", name)
	body := w.body(path, tree{"name": name, "on": tree{"on": "conversation_opened"}, "steps": []tree{}})
	change(body)
	return w.put(ctx, path, body)
}

func ruleAnswers(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	on := tree{"on": a[1], "inbox": inbox}
	if a[1] == "contact_qualified" { // it has no inbox; nobody else's contacts are qualified
		delete(on, "inbox")
	}
	if a[2] != "" {
		on[a[2]] = a[3]
	}
	if a[4] != "" {
		on["for_seconds"] = number(a[4])
	}
	return amendRule(ctx, w, a[0], func(body tree) { body["on"] = on })
}

func ruleBeforeOwners(ctx context.Context, w *world, a []string) error {
	return amendRule(ctx, w, a[0], func(body tree) { body["even_if_owned"] = true })
}

// comparison is a condition that compares one field.
func comparison(field, op, value string) tree {
	if value == "" {
		return tree{"field": field, "op": op}
	}
	return tree{"field": field, "op": op, "value": value}
}

func ruleAsks(ctx context.Context, w *world, a []string) error {
	return amendRule(ctx, w, a[0], func(body tree) {
		all := []tree{comparison(a[1], a[2], a[3])}
		if when, asks := body["when"].(tree); asks {
			before, _ := when["all"].([]tree)
			all = append(slices.Clone(before), all...)
		}
		body["when"] = tree{"all": all}
	})
}

func addStep(ctx context.Context, w *world, name string, step tree) error {
	return amendRule(ctx, w, name, func(body tree) {
		steps, _ := body["steps"].([]tree)
		body["steps"] = append(slices.Clone(steps), step)
	})
}

func ruleTags(ctx context.Context, w *world, a []string) error {
	return addStep(ctx, w, a[0], tree{"add_tag": tree{"tag": a[1]}})
}

// assignment is the inside of an assign step; within may be empty.
func assignment(w *world, kind, name, within string) tree {
	to := tree{kind: w.id(kind+"s", name)}
	if within != "" {
		to["within_seconds"] = number(within)
	}
	return to
}

func ruleAssigns(ctx context.Context, w *world, a []string) error {
	return addStep(ctx, w, a[0], tree{"assign": assignment(w, a[1], a[2], a[3])})
}

// ruleOtherwise hangs an assignment behind the innermost one that the rule ends with.
func ruleOtherwise(ctx context.Context, w *world, a []string) error {
	return amendRule(ctx, w, a[0], func(body tree) {
		steps, _ := body["steps"].([]tree)
		var last tree
		for len(steps) > 0 {
			last, _ = steps[len(steps)-1]["assign"].(tree)
			steps, _ = last["otherwise"].([]tree)
		}
		last["otherwise"] = []tree{{"assign": assignment(w, a[1], a[2], a[3])}}
	})
}

func ruleMatches(ctx context.Context, w *world, a []string) error {
	to := assignment(w, "team", a[2], "")
	to["match"] = []string{a[1]}
	return addStep(ctx, w, a[0], tree{"assign": to})
}

func ruleBranches(ctx context.Context, w *world, a []string) error {
	return addStep(ctx, w, a[0], branch(w, comparison(a[2], a[3], a[4]), a[1], a[5]))
}

func ruleSkips(ctx context.Context, w *world, a []string) error {
	somebody := comparison("team.eligible", "is", "true")
	somebody["of"] = w.id("teams", a[2])
	return addStep(ctx, w, a[0], branch(w, somebody, a[1], a[3]))
}

func branch(w *world, condition tree, team, other string) tree {
	return tree{"branch": tree{
		"if":   condition,
		"then": []tree{{"assign": assignment(w, "team", team, "")}},
		"else": []tree{{"assign": assignment(w, "team", other, "")}},
	}}
}

func ruleIs(ctx context.Context, w *world, a []string) error {
	act := map[string]string{"published": "publish", "paused": "pause"}[a[1]]
	_, _, err := w.change(ctx, runner, http.MethodPost, w.path("rules", a[0])+"/"+act, tree{})
	return err
}

func submitForm(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	body := w.message("contact " + a[0])
	delete(body, "direction")
	body["form"], body["fields"] = a[1], tree{a[2]: a[3]}
	answer, _, err := w.change(ctx, runner, http.MethodPost, "/v1/inboxes/"+inbox+"/forms", body)
	if err == nil && w.last.refused == nil {
		w.naming.ids["contacts/"+a[0]] = answer.text("contact.id")
	}
	return err
}

func qualify(ctx context.Context, w *world, a []string) error {
	_, _, err := w.change(ctx, runner, http.MethodPost, w.path("contacts", a[0])+"/qualify", tree{})
	return err
}

func decidedByRule(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(w.id("rules", a[1]), d.text("rule"))
}

func decidedByNoRule(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	return expect("", d.text("rule"))
}

func hasTag(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	tags, _ := c.at("tags").([]any)
	if slices.Contains(tags, any(a[1])) {
		return nil
	}
	return expect("tag "+a[1], "other tags")
}
