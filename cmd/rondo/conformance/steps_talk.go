package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// talkRules are what happens to a conversation besides being assigned: bots,
// messages, snoozing, passing on, taking back.
var talkRules = []rule{
	{pattern: `bot {name} {status}`, run: givenBot},
	{pattern: `inbox {name} lets bot {name} begin`, run: letBotBegin},
	{pattern: `team {name} leaves to people what is passed on to it`, run: setTeam("auto_assign", false)},
	{pattern: `team {name} forgets assignees on closing`, run: setTeam("unassign_on_close", true)},
	{pattern: `team {name} is supervised by {list}`, run: superviseTeam},
	{pattern: `team {name} tells of what is held after {n} seconds?`, run: setHeldAlert},
	{pattern: `team {name} greets customers with "(.+)"`, run: setGreeting},
	{pattern: `a pending conversation arrives`, run: arrivePending},
	{pattern: `{conv} is snoozed for {n} seconds`, run: snooze},
	{pattern: `{conv} gets the priority {n}`, run: prioritise},
	{pattern: `{conv} is passed on to (team|agent) {name}(?: by {name})?`, run: passOn},
	{pattern: `{conv}, believed to be with {name}, is assigned to {name}`, run: assignIf},
	{pattern: `the (first|last) decision about {conv} is undone(?: by {name})?`, run: undo},
	{pattern: `{name} writes to the customer in {conv}`, run: sayIn("outbound")},
	{pattern: `{name} puts in what the customer said in {conv}`, run: sayIn("inbound")},
	{pattern: `{name} sends contact {name} a message`, run: sendFirst},
}

func givenBot(ctx context.Context, w *world, a []string) error {
	if err := w.put(ctx, w.path("agents", a[0]), tree{"name": a[0], "kind": "bot"}); err != nil || w.last.refused != nil {
		return err
	}
	return w.setPresence(ctx, runner, a[0], presenceBody{Status: statusOf(a[1])})
}

func letBotBegin(ctx context.Context, w *world, a []string) error {
	path := w.path("inboxes", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["assignment"] = with(body["assignment"], "bot", w.id("agents", a[1]))
	return w.put(ctx, path, body)
}

// changeTeam puts one field of a team anew.
func changeTeam(ctx context.Context, w *world, name, field string, value any) error {
	path := w.path("teams", name)
	body := w.body(path, tree{"name": name})
	body[field] = value
	return w.put(ctx, path, body)
}

func setTeam(field string, value bool) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, a []string) error { return changeTeam(ctx, w, a[0], field, value) }
}

func superviseTeam(ctx context.Context, w *world, a []string) error {
	return changeTeam(ctx, w, a[0], "supervisors", w.roster(names(a[1])))
}

func setHeldAlert(ctx context.Context, w *world, a []string) error {
	return changeTeam(ctx, w, a[0], "held_alert_seconds", number(a[1]))
}

func setGreeting(ctx context.Context, w *world, a []string) error {
	return changeTeam(ctx, w, a[0], "assignment_message", a[1])
}

func arrivePending(ctx context.Context, w *world, _ []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	contact, err := w.ensureCaller(ctx)
	if err != nil || w.last.refused != nil {
		return err
	}
	w.talks.batch = nil
	return w.open(ctx, tree{"inbox": inbox, "contact": contact, "status": "pending"})
}

// snooze counts from the cluster's time, which the newest decision tells, so that
// a wrong clock here wakes nothing too early.
func snooze(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339, d.text("at"))
	if err != nil {
		return fmt.Errorf("the time of decision %s: %w", d.text("id"), err)
	}
	until := now.Add(time.Duration(number(a[1])) * time.Second).UTC().Format(time.RFC3339)
	return w.act(ctx, runner, http.MethodPost, a[0], "snooze", tree{"until": until})
}

func prioritise(ctx context.Context, w *world, a []string) error {
	return w.act(ctx, runner, http.MethodPut, a[0], "priority", tree{"priority": number(a[1])})
}

// by is in whose name a step acts: the person it names, or the suite's.
func (w *naming) by(name string) string {
	if name == "" {
		return runner
	}
	return w.agentActor(name)
}

func passOn(ctx context.Context, w *world, a []string) error {
	if a[1] == "agent" {
		return w.act(ctx, w.by(a[3]), http.MethodPut, a[0], "assignee", tree{"agent": w.id("agents", a[2])})
	}
	return w.act(ctx, w.by(a[3]), http.MethodPut, a[0], "team", tree{"team": w.id("teams", a[2])})
}

// assignIf assigns as automation does that has seen an older state.
func assignIf(ctx context.Context, w *world, a []string) error {
	body := tree{"agent": w.id("agents", a[2]), "if_assignee": nil}
	if a[1] != "nobody" {
		body["if_assignee"] = w.id("agents", a[1])
	}
	return w.act(ctx, runner, http.MethodPut, a[0], "assignee", body)
}

func undo(ctx context.Context, w *world, a []string) error {
	list, err := decisionsAbout(ctx, w, a[1])
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &mismatch{"a decision", "none"}
	}
	d := list[len(list)-1]
	if a[0] == "first" {
		d = list[0]
	}
	answer, _, err := w.change(ctx, w.by(a[2]), http.MethodPost, "/v1/decisions/"+d.text("id")+"/undo", tree{})
	if err == nil && w.last.refused == nil {
		w.talks.batch = []tree{answer}
	}
	return err
}

// sayIn adds a message to a conversation, in somebody's name.
func sayIn(direction string) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, a []string) error {
		w.talks.numbers++
		return w.act(ctx, w.agentActor(a[0]), http.MethodPost, a[1], "messages",
			tree{"id": w.prefix + "m" + strconv.Itoa(w.talks.numbers), "direction": direction})
	}
}

// sendFirst writes to a contact who has not written: an outbound conversation.
func sendFirst(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	w.talks.numbers++
	answer, _, err := w.change(ctx, w.agentActor(a[0]), http.MethodPost, "/v1/inboxes/"+inbox+"/messages", tree{
		"id": w.prefix + "m" + strconv.Itoa(w.talks.numbers), "direction": "outbound", "to": tree{"address": w.address(a[1])},
	})
	if err == nil && w.last.refused == nil {
		w.received([]tree{answer})
	}
	return err
}
