package httpapi

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata; read the difference before you commit it")

// TestTranscripts replays every transcript in testdata over three nodes that
// share one state. They are the tests of the API and its documentation:
//
//	# a comment
//	PUT /v1/agents/chris {"name":"Chris"}      a request, with its body if it has one
//	n2 POST /v1/conversations {"id":"c1"}      the same, through another node
//	Rondo-Actor: agent:mallory                 a header of the request above
//	? decision.assignee conversation.id ETag   show no more than this of the answer
//	+60s                                       time passes; the leader ticks
//	! no_leader unknown 2s                     the cluster fails the next request so
//	! lost                                     the next change is made, its answer lost
//
// Below each request stands its answer. Minted ids are shown as <id-1>, and may
// be named so in later requests; <next> is the last page token.
func TestTranscripts(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txt")
	if len(paths) < 10 {
		t.Fatalf("only %d transcripts in testdata", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := newScript(t).replay(string(want))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want) {
				t.Errorf("the transcript has changed; -update shows how:\n%s", firstDifference(got, string(want)))
			}
		})
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			from := max(0, i-8)
			return fmt.Sprintf("...\n%s\ngot  %s\nwant %s", strings.Join(w[from:i], "\n"), g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

type script struct {
	t       *testing.T
	out     strings.Builder
	machine *machine
	nodes   []*httptest.Server
	ids     []string // minted, as they appeared
	next    string   // page token of the last list
}

func newScript(t *testing.T) *script {
	s := &script{t: t, machine: newMachine(t)}
	s.machine.impatient = true
	for range 3 {
		node := httptest.NewServer(newHandler(t, s.machine))
		node.Client().Transport = checked(t, node.Client().Transport)
		t.Cleanup(node.Close)
		s.nodes = append(s.nodes, node)
	}
	return s
}

// A request line and what belongs to it.
type request struct {
	line    string
	headers []string
	shown   []string // fields of the answer; none: all
}

var (
	requestLine = regexp.MustCompile(`^(?:n([123]) )?([A-Z]+) (\S+)(?: (.*))?$`)
	ofRequest   = regexp.MustCompile(`^(\? |[A-Za-z-]+: )`)
)

func (s *script) replay(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "<") {
			continue // an old answer
		}
		fmt.Fprintln(&s.out, line)
		switch {
		case strings.HasPrefix(line, "#"), line == "":
		case strings.HasPrefix(line, "+"):
			s.pass(line[1:])
		case strings.HasPrefix(line, "! "):
			s.trouble(strings.Fields(line[2:]))
		default:
			rq := request{line: line}
			for i+1 < len(lines) && ofRequest.MatchString(lines[i+1]) {
				i++
				fmt.Fprintln(&s.out, lines[i])
				if shown, ok := strings.CutPrefix(lines[i], "? "); ok {
					rq.shown = strings.Fields(shown)
				} else {
					rq.headers = append(rq.headers, lines[i])
				}
			}
			s.send(rq)
		}
	}
	return s.out.String()
}

func (s *script) pass(d string) {
	step, err := time.ParseDuration(d)
	if err != nil {
		s.t.Fatal(err)
	}
	s.machine.pass(step)
}

func (s *script) trouble(words []string) {
	if words[0] == "lost" {
		s.machine.lose = true
		return
	}
	retry, err := time.ParseDuration(words[2])
	if err != nil {
		s.t.Fatal(err)
	}
	s.machine.fail = trouble{words[0], words[1], retry}
}

func (s *script) send(rq request) {
	parts := requestLine.FindStringSubmatch(rq.line)
	if parts == nil {
		s.t.Fatalf("%q is no request", rq.line)
	}
	node := s.nodes[0]
	if parts[1] != "" {
		node = s.nodes[parts[1][0]-'1']
	}
	var body io.Reader
	if parts[4] != "" {
		body = strings.NewReader(s.known(parts[4]))
	}
	hr, err := http.NewRequest(parts[2], node.URL+s.known(parts[3]), body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range rq.headers {
		name, value, ok := strings.Cut(h, ": ")
		if !ok {
			s.t.Fatalf("%q is neither a header nor a request", h)
		}
		hr.Header.Add(name, s.known(value))
	}
	resp, err := node.Client().Do(hr)
	if err != nil {
		s.t.Fatalf("%s: %v", rq.line, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.print(resp, answer, rq.shown)
}

// shownHeaders are those a client looks at. Rondo-Index is there in any case and
// only shown by its absence: it counts fences, too.
var shownHeaders = []string{"Rondo-Outcome", "Idempotency-Replayed", "Retry-After", "Allow", "Content-Type"}

func (s *script) print(resp *http.Response, body []byte, shown []string) {
	fmt.Fprintf(&s.out, "< %d", resp.StatusCode)
	for _, name := range shownHeaders {
		value := resp.Header.Get(name)
		if value != "" && value != "application/json" {
			fmt.Fprintf(&s.out, "  %s: %s", name, value)
		}
	}
	isText := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain")
	if !isText && resp.Header.Get("Rondo-Index") == "" {
		s.t.Error("an answer without Rondo-Index")
	}
	fmt.Fprintln(&s.out)
	if isText {
		for line := range strings.Lines(string(body)) {
			fmt.Fprint(&s.out, "< "+line)
		}
		return
	}
	if len(body) == 0 {
		return
	}
	body = s.masked(body)
	var list struct {
		Next string `json:"next_page_token"`
	}
	if json.Unmarshal(body, &list) == nil && list.Next != "" {
		s.next = list.Next
	}
	if len(shown) == 0 {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, bytes.TrimSpace(body), "< ", "  "); err != nil {
			s.t.Fatalf("%v in %s", err, body)
		}
		fmt.Fprintf(&s.out, "< %s\n", pretty.String())
		return
	}
	for _, path := range shown {
		if header := resp.Header.Get(path); path[0] < 'a' {
			fmt.Fprintf(&s.out, "< %s: %s\n", path, header)
			continue
		}
		fmt.Fprintf(&s.out, "< %s: %s\n", path, s.pick(body, strings.Split(path, ".")))
	}
}

// pick returns what stands at a path of fields; in a list, of each item.
func (s *script) pick(body json.RawMessage, path []string) string {
	if len(path) == 0 {
		return string(body)
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		var picked []string
		for _, item := range list {
			picked = append(picked, s.pick(item, path))
		}
		return "[" + strings.Join(picked, " ") + "]"
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return "-"
	}
	value, ok := fields[path[0]]
	if !ok {
		return "-"
	}
	return s.pick(value, path[1:])
}

var mintedID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// masked gives minted ids names that are the same in every run.
func (s *script) masked(body []byte) []byte {
	return mintedID.ReplaceAllFunc(body, func(id []byte) []byte {
		for i, known := range s.ids {
			if known == string(id) {
				return fmt.Appendf(nil, "<id-%d>", i+1)
			}
		}
		s.ids = append(s.ids, string(id))
		return fmt.Appendf(nil, "<id-%d>", len(s.ids))
	})
}

// known is the inverse of masked.
func (s *script) known(text string) string {
	for i, id := range s.ids {
		text = strings.ReplaceAll(text, fmt.Sprintf("<id-%d>", i+1), id)
	}
	return strings.ReplaceAll(text, "<next>", s.next)
}
