package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// contactRules are about contacts: who owns them, who follows them, and what
// becomes of them.
var contactRules = []rule{
	{pattern: `contact {name} is given to {name}(, but not the conversations)?`, run: giveContact},
	{pattern: `contact {name} is blocked`, run: amendContact(func([]string) tree { return tree{"blocked": true} })},
	{pattern: `contact {name} is of the region {word}`, run: amendContact(func(a []string) tree { return tree{"region": a[1]} })},
	{pattern: `contact {name} gets the tag {word} and the field {word} {word}`, run: amendContact(func(a []string) tree {
		return tree{"tags": []string{a[1]}, "fields": tree{a[2]: a[3]}}
	})},
	{pattern: `contact {name} is merged into contact {name}`, run: mergeContact},
	{pattern: `contact {name} is erased`, run: eraseContact},
	{pattern: `contact {name} is looked up`, run: lookUpContact},
	{pattern: `team {name} is to find an owner for contact {name}`, run: findOwner},
	{pattern: `{name} (follows|unfollows) (contact [^,]+?|it|conversation \d+)`, run: follow},

	{looks: true, pattern: `contact {name} is (?:still )?owned by {name}`, run: ownedBy},
	{looks: true, pattern: `contact {name} is followed by {list}`, run: contactFollowers},
	{looks: true, pattern: `{conv} is followed by {list}`, run: conversationFollowers},
	{looks: true, pattern: `{conv} is with contact {name}`, run: isWith},
	{looks: true, pattern: `nobody is found at the address of contact {name}`, run: addressUnknown},
	{looks: true, pattern: `the answer says that the contact is blocked`, run: saysBlocked},
	{looks: true, pattern: `{conv} is (a lead|no lead)`, run: isLead},
}

// giveContact makes somebody the owner; the conversations go along unless the step
// says otherwise.
func giveContact(ctx context.Context, w *world, a []string) error {
	body := tree{"agent": w.id("agents", a[1])}
	if a[2] != "" {
		body["conversations"] = "none"
	}
	path := w.path("contacts", a[0])
	owned(w, path)
	_, _, err := w.change(ctx, runner, http.MethodPut, path+"/owner", body)
	return err
}

// owned notes that a contact has an owner, who cannot be put away before.
func owned(w *world, path string) {
	body := w.body(path, tree{})
	if _, named := body["owner"]; !named {
		body["owner"] = nil
	}
	w.bodies[path] = body
}

func amendContact(fields func([]string) tree) func(context.Context, *world, []string) error {
	return func(ctx context.Context, w *world, a []string) error {
		_, _, err := w.change(ctx, runner, http.MethodPatch, w.path("contacts", a[0]), fields(a))
		return err
	}
}

func mergeContact(ctx context.Context, w *world, a []string) error {
	_, _, err := w.change(ctx, runner, http.MethodPost, w.path("contacts", a[1])+"/merge", tree{"from": w.id("contacts", a[0])})
	return err
}

func eraseContact(ctx context.Context, w *world, a []string) error {
	_, _, err := w.change(ctx, runner, http.MethodPost, w.path("contacts", a[0])+"/erase", tree{})
	return err
}

// lookUpContact reads as a step that may be refused, so that the next can look why.
func lookUpContact(ctx context.Context, w *world, a []string) error {
	_, _, err := w.change(ctx, runner, http.MethodGet, w.path("contacts", a[0]), nil)
	return err
}

// findOwner asks for an owner by the rotation, with no conversation (S2.1, S3.2).
func findOwner(ctx context.Context, w *world, a []string) error {
	path := w.path("contacts", a[1])
	owned(w, path)
	answer, _, err := w.change(ctx, runner, http.MethodPost, path+"/assign", tree{"team": w.id("teams", a[0])})
	if err == nil && w.last.refused == nil {
		w.remember(answer)
		w.talks.batch = []tree{answer}
	}
	return err
}

func follow(ctx context.Context, w *world, a []string) error {
	path := ""
	if contact, ok := cutContact(a[2]); ok {
		path = w.path("contacts", contact)
	} else {
		id, err := w.conversation(a[2])
		if err != nil {
			return err
		}
		path = "/v1/conversations/" + url.PathEscape(id)
	}
	method := http.MethodPut
	if a[1] == "unfollows" {
		method = http.MethodDelete
	}
	_, _, err := w.change(ctx, w.agentActor(a[0]), method, path+"/followers/"+w.id("agents", a[0]), nil)
	return err
}

func ownedBy(ctx context.Context, w *world, a []string) error {
	contact, err := w.get(ctx, w.path("contacts", a[0]))
	if err != nil {
		return err
	}
	return expect(a[1], w.agent(contact.text("owner")))
}

// followersOf names those who follow, as a view lists them.
func followersOf(w *world, view tree) []string {
	list, _ := view.at("followers").([]any)
	var got []string
	for _, id := range list {
		got = append(got, w.agent(fmt.Sprint(id)))
	}
	return got
}

func contactFollowers(ctx context.Context, w *world, a []string) error {
	contact, err := w.get(ctx, w.path("contacts", a[0]))
	if err != nil {
		return err
	}
	return expectList(names(a[1]), followersOf(w, contact))
}

func conversationFollowers(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	return expectList(names(a[1]), followersOf(w, c))
}

func isWith(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	return expect(w.id("contacts", a[1]), c.text("contact"))
}

func addressUnknown(ctx context.Context, w *world, a []string) error {
	found, err := w.all(ctx, "/v1/contacts", url.Values{"address": {w.address(a[0])}})
	if err != nil {
		return err
	}
	return expect("0 contacts", strconv.Itoa(len(found))+" contacts")
}

func saysBlocked(_ context.Context, w *world, _ []string) error {
	show := func(opened, blocked, decision any) string {
		return fmt.Sprintf("opened %v, blocked %v, decision %v", opened, blocked, decision)
	}
	return expect(show(false, true, nil), show(w.last.body.at("opened"), w.last.body.at("blocked"), w.last.body.at("decision")))
}

func isLead(ctx context.Context, w *world, a []string) error {
	c, err := w.read(ctx, a[0])
	if err != nil {
		return err
	}
	kind := map[string]string{"a lead": "lead", "no lead": "conversation"}
	return expect(kind[a[1]], c.text("kind"))
}
