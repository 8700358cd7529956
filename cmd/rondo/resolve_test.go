package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cutting makes a server write a snapshot and cut its log again and again.
const cutting = "--raft-snapshot-commands=40"

// A sought is a call whose outcome is asked for, and what every node must say.
type sought struct {
	method, path, body string
	key                string // "" of a message, whose id is the key
	operation          string // where to ask
	want               string
	decision           string // of the first answer; "" of a refusal
}

// send makes the call, for the first time or again.
func (s *sought) send(t *testing.T, n node) answer {
	t.Helper()
	if s.key == "" {
		return n.do(t, s.method, s.path, s.body)
	}
	return n.do(t, s.method, s.path, s.body, "Idempotency-Key: "+s.key)
}

// carryOut makes one call of each sort through another node each.
func carryOut(t *testing.T, all []node) []*sought {
	t.Helper()
	calls := []*sought{
		{"POST", "/v1/conversations", `{"inbox":"w.inbox","contact":"w.contact"}`, "k-done", "/v1/operations/k-done", `"outcome":"committed","status":201`, ""},
		{"POST", "/v1/conversations", `{"inbox":"nowhere","contact":"w.contact"}`, "k-no", "/v1/operations/k-no", `"outcome":"rejected","status":422`, ""},
		{"POST", "/v1/inboxes/w.inbox/messages", `{"id":"SM1","direction":"inbound","from":{"address":"+15550111"}}`, "",
			"/v1/operations/SM1?inbox=w.inbox", `"outcome":"committed","status":201`, ""},
	}
	for i, s := range calls {
		got := s.send(t, all[i%len(all)])
		if d, ok := follow(got.decode(t), "decision.id"); ok {
			s.decision = text(d)
		}
		if strings.Contains(s.want, "committed") != (s.decision != "") {
			t.Fatalf("%s: %d: %s", got.call, got.status, got.raw)
		}
	}
	return calls
}

// wantResolved checks that a node knows what became of each call, that the call
// made again is answered as the first one was, and that nothing else is known.
func (n node) wantResolved(t *testing.T, calls []*sought) {
	t.Helper()
	for _, s := range calls {
		got := n.get(t, s.operation)
		if decision := got.text(t, "decision"); !strings.Contains(string(got.raw), s.want) || decision != s.decision {
			t.Errorf("%s: %s, want %s and decision %q", got.call, got.raw, s.want, s.decision)
		}
		again := s.send(t, n)
		if again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %d, not a replay: %s", again.call, again.status, again.raw)
		}
		if d, _ := follow(again.decode(t), "decision.id"); text(d) != s.decision {
			t.Errorf("%s: decision %v, was %q", again.call, d, s.decision)
		}
	}
	if got := n.do(t, "GET", "/v1/operations/k-never", ""); got.status != http.StatusNotFound || !strings.Contains(string(got.raw), `"operation_unknown"`) {
		t.Errorf("%s: %d: %s", got.call, got.status, got.raw)
	}
}

// What became of a call is known to every node: after its leader was killed, and
// after the entry that decided it is gone from every log and only in snapshots.
func TestOperationsOutliveLeadersAndLogs(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	for _, s := range all {
		s.start(t, cutting)
	}
	for _, s := range all {
		s.awaitReady(t)
		s.awaitMembers(t, len(all))
	}
	w := startWriter(t, nodesOf(all), "w.", time.Millisecond)
	calls := carryOut(t, nodesOf(all))
	dead := leaderOf(t, all)
	dead.running.signal(t, syscall.SIGKILL)
	dead.gone(t, -1)
	for _, s := range all {
		if s != dead {
			s.wantResolved(t, calls)
		}
	}
	dead.start(t, cutting)
	dead.awaitReady(t)
	dead.wantResolved(t, calls)

	// Two snapshots more in one life, and neither is without the keys.
	for _, s := range all {
		eventually(t, s.id+" writes snapshots", func() error {
			if n := strings.Count(s.running.stderr.String(), "snapshot taken"); n < 3 {
				return fmt.Errorf("%d so far", n)
			}
			return nil
		})
	}
	acks := w.finish(t)
	for _, s := range all {
		s.running.signal(t, syscall.SIGKILL)
	}
	for _, s := range all {
		s.gone(t, -1)
		s.start(t)
	}
	for _, s := range all {
		s.awaitReady(t)
		if !strings.Contains(s.running.stderr.String(), "snapshot restored") {
			t.Errorf("%s did not begin with a snapshot, so this test says nothing", s.id)
		}
		s.wantResolved(t, calls)
	}
	decided := map[string]int{}
	for _, id := range column(all[1].all(t, "/v1/decisions"), "id") {
		decided[id]++
	}
	for _, s := range calls {
		if s.decision != "" && decided[s.decision] != 1 {
			t.Errorf("decision %s is listed %d times", s.decision, decided[s.decision])
		}
	}
	w.wantOnce(t, all[0].node, acks, true)
	stopAll(t, all)
}

// leaderOf returns the server that leads.
func leaderOf(t *testing.T, all []*host) *host {
	t.Helper()
	at := (&cluster{nodes: nodesOf(all)}).leader(t)
	for _, s := range all {
		if s.id == at.id {
			return s
		}
	}
	t.Fatalf("%s leads, which is none of ours", at.id)
	return nil
}

// The calls of TestUnknownOutcomes: enough that some are under way at any time.
const (
	unknownClients = 12
	unknownEach    = 4
	cutAfter       = 700 * time.Millisecond
)

// Some clients give up while their call is carried out.
var cuts = []time.Duration{cutAfter, 3 * time.Millisecond, 6 * time.Millisecond, 12 * time.Millisecond}

// Clients whose time is up while the leader hangs know nothing. By asking, and by
// sending again with the key, each learns of the one decision there is; also when
// the leader wakes up and finds the calls that it was sent.
func TestUnknownOutcomes(t *testing.T) {
	t.Parallel()
	takeSlot(t)
	all := servers(t, 3)
	startAll(t, all, 0, 1, 2)
	startWriter(t, nodesOf(all), "w.", writerPause).finish(t)
	hung := leaderOf(t, all)
	var others []node
	for _, s := range all {
		if s != hung {
			others = append(others, s.node)
		}
	}

	over := make(chan bool, unknownClients*unknownEach+3) // whether a call was answered
	var known []bool
	var clients sync.WaitGroup
	for i := range unknownClients {
		clients.Go(func() {
			for j := range unknownEach {
				n := all[(i+j)%len(all)].node
				over <- sendOnce(t, n, unknownKey(i, j), cuts[(i+j)%len(cuts)])
			}
		})
	}
	for range unknownClients {
		known = append(known, <-over)
	}
	hung.running.signal(t, syscall.SIGSTOP)
	t.Cleanup(func() { // or it could not be ended
		if hung.running != nil {
			hung.running.signal(t, syscall.SIGCONT)
		}
	})
	for i := range 3 { // at least these are never answered
		if sendOnce(t, hung.node, unknownKey(unknownClients, i), cutAfter) {
			t.Errorf("%s answers although it is stopped", hung.id)
		}
	}
	clients.Wait()
	close(over)
	for answered := range over {
		known = append(known, answered)
	}
	if !slices.Contains(known, false) {
		t.Error("all calls were answered, so this test says nothing")
	}

	resolve(t, others)
	hung.running.signal(t, syscall.SIGCONT)
	hung.awaitReady(t)
	wantDecidedOnce(t, nodesOf(all))
	stopAll(t, all)
}

func unknownKey(i, j int) string { return fmt.Sprintf("u-%d-%d", i, j) }

func unknownKeys() (keys []string) {
	for i := range unknownClients {
		for j := range unknownEach {
			keys = append(keys, unknownKey(i, j))
		}
	}
	for i := range 3 {
		keys = append(keys, unknownKey(unknownClients, i))
	}
	return keys
}

const unknownBody = `{"inbox":"w.inbox","contact":"w.contact"}`

// sendOnce opens a conversation without an id of its own, so that nothing but the
// key tells two apart. It says whether it was answered.
func sendOnce(t *testing.T, n node, key string, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url+"/v1/conversations", strings.NewReader(unknownBody))
	if err != nil {
		t.Error(err)
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	got, err := n.once(request)
	return err == nil && got.status == http.StatusCreated
}

// resolve asks what became of every call, and makes those again that nobody has
// seen, and a third of the others, too.
func resolve(t *testing.T, nodes []node) {
	t.Helper()
	unseen, seen := 0, 0
	for i, key := range unknownKeys() {
		n := nodes[i%len(nodes)]
		known := ""
		// "pending" is not for ever: the node itself has it under way.
		eventually(t, key+" is not pending", func() error {
			got := n.do(t, "GET", "/v1/operations/"+key, "")
			switch {
			case got.status == http.StatusNotFound:
				unseen++
				return nil
			case strings.Contains(string(got.raw), `"outcome":"committed"`):
				known = got.text(t, "decision")
				seen++
				return nil
			}
			return errorText(got.raw)
		})
		if known != "" && i%3 != 0 {
			continue
		}
		again := nodes[(i+1)%len(nodes)].do(t, "POST", "/v1/conversations", unknownBody, "Idempotency-Key: "+key)
		again.want(t, http.StatusCreated, `{}`)
		if known != "" && (again.text(t, "decision.id") != known || again.header.Get("Idempotency-Replayed") != "true") {
			t.Errorf("%s: decision %s, the operation says %s", again.call, again.text(t, "decision.id"), known)
		}
	}
	t.Logf("%d calls had been seen, %d had not", seen, unseen)
}

// wantDecidedOnce checks that every node knows one decision, the same, for each
// call, and that there is no other.
func wantDecidedOnce(t *testing.T, nodes []node) {
	t.Helper()
	decided := map[string]string{}
	for _, n := range nodes {
		for _, key := range unknownKeys() {
			got := n.get(t, "/v1/operations/"+key).want(t, http.StatusOK, `{"outcome":"committed","status":201,"decision":"<record>"}`)
			decision := got.text(t, "decision")
			if before, ok := decided[key]; ok && before != decision {
				t.Errorf("%s: %s, another node said %s", got.call, decision, before)
			}
			decided[key] = decision
		}
		byWriter, ours := 0, 0
		for _, id := range column(n.all(t, "/v1/conversations?inbox=w.inbox"), "id") {
			if strings.HasPrefix(id, "w.") {
				byWriter++
			} else {
				ours++
			}
		}
		if ours != len(decided) {
			t.Errorf("%s has %d conversations of %d calls", n.id, ours, len(decided))
		}
		if got := len(n.all(t, "/v1/decisions?team=w.team")); got != ours+byWriter {
			t.Errorf("%s has %d decisions of %d conversations", n.id, got, ours+byWriter)
		}
	}
}
