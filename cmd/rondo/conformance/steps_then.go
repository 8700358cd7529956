package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/events"
)

// thenRules look at conversations, at their decisions and at the last answer.
var thenRules = []rule{
	{looks: true, pattern: `(?:they go|it goes) to {list}`, run: goTo},
	{looks: true, pattern: `{conv} belongs to {name}`, run: belongsTo},
	{looks: true, pattern: `{conv} is (assigned|waiting|held|manual|outbound)(?: because {word})?`, run: isState},
	{looks: true, pattern: `{conv} has the status {word}`, run: hasStatus},
	{looks: true, pattern: `{conv} was decided by {word}`, run: decidedBy},
	{looks: true, pattern: `{conv} was decided in the name of {name}`, run: decidedInName},
	{looks: true, pattern: `{conv} took (a|no) turn`, run: tookTurn},
	{looks: true, pattern: `{conv} passed over {list}`, run: passedOver},
	{looks: true, pattern: `{conv} was noted {word}`, run: noted},
	{looks: true, pattern: `{conv} was handed out {n} times?`, run: handedOutTimes},
	{looks: true, pattern: `the answer warns {word}`, run: warns},
	{looks: true, pattern: `the answer is {n}(, a replay)?`, run: answers},
	{looks: true, pattern: `the answer shows {name} now and {name} as decided then`, run: showsBoth},
	{looks: true, pattern: `nothing was decided`, run: nothingDecided},
	{looks: true, pattern: `it is refused with {n} {word}(?: naming {name})?`, run: isRefused},
	{looks: true, pattern: `one of them has {conv} and the other is told who`, run: oneWon},
	{looks: true, pattern: `they opened {n} conversations?`, run: opened},
	{looks: true, pattern: `the event {word} about {conv} names {list}`, run: eventNames},
}

// goTo looks at the answers of the last step that opened conversations.
func goTo(_ context.Context, w *world, a []string) error {
	want := between.Split(a[0], -1)
	var got []string
	for _, answer := range w.talks.batch {
		got = append(got, w.agent(answer.text("conversation.assignee")))
	}
	return expectList(want, got)
}

// read returns a conversation as it is now.
func (w *world) read(ctx context.Context, words string) (tree, error) {
	id, err := w.conversation(words)
	if err != nil {
		return nil, err
	}
	return w.get(ctx, "/v1/conversations/"+id)
}

func belongsTo(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(a[1], w.agent(c.text("assignee")))
}

func isState(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	want, got := a[1], c.text("assignment.state")
	if a[2] != "" {
		want, got = want+" because "+a[2], got+" because "+c.text("assignment.reason")
	}
	return expect(want, got)
}

func hasStatus(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(a[1], c.text("status"))
}

// decision returns the newest one about a conversation.
func (w *world) decision(ctx context.Context, words string) (tree, error) {
	list, err := decisionsAbout(ctx, w, words)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &mismatch{"a decision", "none"}
	}
	return list[len(list)-1], nil
}

func decidedBy(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(a[1], d.text("kind"))
}

func decidedInName(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(a[1], w.actor(d.text("actor")))
}

func tookTurn(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	got := "no"
	if d.at("consumed_turn") == true {
		got = "a"
	}
	return expect(a[1]+" turn", got+" turn")
}

func passedOver(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	return expectList(names(a[1]), w.passedOver(d))
}

func noted(ctx context.Context, w *world, a []string) error {
	d, err := w.decision(ctx, a[0])
	if err != nil {
		return err
	}
	notes, _ := d.at("notes").([]any)
	if !slices.Contains(notes, any(a[1])) {
		return &mismatch{"the note " + a[1], fmt.Sprint("the notes ", notes)}
	}
	return nil
}

// decisionsAbout returns the decisions about what a step calls a conversation.
func decisionsAbout(ctx context.Context, w *world, words string) ([]tree, error) {
	id, err := w.conversation(words)
	if err != nil {
		return nil, err
	}
	return w.decisionsOf(ctx, id)
}

func handedOutTimes(ctx context.Context, w *world, a []string) error {
	list, err := decisionsAbout(ctx, w, a[0])
	if err != nil {
		return err
	}
	given := 0
	for _, d := range list {
		if d.text("assignee") != "" {
			given++
		}
	}
	return expect(strconv.Itoa(number(a[1])), strconv.Itoa(given))
}

func warns(_ context.Context, w *world, a []string) error {
	codes := texts(w.last.body.each("warnings"), "code")
	if !slices.Contains(codes, a[0]) {
		return &mismatch{"the warning " + a[0], fmt.Sprint("the warnings ", codes)}
	}
	return nil
}

func answers(_ context.Context, w *world, a []string) error {
	show := func(status int, replay bool) string { return fmt.Sprintf("%d, replay %v", status, replay) }
	return expect(show(number(a[0]), a[1] != ""), show(w.last.status, w.last.replayed))
}

func showsBoth(_ context.Context, w *world, a []string) error {
	show := func(now, then string) string { return now + " now, " + then + " then" }
	return expect(show(a[0], a[1]),
		show(w.agent(w.last.body.text("conversation.assignee")), w.agent(w.last.body.text("decision.assignee"))))
}

func nothingDecided(_ context.Context, w *world, _ []string) error {
	if d := w.last.body.at("decision"); d != nil {
		return &mismatch{"no decision", "a decision by " + w.last.body.text("decision.kind")}
	}
	return nil
}

// isRefused looks at a refusal, which is then done with.
func isRefused(_ context.Context, w *world, a []string) error {
	p := w.last.refused
	if p == nil {
		return &mismatch{a[0] + " " + a[1], strconv.Itoa(w.last.status)}
	}
	w.last.refused = nil
	if err := expect(a[0]+" "+a[1], fmt.Sprintf("%d %s", p.Status, p.Code)); err != nil {
		return err
	}
	if a[2] != "" && !strings.Contains(w.plain(p.Error()+string(p.Body)), a[2]) {
		return &mismatch{"an answer that names " + a[2], p.Error()}
	}
	return nil
}

func oneWon(ctx context.Context, w *world, a []string) error {
	if len(w.last.race) != 2 {
		return errors.New("nothing was done by two at once")
	}
	won, lost := w.last.race[0], w.last.race[1]
	if won.refused != nil {
		won, lost = lost, won
	}
	if won.refused != nil || lost.refused == nil {
		return &mismatch{"one who wins and one who is refused", "the same for both"}
	}
	if err := expect("409 already_assigned", fmt.Sprintf("%d %s", lost.refused.Status, lost.refused.Code)); err != nil {
		return err
	}
	if body := w.plain(string(lost.refused.Body)); !strings.Contains(body, `"`+won.who+`"`) || !strings.Contains(body, won.body.text("decision.id")) {
		return &mismatch{"an answer that names " + won.who + " and her decision", body}
	}
	var told struct{ Since string }
	if err := json.Unmarshal(lost.refused.Body, &told); err != nil || told.Since == "" {
		return &mismatch{"an answer that says since when", string(lost.refused.Body)}
	}
	return belongsTo(ctx, w, []string{a[0], won.who})
}

// opened says how many of the last messages opened a conversation; the others must
// have gone into the same ones.
func opened(_ context.Context, w *world, a []string) error {
	var ids []string
	for _, answer := range w.talks.batch {
		ids = append(ids, w.talk(answer.text("conversation.id")))
	}
	slices.Sort(ids)
	n := number(a[0])
	return expect(fmt.Sprintf("%d opened, all in %d", n, max(1, n)), fmt.Sprintf("%d opened, all in %d", w.talks.open, len(slices.Compact(ids))))
}

// eventPatience bounds how long an event is waited for: it is published with the
// answer, but a loaded node may take a moment to write it.
const eventPatience = 30 * time.Second

var errSeen = errors.New("seen")

// eventNames reads the stream of events from before the conversation was opened to
// the first event of this type about it.
func eventNames(ctx context.Context, w *world, a []string) error {
	id, err := w.conversation(a[1])
	if err != nil {
		return err
	}
	after, err := standsBehind(ctx, w, id)
	if err != nil {
		return err
	}
	return readEvents(ctx, w, after, url.Values{"conversation": {id}, "types": {a[0]}}, func(e events.Event) (bool, error) {
		return true, sameEvent(w, e, a[2])
	})
}
