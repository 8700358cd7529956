package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/events"
)

// toldRules are about what people are told, and about what is told of people who
// are erased.
var toldRules = []rule{
	{pattern: `{name} wants to be told nothing of the kind {word}`, run: mute},
	{pattern: `{name} wants to be told nothing`, run: muteAll},

	{looks: true, pattern: `{name} was told about {conv}: {list}`, run: toldAbout},
	{looks: true, pattern: `{name} was told {word} {n} times? in all`, run: toldTimes},
	{looks: true, pattern: `{conv} has (no|\d+) unread messages?`, run: unread},
	{looks: true, pattern: `the customer of {conv} was to be told "(.+)"`, run: greeted},
	{looks: true, pattern: `nothing of contact {name} is left in what is told of {conv}: neither the address nor {list}`, run: nothingLeft},
}

// notificationKinds are all there are, for those who want to be told nothing.
var notificationKinds = []string{
	"assigned", "reassigned", "unassigned", "message_received", "followed_message", "waiting", "held", "offered", "escalated",
}

func silence(ctx context.Context, w *world, name string, kinds ...string) error {
	choices := tree{}
	for _, kind := range kinds {
		choices[kind] = tree{"list": false, "stream": false, "webhook": false}
	}
	_, _, err := w.change(ctx, w.agentActor(name), http.MethodPut, w.path("agents", name)+"/preferences", tree{"notifications": choices})
	return err
}

func mute(ctx context.Context, w *world, a []string) error { return silence(ctx, w, a[0], a[1]) }

func muteAll(ctx context.Context, w *world, a []string) error {
	return silence(ctx, w, a[0], notificationKinds...)
}

// notifications returns an agent's, the oldest first. None stands twice.
func notificationsOf(ctx context.Context, w *world, name string) ([]tree, error) {
	list, err := w.all(ctx, w.path("agents", name)+"/notifications", nil)
	if err != nil {
		return nil, err
	}
	ids := texts(list, "id")
	slices.Sort(ids)
	if len(slices.Compact(ids)) != len(list) {
		return nil, &mismatch{"each notification once", fmt.Sprint("the ids ", texts(list, "id"))}
	}
	slices.Reverse(list)
	return list, nil
}

// toldAbout compares the kinds, in the order in which they came.
func toldAbout(ctx context.Context, w *world, a []string) error {
	id, err := w.conversation(a[1])
	if err != nil {
		return err
	}
	list, err := notificationsOf(ctx, w, a[0])
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(n tree) bool { return n.text("conversation") != id })
	return expectList(names(a[2]), texts(list, "kind"))
}

// toldTimes counts one kind, whatever it is about.
func toldTimes(ctx context.Context, w *world, a []string) error {
	list, err := notificationsOf(ctx, w, a[0])
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(n tree) bool { return n.text("kind") != a[1] })
	return expect(strconv.Itoa(number(a[2])), strconv.Itoa(len(list)))
}

func unread(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	want := a[1]
	if want == "no" {
		want = "0"
	}
	return expect(want, c.text("unread"))
}

// greeted looks at the first message that was due to a customer.
func greeted(ctx context.Context, w *world, a []string) error {
	id, err := w.conversation(a[0])
	if err != nil {
		return err
	}
	after, err := standsBehind(ctx, w, id)
	if err != nil {
		return err
	}
	return readEvents(ctx, w, after, url.Values{"conversation": {id}, "types": {"assignment.message_due"}}, func(e events.Event) (bool, error) {
		if !strings.Contains(string(e.Data), a[1]) {
			return true, &mismatch{a[1], string(e.Data)}
		}
		return true, nil
	})
}

// nothingLeft reads all that can be read of a conversation whose contact was
// erased, up to the event that closed it, and looks for what told who it was.
func nothingLeft(ctx context.Context, w *world, a []string) error {
	id, err := w.conversation(a[1])
	if err != nil {
		return err
	}
	conversation, contact := "/v1/conversations/"+url.PathEscape(id), w.path("contacts", a[0])
	secrets := append([]string{w.address(a[0])}, names(a[2])...)
	for _, path := range []string{contact, contact + "/revisions", conversation, conversation + "/decisions"} {
		text, err := textOf(ctx, w, path)
		if err != nil {
			return err
		}
		if err := without(path, text, secrets); err != nil {
			return err
		}
	}
	after, err := standsBehind(ctx, w, id)
	if err != nil {
		return err
	}
	return readEvents(ctx, w, after, url.Values{"conversation": {id}}, func(e events.Event) (bool, error) {
		return e.Type == "conversation.closed", without("the event "+e.ID, string(e.Data), secrets)
	})
}

// text is what a path answers, as it is written.
func textOf(ctx context.Context, w *world, path string) (string, error) {
	body, err := w.get(ctx, path)
	return fmt.Sprint(map[string]any(body)), err
}

func without(where, text string, secrets []string) error {
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			return &mismatch{"no " + secret + " in " + where, text}
		}
	}
	return nil
}

// before returns the id that events stand behind which came with the opening of a
// conversation, or later.
func standsBehind(ctx context.Context, w *world, conversation string) (string, error) {
	list, err := w.decisionsOf(ctx, conversation)
	if err != nil || len(list) == 0 {
		return "0", err
	}
	entry, _, _ := strings.Cut(list[0].text("id"), ".")
	if index, err := strconv.ParseUint(entry, 10, 64); err == nil && index > 1 {
		return strconv.FormatUint(index-1, 10) + ".0", nil
	}
	return "0", nil
}

// follow shows events until show says that it has seen the last, and fails where
// that one does not come.
func readEvents(ctx context.Context, w *world, after string, filter url.Values, show func(events.Event) (last bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, eventPatience)
	defer cancel()
	var wrong error = &mismatch{"an event with " + filter.Encode(), "none within " + eventPatience.String()}
	err := events.Follow(ctx, events.Options{Servers: w.calls.servers, After: after, Filter: filter}, func(e events.Event) error {
		last, err := show(e)
		if last || err != nil {
			wrong = err
			return errSeen
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSeen) && ctx.Err() == nil {
		return fmt.Errorf("follow the events: %w", err)
	}
	return wrong
}
