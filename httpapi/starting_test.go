package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStarting: a node that loads its state is alive, says what it is doing, and
// takes nothing.
func TestStarting(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures\n")) })
	h := Starting(func() []Check { return []Check{{"start", false, "loading 3 of 9"}} }, metrics)
	for _, test := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"GET", "/livez", 200, "ok\n"},
		{"GET", "/readyz", 503, "[-]start loading 3 of 9\nnot ready\n"},
		{"GET", "/readyz?verbose", 503, "[-]start loading 3 of 9\nnot ready\n"},
		{"GET", "/metrics", 200, "figures\n"},
		{"GET", "/v1/agents", 503, `"code":"not_ready"`},
		{"POST", "/v1/conversations", 503, `"detail":"this node is starting: loading 3 of 9","outcome":"rejected","key":"k"`},
	} {
		r := httptest.NewRequest(test.method, test.path, nil)
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.body) {
			t.Errorf("%s %s: %d %s, want %d %s", test.method, test.path, w.Code, w.Body, test.status, test.body)
		}
		if retry := w.Header().Get("Retry-After"); (retry != "") != (test.status == 503) {
			t.Errorf("%s %s: Retry-After %q", test.method, test.path, retry)
		}
		if strings.HasPrefix(test.path, "/v1") && w.Header().Get("Rondo-Outcome") != "rejected" {
			t.Errorf("%s %s does not say that nothing happened", test.method, test.path)
		}
	}
}
