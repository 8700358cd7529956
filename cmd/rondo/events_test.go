package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const eventKills = 2

// Two follow the events through different nodes while the leader is killed again
// and again. Both are shown the same, in order, each once: what the nodes have in
// their records at the end, and every conversation that was acknowledged.
func TestEventsWhileLeadersDie(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	var watchers []*process
	for i := range 2 {
		watchers = append(watchers, start(t, "rondo events", nil, rondo, "events", "-o", "json", "--after", "0",
			"--server", c.at(i).url, "--server", c.at(i+1).url, "--server", c.at(i+2).url))
	}
	w := startWriter(t, c.nodes, "e.", writerPause)
	for range eventKills {
		w.awaitMore(t, acksBetween)
		t.Logf("killed the leader, %s", c.killLeader(t))
	}
	w.awaitMore(t, acksBetween)
	acks := w.finish(t)

	// The last thing that happens is one that everybody can wait for.
	c.at(0).do(t, "PUT", "/v1/agents/the-end", `{"name":"End"}`).want(t, 201, `{}`)
	var seen [][]string
	for _, p := range watchers {
		p.stdout.await(t, p, `"subject":"agents/the-end"`)
		seen = append(seen, eventIDs(t, p))
	}
	if !slices.Equal(seen[0], seen[1]) {
		t.Errorf("the two were shown different events: %d and %d, the first difference is number %d", len(seen[0]), len(seen[1]), firstOther(seen[0], seen[1]))
	}
	if !slices.IsSortedFunc(seen[0], compareIDs) || len(slices.Compact(slices.Clone(seen[0]))) != len(seen[0]) {
		t.Error("the events are not in order, or not each shown once")
	}
	shown := map[string]bool{}
	for _, id := range seen[0] {
		shown[id] = true
	}
	for _, a := range acks {
		if !shown[a.decision] {
			t.Errorf("%s was acknowledged as %s and never shown", a.conversation, a.decision)
		}
	}
	for _, n := range c.nodes {
		again := start(t, "rondo events", nil, rondo, "events", "-o", "json", "--after", "0", "--server", n.url)
		again.stdout.await(t, again, `"subject":"agents/the-end"`)
		if got := eventIDs(t, again); !slices.Equal(got, seen[0]) {
			t.Errorf("%s shows %d events afterwards, want the %d that were shown", n.id, len(got), len(seen[0]))
		}
	}
	t.Logf("%d events, %d conversations acknowledged", len(seen[0]), len(acks))
}

// eventIDs reads what `rondo events -o json` has written, up to the end.
func eventIDs(t *testing.T, p *process) (ids []string) {
	t.Helper()
	for line := range bytes.Lines([]byte(p.stdout.String())) {
		var e struct{ ID, Type, Subject string }
		if err := json.Unmarshal(line, &e); err != nil || e.Type == "reset" {
			t.Fatalf("%v: %s", err, line)
		}
		if ids = append(ids, e.ID); e.Subject == "agents/the-end" {
			return ids
		}
	}
	return ids
}

func firstOther(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// compareIDs compares by index, then by number, as texts without leading zeroes.
func compareIDs(a, b string) int {
	ai, an, _ := strings.Cut(a, ".")
	bi, bn, _ := strings.Cut(b, ".")
	for _, pair := range [][2]string{{ai, bi}, {an, bn}} {
		if len(pair[0]) != len(pair[1]) {
			return len(pair[0]) - len(pair[1])
		}
		if c := strings.Compare(pair[0], pair[1]); c != 0 {
			return c
		}
	}
	return 0
}
