package httpapi

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Limits of lists.
const (
	defaultLimit = 50
	maxLimit     = 200
)

// query is what stands behind the question mark: each parameter once.
type query map[string]string

// Parameters that may stand on every route of a kind. What became of a call is
// never looked up in what may be old.
var (
	readParameters    = []string{"consistency", "max_stale", "min_index", "wait"}
	resolveParameters = []string{"min_index", "wait"}

	// A snapshot is not waited for: it is always new.
	snapshotParameters = []string{"consistency", "max_stale", "min_index"}
)

// parseQuery refuses what the route does not know: a filter with a typo must not
// be taken for no filter.
func parseQuery(raw string, rt *route) (query, error) {
	if raw == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, invalid(inQuery("", "syntax", "the query is not well formed: "+clip(err.Error())))
	}
	known := rt.query
	switch rt.kind {
	case reads:
		known = slices.Concat(rt.query, readParameters)
	case resolves:
		known = slices.Concat(rt.query, resolveParameters)
	}
	var faults []fault
	q := query{}
	for name, list := range values {
		switch {
		case slices.Contains(known, name) || slices.Equal(known, anyParameter):
			if q[name] = list[0]; len(list) > 1 {
				faults = append(faults, inQuery(name, "duplicate", "give it once"))
			}
		case len(known) == 0:
			faults = append(faults, inQuery(clip(name), "unknown_parameter", "this path takes no parameters"))
		default:
			faults = append(faults, inQuery(clip(name), "unknown_parameter", "there is no such parameter; known are "+strings.Join(known, ", ")))
		}
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b fault) int { return strings.Compare(a.Parameter, b.Parameter) })
		return nil, invalid(faults[:min(len(faults), maxFaults)]...)
	}
	return q, nil
}

// number returns a parameter as a number from least to most, or otherwise if it
// is not there.
func (q query) number(name string, least, most, otherwise uint64) (uint64, error) {
	text, ok := q[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < least || n > most {
		return 0, invalid(inQuery(name, "out_of_range", fmt.Sprintf("%q is not a number from %d to %d", clip(text), least, most)))
	}
	return n, nil
}

func (q query) limit() (int, error) {
	n, err := q.number("limit", 1, maxLimit, defaultLimit)
	return int(n), err
}

// A pageToken says where a page ended. Its mark tells queries apart, so that a
// token of one is garbage to another; its parts say which row was last.
type pageToken struct {
	mark  string
	parts []string
}

const tokenSeparator = " " // no id holds it

func (t pageToken) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(append([]string{t.mark}, t.parts...), tokenSeparator)))
}

// after returns the parts of the page token, n of them, or nil if the list
// begins at its first row.
func (q query) after(mark string, n int) ([]string, error) {
	text, ok := q["page_token"]
	if !ok {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(data), tokenSeparator)
	if err != nil || parts[0] != mark || len(parts) != n+1 || slices.Contains(parts, "") {
		return nil, badToken()
	}
	return parts[1:], nil
}

func badToken() *problem {
	return invalid(inQuery("page_token", "format", "give the next_page_token of the page before, from the same list with the same filters, unchanged"))
}
