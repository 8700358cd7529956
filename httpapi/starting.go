package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Starting answers in the place of New's handler while a node loads what is on its
// disk, which takes minutes for a large state. It says that the process is alive,
// that it is not ready and what it is doing, which checks tells anew for each
// request; metrics are served, if there are any. Everything else is answered 503
// not_ready, since nothing was done with it. It may be called from many goroutines.
func Starting(checks func() []Check, metrics http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case r.URL.Path == "/livez":
			writeStarting(w, http.StatusOK, "text/plain; charset=utf-8", "ok\n")
		case r.URL.Path == "/metrics" && metrics != nil:
			metrics.ServeHTTP(w, r)
		case r.URL.Path == "/readyz":
			var lines strings.Builder
			for _, c := range checks() {
				lines.WriteString(c.line())
			}
			header.Set("Retry-After", "1")
			writeStarting(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", lines.String()+"not ready\n")
		default:
			var doing []string
			for _, c := range checks() {
				doing = append(doing, c.Detail)
			}
			header.Set("Retry-After", "1")
			header.Set("Rondo-Outcome", outcomeRejected)
			p := newProblem(http.StatusServiceUnavailable, "not_ready", unavailableTitle("not_ready"), "this node is starting: "+strings.Join(doing, "; "))
			p.body.retrial = &retrial{Outcome: outcomeRejected, Key: r.Header.Get("Idempotency-Key")}
			body, err := json.Marshal(&p.body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			writeStarting(w, http.StatusServiceUnavailable, "application/problem+json", string(body)+"\n")
		}
	})
}

// writeStarting sends an answer. A client that went away is no concern of ours.
func writeStarting(w http.ResponseWriter, status int, contentType, text string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
