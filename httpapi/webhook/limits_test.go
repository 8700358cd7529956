package webhook

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// The server of a rebinding name is not asked: the name of this machine is one below
// a listed domain.
func TestRebindingIsNotDialled(t *testing.T) {
	at, hosts := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was called") })
	port := at[strings.LastIndexByte(at, ':')+1:]
	hosts.exact, hosts.below = nil, []wildcard{{".localhost", port}}
	d := newDesk()
	run(t, Options{Cluster: d, Hosts: hosts})
	d.wants(1, fsm.WebhookStep{URL: "http://a.localhost:" + port})
	if got := d.answer(t); got.OK || got.Failure != fsm.WebhookNotAllowed && got.Failure != fsm.WebhookConnection {
		t.Errorf("got %+v", got) // connection: this machine does not know the name at all
	}
}

// No more calls are under way than may be, and those that wait come all the same.
func TestCallsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	handler := func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		arrived <- struct{}{}
		select {
		case <-release:
		case <-time.After(patience):
		}
		now.Add(-1)
	}
	var hosts Hosts
	d := newDesk()
	const servers, each = 3, 20
	for i := range servers {
		at, more := serve(t, handler)
		if i == 0 {
			hosts = more
		}
		hosts.exact[strings.TrimPrefix(at, "http://")] = true
		for j := range each {
			d.wants(fsm.RunHandle(1+i*each+j), fsm.WebhookStep{URL: at, TimeoutSeconds: 60})
		}
	}
	run(t, Options{Cluster: d, Hosts: hosts})
	for range MaxCalls { // eight of one server, eight of another
		select {
		case <-arrived:
		case <-time.After(patience):
			t.Fatal("fewer calls than may be are under way")
		}
	}
	close(release)
	answered := map[fsm.RunHandle]bool{}
	for range servers * each {
		answered[d.answer(t).Run] = true
	}
	if most.Load() != MaxCalls || len(answered) != servers*each {
		t.Errorf("%d calls at once, want %d; %d runs were answered, want %d", most.Load(), MaxCalls, len(answered), servers*each)
	}
}

func TestCallsOfOneHost(t *testing.T) {
	at, hosts := serve(t, func(http.ResponseWriter, *http.Request) {})
	c, err := New(Options{Cluster: newDesk(), Hosts: hosts})
	if err != nil {
		t.Fatal(err)
	}
	begun := 0
	for i := range MaxCalls {
		if c.begin(fsm.DueWebhook{URL: at, WebhookTry: fsm.WebhookTry{Run: fsm.RunHandle(i), Call: 1, Try: 1}}) {
			begun++
		}
	}
	if begun != MaxCallsOfHost {
		t.Errorf("%d calls to one host at once, want %d", begun, MaxCallsOfHost)
	}
	if c.begin(fsm.DueWebhook{URL: at, WebhookTry: fsm.WebhookTry{Run: 0, Call: 1, Try: 1}}) {
		t.Error("a try is begun twice")
	}
}

// A node that stops cuts its calls short and tells nothing; whoever leads next calls
// again under the same id. A node that does not lead calls nobody.
func TestNextLeaderCallsAgain(t *testing.T) {
	ids := make(chan string, 10)
	first := atomic.Bool{}
	first.Store(true)
	at, hosts := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		ids <- r.Header.Get("Webhook-Id")
		_, _ = io.Copy(io.Discard, r.Body) // only then the server learns that the caller has gone
		if first.Swap(false) {
			select {
			case <-r.Context().Done():
			case <-time.After(patience):
			}
		}
	})
	d := newDesk()
	stop := run(t, Options{Cluster: d, Hosts: hosts})
	d.wants(5, fsm.WebhookStep{URL: at, TimeoutSeconds: 60})
	before := <-ids
	stop()
	if len(d.answers) != 0 {
		t.Fatal("a call that was cut short was answered")
	}
	d.change(func(*fsm.State) { d.leads = false })
	run(t, Options{Cluster: d, Hosts: hosts})
	d.change(func(s *fsm.State) { d.leads = true })
	if got := d.answer(t); !got.OK || got.Try != 1 {
		t.Errorf("got %+v", got)
	}
	if again := <-ids; again != before || len(ids) > 0 {
		t.Errorf("called under %s, then under %s, and %d times more", before, again, len(ids))
	}
}

// An answer whose outcome is not known is told again, under the same key.
func TestAnswerIsToldAgain(t *testing.T) {
	at, hosts := serve(t, func(http.ResponseWriter, *http.Request) {})
	d := newDesk()
	d.refuse = []error{errors.New("no leader"), context.DeadlineExceeded}
	run(t, Options{Cluster: d, Hosts: hosts})
	d.wants(5, fsm.WebhookStep{URL: at, TimeoutSeconds: 60})
	if got := d.answer(t); !got.OK {
		t.Errorf("got %+v", got)
	}
	if len(d.keys) != 3 || d.keys[0] != d.keys[2] {
		t.Errorf("keys %q", d.keys)
	}
}

// The second try of the state is another call of the same id.
func TestNextTry(t *testing.T) {
	status := []int{http.StatusInternalServerError, http.StatusOK}
	ids := make(chan string, 2)
	at, hosts := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ids <- r.Header.Get("Webhook-Id")
		w.WriteHeader(status[0])
		status = status[1:]
	})
	d := newDesk()
	run(t, Options{Cluster: d, Hosts: hosts})
	step := fsm.WebhookStep{URL: at, TimeoutSeconds: 60}
	d.wants(5, step)
	if got := d.answer(t); got.OK || got.Failure != fsm.WebhookStatus || got.Status != 500 {
		t.Errorf("first try: %+v", got)
	}
	d.change(func(s *fsm.State) {
		s.Runs.Put(fsm.Run{Handle: 5, Rule: 3, Edition: 5, Conversation: 9, Pending: fsm.Pending{For: fsm.PendingWebhook, DueMs: s.NowMs + 65_000, Tries: 2, Call: 70}})
	})
	if got := d.answer(t); !got.OK || got.Try != 2 {
		t.Errorf("second try: %+v", got)
	}
	if first, second := <-ids, <-ids; first != second {
		t.Errorf("called under %s, then under %s", first, second)
	}
}
