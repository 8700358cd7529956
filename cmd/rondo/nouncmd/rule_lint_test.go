package nouncmd

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// runRule runs a command of `rondo rule` against a server that answers each call as
// it says.
func runRule(t *testing.T, answers map[string]string, args ...string) (out string, asked []string, err error) {
	t.Helper()
	t.Setenv(cli.ServersEnv, "")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := r.Method + " " + r.URL.RequestURI()
		asked = append(asked, strings.TrimSpace(line+" "+r.Header.Get("If-None-Match")+" "+string(body)))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answers[line])
	}))
	defer s.Close()
	o := cli.New([]string{s.URL})
	root := &cobra.Command{Use: "rule", SilenceUsage: true, SilenceErrors: true}
	o.Attach(root)
	root.AddCommand(lintRuleCommand(o), ruleTemplateCommand(o))
	var stdout bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stdout)
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return stdout.String(), asked, err
}

func TestLintCommand(t *testing.T) {
	const finding = `{"severity":"%","code":"team_empty","rule":"vip","pointer":"/steps/0","detail":"nobody is in it"}`
	answer := func(severity string) map[string]string {
		return map[string]string{"GET /v1/rules/vip/lint": `{"rule":"vip","findings":[` + strings.Replace(finding, "%", severity, 1) + `]}`,
			"GET /v1/rules/vip/lint?of=live": `{"rule":"vip","findings":[]}`}
	}
	for _, test := range []struct{ severity, args, want, err string }{
		{"error", "lint vip", "error /steps/0: nobody is in it (team_empty)\n", "rule vip has 1 errors"},
		{"warning", "lint vip", "warning /steps/0: nobody is in it (team_empty)\n", ""},
		{"error", "lint vip --live", "nothing is wrong with rule vip\n", ""},
	} {
		out, _, err := runRule(t, answer(test.severity), strings.Fields(test.args)...)
		if out != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: %q, %v", test.args, out, err)
		}
	}
	if out, _, err := runRule(t, answer("error"), "lint", "vip", "-o", "json"); err == nil || !strings.Contains(out, `"pointer"`) {
		t.Errorf("as JSON: %q, %v", out, err)
	}
}

const templateAnswer = `{"name":"vip","title":"VIP","sentence":"It is urgent.","needs":["A tag."],"parameters":[{"name":"team","kind":"team","about":"who","default":null,"required":true},{"name":"priority","kind":"priority","about":"how","default":"3","required":false}],"rule":%,"findings":[]}`

func TestTemplateCommands(t *testing.T) {
	bare := strings.Replace(templateAnswer, "%", "null", 1)
	answers := map[string]string{
		"GET /v1/rules/templates":               `{"items":[` + bare + `],"next_page_token":null}`,
		"GET /v1/rules/templates/vip":           bare,
		"GET /v1/rules/templates/vip?team=a%3D": strings.Replace(templateAnswer, "%", `{"name":"VIP","steps":[]}`, 1),
		"PUT /v1/rules/r":                       `{"id":"r","state":"draft"}`,
		"POST /v1/rules/r/publish":              `{"id":"r","state":"published"}`,
	}
	if out, _, err := runRule(t, answers, "template", "list"); err != nil || !strings.Contains(out, "VIP") {
		t.Errorf("list: %q, %v", out, err)
	}
	out, _, err := runRule(t, answers, "template", "show", "vip")
	for _, part := range []string{"It is urgent.", "It needs: A tag.", "who (team; required)", "how (priority; default 3)"} {
		if err != nil || !strings.Contains(out, part) {
			t.Errorf("show: %q, %v", out, err)
		}
	}
	use := func(want []string, args ...string) {
		t.Helper()
		_, asked, err := runRule(t, answers, append([]string{"template", "use", "vip", "--id", "r"}, args...)...)
		if err != nil || strings.Join(asked[1:], "\n") != strings.Join(want, "\n") {
			t.Errorf("%v: %q, %v", args, asked, err)
		}
	}
	use([]string{`PUT /v1/rules/r * {"name":"VIP","steps":[]}`}, "--set", "team=a=")
	use([]string{`PUT /v1/rules/r  {"name":"Mine","steps":[]}`, `POST /v1/rules/r/publish`}, "--set", "team=a=", "--name", "Mine", "--replace", "--publish")
	for _, args := range [][]string{{"vip", "--set", "team=a"}, {"vip", "--id", "r"}, {"vip", "--id", "r", "--set", "team"}, {"vip", "--id", "r", "--set", "team=a", "--set", "team=b"}} {
		if _, asked, err := runRule(t, answers, append([]string{"template", "use"}, args...)...); err == nil || len(asked) > 1 {
			t.Errorf("%v was taken: %v", args, asked)
		}
	}
}
