package clustercmd

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const twoNodes = `{"items":[
{"id":"n1","http":"h1:1","cluster":"c1","role":"voter","leader":true,"applied_index":70,"pid":1,"version":"v1","reachable":true,"healthy":true,"reason":"","lag_entries":0,"last_contact_ms":0,"clock_skew_ms":-12,"zone":"","region":""},
{"id":"n2","http":"","cluster":"c2","role":"nonvoter","leader":false,"applied_index":0,"pid":0,"version":"","reachable":false,"healthy":false,"reason":"it does not answer","lag_entries":70,"last_contact_ms":0,"clock_skew_ms":0,"zone":"","region":""}
],"next_page_token":null}`

// run runs `rondo cluster` against a server that keeps what it was asked.
func run(t *testing.T, status int, answer string, args ...string) (out string, asked []string, err error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		asked = append(asked, r.Method+" "+r.URL.Path+" "+body.String())
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	defer s.Close()
	cmd := Command()
	var stdout bytes.Buffer
	cmd.SetOut(&stdout)
	cmd.SetErr(&stdout)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append(args, "--server", s.URL))
	err = cmd.ExecuteContext(t.Context())
	return stdout.String(), asked, err
}

func TestStatus(t *testing.T) {
	out, _, err := run(t, 200, twoNodes, "status")
	want := []string{
		"NODE  ROLE      APPLIED  LAG  CONTACT  CLOCK  ADDRESS  VERSION  HEALTH",
		"n1    leader    70       0    0s       -12ms  h1:1     v1       healthy",
		"n2    nonvoter  0        70   0s       +0s    -        -        it does not answer",
	}
	if err != nil || out != strings.Join(want, "\n")+"\n" {
		t.Errorf("%v\n%s", err, out)
	}
	if out, _, err := run(t, 200, twoNodes, "status", "-o", "json"); err != nil || out != twoNodes {
		t.Errorf("json: %v\n%s", err, out)
	}
	if _, _, err := run(t, 200, twoNodes, "status", "--check"); !errors.Is(err, ErrUnhealthy) || !strings.Contains(err.Error(), "n2: it does not answer") {
		t.Errorf("--check: %v", err)
	}
	healthy := strings.ReplaceAll(twoNodes, `"healthy":false`, `"healthy":true`)
	if _, _, err := run(t, 200, healthy, "status", "--check"); err != nil {
		t.Errorf("--check: %v", err)
	}
	if _, _, err := run(t, 200, strings.Replace(healthy, `"leader":true`, `"leader":false`, 1), "status", "--check"); !errors.Is(err, ErrUnhealthy) {
		t.Errorf("--check without a leader: %v", err)
	}
	if _, _, err := run(t, 200, twoNodes, "status", "-o", "xml"); err == nil {
		t.Error("an unknown form is taken")
	}
}

func TestColoursOnlyWhereAsked(t *testing.T) {
	var out bytes.Buffer
	if err := show(&out, []nodeStatus{{ID: "n1"}}, true); err != nil || !strings.Contains(out.String(), red) {
		t.Errorf("%v %q", err, out.String())
	}
	if onTerminal(&out) {
		t.Error("a buffer is a terminal")
	}
}

func TestChanges(t *testing.T) {
	for _, c := range []struct {
		args              []string
		answer, asks, out string
	}{
		{[]string{"add", "h:1", "--id", "n4"}, `{"id":"n4"}`, `POST /v1/cluster/nodes {"address":"h:1","id":"n4"}`, "n4 is a member"},
		{[]string{"remove", "n4"}, `{"id":"n4"}`, "DELETE /v1/cluster/nodes/n4 ", "n4 is removed"},
		{[]string{"leave"}, `{"id":"n4"}`, "POST /v1/cluster/leave ", "n4 has left"},
		{[]string{"transfer", "--to", "n2"}, `{"leader":"n2"}`, `POST /v1/cluster/transfer {"to":"n2"}`, "n2 leads"},
		{[]string{"transfer", "-o", "json"}, `{"leader":"n2"}`, `POST /v1/cluster/transfer {"to":""}`, `{"leader":"n2"}`},
	} {
		out, asked, err := run(t, 200, c.answer, c.args...)
		if err != nil || len(asked) != 1 || asked[0] != c.asks || !strings.HasPrefix(out, c.out) {
			t.Errorf("%v: %v %q %q", c.args, err, asked, out)
		}
	}
	refused := `{"type":"/errors/no_quorum","status":409,"code":"no_quorum","title":"T","detail":"without n2 only 1 of 2"}`
	if _, asked, err := run(t, 409, refused, "remove", "n2"); err == nil || len(asked) != 1 || !strings.Contains(err.Error(), "without n2 only 1 of 2") {
		t.Errorf("a refusal: %v %q", err, asked)
	}
	if _, asked, err := run(t, 200, `{}`, "leave", "--server", "http://127.0.0.1:1"); err == nil || len(asked) != 0 {
		t.Errorf("leave of two nodes: %v %q", err, asked)
	}
}
