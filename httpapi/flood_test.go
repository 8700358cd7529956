package httpapi

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A slowBody is a request whose body has begun and does not go on.
type slowBody struct {
	rest  *io.PipeWriter
	reply chan reply
}

// trickle returns once the first byte of the body has been read. A length of -1 is
// one that is not told.
func trickle(t *testing.T, h http.Handler, path string, length int64) *slowBody {
	t.Helper()
	body, rest := io.Pipe()
	s := &slowBody{rest, make(chan reply, 1)}
	request := httptest.NewRequest("PUT", path, body)
	request.ContentLength = length
	go func() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request)
		s.reply <- reply{w.Code, w.Header(), w.Body.String()}
	}()
	if _, err := rest.Write([]byte(" ")); err != nil {
		t.Fatal(err)
	}
	return s
}

// finish sends the rest.
func (s *slowBody) finish(rest string) reply {
	_, _ = io.WriteString(s.rest, rest)
	_ = s.rest.Close()
	return <-s.reply
}

// TestSlowBodies: whoever is slow to send has no place in the lane of the others,
// and is answered when he is done.
func TestSlowBodies(t *testing.T) {
	h, err := New(Options{Cluster: newMachine(t), MaxInFlight: 1})
	if err != nil {
		t.Fatal(err)
	}
	var slow []*slowBody
	for i := range 3 {
		slow = append(slow, trickle(t, h, fmt.Sprintf("/v1/agents/slow%d", i), 100))
	}
	if r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`); r.status != 201 {
		t.Errorf("meanwhile: %d %s", r.status, r.body)
	}
	for _, s := range slow {
		if r := s.finish(`{"name":"S"}`); r.status != 201 {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
}

// TestLargeBodies: so many large bodies may be arriving, and small ones come in
// besides.
func TestLargeBodies(t *testing.T) {
	h := newHandler(t, newMachine(t))
	var slow []*slowBody
	for i := range maxLargeBodies {
		slow = append(slow, trickle(t, h, "/v1/agents/slow", []int64{-1, smallBodyBytes + 1}[i%2]))
	}
	for _, length := range []int64{-1, smallBodyBytes + 1} {
		request := httptest.NewRequest("PUT", "/v1/agents/a", http.NoBody)
		request.ContentLength = length
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request)
		if got := (reply{w.Code, w.Header(), w.Body.String()}); got.status != 429 || got.code(t) != "too_busy" || got.header.Get("Retry-After") != "1" {
			t.Errorf("one more of %d bytes: %d %s", length, got.status, got.body)
		}
	}
	if r := do(h, "PUT", "/v1/agents/a", `{"name":"A"}`); r.status != 201 {
		t.Errorf("a small one: %d %s", r.status, r.body)
	}
	for i, s := range slow {
		if r := s.finish(`{"name":"S"}`); r.status/100 != 2 {
			t.Fatalf("large body %d: %d %s", i, r.status, r.body)
		}
	}
	w := httptest.NewRecorder()
	request := httptest.NewRequest("PUT", "/v1/agents/b", http.NoBody)
	request.ContentLength = -1
	if h.ServeHTTP(w, request); w.Code == 429 {
		t.Error("the places were not given back")
	}
}

// TestSpareConnection: through a connection that is one too many operators and
// probes are answered, and everybody else is told to come again.
func TestSpareConnection(t *testing.T) {
	h := newHandler(t, newMachine(t))
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/livez", 200},
		{"GET", "/readyz", 200},
		{"GET", "/v1/cluster", 200},
		{"GET", "/v1/cluster/nodes", 200},
		{"GET", "/v1/operations/k", 404},
		{"GET", "/v1/agents", 503},
		{"GET", "/v1/events", 503},
		{"PUT", "/v1/agents/a", 503},
		{"POST", "/v1/inboxes/i/messages", 503},
		{"GET", "/v1/nothing", 404},
	} {
		request := httptest.NewRequest(c.method, c.path, http.NoBody)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request.WithContext(Spare(request.Context())))
		got := reply{w.Code, w.Header(), w.Body.String()}
		if got.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, got.status, got.body, c.status)
			continue
		}
		if got.status != 503 {
			continue
		}
		outcome := map[bool]string{true: outcomeRejected}[c.method != "GET"]
		if got.code(t) != "too_many_connections" || got.header.Get("Retry-After") != "1" || got.header.Get("Rondo-Outcome") != outcome {
			t.Errorf("%s %s: %v %s", c.method, c.path, got.header, got.body)
		}
	}
}
