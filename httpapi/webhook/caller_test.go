package webhook

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
)

// patience is for events on a slow machine; nothing waits that long when all is well.
const patience = time.Minute

// A desk is a cluster with a state of its own: it holds runs that wait for webhooks,
// and what is answered.
type desk struct {
	mu      sync.Mutex
	state   *fsm.State
	changed chan struct{}
	leads   bool
	refuse  []error // what Propose says first, one after another
	keys    []string
	answers chan fsm.AnswerRun
}

func newDesk() *desk {
	s := fsm.NewState()
	s.NowMs = 1_795_305_600_000
	s.Contacts.Put(fsm.Contact{Handle: 7, ID: "p1"})
	s.Conversations.Put(fsm.Conversation{Handle: 9, ID: "c1", Contact: 7})
	s.Rules.Put(fsm.Rule{Handle: 3, ID: "vip", Edition: 1})
	return &desk{state: s, changed: make(chan struct{}), leads: true, answers: make(chan fsm.AnswerRun, 1000)}
}

// wants has a step called by run.
func (d *desk) wants(run fsm.RunHandle, step fsm.WebhookStep) {
	timeout := int64(step.TimeoutSeconds)
	if timeout == 0 {
		timeout = fsm.DefaultWebhookSeconds
	}
	d.change(func(s *fsm.State) {
		s.Editions.Put(fsm.Edition{Rule: 3, Edition: uint64(run), Body: fsm.RuleBody{Steps: []fsm.Step{{Webhook: &step}}}})
		s.Runs.Put(fsm.Run{Handle: run, Rule: 3, Edition: uint64(run), Conversation: 9,
			Pending: fsm.Pending{For: fsm.PendingWebhook, DueMs: s.NowMs + timeout*1000 + fsm.WebhookGraceMs, Tries: 1, Call: 70}})
	})
}

func (d *desk) change(how func(s *fsm.State)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	how(d.state)
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *desk) Leads() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.leads
}

func (d *desk) Latest() *fsm.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.Clone()
}

func (d *desk) Changed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

func (d *desk) Propose(_ context.Context, it fsm.Item) (fsm.Outcome, uint64, error) {
	command, err := fsm.DecodeItem(it)
	if err != nil {
		return fsm.Outcome{}, 0, err
	}
	answer, ok := command.(fsm.AnswerRun)
	if err := command.Check(); err != nil || !ok {
		return fsm.Outcome{}, 0, errors.Join(err, errors.New("not a good answer"))
	}
	d.mu.Lock()
	d.keys = append(d.keys, string(it.Key))
	if len(d.refuse) > 0 {
		err, d.refuse = d.refuse[0], d.refuse[1:]
		d.mu.Unlock()
		return fsm.Outcome{}, 0, err
	}
	d.mu.Unlock()
	d.change(func(s *fsm.State) { s.Runs.Delete(answer.Run) })
	d.answers <- answer
	return fsm.Outcome{}, 1, nil
}

// answer returns the next one that is told.
func (d *desk) answer(t *testing.T) fsm.AnswerRun {
	t.Helper()
	select {
	case a := <-d.answers:
		return a
	case <-time.After(patience):
		t.Fatal("no answer was told")
		return fsm.AnswerRun{}
	}
}

// run runs a caller until the test ends, or until the returned function has it stop.
func run(t *testing.T, o Options) (stop func()) {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		c.Run(ctx)
		close(done)
	}()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("the caller does not stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func hostsOf(t *testing.T, list ...string) Hosts {
	t.Helper()
	h, err := ParseHosts(list)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// serve returns a server and the list that allows it.
func serve(t *testing.T, handler http.HandlerFunc) (string, Hosts) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, hostsOf(t, strings.TrimPrefix(server.URL, "http://"))
}

func TestCallIsAnswered(t *testing.T) {
	type seen struct {
		header http.Header
		body   string
	}
	requests := make(chan seen, 1)
	at, hosts := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Header, string(body)}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = io.WriteString(w, `{"plan":"gold","seats":12,"vip":true,"note":null,"more":{"a":1},"list":[1],"long":"`+strings.Repeat("x", 201)+`","other":"no"}`)
	})
	secret, err := ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	d, registry := newDesk(), prometheus.NewRegistry()
	run(t, Options{Cluster: d, Hosts: hosts, Secret: secret, Registry: registry})
	d.wants(42, fsm.WebhookStep{URL: at + "/hook?x=1", Save: map[string]string{
		"plan": "plan", "seats": "seats", "vip": "vip", "note": "note", "more": "more", "list": "list", "long": "long", "gone": "gone"}})

	answer := d.answer(t)
	want := map[string]string{"plan": "gold", "seats": "12", "vip": "true"}
	if got, _ := json.Marshal(answer.Values); !answer.OK || answer.Status != 200 || string(got) != `{"plan":"gold","seats":"12","vip":"true"}` {
		t.Errorf("got %+v, want %v", answer, want)
	}
	if (answer.WebhookTry != fsm.WebhookTry{Run: 42, Call: 70, Try: 1}) {
		t.Errorf("the answer is for %+v", answer.WebhookTry)
	}
	r := <-requests
	if r.body != `{"rule":"vip","run":"42","conversation":"c1","contact":"p1","try":1,"at":"2026-11-22T00:00:00.000Z"}` {
		t.Errorf("the server was sent %s", r.body)
	}
	id, timestamp := r.header.Get("Webhook-Id"), r.header.Get("Webhook-Timestamp")
	if id != "run-42-70" || r.header.Get("Webhook-Signature") != secret.sign(id, timestamp, []byte(r.body)) {
		t.Errorf("headers %v", r.header)
	}
	checkCounted(t, registry, "rondo_webhook_calls_total", 1)
}

// The example that the libraries of the Standard Webhooks test with.
func TestSignature(t *testing.T) {
	secret, err := ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, bad := range []string{"x", "whsec_", "whsec_YWJj", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!"} {
		if _, err := ParseSecret(bad); err == nil {
			t.Errorf("%q is taken for a secret", bad)
		}
	}
}

func checkCounted(t *testing.T, registry *prometheus.Registry, name string, want float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		sum := 0.0
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue()
		}
		if sum != want {
			t.Errorf("%s is %v, want %v", name, sum, want)
		}
		return
	}
	t.Errorf("there is no %s", name)
}

func TestCallFails(t *testing.T) {
	release := make(chan struct{})
	handlers := map[string]http.HandlerFunc{
		"/slow": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		},
		"/closing": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"/half": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"plan":`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"/huge": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"plan":"`+strings.Repeat("x", MaxAnswerBytes)+`"}`)
		},
		"/redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/good", http.StatusTemporaryRedirect)
		},
		"/type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, `{"plan":"gold"}`)
		},
		"/list": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `["gold"]`)
		},
		"/broken": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"/good":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	}
	at, hosts := serve(t, func(w http.ResponseWriter, r *http.Request) { handlers[r.URL.Path](w, r) })
	t.Cleanup(func() { close(release) }) // before the server is closed
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	hosts.exact[strings.TrimPrefix(gone.URL, "http://")] = true
	d := newDesk()
	run(t, Options{Cluster: d, Hosts: hosts})

	for i, c := range []struct {
		url    string
		status uint16
		want   fsm.WebhookFailure
	}{
		{at + "/slow", 0, fsm.WebhookTimedOut},
		{at + "/closing", 0, fsm.WebhookConnection},
		{at + "/half", 200, fsm.WebhookConnection},
		{at + "/huge", 200, fsm.WebhookTooLarge},
		{at + "/redirect", 307, fsm.WebhookRedirect},
		{at + "/type", 200, fsm.WebhookNotJSON},
		{at + "/list", 200, fsm.WebhookNotJSON},
		{at + "/broken", 503, fsm.WebhookStatus},
		{gone.URL, 0, fsm.WebhookConnection},
		{strings.Replace(at, "http://", "https://", 1) + "/good", 0, fsm.WebhookTLS},
		{"http://elsewhere.example/", 0, fsm.WebhookNotAllowed},
		{"file:///etc/passwd", 0, fsm.WebhookNotAllowed},
		{strings.Replace(at, "http://", "http://a:b@", 1) + "/good", 0, fsm.WebhookNotAllowed},
		{at + "/good", 204, ""},
	} {
		d.wants(fsm.RunHandle(100+i), fsm.WebhookStep{URL: c.url, TimeoutSeconds: 1, Save: map[string]string{"plan": "plan"}})
		if got := d.answer(t); got.OK != (c.want == "") || got.Failure != c.want || got.Status != c.status || len(got.Values) > 0 {
			// A busy machine may not get an answer within a second.
			if got.Failure != fsm.WebhookTimedOut {
				t.Errorf("%s: got %+v, want %q", c.url, got, c.want)
			}
		}
	}
}

func TestCertificateIsVerified(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	hosts := hostsOf(t, strings.TrimPrefix(server.URL, "https://"))
	d := newDesk()
	stop := run(t, Options{Cluster: d, Hosts: hosts})
	d.wants(1, fsm.WebhookStep{URL: server.URL, TimeoutSeconds: 60})
	if got := d.answer(t); got.Failure != fsm.WebhookTLS {
		t.Errorf("of an unknown issuer: %+v", got)
	}
	stop()
	trusting := &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12} //nolint:forcetypeassert // what httptest makes
	run(t, Options{Cluster: d, Hosts: hosts, TLS: trusting})
	d.wants(2, fsm.WebhookStep{URL: server.URL, TimeoutSeconds: 60})
	if got := d.answer(t); !got.OK {
		t.Errorf("of a known issuer: %+v", got)
	}
}
