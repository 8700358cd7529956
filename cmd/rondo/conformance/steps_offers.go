package conformance

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// offerRules are about teams that ask before they give.
var offerRules = []rule{
	{pattern: `{name} accepts the offer of {conv}`, run: acceptOffer},
	{pattern: `{name} declines the offer of {conv}(?: because {word})?`, run: declineOffer},
	{pattern: `team {name} escalates {word} after {n} seconds to the next(, once)?`, run: escalateToNext},

	{looks: true, pattern: `{conv} is offered to {name}`, run: isOffered},
	{looks: true, pattern: `the offer of {conv} to {name} was {word}`, run: offerWas},
	{looks: true, pattern: `{conv} was offered to {list}`, run: offeredTo},
	{looks: true, pattern: `{conv} has the age it came with`, run: keepsAge},
}

// offersOf returns the decisions that offered a conversation, the oldest first.
func offersOf(ctx context.Context, w *world, words string) ([]tree, error) {
	list, err := decisionsAbout(ctx, w, words)
	return slices.DeleteFunc(list, func(d tree) bool { return d.text("offered_to") == "" }), err
}

// offerPath is where the newest offer of a conversation to somebody is, open or not.
func offerPath(ctx context.Context, w *world, words, name string) (string, error) {
	list, err := offersOf(ctx, w, words)
	if err != nil {
		return "", err
	}
	for _, d := range slices.Backward(list) {
		if w.agent(d.text("offered_to")) == name {
			return "/v1/offers/" + url.PathEscape(d.text("offer")), nil
		}
	}
	return "", &mismatch{"an offer to " + name, "none"}
}

func acceptOffer(ctx context.Context, w *world, a []string) error {
	return answerOffer(ctx, w, a[0], a[1], "accept", tree{})
}

func declineOffer(ctx context.Context, w *world, a []string) error {
	body := tree{}
	if a[2] != "" {
		body["reason"] = a[2]
	}
	return answerOffer(ctx, w, a[0], a[1], "decline", body)
}

// answerOffer answers an offer in the name of who was asked.
func answerOffer(ctx context.Context, w *world, name, words, action string, body tree) error {
	path, err := offerPath(ctx, w, words, name)
	if err != nil {
		return err
	}
	_, _, err = w.change(ctx, w.agentActor(name), http.MethodPost, path+"/"+action, body)
	return err
}

func isOffered(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	show := func(state, name string) string { return state + " to " + name }
	return expect(show("offered", a[1]), show(c.text("assignment.state"), w.agent(c.text("assignment.offer.agent"))))
}

func offerWas(ctx context.Context, w *world, a []string) error {
	path, err := offerPath(ctx, w, a[0], a[1])
	if err != nil {
		return err
	}
	offer, err := w.get(ctx, path)
	if err != nil {
		return err
	}
	return expect(a[2], offer.text("state"))
}

// offeredTo compares everybody who was asked so far, in the order in which they were.
func offeredTo(ctx context.Context, w *world, a []string) error {
	list, err := offersOf(ctx, w, a[0])
	if err != nil {
		return err
	}
	var got []string
	for _, d := range list {
		got = append(got, w.agent(d.text("offered_to")))
	}
	return expectList(names(a[1]), got)
}

// keepsAge looks at since when a conversation waits.
func keepsAge(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(c.text("opened_at"), c.text("assignment.since"))
}

// escalateToNext gives a team one step: what takes too long goes to the next.
func escalateToNext(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["escalations"] = []any{tree{"when": a[1], "after_seconds": number(a[2]), "do": "next", "only_first": a[3] != ""}}
	return w.put(ctx, path, body)
}
