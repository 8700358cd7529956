package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/httpapi"
	"github.com/rondohq/rondo/httpapi/contract"
)

// A node is the API of one node.
type node struct {
	id  string
	url string // http://127.0.0.1:4600
}

// An answer is what a node said to one call.
type answer struct {
	call   string
	status int
	header http.Header
	raw    []byte
}

// httpClient holds every call against the OpenAPI document.
var httpClient = &http.Client{Timeout: 20 * time.Second, Transport: documented()}

func documented() http.RoundTripper {
	checker, err := contract.New(httpapi.OpenAPI())
	if err != nil {
		panic(err)
	}
	return checker.Transport(http.DefaultTransport, nil)
}

// do makes a call and returns the answer, whatever it is, unless it is one that
// asks to come again: no answer, or 503 or 429 while there is no leader. It comes
// again then under the same key. Headers are "Name: value"; an empty value takes
// the header away.
func (n node) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	key := uuid.NewString()
	var got answer
	eventually(t, method+" "+path+" on "+n.id, func() error {
		request, err := http.NewRequest(method, n.url+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		if method != http.MethodGet && !strings.HasSuffix(path, "/messages") {
			request.Header.Set("Idempotency-Key", key)
		}
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			if request.Header.Del(name); value != "" {
				request.Header.Set(name, value)
			}
		}
		got, err = n.once(request)
		if violation := (*contract.Violation)(nil); errors.As(err, &violation) {
			t.Fatal(violation)
		}
		if err == nil && (got.status == http.StatusServiceUnavailable || got.status == http.StatusTooManyRequests) {
			err = fmt.Errorf("%d: %s", got.status, got.raw)
		}
		return err
	})
	return got
}

func (n node) once(request *http.Request) (answer, error) {
	got := answer{call: fmt.Sprintf("%s %s on %s", request.Method, request.URL.RequestURI(), n.id)}
	response, err := httpClient.Do(request)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	got.raw, err = io.ReadAll(response.Body)
	got.status, got.header = response.StatusCode, response.Header
	return got, err
}

func (n node) get(t *testing.T, path string) answer {
	t.Helper()
	got := n.do(t, http.MethodGet, path, "")
	if got.status != http.StatusOK {
		t.Fatalf("%s: %d: %s", got.call, got.status, got.raw)
	}
	return got
}

// ask looks at a page for operators once, without insisting.
func (n node) ask(path string) (answer, error) {
	request, err := http.NewRequest(http.MethodGet, n.url+path, nil)
	if err != nil {
		return answer{}, err
	}
	return n.once(request)
}

// all returns the items of every page of a list.
func (n node) all(t *testing.T, path string) []any {
	t.Helper()
	items := []any{}
	for token := ""; ; {
		page := path + "?limit=200"
		if strings.Contains(path, "?") {
			page = path + "&limit=200"
		}
		if token != "" {
			page += "&page_token=" + url.QueryEscape(token)
		}
		got := n.get(t, page)
		items = append(items, got.at(t, "items").([]any)...)
		next, more := got.at(t, "next_page_token").(string)
		if !more {
			return items
		}
		if next == token {
			t.Fatalf("%s: the page token does not move on", got.call)
		}
		token = next
	}
}

func (a answer) decode(t *testing.T) any {
	t.Helper()
	body, err := decodeJSON(a.raw)
	if err != nil {
		t.Fatalf("%s: %d, not JSON: %v: %s", a.call, a.status, err, a.raw)
	}
	return body
}

func decodeJSON(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// at returns what stands at a path such as decision.passed_over.0.agent.
func (a answer) at(t *testing.T, path string) any {
	t.Helper()
	v, ok := follow(a.decode(t), path)
	if !ok {
		t.Fatalf("%s: there is no %s in %s", a.call, path, a.raw)
	}
	return v
}

func follow(v any, path string) (any, bool) {
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// text is at for strings; null is "".
func (a answer) text(t *testing.T, path string) string {
	t.Helper()
	return text(a.at(t, path))
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// column returns a field of every item of a list.
func column(items []any, path string) []string {
	list := make([]string, 0, len(items))
	for _, item := range items {
		v, _ := follow(item, path)
		list = append(list, text(v))
	}
	return list
}

// want checks the status, and the body key by key: what want names must be there
// and equal, and lists as long. Further keys may be there, since the API grows.
// <number>, <time>, <record>, <id> and <any> stand for what differs each time.
func (a answer) want(t *testing.T, status int, want string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: status %d, want %d: %s", a.call, a.status, status, a.raw)
	}
	wanted, err := decodeJSON([]byte(want))
	if err != nil {
		t.Fatalf("the test's own JSON: %v: %s", err, want)
	}
	if wrong := differences("", a.decode(t), wanted); len(wrong) > 0 {
		t.Fatalf("%s:\n  %s\nthe answer was\n%s", a.call, strings.Join(wrong, "\n  "), a.raw)
	}
	return a
}

var wildcards = map[string]*regexp.Regexp{
	"<number>": regexp.MustCompile(`^[1-9][0-9]*$`),
	"<time>":   regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`),
	"<record>": regexp.MustCompile(`^[1-9][0-9]*\.[0-9]+$`),
	"<id>":     regexp.MustCompile(`^[A-Za-z0-9._:@+-]{1,128}$`),
	"<any>":    regexp.MustCompile(``),
}

func differences(at string, got, want any) (wrong []string) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want an object", at, got)}
		}
		for key := range w {
			value, there := g[key]
			if !there {
				wrong = append(wrong, fmt.Sprintf("%s.%s is missing", at, key))
				continue
			}
			wrong = append(wrong, differences(at+"."+key, value, w[key])...)
		}
		slices.Sort(wrong)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s is %v, want %v", at, got, want)}
		}
		for i := range w {
			wrong = append(wrong, differences(fmt.Sprintf("%s[%d]", at, i), g[i], w[i])...)
		}
	default:
		if !same(got, want) {
			wrong = append(wrong, fmt.Sprintf("%s is %#v, want %#v", at, got, want))
		}
	}
	return wrong
}

func same(got, want any) bool {
	name, _ := want.(string)
	pattern, ok := wildcards[name]
	if !ok {
		return reflect.DeepEqual(got, want)
	}
	switch g := got.(type) {
	case string:
		return name != "<number>" && pattern.MatchString(g)
	case json.Number:
		return (name == "<number>" || name == "<any>") && pattern.MatchString(g.String())
	default:
		return name == "<any>"
	}
}

// index returns the Raft index an answer was given at.
func (a answer) index(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(a.header.Get("Rondo-Index"), 10, 64)
	if err != nil || n == 0 {
		t.Fatalf("%s: Rondo-Index is %q, want a number above 0", a.call, a.header.Get("Rondo-Index"))
	}
	return n
}

// The comparison that all these tests stand on must itself be able to fail.
func TestDifferences(t *testing.T) {
	for _, c := range []struct{ got, want, wrong string }{
		{`{"a":1,"b":null}`, `{"a":1}`, ""},
		{`{"a":1}`, `{"a":1,"b":null}`, ".b is missing"},
		{`{"a":1}`, `{"a":2}`, ".a is"},
		{`{"a":"1"}`, `{"a":1}`, ".a is"},
		{`{"a":null}`, `{"a":[]}`, ".a is"},
		{`{"a":[]}`, `{"a":null}`, ".a is"},
		{`{"a":[1,2]}`, `{"a":[1]}`, ".a is"},
		{`{"a":[1,2]}`, `{"a":[1,3]}`, ".a[1] is"},
		{`{"a":{"b":true}}`, `{"a":{"b":false}}`, ".a.b is"},
		{`[{"a":5,"t":"2026-11-21T09:00:00.120Z","r":"17.0","i":"c-1"}]`, `[{"a":"<number>","t":"<time>","r":"<record>","i":"<id>"}]`, ""},
		{`{"a":0}`, `{"a":"<number>"}`, ".a is"},
		{`{"a":"5"}`, `{"a":"<number>"}`, ".a is"},
		{`{"a":null}`, `{"a":"<time>"}`, ".a is"},
		{`{"a":"2026-11-21T09:00:00Z"}`, `{"a":"<time>"}`, ".a is"},
		{`{"a":"17"}`, `{"a":"<record>"}`, ".a is"},
		{`{"a":null}`, `{"a":"<any>"}`, ""},
	} {
		got, err := decodeJSON([]byte(c.got))
		if err != nil {
			t.Fatal(err)
		}
		want, err := decodeJSON([]byte(c.want))
		if err != nil {
			t.Fatal(err)
		}
		wrong := strings.Join(differences("", got, want), "; ")
		if c.wrong == "" && wrong != "" || !strings.HasPrefix(wrong, c.wrong) {
			t.Errorf("%s against %s: %q, want %q", c.got, c.want, wrong, c.wrong)
		}
	}
}
