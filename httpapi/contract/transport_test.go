package contract

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// A scripted round trip has one answer.
type scripted struct {
	contentType, index string
	body               io.Reader
}

func (s scripted) RoundTrip(*http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {s.contentType}}
	if s.index != "" {
		header.Set("Rondo-Index", s.index)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(s.body)}, nil
}

// unread fails whoever reads it: a stream may never end.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the stream was read")
	return 0, io.EOF
}

// TestStreams: a stream is handed on unread, and all but its body is checked.
func TestStreams(t *testing.T) {
	document, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	checker, err := New(string(document))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, contentType, index, says string }{
		"events":             {"/v1/events?after=1042.0&types=conversation.opened,conversation.closed", "text/event-stream", "7", ""},
		"lines":              {"/v1/events", "application/x-ndjson", "7", ""},
		"a snapshot":         {"/v1/cluster/snapshot?consistency=stale", "application/octet-stream", "7", ""},
		"without an index":   {"/v1/events", "text/event-stream", "", "no Rondo-Index"},
		"of another sort":    {"/v1/cluster/snapshot", "text/event-stream", "7", "a stream of text/event-stream is not documented"},
		"an unknown filter":  {"/v1/events?colour=red", "text/event-stream", "7", "no parameter colour"},
		"an unknown type":    {"/v1/events?types=conversation.eaten", "text/event-stream", "7", "not allowed"},
		"no place to go on":  {"/v1/events?after=now", "text/event-stream", "7", "not allowed"},
		"a snapshot to come": {"/v1/cluster/snapshot?wait=5s", "application/octet-stream", "7", "no parameter wait"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:1"+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = checker.Transport(scripted{test.contentType, test.index, unread{t}}, nil).RoundTrip(request)
			if violation := (*Violation)(nil); test.says != "" && !errors.As(err, &violation) || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}
