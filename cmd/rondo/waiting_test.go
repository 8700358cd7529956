package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A waitingRead asks again and again, as a client does that waits for news, until
// its answer is what it waits for.
type waitingRead struct {
	path string // with wait
	want string
	done chan error
}

var patientClient = &http.Client{Timeout: patience} // a read may wait for a minute

func (n node) waits(path, want string) *waitingRead {
	r := &waitingRead{path, want, make(chan error, 1)}
	go func() { r.done <- r.run(n) }()
	return r
}

func (r *waitingRead) run(n node) error {
	last := "nothing"
	for began := time.Now(); time.Since(began) < patience; {
		response, err := patientClient.Get(n.url + r.path)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", r.path, n.id, err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return fmt.Errorf("%s of %s: %w", r.path, n.id, err)
		}
		if response.StatusCode == http.StatusOK && strings.Contains(string(body), r.want) {
			return nil
		}
		last = fmt.Sprintf("%d %s", response.StatusCode, body)
	}
	return fmt.Errorf("%s of %s: not %s, but %s", r.path, n.id, r.want, last)
}

// check waits for the end of the read.
func (r *waitingRead) check(t *testing.T) {
	t.Helper()
	if err := <-r.done; err != nil {
		t.Error(err)
	}
}

func (r *waitingRead) wantStillWaiting(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.done:
		t.Errorf("%s has ended (%v) before there was anything new", r.path, err)
		r.done <- err
	default:
	}
}

// Who waits on one node for what happens through another one is told, with a
// change of leader in between; an index from one node holds on every other.
func TestWaitingReadsAcrossLeaders(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	startAll(t, all, 0, 1, 2)
	startWriter(t, nodesOf(all), "w.", writerPause).finish(t)
	all[0].do(t, "POST", "/v1/conversations", `{"id":"seen","inbox":"w.inbox","contact":"w.contact"}`).want(t, http.StatusCreated, `{}`)
	dead := leaderOf(t, all)
	var others []node
	for _, s := range all {
		if s != dead {
			others = append(others, s.node)
		}
	}
	index := others[0].get(t, "/v1/conversations/seen").index(t)
	reads := []*waitingRead{
		others[0].waits(fmt.Sprintf("/v1/conversations/seen?min_index=%d&wait=60s", index), `"status":"closed"`),
		others[0].waits(fmt.Sprintf("/v1/conversations/not-yet?min_index=%d&wait=60s", index), `"id":"not-yet"`),
		others[0].waits("/v1/operations/k-later?wait=60s", `"outcome":"committed"`),
		others[1].waits(fmt.Sprintf("/v1/conversations?inbox=w.inbox&consistency=stale&min_index=%d&wait=60s", index), `"id":"not-yet"`),
	}
	dead.running.signal(t, syscall.SIGKILL)
	dead.gone(t, -1)
	others[1].get(t, "/v1/agents?limit=1") // there is a leader
	for _, r := range reads {
		r.wantStillWaiting(t)
	}

	closed := others[1].do(t, "POST", "/v1/conversations/seen/close", "")
	reads[0].check(t)
	opened := others[1].do(t, "POST", "/v1/conversations", `{"id":"not-yet","inbox":"w.inbox","contact":"w.contact"}`, "Idempotency-Key: k-later")
	for _, r := range reads[1:] {
		r.check(t)
	}
	if opened.index(t) <= closed.index(t) || closed.index(t) <= index {
		t.Errorf("indexes do not rise over a change of leader: %d, %d, %d", index, closed.index(t), opened.index(t))
	}

	// The node that was away has what others have seen, or says that it has not.
	dead.start(t)
	for _, n := range []node{dead.node, others[0]} {
		got := n.get(t, fmt.Sprintf("/v1/conversations/not-yet?consistency=stale&min_index=%d", opened.index(t)))
		if got.index(t) < opened.index(t) {
			t.Errorf("%s: index %d, asked for %d", got.call, got.index(t), opened.index(t))
		}
	}
	stopAll(t, all)
}
