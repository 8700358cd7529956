package nouncmd

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// A told is what a server was asked.
type told struct{ line, body, match, none, key string }

// run runs a command line against a server that answers everything alike.
func run(t *testing.T, status int, answer string, args ...string) (out string, asked []told, err error) {
	t.Helper()
	return runOn(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}, args...)
}

func runOn(t *testing.T, serve http.HandlerFunc, args ...string) (out string, asked []told, err error) {
	t.Helper()
	t.Setenv(cli.ServersEnv, "")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, told{r.Method + " " + r.URL.RequestURI(), string(body), r.Header.Get("If-Match"), r.Header.Get("If-None-Match"), r.Header.Get("Idempotency-Key")})
		w.Header().Set("Content-Type", "application/json")
		serve(w, r)
	}))
	defer s.Close()
	root := &cobra.Command{Use: "rondo", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(Commands([]string{s.URL})...)
	var stdout, stderr bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return stdout.String() + stderr.String(), asked, err
}

// Every action sends the one call that its row says.
func TestActionsCall(t *testing.T) {
	for _, c := range []struct{ args, line, body string }{
		{"agent away mallory --reason lunch", "PUT /v1/agents/mallory/presence", `{"reason":"lunch","status":"away"}`},
		{"agent available mallory", "PUT /v1/agents/mallory/presence", `{"status":"available"}`},
		{"agent release mallory --reason sick", "POST /v1/agents/mallory/release", `{"reason":"sick","to":"requeue"}`},
		{"agent delete mallory --conversations requeue", "DELETE /v1/agents/mallory?conversations=requeue", ""},
		{"agent summary mallory", "GET /v1/agents/mallory/inbox-summary", ""},
		{"agent passed-over mallory --since 2026-03-01T00:00:00Z", "GET /v1/agents/mallory/passed-over?since=2026-03-01T00%3A00%3A00Z", ""},
		{"agent history mallory --limit 5", "GET /v1/agents/mallory/presence/history?limit=5", ""},
		{"agent revisions mallory", "GET /v1/agents/mallory/revisions", ""},
		{"agent revisions mallory 17", "GET /v1/agents/mallory/revisions/17", ""},
		{"agent diff mallory 17 12", "GET /v1/agents/mallory/revisions/17/diff?against=12", ""},
		{"presence set a --status in_break --lease 60", "PUT /v1/agents/a/presence", `{"lease_seconds":60,"status":"in_break"}`},
		{"presence heartbeat a", "POST /v1/agents/a/heartbeat", ""},
		{"group members add night a", "PUT /v1/groups/night/members/a", ""},
		{"group delete night", "DELETE /v1/groups/night", ""},
		{"team members remove sales a --conversations keep", "DELETE /v1/teams/sales/members/a?conversations=keep", ""},
		{"team resort sales", "POST /v1/teams/sales/rotation/resort", ""},
		{"team edit sales --set /rotation/order=list --unset /rotation/fallback", "PATCH /v1/teams/sales", `{"rotation":{"fallback":null,"order":"list"}}`},
		{"inbox access add sms a", "PUT /v1/inboxes/sms/access/a", ""},
		{"inbox members remove sms a", "DELETE /v1/inboxes/sms/members/a", ""},
		{"inbox preview sms --from +1 --requires language=es --requires skill=vip", "POST /v1/inboxes/sms/preview", `{"from":{"address":"+1"},"requires":{"language":"es","skill":"vip"}}`},
		{"contact owner set p1 a", "PUT /v1/contacts/p1/owner", `{"agent":"a"}`},
		{"contact owner clear p1", "DELETE /v1/contacts/p1/owner", ""},
		{"conversation open --inbox sms --contact p1 --tags a,b --replies-to-team sales", "POST /v1/conversations", `{"contact":"p1","inbox":"sms","replies_to":{"team":"sales"},"tags":["a","b"]}`},
		{"conversation message sms --id SM1 --from +1 --name Ann", "POST /v1/inboxes/sms/messages", `{"direction":"inbound","from":{"address":"+1","name":"Ann"},"id":"SM1"}`},
		{"conversation claim c1 a", "POST /v1/conversations/c1/claim", `{"agent":"a"}`},
		{"conversation assign c1 a --if-assignee b", "PUT /v1/conversations/c1/assignee", `{"agent":"a","if_assignee":"b"}`},
		{"conversation unassign c1", "DELETE /v1/conversations/c1/assignee", ""},
		{"conversation tag add c1 vip/gold", "PUT /v1/conversations/c1/tags/vip%2Fgold", ""},
		{"conversation explain c1", "GET /v1/conversations/c1/decisions?explain=text&limit=200", ""},
		{"explain c1", "GET /v1/conversations/c1/story", ""},
		{"decision explain 1042.0", "GET /v1/decisions/1042.0?explain=text", ""},
		{"decision refund 1042.0 --reason spam", "POST /v1/decisions/1042.0/refund", `{"reason":"spam"}`},
		{"conversation list --state waiting --sort queue --limit 7", "GET /v1/conversations?limit=7&sort=queue&state=waiting", ""},
	} {
		_, asked, err := run(t, 200, `{"items":[],"next_page_token":null}`, strings.Fields(c.args)...)
		if err != nil || len(asked) != 1 || asked[0].line != c.line || strings.TrimSpace(asked[0].body) != c.body {
			t.Errorf("rondo %s: %v\nasked %+v\nwant  %s %s", c.args, err, asked, c.line, c.body)
		}
	}
}

// A message without --id gets one of its own each time.
func TestMessageMintsItsID(t *testing.T) {
	ids := map[string]bool{}
	for range 2 {
		_, asked, err := run(t, 200, `{}`, "conversation", "message", "sms", "--from", "+1")
		var body struct{ ID string }
		if err != nil || json.Unmarshal([]byte(asked[0].body), &body) != nil || body.ID == "" || asked[0].key != "" {
			t.Fatalf("%v %+v", err, asked)
		}
		ids[body.ID] = true
	}
	if len(ids) != 2 {
		t.Errorf("ids are not their own: %v", ids)
	}
}

const aTeam = `{"id":"sales","name":"Sales","members":[{"agent":"a"},{"group":"g"}],"seats":["a","b"],
"rotation":{"strategy":"round_robin","fallback":{"to":"agent","agent":"boss","team":null,"then":null}},"revision":17}`

// set changes what its flags name, keeps the rest, and only over what it has seen.
func TestSetKeepsTheRest(t *testing.T) {
	tries := 0
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			if tries++; tries == 1 {
				w.WriteHeader(http.StatusPreconditionFailed)
				_, _ = io.WriteString(w, `{"code":"revision_mismatch"}`)
				return
			}
		}
		_, _ = io.WriteString(w, aTeam)
	}
	out, asked, err := runOn(t, serve, "team", "set", "sales", "--order", "list", "--self-join")
	want := `{"members":[{"agent":"a"},{"group":"g"}],"name":"Sales","rotation":{"fallback":{"agent":"boss","to":"agent"},"order":"list","strategy":"round_robin"},"self_join":true}`
	if err != nil || len(asked) != 4 || asked[3].body != want || asked[3].match != `"17"` {
		t.Errorf("%v\n%+v\nwant %s", err, asked, want)
	}
	if !strings.Contains(out, "members                  a, group:g\n") {
		t.Errorf("shows\n%s", out)
	}
}

func TestSetCreatesWhatIsNotThere(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"code":"not_found"}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"g"}`)
	}
	_, asked, err := runOn(t, serve, "group", "set", "g", "--members", "a,agent:group:x")
	want := `{"members":[{"agent":"a"},{"agent":"group:x"}],"name":"g"}`
	if err != nil || len(asked) != 2 || asked[1].body != want || asked[1].none != "*" {
		t.Errorf("%v %+v", err, asked)
	}
}

// What makes no sense is said before anything is sent.
func TestUsageErrorsSendNothing(t *testing.T) {
	for args, says := range map[string]string{
		"agent show":                       "accepts 1 arg(s)",
		"agent lst":                        `unknown command "lst" for "rondo agent": did you mean list, set?`,
		"agent list --limit 0":             "--limit is 0",
		"agent list -o xml":                "--output is \"xml\"",
		"agent list --color pink":          "--color is \"pink\"",
		"agent list --timeout -1s":         "--timeout is -1s",
		"agent list --server ftp://x":      "write it like",
		"agent list --bogus":               "unknown flag: --bogus",
		"agent set a":                      "nothing to set",
		"agent set a --role king":          "use agent, supervisor, admin",
		"agent set a --onboarded=perhaps":  "use true or false",
		"agent set a --field seat":         "write NAME=VALUE",
		"agent away a --until tomorrow":    "17:30 (the next)",
		"team set t --fallback nobody":     "write wait, team_inbox, agent:ID or team:ID",
		"team set t --fallback agent":      "write wait, team_inbox, agent:ID or team:ID",
		"team set t --fallback team:x@now": "behind @ stand whole seconds",
		"team set t --dwell -1":            "use a whole number",
		"team edit t":                      "nothing to edit",
		"team edit t --set order=list":     "write /pointer=value",
		"agent delete a --conversations x": "use keep, requeue",
		"team set t -f /nowhere/x.yaml":    "no such file",
	} {
		_, asked, err := run(t, 200, `{}`, strings.Fields(args)...)
		code, _ := cli.ExitCode(err)
		if err == nil || code != cli.ExitUsage || len(asked) != 0 || !strings.Contains(err.Error(), says) {
			t.Errorf("rondo %s: code %d, %v, asked %v; want %q", args, code, err, asked, says)
		}
	}
}

func TestListFetchesAllPages(t *testing.T) {
	page := 0
	serve := func(w http.ResponseWriter, _ *http.Request) {
		if page++; page == 1 {
			_, _ = io.WriteString(w, `{"items":[{"id":"a"},{"id":"b"}],"next_page_token":"T"}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"id":"c"}],"next_page_token":null}`)
	}
	out, asked, err := runOn(t, serve, "agent", "list", "--all", "-o", "name")
	if err != nil || out != "a\nb\nc\n" || len(asked) != 2 || !strings.Contains(asked[1].line, "page_token=T") {
		t.Errorf("%v %q %+v", err, out, asked)
	}
	out, asked, err = run(t, 200, `{"items":[{"id":"a"}],"next_page_token":"T"}`, "agent", "list", "--limit", "1", "-o", "name")
	if err != nil || len(asked) != 1 || !strings.Contains(out, "There are more") && out != "a\n" {
		t.Errorf("%v %q %+v", err, out, asked)
	}
}

const aRing = `{"team":"sales","strategy":"round_robin","order":"name","per":"team","order_stale":true,
"cursors":[{"inbox":null,"restriction":null,"agent":"ana"},{"inbox":null,"restriction":"language=es","agent":"cleo"}],
"members":[{"agent":"ana","eligible":true,"reason":null,"draining":false},{"agent":"ben","eligible":false,"reason":"away","draining":false},
{"agent":"cleo","eligible":true,"reason":null,"draining":true,"allowance":2}],
"next":["cleo","ana","cleo"],"waiting":{"count":3,"oldest_since":null,"alerted":false}}`

func TestRotationPicture(t *testing.T) {
	out, _, err := run(t, 200, aRing, "team", "rotation", "sales")
	want := `sales shares by round_robin, in the order name, one ring for each team.
Somebody was renamed since: rondo team resort sales
   AGENT  TURN  WHY NOT  NOTES
   ana    2              took the last turn
   ben    -     away
>  cleo   next           may take 2 of the queue
3 waiting, the oldest since -
for language=es the last turn was cleo's
`
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	if out, _, err := run(t, 200, aRing, "team", "rotation", "sales", "-o", "name"); err != nil || out != "cleo\nana\n" {
		t.Errorf("%v %q", err, out)
	}
}

// A name is a stranger's: it must not speak to the terminal.
func TestNamesCannotSpeakToTheTerminal(t *testing.T) {
	out, _, err := run(t, 200, `{"items":[{"id":"a","name":"\u001b[31mRed\nNext"}]}`, "agent", "list")
	if err != nil || strings.Contains(out, "\x1b") || strings.Count(out, "\n") != 2 {
		t.Errorf("%v %q", err, out)
	}
}

func TestCompletion(t *testing.T) {
	answer := `{"items":[{"id":"mallory","name":"Mallory P"},{"id":"ben","name":"Ben"}]}`
	for args, want := range map[string]string{
		"agent show m":                 "mallory\tMallory P\n:4\n",
		"team create x --members ben,": "ben,mallory\tMallory P\nben,ben\tBen\n:4\n",
		"agent list --output y":        "table\njson\nyaml\nname\n:4\n",
		"conversation tag add c1 v":    ":4\n",
	} {
		out, asked, err := run(t, 200, answer, append([]string{"__complete"}, strings.Fields(args)...)...)
		out, _, _ = strings.Cut(out, "Completion ended")
		if err != nil || out != want || len(asked) > 1 {
			t.Errorf("%s: %v %q want %q, asked %v", args, err, out, want, asked)
		}
	}
	// A server that says no is no reason for noise.
	if out, _, err := run(t, 500, `oops`, "__complete", "agent", "show", ""); err != nil || !strings.HasPrefix(out, ":4\n") {
		t.Errorf("%v %q", err, out)
	}
}

const aSummary = `{"agent":"ana","since":"2026-03-01T08:00:00.000Z","now":"2026-03-01T09:00:00.000Z",
"yours":{"count":60,"items":["c1","c2"],"cut":true},
"taken":{"count":1,"items":[{"conversation":"c3","at":"2026-03-01T08:10:00.000Z","by":"agent:ben","event":"conversation.claimed","assignee":"ben"}],"cut":false},
"wrote":{"count":1,"items":[{"conversation":"c1","contact":"p1","at":"2026-03-01T08:20:00.000Z","messages":2}],"cut":false},
"rings":{"items":[{"team":"sales","inbox":null,"reason":null,"ahead":2,"eligible":4},{"team":"vip","inbox":"sms","reason":"away","ahead":null,"eligible":1}],"cut":false}}`

func TestSummary(t *testing.T) {
	t.Setenv("TZ", "UTC")
	out, _, err := run(t, 200, aSummary, "agent", "summary", "ana")
	for _, want := range []string{
		"still yours: 60\n    c1, c2, ...\n", "no longer yours: 1\n    c3  ben's now  conversation.claimed by agent:ben",
		"wrote to you: 1\n    c1  from p1  messages: 2", "sales  turns before yours: 2, of 4\n", "vip  in sms  not in the running: away\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%v: without %q:\n%s", err, want, out)
		}
	}
}

func TestDeletedIsSaid(t *testing.T) {
	for answer, want := range map[string]string{`{"id":"sms","name":"SMS"}`: "sms is deleted\n", "": "deleted\n"} {
		if out, _, err := run(t, 200, answer, "inbox", "delete", "sms"); err != nil || out != want {
			t.Errorf("%q: %v %q", answer, err, out)
		}
	}
}
