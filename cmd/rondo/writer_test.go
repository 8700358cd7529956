package main

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A writer opens conversations through all nodes at once, with the client that
// retries, and keeps what was acknowledged. Its team of three is available all the
// time, so whose turn each is is known.
type writer struct {
	client *client.Client
	prefix string
	quit   context.CancelFunc
	ctx    context.Context
	work   sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed at each acknowledgement and failure
	acks    []ack
	failure error
}

// An ack is what the cluster has promised to keep.
type ack struct {
	conversation, decision, assignee string
	at                               time.Time
}

const (
	writers      = 4
	writerPause  = 40 * time.Millisecond // after each call, or reading it all back would take long
	callPatience = patience
)

var ringOfThree = []string{"a", "b", "c"}

// startWriter sets the team up and starts the load. It ends with the test.
func startWriter(t *testing.T, nodes []node, prefix string, pause time.Duration) *writer {
	t.Helper()
	w := &writer{prefix: prefix, changed: make(chan struct{})}
	var servers []string
	for _, n := range nodes {
		servers = append(servers, n.url)
	}
	var err error
	if w.client, err = client.New(client.Options{Servers: servers, Actor: "system:writer", Timeout: 5 * time.Second}); err != nil {
		t.Fatal(err)
	}
	var members []string
	for i, name := range ringOfThree {
		id := prefix + name
		n := nodes[i%len(nodes)]
		n.do(t, "PUT", "/v1/agents/"+id, `{"name":"`+name+`"}`).want(t, http.StatusCreated, `{}`)
		n.do(t, "PUT", "/v1/agents/"+id+"/presence", `{"status":"available"}`).want(t, http.StatusOK, `{}`)
		members = append(members, `{"agent":"`+id+`"}`)
	}
	nodes[0].do(t, "PUT", "/v1/teams/"+prefix+"team", `{"name":"W","members":[`+strings.Join(members, ",")+`]}`).want(t, http.StatusCreated, `{}`)
	nodes[0].do(t, "PUT", "/v1/inboxes/"+prefix+"inbox", `{"name":"W","assignment":{"mode":"rotation","team":"`+prefix+`team"}}`).
		want(t, http.StatusCreated, `{}`)
	nodes[0].do(t, "PUT", "/v1/contacts/"+prefix+"contact", `{"name":"W"}`).want(t, http.StatusCreated, `{}`)
	w.ctx, w.quit = context.WithCancel(context.Background())
	for i := range writers {
		w.work.Go(func() { w.write(i, pause) })
	}
	t.Cleanup(func() {
		w.quit()
		w.work.Wait()
		w.client.Close()
	})
	return w
}

// write opens one conversation after another until the writer ends.
func (w *writer) write(worker int, pause time.Duration) {
	c := w.client.StartAt(worker)
	pace := time.NewTicker(pause)
	defer pace.Stop()
	for n := 0; w.ctx.Err() == nil; n++ {
		id := fmt.Sprintf("%sc%d-%d", w.prefix, worker, n)
		body := map[string]string{"id": id, "inbox": w.prefix + "inbox", "contact": w.prefix + "contact"}
		var got struct {
			Decision struct{ ID, Assignee string }
		}
		// Not the writer's own context: what has been sent is seen through.
		ctx, cancel := context.WithTimeout(context.Background(), callPatience)
		_, err := c.Do(ctx, http.MethodPost, "/v1/conversations", body, &got)
		cancel()
		w.note(ack{id, got.Decision.ID, got.Decision.Assignee, time.Now()}, err)
		if err != nil {
			return
		}
		<-pace.C
	}
}

func (w *writer) note(a ack, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.failure = fmt.Errorf("open %s: %w", a.conversation, err)
	} else {
		w.acks = append(w.acks, a)
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// awaitMore waits until so many further conversations have been acknowledged.
func (w *writer) awaitMore(t *testing.T, count int) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	w.mu.Lock()
	goal := len(w.acks) + count
	w.mu.Unlock()
	for {
		w.mu.Lock()
		have, failure, changed := len(w.acks), w.failure, w.changed
		w.mu.Unlock()
		if failure != nil {
			t.Fatal(failure)
		}
		if have >= goal {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			t.Fatalf("%d conversations are acknowledged after %v, want %d", have, patience, goal)
		}
	}
}

// finish ends the load and returns everything that was acknowledged. No call may
// have failed.
func (w *writer) finish(t *testing.T) []ack {
	t.Helper()
	w.quit()
	w.work.Wait()
	if w.failure != nil {
		t.Fatal(w.failure)
	}
	return w.acks
}

// longestGap returns the longest time without any acknowledgement.
func longestGap(acks []ack) time.Duration {
	var longest time.Duration
	for i := 1; i < len(acks); i++ {
		longest = max(longest, acks[i].at.Sub(acks[i-1].at))
	}
	return longest
}

// wantKept checks that what was acknowledged is there, once, on every node, as
// promised; that all nodes list the same decisions in one strict order; and that
// the writer's team was served in turn. With others, conversations may be there
// whose acknowledgement was lost.
func (w *writer) wantKept(t *testing.T, nodes []node, acks []ack, others bool) {
	t.Helper()
	var first []any
	for _, n := range nodes {
		decisions := n.all(t, "/v1/decisions")
		if first == nil {
			first = decisions
		}
		if !reflect.DeepEqual(first, decisions) {
			t.Errorf("%s lists %d decisions, %s %d, and they differ", nodes[0].id, len(first), n.id, len(decisions))
		}
		w.wantOnce(t, n, acks, others)
	}
	wantStrictOrder(t, column(first, "id"))
	decided := map[string][]string{}
	var turns []string
	for _, d := range first {
		row := []any{d}
		if column(row, "team")[0] != w.prefix+"team" {
			continue
		}
		id := column(row, "conversation")[0]
		decided[id] = append(decided[id], column(row, "id")[0]+" "+column(row, "assignee")[0])
		turns = append(turns, strings.TrimPrefix(column(row, "assignee")[0], w.prefix))
	}
	for _, a := range acks {
		if got := decided[a.conversation]; len(got) != 1 || got[0] != a.decision+" "+a.assignee {
			t.Errorf("%s was acknowledged with %s %s; its decisions are %q", a.conversation, a.decision, a.assignee, got)
		}
	}
	for i, name := range turns {
		if want := ringOfThree[i%len(ringOfThree)]; name != want {
			t.Fatalf("turn %d of %d went to %q, want %q", i, len(turns), name, want)
		}
	}
}

func (w *writer) wantOnce(t *testing.T, n node, acks []ack, others bool) {
	t.Helper()
	ids := column(n.all(t, "/v1/conversations?inbox="+w.prefix+"inbox"), "id")
	slices.Sort(ids)
	if unique := slices.Compact(slices.Clone(ids)); len(unique) != len(ids) {
		t.Errorf("%s lists %d conversations twice", n.id, len(ids)-len(unique))
	}
	for _, a := range acks {
		if _, found := slices.BinarySearch(ids, a.conversation); !found {
			t.Errorf("%s was acknowledged, and %s does not have it", a.conversation, n.id)
		}
	}
	if !others && len(ids) != len(acks) {
		t.Errorf("%s has %d conversations, acknowledged were %d", n.id, len(ids), len(acks))
	}
}

// wantStrictOrder checks that record ids, INDEX.N, rise.
func wantStrictOrder(t *testing.T, ids []string) {
	t.Helper()
	var lastIndex, lastN uint64
	for _, id := range ids {
		a, b, _ := strings.Cut(id, ".")
		index, err := strconv.ParseUint(a, 10, 64)
		n, errN := strconv.ParseUint(b, 10, 64)
		if err != nil || errN != nil || index < lastIndex || index == lastIndex && n <= lastN && lastIndex > 0 {
			t.Fatalf("decision %s comes after %d.%d", id, lastIndex, lastN)
		}
		lastIndex, lastN = index, n
	}
}
