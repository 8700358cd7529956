package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// whenRules are what happens.
var whenRules = []rule{
	{pattern: `{n} conversations? arrives?(?: in inbox {name})?(?:,? (every other one )?demanding (language|region|skill) {word})?(?: tagged {word})?`, run: arrive},
	{pattern: `an unknown number writes to an inbox that does not exist`, run: writeNowhere},
	{pattern: `an outbound conversation to {name} is opened(?:, with replies to (team|inbox) {name})?`, run: openOutbound},
	{pattern: `(an unknown number|the same number|contact [^,]+?) writes(?: in inbox {name})?`, run: write},
	{pattern: `(\d+) messages from one unknown number arrive at once`, run: writeAtOnce},
	{pattern: `{list} becomes? {status}`, run: becomes},
	{pattern: `{name} chooses {status}`, run: chooses},
	{pattern: `{name} puts {name} {status}`, run: putsOther},
	{pattern: `{name} asks for the status {word}`, run: asksForStatus},
	{pattern: `{name} becomes available with a lease of {n} seconds`, run: becomesLeased},
	{pattern: `{name} plans to be away from {n} to {n} seconds from now`, run: plansAway},
	{pattern: `{name} (joins|leaves) team {name}`, run: joins},
	{pattern: `the decision about {conv} is refunded`, run: refund},
	{pattern: `agent {name} is removed(?:, (keep|requeue) what she has)?`, run: removeAgent},
	{pattern: `{conv} is (closed|reopened|requeued|handed off|read)(?: by {name})?`, run: actOn},
	{pattern: `{conv} is unassigned(?: by {name})?`, run: unassign},
	{pattern: `{conv} is assigned to {name}(?: by {name})?`, run: assign},
	{pattern: `{conv} is claimed by {name}`, run: claim},
	{pattern: `{name} and {name} claim {conv} at once`, run: claimAtOnce},
	{pattern: `conversation {word} is created with the key {word}`, run: createOriginal},
	{pattern: `(the same|another) conversation is created with (?:its|the) (id|key) {word}`, run: createAgain},
}

// caller is who conversations are with unless a step says.
const caller = "Caller"

func (w *world) inboxID(name string) (string, error) {
	if name == "" {
		name = w.inbox
	}
	if name == "" {
		return "", errors.New("the case has no inbox yet")
	}
	return w.id("inboxes", name), nil
}

// ensureCaller creates the contact whom all know, once.
func (w *world) ensureCaller(ctx context.Context) (string, error) {
	if _, there := w.bodies[w.path("contacts", caller)]; !there {
		if err := givenContact(ctx, w, []string{caller, ""}); err != nil {
			return "", err
		}
	}
	return w.id("contacts", caller), nil
}

// arrive opens conversations one after another; each answer is awaited first, so
// that their order is known.
func arrive(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID(a[1])
	if err != nil {
		return err
	}
	contact, err := w.ensureCaller(ctx)
	if err != nil || w.last.refused != nil {
		return err
	}
	w.talks.batch = nil
	for i := range number(a[0]) {
		body := tree{"inbox": inbox, "contact": contact}
		if a[3] != "" && (a[2] == "" || i%2 == 1) {
			body["requires"] = tree{a[3]: a[4]}
		}
		if a[5] != "" {
			body["tags"] = []string{a[5]}
		}
		if err := w.open(ctx, body); err != nil || w.last.refused != nil {
			return err
		}
	}
	return nil
}

// open opens one conversation under the next number.
func (w *world) open(ctx context.Context, body tree) error {
	body["id"] = w.prefix + "c" + strconv.Itoa(len(w.talks.ids)+1)
	answer, _, err := w.change(ctx, runner, http.MethodPost, "/v1/conversations", body)
	if err == nil && w.last.refused == nil {
		w.remember(answer)
		w.talks.batch = append(w.talks.batch, answer)
	}
	return err
}

func writeNowhere(ctx context.Context, w *world, _ []string) error {
	_, _, err := w.change(ctx, runner, http.MethodPost, "/v1/inboxes/"+w.id("inboxes", "missing")+"/messages", w.message("an unknown number"))
	return err
}

func openOutbound(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	body := tree{"inbox": inbox, "contact": w.id("contacts", a[0]), "direction": "outbound"}
	switch a[1] {
	case "team":
		body["replies_to"] = tree{"team": w.id("teams", a[2])}
	case "inbox":
		body["replies_to"] = tree{"inbox": w.id("inboxes", a[2])}
	}
	return w.open(ctx, body)
}

// message is the body of one message; its id is this case's alone.
func (w *world) message(who string) tree {
	w.talks.numbers++
	if who == "an unknown number" {
		w.call("contacts", "the same number", fmt.Sprint("unknown", w.talks.numbers))
		who = "the same number"
	}
	if contact, ok := cutContact(who); ok {
		who = contact
	}
	return tree{"id": w.prefix + "m" + strconv.Itoa(w.talks.numbers), "direction": "inbound", "from": tree{"address": w.address(who)}}
}

func cutContact(who string) (string, bool) {
	const word = "contact "
	if len(who) > len(word) && who[:len(word)] == word {
		return who[len(word):], true
	}
	return who, false
}

func write(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID(a[1])
	if err != nil {
		return err
	}
	answer, _, err := w.change(ctx, runner, http.MethodPost, "/v1/inboxes/"+inbox+"/messages", w.message(a[0]))
	if err == nil && w.last.refused == nil {
		w.received([]tree{answer})
	}
	return err
}

func writeAtOnce(ctx context.Context, w *world, a []string) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	n := number(a[0])
	bodies, answers, failed := make([]tree, n), make([]tree, n), make([]error, n)
	for i := range bodies {
		who := "the same number"
		if i == 0 {
			who = "an unknown number"
		}
		bodies[i] = w.message(who)
	}
	together(n, func(i int) {
		answers[i], _, failed[i] = w.calls.do(ctx, runner, http.MethodPost, "/v1/inboxes/"+inbox+"/messages", bodies[i])
	})
	w.received(answers)
	return errors.Join(failed...)
}

// together runs f(0) to f(n-1) at once and returns when all have.
func together(n int, f func(i int)) {
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	running.Wait()
}

func becomes(ctx context.Context, w *world, a []string) error {
	for _, name := range names(a[0]) {
		if err := w.setPresence(ctx, runner, name, presenceBody{Status: statusOf(a[1])}); err != nil || w.last.refused != nil {
			return err
		}
	}
	return nil
}

func chooses(ctx context.Context, w *world, a []string) error {
	return w.setPresence(ctx, w.agentActor(a[0]), a[0], presenceBody{Status: statusOf(a[1])})
}

func putsOther(ctx context.Context, w *world, a []string) error {
	return w.setPresence(ctx, w.agentActor(a[0]), a[1], presenceBody{Status: statusOf(a[2])})
}

func asksForStatus(ctx context.Context, w *world, a []string) error {
	return w.setPresence(ctx, runner, a[0], presenceBody{Status: a[1]})
}

func becomesLeased(ctx context.Context, w *world, a []string) error {
	return w.setPresence(ctx, runner, a[0], presenceBody{Status: "available", LeaseSeconds: number(a[1])})
}

// plansAway counts from the cluster's time, which the answer to the last change of
// somebody's presence tells, so that a wrong clock here plans nothing for the past.
func plansAway(ctx context.Context, w *world, a []string) error {
	agent, err := w.get(ctx, w.path("agents", a[0]))
	if err != nil {
		return err
	}
	now, err := time.Parse(time.RFC3339, agent.text("presence.since"))
	if err != nil {
		return fmt.Errorf("read since when %s is as she is: %w", a[0], err)
	}
	at := func(seconds string) string {
		return now.Add(time.Duration(number(seconds)) * time.Second).UTC().Format(time.RFC3339)
	}
	return w.setPresence(ctx, w.agentActor(a[0]), a[0], presenceBody{Status: "away", From: at(a[1]), Until: at(a[2])})
}

func joins(ctx context.Context, w *world, a []string) error {
	method := http.MethodPut
	if a[1] == "leaves" {
		method = http.MethodDelete
	}
	_, _, err := w.change(ctx, w.agentActor(a[0]), method, w.path("teams", a[2])+"/members/"+w.id("agents", a[0]), nil)
	return err
}

// refund gives back the last turn that was spent on a conversation.
func refund(ctx context.Context, w *world, a []string) error {
	list, err := decisionsAbout(ctx, w, a[0])
	if err != nil {
		return err
	}
	for _, d := range slices.Backward(list) {
		if d.at("consumed_turn") == true {
			_, _, err := w.change(ctx, runner, http.MethodPost, "/v1/decisions/"+d.text("id")+"/refund", tree{"reason": "spam"})
			return err
		}
	}
	return &mismatch{"a decision that took a turn", "none"}
}

func removeAgent(ctx context.Context, w *world, a []string) error {
	path := w.path("agents", a[0])
	if a[1] != "" {
		path += "?conversations=" + a[1]
	}
	_, _, err := w.change(ctx, runner, http.MethodDelete, path, nil)
	return err
}

// act makes a call about one conversation, which becomes the last batch.
func (w *world) act(ctx context.Context, actor, method, words, action string, body any) error {
	id, err := w.conversation(words)
	if err != nil {
		return err
	}
	answer, _, err := w.change(ctx, actor, method, "/v1/conversations/"+id+"/"+action, body)
	if err == nil && w.last.refused == nil {
		w.talks.batch = []tree{answer}
	}
	return err
}

func actOn(ctx context.Context, w *world, a []string) error {
	action := map[string]string{"closed": "close", "reopened": "reopen", "requeued": "requeue", "handed off": "handoff", "read": "read"}[a[1]]
	return w.act(ctx, w.by(a[2]), http.MethodPost, a[0], action, tree{})
}

func unassign(ctx context.Context, w *world, a []string) error {
	return w.act(ctx, w.by(a[1]), http.MethodDelete, a[0], "assignee", nil)
}

func assign(ctx context.Context, w *world, a []string) error {
	return w.act(ctx, w.by(a[2]), http.MethodPut, a[0], "assignee", tree{"agent": w.id("agents", a[1])})
}

func claim(ctx context.Context, w *world, a []string) error {
	return w.act(ctx, w.agentActor(a[1]), http.MethodPost, a[0], "claim", tree{"agent": w.id("agents", a[1])})
}

func claimAtOnce(ctx context.Context, w *world, a []string) error {
	id, err := w.conversation(a[2])
	if err != nil {
		return err
	}
	race, failed := []attempt{{who: a[0]}, {who: a[1]}}, make([]error, 2)
	bodies := []tree{{"agent": w.id("agents", a[0])}, {"agent": w.id("agents", a[1])}}
	actors := []string{w.agentActor(a[0]), w.agentActor(a[1])}
	together(2, func(i int) {
		race[i].body, _, failed[i] = w.calls.do(ctx, actors[i], http.MethodPost, "/v1/conversations/"+id+"/claim", bodies[i])
		if errors.As(failed[i], &race[i].refused) {
			failed[i] = nil
		}
	})
	w.last = outcome{race: race}
	return errors.Join(failed...)
}

// createOriginal creates a conversation whose id and key a client has chosen.
func createOriginal(ctx context.Context, w *world, a []string) error {
	return w.create(ctx, a[0], "gold", client.Key(w.prefix+a[1]))
}

func (w *world) create(ctx context.Context, id, plan string, options ...client.CallOption) error {
	inbox, err := w.inboxID("")
	if err != nil {
		return err
	}
	contact, err := w.ensureCaller(ctx)
	if err != nil || w.last.refused != nil {
		return err
	}
	answer, _, err := w.change(ctx, runner, http.MethodPost, "/v1/conversations", tree{
		"id": w.prefix + id, "inbox": inbox, "contact": contact, "attributes": tree{"plan": plan},
	}, options...)
	if err == nil && w.last.refused == nil {
		w.remember(answer)
		w.talks.batch = []tree{answer}
	}
	return err
}

// createAgain repeats a creation, by the id x or by the key x of conversation x.
func createAgain(ctx context.Context, w *world, a []string) error {
	plan, id := "gold", a[2]
	if a[0] == "another" {
		plan = "silver"
	}
	if a[1] == "key" {
		return w.create(ctx, id, plan, client.Key(w.prefix+id))
	}
	return w.create(ctx, id, plan)
}
