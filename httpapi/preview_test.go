package httpapi

import (
	"net/http"
	"sync"
	"testing"
)

// TestPreviewsAreBounded: each takes a copy of the state, so there are few at once,
// and who comes too many is told to come again.
func TestPreviewsAreBounded(t *testing.T) {
	m := newMachine(t)
	h := newHandler(t, m)
	for _, put := range [][2]string{{"/v1/inboxes/i", `{"name":"I"}`}, {"/v1/contacts/ben", `{"name":"Ben"}`}} {
		if r := do(h, "PUT", put[0], put[1]); r.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", put[0], r.status, r.body)
		}
	}
	ask := func() int { return do(h, "POST", "/v1/inboxes/i/preview", `{"contact":"ben"}`).status }
	m.hold, m.waiting = make(chan struct{}), make(chan struct{})
	var under sync.WaitGroup
	for range maxPreviews {
		under.Go(func() {
			if status := ask(); status != http.StatusOK {
				t.Errorf("one of those that may be under way: %d", status)
			}
		})
		<-m.waiting
	}
	r := do(h, "POST", "/v1/inboxes/i/preview", `{"contact":"ben"}`)
	if r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %s", r.status, r.body)
	}
	close(m.hold)
	under.Wait()
	m.hold = nil
	if status := ask(); status != http.StatusOK {
		t.Errorf("after the others: %d", status)
	}
}
