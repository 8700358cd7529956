package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// a waitingLab is an API whose cluster tells when a read begins to wait.
type waitingLab struct {
	t       *testing.T
	machine *machine
	h       http.Handler
	stop    context.CancelFunc
}

func newWaitingLab(t *testing.T, o Options) *waitingLab {
	l := &waitingLab{t: t, machine: newMachine(t)}
	l.machine.awaiting = make(chan struct{}, 1000)
	o.Cluster = l.machine
	o.Stopping, l.stop = context.WithCancel(t.Context())
	t.Cleanup(l.stop)
	var err error
	if l.h, err = New(o); err != nil {
		t.Fatal(err)
	}
	return l
}

// must carries out a change and returns the index to go on from.
func (l *waitingLab) must(method, path, body string) string {
	l.t.Helper()
	r := do(l.h, method, path, body)
	if r.status >= 300 {
		l.t.Fatalf("%s %s: %d %s", method, path, r.status, r.body)
	}
	return r.header.Get("Rondo-Index")
}

// get begins a read and returns when it waits.
func (l *waitingLab) get(path string) <-chan reply {
	answer := make(chan reply, 1)
	go func() { answer <- do(l.h, "GET", path, "") }()
	l.waits()
	return answer
}

func (l *waitingLab) waits() {
	l.t.Helper()
	select {
	case <-l.machine.awaiting:
	case <-time.After(time.Minute):
		l.t.Fatal("it does not wait")
	}
}

// TestMinIndex: a read waits for what its client has seen elsewhere, holds nobody
// up meanwhile, and says how far this node is if that was in vain.
func TestMinIndex(t *testing.T) {
	l := newWaitingLab(t, Options{MaxInFlight: 1})
	l.must("PUT", "/v1/agents/a", `{"name":"A"}`) // index 3
	got := l.get("/v1/agents/a?min_index=4")
	l.must("PUT", "/v1/agents/a", `{"name":"Anna"}`) // through the only place there is
	if r := <-got; r.status != 200 || !strings.Contains(r.body, `"Anna"`) {
		t.Errorf("%d %s", r.status, r.body)
	}

	short := newWaitingLab(t, Options{Timeout: 30 * time.Millisecond})
	for _, query := range []string{"", "&consistency=stale"} {
		r := do(short.h, "GET", "/v1/agents?min_index=1000"+query, "")
		if r.status != 503 || r.code(t) != codeIndexNotReached || !strings.Contains(r.body, `"index":2`) || r.header.Get("Retry-After") != "1" {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
}

// TestWait: an answer comes when the thing has changed, and not when others have.
func TestWait(t *testing.T) {
	l := newWaitingLab(t, Options{})
	at := l.must("PUT", "/v1/agents/a", `{"name":"A"}`)
	got := l.get("/v1/agents/a?wait=60s&min_index=" + at)
	l.must("PUT", "/v1/agents/b", `{"name":"B"}`)
	l.waits() // again
	changed := l.must("PUT", "/v1/agents/a", `{"name":"Anna"}`)
	if r := <-got; r.status != 200 || !strings.Contains(r.body, `"Anna"`) || r.header.Get("ETag") != `"5"` {
		t.Errorf("%d %s", r.status, r.body)
	}
	// What changed before the call began is new, too.
	if r := do(l.h, "GET", "/v1/agents/a?wait=60s&min_index="+at, ""); r.status != 200 || !strings.Contains(r.body, `"Anna"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	// Nothing new: the thing as it is, when the time is up.
	if r := do(l.h, "GET", "/v1/agents/a?wait=30ms&min_index="+changed, ""); r.status != 200 || !strings.Contains(r.body, `"Anna"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	// Fences are entries, and nothing new.
	quiet := l.get("/v1/agents?wait=60s&min_index=" + changed)
	l.must("GET", "/v1/agents", "")
	l.waits()
	l.must("PUT", "/v1/agents/c", `{"name":"C"}`)
	if r := <-quiet; r.status != 200 || !strings.Contains(r.body, `"C"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestWaitForWhatIsNotThere: a thing, or an operation, that comes later.
func TestWaitForWhatIsNotThere(t *testing.T) {
	l := newWaitingLab(t, Options{})
	thing := l.get("/v1/agents/a?wait=60s&min_index=0")
	operation := l.get("/v1/operations/k?wait=60s")
	if r := do(l.h, "PUT", "/v1/agents/a", `{"name":"A"}`, keyHeader, "k"); r.status != 201 {
		t.Fatal(r.body)
	}
	for _, got := range []<-chan reply{thing, operation} {
		if r := <-got; r.status != 200 {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if r := do(l.h, "GET", "/v1/agents/b?wait=20ms&min_index=0", ""); r.status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestWaitingIsBounded, and ends when the node stops.
func TestWaitingIsBounded(t *testing.T) {
	l := newWaitingLab(t, Options{MaxWaiting: 1, MaxInFlight: 1})
	at := l.must("PUT", "/v1/agents/a", `{"name":"A"}`)
	first := l.get("/v1/agents/a?wait=60s&min_index=" + at)
	r := do(l.h, "GET", "/v1/agents/a?wait=60s&min_index="+at, "")
	if r.status != 429 || r.code(t) != codeTooBusy || r.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %s", r.status, r.body)
	}
	l.stop()
	if r := <-first; r.status != 200 || !strings.Contains(r.body, `"A"`) {
		t.Errorf("at the end: %d %s", r.status, r.body)
	}
	if r := do(l.h, "GET", "/v1/agents/a", ""); r.status != 200 {
		t.Errorf("the lane is not free: %d", r.status)
	}
}

// TestMaxStale: a stale read asks the leader after all if what this node has may
// be older than the client bears.
func TestMaxStale(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	for age, want := range map[time.Duration]int{time.Second: 200, 6 * time.Second: 503} {
		m.age, m.fail = age, trouble{"no_leader", outcomeRejected, time.Second}
		if r := do(h, "GET", "/v1/agents?consistency=stale&max_stale=5s", ""); r.status != want {
			t.Errorf("%s old: %d %s", age, r.status, r.body)
		}
	}
}

func TestFreshnessParameters(t *testing.T) {
	h := newHandler(t, newMachine(t))
	for query, parameter := range map[string]string{
		"wait=30s": "wait", "wait=61s&min_index=1": "wait", "wait=0s&min_index=1": "wait", "wait=30&min_index=1": "wait",
		"wait=-1s&min_index=1": "wait", "max_stale=5s": "max_stale", "consistency=stale&max_stale=2h": "max_stale",
		"min_index=x": "min_index", "min_index=18446744073709551615": "min_index", "consistency=quick": "consistency",
	} {
		r := do(h, "GET", "/v1/agents?"+query, "")
		if r.status != 400 || !strings.Contains(r.body, fmt.Sprintf(`"parameter":%q`, parameter)) {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}
