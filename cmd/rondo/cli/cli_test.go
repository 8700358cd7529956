package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A table is aligned by what a terminal shows, and cut to it, the widest column
// first; a pipe gets all.
func TestTable(t *testing.T) {
	rows := func() [][]Cell {
		return [][]Cell{
			{{Text: "a"}, {Text: "日本語"}, {Text: strings.Repeat("x", 40)}},
			{{Text: "bb"}, {Text: "e\u0301"}, {Text: ""}},
		}
	}
	for _, c := range []struct {
		columns int
		want    string
	}{
		{0, "ID  NAME    LONG\na   日本語  " + strings.Repeat("x", 40) + "\nbb  e\u0301\n"},
		{30, "ID  NAME    LONG\na   日本語  " + strings.Repeat("x", 17) + "…\nbb  e\u0301\n"},
		{5, "ID  NAME    LONG\na   日本語  xxxxxxx…\nbb  e\u0301\n"},
	} {
		var out bytes.Buffer
		if err := WriteTable(&out, []string{"ID", "NAME", "LONG"}, rows(), c.columns, false); err != nil || out.String() != c.want {
			t.Errorf("%d columns: %v\n%s\nwant\n%s", c.columns, err, out.String(), c.want)
		}
	}
	var out bytes.Buffer
	if err := WriteTable(&out, []string{"A", "B"}, [][]Cell{{{"x", Red}, {"y", Plain}}}, 0, true); err != nil || out.String() != "\x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n\x1b[31mx\x1b[0m  y\n" {
		t.Errorf("coloured: %q", out.String())
	}
}

// What was JSON is the same as YAML, whatever its texts look like, in its order.
func TestYAMLKeepsTexts(t *testing.T) {
	raw := []byte(`{"z":"true","a":"1","n":null,"f":1.5,"i":12345678901234567890,"l":["null",{"x":"a: b","empty":{}}],"e":"","u":"\u001b[31m\nline","t":"2026-01-01"}`)
	text, err := yamlOf(raw)
	if err != nil || !strings.HasPrefix(string(text), "z: \"true\"\na: \"1\"\nn: null\n") {
		t.Fatalf("%v\n%s", err, text)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	v, err := ValueOf(&node)
	again, _ := json.Marshal(v)
	want, _ := Decode(raw)
	same, _ := json.Marshal(want)
	if err != nil || !bytes.Equal(again, same) {
		t.Errorf("%v\n%s\nwant\n%s", err, again, same)
	}
}

// Some bytes of anchors must not become millions of values, nor a circle.
func TestYAMLIsBounded(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i < 'k'; i++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*%c,", i-1), 9))
	}
	for _, text := range []string{bomb, "a: &a\n  b: *a\n", strings.Repeat("[", 100) + strings.Repeat("]", 100)} {
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil {
			continue // refused even earlier
		}
		if _, err := ValueOf(&node); err == nil || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestPointers(t *testing.T) {
	doc := Doc{}
	Set(doc, "/a/b~1c", "x")
	Set(doc, "/a/d", nil)
	if v, ok := Get(doc, "/a/b~1c"); !ok || v != "x" {
		t.Errorf("%v %v in %v", v, ok, doc)
	}
	if v, ok := Get(Doc{"l": []any{"a", "b"}}, "/l/1"); !ok || v != "b" {
		t.Errorf("%v %v", v, ok)
	}
	for _, pointer := range []string{"/x", "/a/d/e", "/l/2", "/l/-1", "/l/x"} {
		if v, ok := Get(Doc{"a": Doc{"d": nil}, "l": []any{"a"}}, pointer); ok {
			t.Errorf("%s: %v", pointer, v)
		}
	}
}

func TestExitCodes(t *testing.T) {
	problem := func(status int, outcome string) error {
		return &failure{fmt.Errorf("do it: %w", &client.Problem{Status: status, Outcome: outcome, Code: "c"})}
	}
	for _, c := range []struct {
		err  error
		code int
		ours bool
	}{
		{errors.New("of another command"), ExitRefused, false},
		{&client.Problem{Status: 404}, ExitRefused, false},
		{&failure{errors.New("x")}, ExitRefused, true},
		{problem(409, ""), ExitRefused, true},
		{problem(404, ""), ExitNotThere, true},
		{problem(503, "unknown"), ExitUnanswered, true},
		{problem(503, "rejected"), ExitRefused, true},
		{&failure{&client.UnansweredError{Last: errors.New("x")}}, ExitUnanswered, true},
		{&failure{&LateError{"w", &client.Problem{Status: 404}}}, ExitUnanswered, true},
		{&failure{Usage("x")}, ExitUsage, true},
		{&failure{ErrChanges}, ExitChanges, true},
	} {
		if code, ours := ExitCode(c.err); code != c.code || ours != c.ours {
			t.Errorf("%v: %d %v, want %d %v", c.err, code, ours, c.code, c.ours)
		}
	}
}

func TestExplainSaysWhatToDo(t *testing.T) {
	for err, want := range map[error]string{
		&failure{&client.Problem{Code: "in_use", Title: "In use"}}:                      "Change what uses it first",
		&failure{&client.Problem{Code: "not_found", Status: 404}}:                       "The matching list command",
		&failure{&client.UnansweredError{Key: "k1", Last: io.EOF}}:                      "repeat the command with --key k1.",
		&failure{&client.UnansweredError{Last: io.EOF}}:                                 "Is the cluster up?",
		&failure{&HintedError{&client.Problem{Code: "in_use"}, "Do this."}}:             "\nDo this.",
		error(&client.UnansweredError{Call: "X", Key: "k1", Last: io.EOF, Attempts: 1}): "Idempotency-Key k1 is safe",
	} {
		if says := Explain(err); !strings.Contains(says, want) {
			t.Errorf("%v: %q, want %q", err, says, want)
		}
	}
	if says := Explain(&client.UnansweredError{Key: "k1", Last: io.EOF}); strings.Contains(says, "--key") {
		t.Errorf("a command without --key is told of it: %s", says)
	}
}

func TestAddresses(t *testing.T) {
	o := New([]string{"d"})
	t.Setenv(ServersEnv, "")
	t.Setenv(OldServersEnv, "")
	want := func(list ...string) {
		t.Helper()
		if got := o.Addresses(); !slices.Equal(got, list) {
			t.Errorf("%v, want %v", got, list)
		}
	}
	want("d")
	t.Setenv(OldServersEnv, "old")
	want("old")
	t.Setenv(ServersEnv, "a, b,c")
	want("a", "b", "c")
	o.Servers = []string{"x"}
	want("x")
}

func TestColoursOnlyWhereWanted(t *testing.T) {
	cmd := &cobra.Command{}
	cmd.SetOut(&bytes.Buffer{})
	for color, want := range map[string]bool{"auto": false, "never": false, "always": true} {
		if p := (&Options{Color: color}).Printer(cmd); p.Coloured != want || p.Columns != 0 {
			t.Errorf("%s: %+v", color, p)
		}
	}
}

// serve answers with what next returns, and a rising index.
func serve(t *testing.T, next func(r *http.Request) string) *client.Client {
	t.Helper()
	index := 40
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		index++
		w.Header().Set("Rondo-Index", fmt.Sprint(index))
		_, _ = io.WriteString(w, next(r))
	}))
	t.Cleanup(s.Close)
	c, err := client.New(client.Options{Servers: []string{s.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAssignedWaits(t *testing.T) {
	var asked []string
	c := serve(t, func(r *http.Request) string {
		asked = append(asked, r.URL.RequestURI())
		if len(asked) < 3 {
			return `{"assignee":null,"assignment":{"state":"waiting","reason":"no_one_available"}}`
		}
		return `{"assignee":"ana","assignment":{"state":"assigned"}}`
	})
	raw, err := Assigned(t.Context(), c, "c/1", 17)
	want := []string{"/v1/conversations/c%2F1?min_index=17", "/v1/conversations/c%2F1?wait=5s&min_index=41", "/v1/conversations/c%2F1?wait=5s&min_index=42"}
	if err != nil || !strings.Contains(string(raw), "ana") || !slices.Equal(asked, want) {
		t.Errorf("%v %s\n%v", err, raw, asked)
	}
}

func TestAssignedGivesUp(t *testing.T) {
	for _, answer := range []string{
		`{"assignee":null,"assignment":{"state":"manual","reason":"mode"}}`, `{"assignee":null,"assignment":{"state":"held"}}`,
		`{"assignee":null,"assignment":{"state":"outbound"}}`, `{"assignee":null,"status":"closed","assignment":{"state":"waiting"}}`,
	} {
		c := serve(t, func(*http.Request) string { return answer })
		if raw, err := Assigned(t.Context(), c, "c1", 1); !errors.Is(err, ErrByHand) || string(raw) != answer {
			t.Errorf("%s: %v", answer, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := serve(t, func(*http.Request) string { cancel(); return `{"assignee":null,"assignment":{"state":"waiting"}}` })
	var late *LateError
	if _, err := Assigned(ctx, c, "c1", 1); !errors.As(err, &late) {
		t.Errorf("%v", err)
	}
}

func TestEveryNodeWaits(t *testing.T) {
	asked := 0
	c := serve(t, func(*http.Request) string {
		asked++
		return fmt.Sprintf(`{"items":[{"id":"n1","reachable":true,"applied_index":9},{"id":"n2","reachable":%t,"applied_index":%d}]}`, asked > 1, 5+asked)
	})
	if err := EveryNode(t.Context(), c, 9); err != nil || asked != 4 {
		t.Errorf("%v after %d questions, want 4", err, asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked = 0
	dead := serve(t, func(*http.Request) string {
		if asked++; asked == 2 {
			cancel()
		}
		return `{"items":[{"id":"n3","reachable":false}]}`
	})
	var late *LateError
	if err := EveryNode(ctx, dead, 9); !errors.As(err, &late) || !strings.Contains(err.Error(), "n3 does not answer") {
		t.Errorf("%v", err)
	}
}

// A weight of 1 is what everybody has; it is told only where it says something.
func TestTextOfMembers(t *testing.T) {
	members := []any{Doc{"agent": "ann", "group": nil, "weight": json.Number("1")}, Doc{"group": "day", "weight": json.Number("1")}, Doc{"agent": "ben", "weight": json.Number("3")}}
	if got := Text(members); got != "ann, group:day, ben=3" {
		t.Errorf("members are shown as %q", got)
	}
}
