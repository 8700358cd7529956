package contract

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Transport checks every call that it carries: one that is not as documented
// fails with a *Violation. Answers are read to their end before they are handed
// on, except streams: of those everything else is checked. Skip, if not nil, says
// which calls not to check.
func (c *Checker) Transport(next http.RoundTripper, skip func(*http.Request) bool) http.RoundTripper {
	return transport{c, next, skip}
}

type transport struct {
	checker *Checker
	next    http.RoundTripper
	skip    func(*http.Request) bool
}

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.skip != nil && t.skip(r) {
		return t.next.RoundTrip(r)
	}
	var sent []byte // of a body that can be read again only; see http.NewRequest
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, fmt.Errorf("read the request again: %w", err)
		}
		if sent, err = io.ReadAll(body); err != nil {
			return nil, fmt.Errorf("read the request again: %w", err)
		}
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if isStream(response) {
		err := t.checker.Check(Call{Request: r, Sent: sent, Status: response.StatusCode, Header: response.Header, Unread: true})
		if err != nil {
			_ = response.Body.Close()
			return nil, err
		}
		return response, nil
	}
	answer, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	if err := t.checker.Check(Call{Request: r, Sent: sent, Status: response.StatusCode, Header: response.Header, Answer: answer}); err != nil {
		return nil, err
	}
	return response, nil
}

// isStream says whether an answer may be endless, or longer than memory.
func isStream(response *http.Response) bool {
	media, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return slices.Contains([]string{"text/event-stream", "application/x-ndjson", "application/octet-stream"}, media)
}
