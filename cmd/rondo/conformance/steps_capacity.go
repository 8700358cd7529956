package conformance

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// capacityRules set limits on open conversations, rates and weights.
var capacityRules = []rule{
	{pattern: `agent {name} takes at most {n} in all`, run: limitAgent},
	{pattern: `(team|inbox) {name} gives (each|{list}) at most {n}`, run: limitPlace},
	{pattern: `team {name} gives each at most {n} within {n} seconds`, run: limitRate},
	{pattern: `team {name} has no limits`, run: noLimits},
	{looks: true, pattern: `team {name} gave {name} at most {n} within any {n} seconds`, run: withinAny},
}

// limitAgent sets the limit of an agent who is there already.
func limitAgent(ctx context.Context, w *world, a []string) error {
	path := w.path("agents", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["limits"] = tree{"open": number(a[1])}
	return w.put(ctx, path, body)
}

// limitPlace sets the limit of everybody, or of single agents and of nobody else.
func limitPlace(ctx context.Context, w *world, a []string) error {
	kind := map[string]string{"team": "teams", "inbox": "inboxes"}[a[0]]
	path := w.path(kind, a[1])
	body := w.body(path, tree{"name": a[1]})
	if a[2] == "each" {
		body["capacity"] = tree{"open": number(a[4])}
		return w.put(ctx, path, body)
	}
	agents := tree{}
	for _, name := range names(a[3]) {
		agents[w.id("agents", name)] = number(a[4])
	}
	body["capacity"] = tree{"agents": agents}
	return w.put(ctx, path, body)
}

func limitRate(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	body["rate"] = tree{"limit": number(a[1]), "window_seconds": number(a[2])}
	return w.put(ctx, path, body)
}

func noLimits(ctx context.Context, w *world, a []string) error {
	path := w.path("teams", a[0])
	body := w.body(path, tree{"name": a[0]})
	delete(body, "rate")
	delete(body, "capacity")
	return w.put(ctx, path, body)
}

// withinAny looks at the cluster's own times: a window that slides, wherever it
// begins.
func withinAny(ctx context.Context, w *world, a []string) error {
	times, err := turnTimes(ctx, w, a[0], a[1])
	if err != nil {
		return err
	}
	most, window := number(a[2]), time.Duration(number(a[3]))*time.Second
	if len(times) <= most {
		return &mismatch{fmt.Sprintf("more than %d in all", most), strconv.Itoa(len(times))}
	}
	for i := most; i < len(times); i++ {
		if since := times[i].Sub(times[i-most]); since < window {
			return &mismatch{fmt.Sprintf("at most %d within any %s", most, window), fmt.Sprintf("%d within %s", most+1, since)}
		}
	}
	return nil
}
