package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/events"
)

// queueRules look at teams, inboxes and people: who is next, what waits, and what
// was handed out in which order.
var queueRules = []rule{
	{looks: true, pattern: `the last turn of {name}(?: in inbox {name})? went to {name}`, run: lastTurn},
	{looks: true, pattern: `the next in {name} are {list}`, run: nextTurns},
	{looks: true, pattern: `the seats of {name} are {list}`, run: seats},
	{looks: true, pattern: `team {name} handed out {list}`, run: handedOut},
	{looks: true, pattern: `{convs} waits? in {name}`, run: waitsIn},
	{looks: true, pattern: `{convs} (?:is|are) (held|manual) in {name}`, run: inState},
	{looks: true, pattern: `{convs} (?:is|are) outbound in inbox {name}`, run: outboundIn},
	{looks: true, pattern: `team {name} served the oldest first`, run: oldestFirst},
	{looks: true, pattern: `team {name} gave {name} at most {n} at once and then one each {n} seconds?`, run: allowance},
	{looks: true, pattern: `those without demands differ by at most {n} between {list}`, run: evenly},
	{looks: true, pattern: `inbox {name} has the mode {word}`, run: hasMode},
	{looks: true, pattern: `{name} is {status}`, run: isPresent},
	{looks: true, pattern: `the presence of {name} was set by {name}`, run: presenceBy},
	{looks: true, pattern: `inbox {name} does not name {name}`, run: notNamed},
}

func lastTurn(ctx context.Context, w *world, a []string) error {
	r, err := w.get(ctx, w.path("teams", a[0])+"/rotation")
	if err != nil {
		return err
	}
	inbox := ""
	switch {
	case a[1] != "":
		inbox = w.id("inboxes", a[1])
	case w.under.perInbox() && r.text("per") == "inbox":
		inbox = w.id("inboxes", w.inbox)
	}
	got := "nobody"
	for _, c := range r.each("cursors") {
		if c.text("inbox") == inbox && c.text("restriction") == "" {
			got = w.agent(c.text("agent"))
		}
	}
	return expect(a[2], got)
}

func nextTurns(ctx context.Context, w *world, a []string) error {
	r, err := w.get(ctx, w.path("teams", a[0])+"/rotation")
	if err != nil {
		return err
	}
	want := names(a[1])
	list, _ := r.at("next").([]any)
	var got []string
	for _, id := range list[:min(len(list), len(want))] {
		got = append(got, w.agent(fmt.Sprint(id)))
	}
	return expectList(want, got)
}

func seats(ctx context.Context, w *world, a []string) error {
	team, err := w.get(ctx, w.path("teams", a[0]))
	if err != nil {
		return err
	}
	list, _ := team.at("seats").([]any)
	var got []string
	for _, id := range list {
		got = append(got, w.agent(fmt.Sprint(id)))
	}
	return expectList(names(a[1]), got)
}

// handed returns the decisions about a team that gave somebody something, in the
// cluster's order.
func handed(ctx context.Context, w *world, team string) ([]tree, error) {
	list, err := w.all(ctx, "/v1/decisions", url.Values{"team": {w.id("teams", team)}})
	return slices.DeleteFunc(list, func(d tree) bool { return d.text("assignee") == "" }), err
}

func handedOut(ctx context.Context, w *world, a []string) error {
	list, err := handed(ctx, w, a[0])
	if err != nil {
		return err
	}
	var got []string
	for _, d := range list {
		got = append(got, w.talk(d.text("conversation"))+" to "+w.agent(d.text("assignee")))
	}
	return expectList(names(a[1]), got)
}

// listed compares a list of conversations, in the order in which they came.
func listed(ctx context.Context, w *world, numbers string, query url.Values) error {
	items, err := w.all(ctx, "/v1/conversations", query)
	if err != nil {
		return err
	}
	var got []string
	for _, id := range texts(items, "id") {
		got = append(got, w.talk(id))
	}
	return expectList(names(numbers), got)
}

func waitsIn(ctx context.Context, w *world, a []string) error {
	return listed(ctx, w, a[0], url.Values{"team": {w.id("teams", a[1])}, "state": {"waiting"}})
}

func inState(ctx context.Context, w *world, a []string) error {
	return listed(ctx, w, a[0], url.Values{"team": {w.id("teams", a[2])}, "state": {a[1]}})
}

func outboundIn(ctx context.Context, w *world, a []string) error {
	return listed(ctx, w, a[0], url.Values{"inbox": {w.id("inboxes", a[1])}, "state": {"outbound"}})
}

// turns are the decisions of a team that took a turn.
func turns(ctx context.Context, w *world, team string) ([]tree, error) {
	list, err := handed(ctx, w, team)
	return slices.DeleteFunc(list, func(d tree) bool { return d.at("consumed_turn") != true }), err
}

func oldestFirst(ctx context.Context, w *world, a []string) error {
	list, err := turns(ctx, w, a[0])
	if err != nil {
		return err
	}
	var got []int
	for _, d := range list {
		n, err := strconv.Atoi(w.talk(d.text("conversation")))
		if err != nil {
			return fmt.Errorf("team %s handed out %s, which is not of this case", a[0], d.text("conversation"))
		}
		got = append(got, n)
	}
	if len(got) < 2 || !slices.IsSorted(got) {
		return &mismatch{"two or more, the oldest first", fmt.Sprint(got)}
	}
	return nil
}

// allowance looks at the cluster's own times: a burst, and then one in each
// interval counted from its beginning.
func allowance(ctx context.Context, w *world, a []string) error {
	times, err := turnTimes(ctx, w, a[0], a[1])
	if err != nil {
		return err
	}
	burst, interval := number(a[2]), time.Duration(number(a[3]))*time.Second
	if len(times) <= burst {
		return &mismatch{fmt.Sprintf("%d at once and some later", burst), fmt.Sprintf("%d in all", len(times))}
	}
	for i, at := range times {
		since := at.Sub(times[0])
		switch {
		case i < burst && since != 0:
			return &mismatch{fmt.Sprintf("number %d of the first %d at once", i+1, burst), fmt.Sprint("after ", since)}
		case i >= burst && since < time.Duration(i-burst+1)*interval:
			return &mismatch{fmt.Sprintf("number %d not before %s", i+1, time.Duration(i-burst+1)*interval), fmt.Sprint("after ", since)}
		}
	}
	return nil
}

// evenly counts, of the last batch, who got what anybody could have taken.
func evenly(_ context.Context, w *world, a []string) error {
	counts := map[string]int{}
	for _, answer := range w.talks.batch {
		if answer.text("decision.restriction") == "" {
			counts[w.agent(answer.text("conversation.assignee"))]++
		}
	}
	least, most := len(w.talks.batch), 0
	var got []string
	for _, name := range names(a[1]) {
		least, most = min(least, counts[name]), max(most, counts[name])
		got = append(got, fmt.Sprintf("%s %d", name, counts[name]))
		delete(counts, name)
	}
	if most-least > number(a[0]) || most == 0 || len(counts) > 0 {
		return &mismatch{"at most " + a[0] + " between any two of them, and nobody else", fmt.Sprint(strings.Join(got, ", "), ", others ", counts)}
	}
	return nil
}

func hasMode(ctx context.Context, w *world, a []string) error {
	inbox, err := w.get(ctx, w.path("inboxes", a[0]))
	if err != nil {
		return err
	}
	return expect(a[1], inbox.text("assignment.mode"))
}

func notNamed(ctx context.Context, w *world, a []string) error {
	inbox, err := w.get(ctx, w.path("inboxes", a[0]))
	if err != nil {
		return err
	}
	text, err := json.Marshal(inbox)
	if err != nil {
		return fmt.Errorf("write the inbox: %w", err)
	}
	if strings.Contains(w.plain(string(text)), `"`+a[1]+`"`) {
		return &mismatch{"no " + a[1], w.plain(string(text))}
	}
	return nil
}

func isPresent(ctx context.Context, w *world, a []string) error {
	agent, err := w.get(ctx, w.path("agents", a[0]))
	if err != nil {
		return err
	}
	return expect(statusOf(a[1]), agent.text("presence.status"))
}

func presenceBy(ctx context.Context, w *world, a []string) error {
	agent, err := w.get(ctx, w.path("agents", a[0]))
	if err != nil {
		return err
	}
	return expect(a[1], w.actor(agent.text("presence.by")))
}

// sameEvent compares what an event says with "actor Boss, assignee B, kind manual".
func sameEvent(w *world, e events.Event, want string) error {
	var body tree
	if err := json.Unmarshal(e.Data, &body); err != nil {
		return fmt.Errorf("read the event %s: %w", e.ID, err)
	}
	var expected, got []string
	for _, pair := range names(want) {
		what, _, _ := strings.Cut(pair, " ")
		expected = append(expected, pair)
		switch what {
		case "actor":
			got = append(got, "actor "+w.actor(body.text("data.actor")))
		case "assignee":
			got = append(got, "assignee "+w.agent(body.text("data.decision.assignee")))
		case "agent":
			got = append(got, "agent "+w.agent(body.text("data.agent")))
		case "team":
			got = append(got, "team "+w.names["teams/"+body.text("data.team")])
		default:
			got = append(got, what+" "+body.text("data.decision."+what))
		}
	}
	return expectList(expected, got)
}

// turnTimes returns when an agent took turns in a team, by the cluster's own times.
func turnTimes(ctx context.Context, w *world, team, agent string) (times []time.Time, err error) {
	list, err := turns(ctx, w, team)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if w.agent(d.text("assignee")) != agent {
			continue
		}
		at, err := time.Parse(time.RFC3339, d.text("at"))
		if err != nil {
			return nil, fmt.Errorf("the time of decision %s: %w", d.text("id"), err)
		}
		times = append(times, at)
	}
	return times, nil
}
