package nouncmd

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Every action on contacts, conversations and views sends the one call that its row
// says.
func TestTalkActionsCall(t *testing.T) {
	for _, c := range []struct{ args, line, body string }{
		{"contact owner set p1 a --conversations none", "PUT /v1/contacts/p1/owner", `{"agent":"a","conversations":"none"}`},
		{"contact owner clear p1 --conversations none", "DELETE /v1/contacts/p1/owner?conversations=none", ""},
		{"contact assign p1 sales", "POST /v1/contacts/p1/assign", `{"team":"sales"}`},
		{"contact merge p1 p2", "POST /v1/contacts/p1/merge", `{"from":"p2"}`},
		{"contact erase p1 --yes", "POST /v1/contacts/p1/erase", ""},
		{"contact tag p1 vip", "PUT /v1/contacts/p1/tags/vip", ""},
		{"contact untag p1 vip", "DELETE /v1/contacts/p1/tags/vip", ""},
		{"contact follow p1 a", "PUT /v1/contacts/p1/followers/a", ""},
		{"contact unfollow p1 a", "DELETE /v1/contacts/p1/followers/a", ""},
		{"contact followers p1", "GET /v1/contacts/p1/followers", ""},
		{"contact block p1", "PATCH /v1/contacts/p1", `{"blocked":true}`},
		{"contact unblock p1", "PATCH /v1/contacts/p1", `{"blocked":false}`},
		{"contact list --filter owner=a&tag=vip --known", "GET /v1/contacts?known=true&limit=50&owner=a&tag=vip", ""},
		{"conversation open --inbox sms --contact p1 --status pending --priority 3", "POST /v1/conversations", `{"contact":"p1","inbox":"sms","priority":3,"status":"pending"}`},
		{"conversation assign c1 a --team sales --reason sick --if-decision 7.0", "PUT /v1/conversations/c1/assignee", `{"agent":"a","if_decision":"7.0","reason":"sick","team":"sales"}`},
		{"conversation transfer c1 support --if-team sales --reason billing", "PUT /v1/conversations/c1/team", `{"if_team":"sales","reason":"billing","team":"support"}`},
		{"conversation team clear c1", "DELETE /v1/conversations/c1/team", ""},
		{"conversation handoff c1", "POST /v1/conversations/c1/handoff", ""},
		{"conversation snooze c1 --until 2026-03-01T09:00:00Z", "POST /v1/conversations/c1/snooze", `{"until":"2026-03-01T09:00:00Z"}`},
		{"conversation priority c1 7", "PUT /v1/conversations/c1/priority", `{"priority":7}`},
		{"conversation tag c1 vip", "PUT /v1/conversations/c1/tags/vip", ""},
		{"conversation tag remove c1 vip", "DELETE /v1/conversations/c1/tags/vip", ""},
		{"conversation untag c1 vip", "DELETE /v1/conversations/c1/tags/vip", ""},
		{"conversation follow c1 a", "PUT /v1/conversations/c1/followers/a", ""},
		{"conversation unfollow c1 a", "DELETE /v1/conversations/c1/followers/a", ""},
		{"conversation read c1", "POST /v1/conversations/c1/read", ""},
		{"conversation send c1 --id SM9", "POST /v1/conversations/c1/messages", `{"direction":"outbound","id":"SM9"}`},
		{"conversation message sms --id SM9 --direction outbound --to +1 --to-name Ann", "POST /v1/inboxes/sms/messages", `{"direction":"outbound","id":"SM9","to":{"address":"+1","name":"Ann"}}`},
		{"decision undo 1042.0 --reason slip", "POST /v1/decisions/1042.0/undo", `{"reason":"slip"}`},
		{"conversation list --filter assignee=ann&status=open --tag vip --unread --sort -activity", "GET /v1/conversations?assignee=ann&limit=50&sort=-activity&status=open&tag=vip&unread=true", ""},
		{"conversation count --assignee ann --status open,pending", "GET /v1/conversations/count?assignee=ann&status=open%2Cpending", ""},
		{"view delete vips", "DELETE /v1/views/vips", ""},
		{"view run vips --tag gold --limit 3", "GET /v1/views/vips/conversations?limit=3&tag=gold", ""},
		{"view run mine --as ann", "GET /v1/views/mine/conversations?as=ann&limit=50", ""},
		{"view count vips", "GET /v1/views/vips/count", ""},
		{"view count vips mine --as ann", "GET /v1/views/counts?as=ann&ids=vips%2Cmine", ""},
		{"view create vips --filter tag=vip&status=open --sort -activity", "PUT /v1/views/vips", `{"filter":"status=open\u0026tag=vip","name":"vips","sort":"-activity"}`},
		{"notification list ann --unread --kind held", "GET /v1/agents/ann/notifications?kind=held&limit=50&unread=true", ""},
		{"notification read ann 7.0 9.1", "POST /v1/agents/ann/notifications/read", `{"ids":["7.0","9.1"]}`},
		{"notification read ann --up-to 9.1", "POST /v1/agents/ann/notifications/read", `{"up_to":"9.1"}`},
		{"notification preferences ann", "GET /v1/agents/ann/preferences", ""},
	} {
		_, asked, err := run(t, 200, `{"items":[],"next_page_token":null}`, strings.Fields(c.args)...)
		if err != nil || len(asked) != 1 || asked[0].line != c.line || strings.TrimSpace(asked[0].body) != c.body {
			t.Errorf("rondo %s: %v\nasked %+v\nwant  %s %s", c.args, err, asked, c.line, c.body)
		}
	}
}

// What makes no sense is said before anything is sent.
func TestTalkUsageErrorsSendNothing(t *testing.T) {
	for args, says := range map[string]string{
		"contact erase p1":                           "--yes is missing: there is no way back",
		"contact erase p1 --yes=false":               "--yes is missing",
		"conversation priority c1 high":              `"high" is no whole number`,
		"conversation list --filter assigne=ann":     `--filter: the filter has "assigne"; there are assignee,`,
		"conversation list --filter status":          `write NAME=VALUE`,
		"view set vips --filter stauts=open":         `--filter: the filter is not right: stauts: there is no such filter`,
		"view set vips":                              "nothing to set",
		"notification read ann":                      "say which: ids, --up-to ID, or --all",
		"notification read ann 7.0 --all":            "say which",
		"notification preferences ann --off nothing": `--off is "nothing": use all, assigned,`,
		"notification preferences ann --on held:fax": `behind the colon stands list, stream, webhook`,
	} {
		_, asked, err := run(t, 200, `{}`, strings.Fields(args)...)
		code, _ := cli.ExitCode(err)
		if err == nil || code != cli.ExitUsage || len(asked) != 0 || !strings.Contains(err.Error(), says) {
			t.Errorf("rondo %s: code %d, %v, asked %v; want %q", args, code, err, asked, says)
		}
	}
}

// An age is a time before now, in a flag and in a filter.
func TestAgesInFilters(t *testing.T) {
	for _, args := range [][]string{{"--opened-before", "2h"}, {"--filter", "opened_before=2h"}} {
		_, asked, err := run(t, 200, `{"items":[]}`, append([]string{"conversation", "list"}, args...)...)
		_, text, _ := strings.Cut(asked[0].line, "opened_before=")
		at, wrong := time.Parse(time.RFC3339, strings.ReplaceAll(text, "%3A", ":"))
		if err != nil || wrong != nil || time.Since(at) < 2*time.Hour || time.Since(at) > 3*time.Hour {
			t.Errorf("%v: %v, %v, asked %v", args, err, wrong, asked)
		}
	}
}

// The newest decision is looked up and taken back, and where there is none nothing
// is.
func TestUndoOfAConversation(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "c1"):
			_, _ = io.WriteString(w, `{"items":[{"id":"1042.0"}]}`)
		case r.Method == http.MethodGet:
			_, _ = io.WriteString(w, `{"items":[]}`)
		default:
			_, _ = io.WriteString(w, `{"conversation":{"id":"c1","status":"open","assignee":"ann"},"decision":{"id":"1050.0","kind":"undo"}}`)
		}
	}
	out, asked, err := runOn(t, serve, "conversation", "undo", "c1", "--reason", "slip")
	if err != nil || len(asked) != 2 || asked[0].line != "GET /v1/conversations/c1/decisions?limit=1&sort=-id" ||
		asked[1].line != "POST /v1/decisions/1042.0/undo" || asked[1].body != `{"reason":"slip"}` || out != "c1 is ann's; decision 1050.0 (undo)\n" {
		t.Errorf("%v %+v %q", err, asked, out)
	}
	if _, asked, err := runOn(t, serve, "conversation", "undo", "c2"); err == nil || len(asked) != 1 {
		t.Errorf("of nothing: %v %+v", err, asked)
	}
}

const aList = `{"items":[{"id":"9.1","kind":"held","conversation":"c2","read":false},{"id":"7.0","kind":"assigned","conversation":"c1","read":true}],"unread":1,"next_page_token":null}`

// --all reads up to the newest that is there, so that what comes then stays unread.
func TestNotificationLists(t *testing.T) {
	out, _, err := run(t, 200, aList, "notification", "list", "ann")
	want := "ID   AT  KIND      CONVERSATION  READ\n9.1  -   held      c2            no\n7.0  -   assigned  c1            yes\n1 unread\n"
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	out, _, err = run(t, 200, aList, "notification", "list", "ann", "-o", "json")
	var doc struct{ Unread int }
	if err != nil || json.Unmarshal([]byte(out), &doc) != nil || doc.Unread != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	_, asked, err := run(t, 200, aList, "notification", "read", "ann", "--all")
	if err != nil || len(asked) != 2 || asked[1].body != `{"up_to":"9.1"}` {
		t.Errorf("%v %+v", err, asked)
	}
	if out, asked, err := run(t, 200, `{"items":[]}`, "notification", "read", "ann", "--all"); err != nil || len(asked) != 1 || out != "There are none.\n" {
		t.Errorf("of none: %v %+v %q", err, asked, out)
	}
}

// A choice changes what it names, and keeps the rest as it is.
func TestPreferences(t *testing.T) {
	const now = `{"notifications":{"assigned":{"list":true,"stream":true,"webhook":false},"held":{"list":true,"stream":true,"webhook":true}}}`
	out, asked, err := run(t, 200, now, "notification", "preferences", "ann", "--off", "held:stream", "--on", "assigned", "--off", "waiting")
	want := `{"notifications":{"assigned":{"list":true,"stream":true,"webhook":true},"held":{"list":true,"stream":false,"webhook":true},"waiting":{"list":false,"stream":false,"webhook":false}}}`
	if err != nil || len(asked) != 2 || asked[1].line != "PUT /v1/agents/ann/preferences" || asked[1].body != want {
		t.Errorf("%v %+v\nwant %s", err, asked, want)
	}
	if !strings.HasPrefix(out, "TOLD OF   LIST  STREAM  WEBHOOK\nassigned  yes   yes     no\n") {
		t.Errorf("shows\n%s", out)
	}
	if _, asked, err := run(t, 200, `{}`, "notification", "preferences", "ann", "--off", "all"); err != nil || strings.Count(asked[1].body, `"list":false`) != len(noticeKinds) {
		t.Errorf("%v %+v", err, asked)
	}
}

// Each line is one notification of hers, and what others are told is not shown.
func TestWatchNotifications(t *testing.T) {
	serve := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("notify") != "ann" || r.URL.Path != "/v1/events" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "id: 9.1\nevent: conversation.assigned\n"+
			`data: {"time":"2026-03-01T09:00:00Z","subject":"conversations/c1","data":{"actor":"agent:bob","notices":[{"agent":"bob","kind":"reassigned"},{"agent":"ann","kind":"assigned"}]}}`+"\n\n")
	}
	t.Setenv("TZ", "UTC")
	out, _, err := runOn(t, serve, "notification", "watch", "ann", "--count", "1")
	if err != nil || !strings.HasSuffix(out, " 9.1        assigned         conversations/c1 (conversation.assigned by agent:bob)\n") || strings.Count(out, "\n") != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, _, err := runOn(t, serve, "notification", "watch", "ann", "--count", "1", "-o", "json"); err != nil || !strings.HasPrefix(out, `{"time":`) {
		t.Errorf("%v\n%s", err, out)
	}
	_, _, err = runOn(t, serve, "notification", "watch", "bob")
	if code, _ := cli.ExitCode(err); code != cli.ExitRefused {
		t.Errorf("a refusal ends with code %d, %v", code, err)
	}
}

func TestCounts(t *testing.T) {
	if out, _, err := run(t, 200, `{"count":10000,"exact":false}`, "view", "count", "mine"); err != nil || out != "10000 or more\n" {
		t.Errorf("%v %q", err, out)
	}
	out, _, err := run(t, 200, `{"items":[{"id":"mine","count":3,"exact":true},{"id":"vips","count":10000,"exact":false}]}`, "view", "count", "vips", "mine")
	if want := "VIEW  COUNT\nvips  10000 or more\nmine  3\n"; err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

func TestFilterCompletion(t *testing.T) {
	answer := `{"items":[{"id":"mallory","name":"Mallory P"},{"id":"ben","name":"Ben"}]}`
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"conversation", "list", "--filter", "assi"}, "assignee=\n:6\n"},
		{[]string{"conversation", "list", "--filter", "assignee=m"}, "assignee=mallory\tMallory P\n:6\n"},
		{[]string{"conversation", "list", "--filter", "status=open assignee=ben,m"}, "status=open assignee=ben,mallory\tMallory P\n:6\n"},
		{[]string{"conversation", "list", "--filter", "status=p"}, "status=pending\n:6\n"},
		{[]string{"conversation", "list", "--status", ""}, "open\npending\nsnoozed\nclosed\n:4\n"},
		{[]string{"conversation", "transfer", "c1", "m"}, "mallory\tMallory P\n:4\n"},
		{[]string{"view", "run", "m"}, "mallory\tMallory P\nmine\n:4\n"},
		{[]string{"notification", "list", "m"}, "mallory\tMallory P\n:4\n"},
		{[]string{"inbox", "watch", "m"}, "mallory\tMallory P\n:4\n"},
	} {
		out, _, err := run(t, 200, answer, append([]string{"__complete"}, c.args...)...)
		out, _, _ = strings.Cut(out, "Completion ended")
		if err != nil || out != c.want {
			t.Errorf("%q: %v %q want %q", c.args, err, out, c.want)
		}
	}
}
