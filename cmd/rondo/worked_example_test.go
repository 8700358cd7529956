package main

import (
	"net/http"
	"strings"
	"testing"
)

// The worked example is the first contract of the API. It must hold to the letter
// on whichever node of a new cluster one begins.
func TestWorkedExample(t *testing.T) {
	t.Parallel()
	for i, name := range []string{"n1", "n2", "n3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startDev(t)
			x := example{c.at(i), c.at(i + 1), c.at(i + 2)}
			x.setUp(t)
			x.fourTurns(t)
			x.away(t)
			x.hands(t)
			x.closing(t)
			x.reads(t)
			x.lists(t)
			x.rotation(t)
			x.decisions(t)
			x.operators(t)
		})
	}
}

// An example speaks to one node, and where that matters to the two others.
type example struct{ on, second, third node }

// conversation is a JSON object with the fields of one, changed as told.
func conversation(changes ...string) string {
	return object(map[string]string{
		"id": `"c1"`, "inbox": `"sms"`, "contact": `"p1"`, "direction": `"inbound"`, "status": `"open"`, "team": `"sales"`,
		"assignee": `"mallory"`, "opened_at": `"<time>"`, "closed_at": `null`, "attributes": `{}`, "priority": `0`, "tags": `[]`,
		"followers": `[]`, "revision": `"<number>"`, "assignment": `{"state":"assigned","reason":null,"since":"<time>"}`,
	}, changes)
}

// decision likewise.
func decision(changes ...string) string {
	return object(map[string]string{
		"id": `"<record>"`, "at": `"<time>"`, "actor": `"system:anonymous"`, "conversation": `"c1"`, "trigger": `"conversation.opened"`,
		"kind": `"rotation"`, "rule": `null`, "team": `"sales"`, "inbox": `"sms"`, "assignee": `"mallory"`, "cursor_before": `"chris"`,
		"cursor_after": `"mallory"`, "consumed_turn": `true`, "passed_over": `[]`, "passed_over_counts": `{}`, "fallback_step": `null`,
		"notes": `[]`,
	}, changes)
}

// object writes fields as JSON, after changes of the form name=JSON.
func object(fields map[string]string, changes []string) string {
	for _, change := range changes {
		name, value, _ := strings.Cut(change, "=")
		fields[name] = value
	}
	var b strings.Builder
	for name, value := range fields {
		b.WriteString(`,"` + name + `":` + value)
	}
	return "{" + b.String()[1:] + "}"
}

func acted(conversation, decision string) string {
	return `{"conversation":` + conversation + `,"decision":` + decision + `}`
}

func (x example) setUp(t *testing.T) {
	t.Helper()
	agent := func(id, name, kind, status string, revision string) string {
		return `{"id":"` + id + `","name":"` + name + `","kind":"` + kind + `","presence":{"status":"` + status +
			`","reason":null,"since":` + revision + `,"by":"<any>"},"teams":[],"open":0,"revision":"<number>"}`
	}
	for _, a := range []struct{ id, name, kind, body string }{
		{"chris", "Chris Brisson", "person", `{"name":"Chris Brisson"}`},
		{"mallory", "Mallory P", "person", `{"name":"Mallory P"}`},
		{"uk", "Salesmsg UK Team", "shared", `{"name":"Salesmsg UK Team","kind":"shared"}`},
	} {
		path := "/v1/agents/" + a.id
		x.on.do(t, "PUT", path, a.body).want(t, http.StatusCreated, agent(a.id, a.name, a.kind, "unavailable", `"<any>"`))
		x.on.do(t, "PUT", path, a.body).want(t, http.StatusOK, agent(a.id, a.name, a.kind, "unavailable", `"<any>"`))
		x.on.do(t, "PUT", path+"/presence", `{"status":"available"}`).
			want(t, http.StatusOK, agent(a.id, a.name, a.kind, "available", `"<time>"`))
	}
	const rotation = `{"strategy":"round_robin","order":"name","assign_to":"available","per":"team","fallback":{"to":"wait"}`
	x.on.do(t, "PUT", "/v1/teams/sales", `{"name":"Sales","members":[{"agent":"chris"},{"agent":"mallory"},{"agent":"uk"}],"rotation":`+rotation+`}}`).
		want(t, http.StatusCreated, theTeam("sales", "Sales", `[{"agent":"chris"},{"agent":"mallory"},{"agent":"uk"}]`))
	// The rotation may be left out: these are its defaults.
	x.on.do(t, "PUT", "/v1/teams/empty", `{"name":"Empty","members":[]}`).want(t, http.StatusCreated, theTeam("empty", "Empty", `[]`))
	x.on.do(t, "PUT", "/v1/inboxes/sms", `{"name":"SMS","channel":{"kind":"sms","address":"+15550100"},"assignment":{"mode":"rotation","team":"sales"}}`).
		want(t, http.StatusCreated, theInbox)
	x.on.do(t, "PUT", "/v1/contacts/p1", `{"name":"Bob","addresses":["+15550112"]}`).want(t, http.StatusCreated, theContact)
}

func theTeam(id, name, members string) string {
	return `{"id":"` + id + `","name":"` + name + `","members":` + members + `,"rotation":{"strategy":"round_robin","order":"name",
		"assign_to":"available","per":"team","fallback":{"to":"wait","agent":null},"drain_burst":3,"drain_interval_seconds":60,
		"alert_after_seconds":300},"revision":"<number>"}`
}

const (
	theInbox = `{"id":"sms","name":"SMS","channel":{"kind":"sms","address":"+15550100"},
		"assignment":{"mode":"rotation","team":"sales"},"revision":"<number>"}`
	theContact = `{"id":"p1","name":"Bob","addresses":["+15550112"],"owner":null,"known":true,"tags":[],"fields":{},"revision":"<number>"}`
)

// fourTurns: chris, mallory, uk, chris, each through another node.
func (x example) fourTurns(t *testing.T) {
	t.Helper()
	got := x.on.do(t, "POST", "/v1/inboxes/sms/messages", `{"id":"SM1","direction":"inbound","from":{"address":"+15550111","name":"Ann"}}`).
		want(t, http.StatusCreated, `{"opened":true,"conversation":`+conversation(`id="<id>"`, `contact="<id>"`, `assignee="chris"`)+
			`,"decision":`+decision(`conversation="<id>"`, `assignee="chris"`, `cursor_before=null`, `cursor_after="chris"`)+`}`)
	if outcome := got.header.Get("Rondo-Outcome"); outcome != "committed" {
		t.Errorf("Rondo-Outcome is %q, want committed", outcome)
	}
	opened, decided := got.text(t, "conversation.id"), got.text(t, "decision.conversation")
	if opened != decided {
		t.Errorf("the decision is about %q, want %q", decided, opened)
	}
	// A follower's answer names an index that a read on the same node sees.
	got = x.second.do(t, "POST", "/v1/conversations", `{"id":"c1","inbox":"sms","contact":"p1","direction":"inbound"}`).
		want(t, http.StatusCreated, acted(conversation(), decision()))
	read := x.second.do(t, "GET", "/v1/conversations/c1?consistency=stale", "").want(t, http.StatusOK, conversation())
	if read.index(t) < got.index(t) {
		t.Errorf("a stale read on the same node was answered at %d, before %d", read.index(t), got.index(t))
	}
	x.third.do(t, "POST", "/v1/conversations", `{"inbox":"sms","from":{"address":"+15550113"},"direction":"inbound"}`).
		want(t, http.StatusCreated, acted(conversation(`id="<id>"`, `contact="<id>"`, `assignee="uk"`),
			decision(`conversation="<id>"`, `assignee="uk"`, `cursor_before="mallory"`, `cursor_after="uk"`)))
	x.on.do(t, "POST", "/v1/conversations", `{"id":"c4","inbox":"sms","contact":"p1","direction":"inbound"}`).
		want(t, http.StatusCreated, acted(conversation(`id="c4"`, `assignee="chris"`),
			decision(`conversation="c4"`, `assignee="chris"`, `cursor_before="uk"`, `cursor_after="chris"`)))
}

func (x example) away(t *testing.T) {
	t.Helper()
	x.on.do(t, "PUT", "/v1/agents/mallory/presence", `{"status":"away","reason":"lunch"}`, "Rondo-Actor: agent:mallory").
		want(t, http.StatusOK, `{"id":"mallory","presence":{"status":"away","reason":"lunch","since":"<time>","by":"agent:mallory"},"teams":["sales"],"open":1}`)
	x.on.do(t, "POST", "/v1/conversations", `{"id":"c5","inbox":"sms","contact":"p1","direction":"inbound"}`).
		want(t, http.StatusCreated, acted(conversation(`id="c5"`, `assignee="uk"`), decision(`conversation="c5"`, `assignee="uk"`,
			`cursor_before="chris"`, `cursor_after="uk"`, `passed_over=[{"agent":"mallory","reason":"away"}]`, `passed_over_counts={"away":1}`)))
	x.on.do(t, "PUT", "/v1/agents/mallory/presence", `{"status":"available"}`).want(t, http.StatusOK, `{"presence":{"status":"available"}}`)
}

// hands: what people do themselves takes no turn.
func (x example) hands(t *testing.T) {
	t.Helper()
	const byHand = `cursor_before=null`
	x.on.do(t, "PUT", "/v1/conversations/c1/assignee", `{"agent":"uk","if_assignee":"mallory"}`).
		want(t, http.StatusOK, acted(conversation(`assignee="uk"`), decision(`trigger="conversation.assigned"`, `kind="manual"`,
			`assignee="uk"`, byHand, `cursor_after=null`, `consumed_turn=false`)))
	x.second.do(t, "PUT", "/v1/conversations/c1/assignee", `{"agent":"chris","if_assignee":"mallory"}`).
		want(t, http.StatusConflict, `{"type":"/errors/assignee_changed","status":409,"code":"assignee_changed","title":"<any>","detail":"<any>","assignee":"uk","decision":"<record>","since":"<time>"}`)
	x.on.do(t, "DELETE", "/v1/conversations/c1/assignee", "").
		want(t, http.StatusOK, acted(conversation(`assignee=null`, `assignment={"state":"held","reason":"unassigned","since":"<time>"}`),
			decision(`trigger="<any>"`, `kind="unassign"`, `assignee=null`, byHand, `cursor_after=null`, `consumed_turn=false`)))
	x.on.do(t, "POST", "/v1/conversations/c1/claim", `{"agent":"uk"}`, "Rondo-Actor: agent:uk").
		want(t, http.StatusOK, acted(conversation(`assignee="uk"`), decision(`actor="agent:uk"`, `trigger="<any>"`, `kind="claim"`,
			`assignee="uk"`, byHand, `cursor_after=null`, `consumed_turn=false`)))
	x.third.do(t, "POST", "/v1/conversations/c1/claim", `{"agent":"chris"}`).
		want(t, http.StatusConflict, `{"code":"already_assigned","assignee":"uk","decision":"<record>"}`)
	// The ring stood at uk, so chris is next.
	x.on.do(t, "POST", "/v1/conversations/c1/requeue", `{"if_assignee":"uk"}`).
		want(t, http.StatusOK, acted(conversation(`assignee="chris"`), decision(`trigger="conversation.requeued"`, `assignee="chris"`,
			`cursor_before="uk"`, `cursor_after="chris"`)))
}

func (x example) closing(t *testing.T) {
	t.Helper()
	x.on.do(t, "POST", "/v1/conversations/c1/close", `{}`).want(t, http.StatusOK,
		`{"conversation":`+conversation(`status="closed"`, `closed_at="<time>"`, `assignee="chris"`)+`,"decision":null}`)
	x.second.do(t, "POST", "/v1/conversations/c1/close", "").want(t, http.StatusConflict, `{"code":"already_closed"}`)
	x.on.do(t, "POST", "/v1/conversations/c1/reopen", `{}`).want(t, http.StatusOK,
		acted(conversation(`assignee="chris"`), decision(`trigger="conversation.reopened"`, `kind="last_assignee"`, `assignee="chris"`,
			`cursor_before=null`, `cursor_after=null`, `consumed_turn=false`)))
}

// reads: every noun, on every node.
func (x example) reads(t *testing.T) {
	t.Helper()
	for _, n := range []node{x.on, x.second, x.third} {
		for path, want := range map[string]string{
			"/v1/agents/uk":                `{"id":"uk","name":"Salesmsg UK Team","kind":"shared","presence":{"status":"available"},"teams":["sales"],"open":2,"revision":"<number>"}`,
			"/v1/teams/sales":              theTeam("sales", "Sales", `[{"agent":"chris"},{"agent":"mallory"},{"agent":"uk"}]`),
			"/v1/inboxes/sms":              theInbox,
			"/v1/contacts/p1":              theContact,
			"/v1/conversations/c1":         conversation(`assignee="chris"`),
			"/v1/conversations/c5":         conversation(`id="c5"`, `assignee="uk"`),
			"/v1/teams/sales/members/uk":   `{"agent":"uk","eligible":true}`,
			"/v1/agents/chris?min_index=1": `{"id":"chris","open":3}`,
		} {
			n.do(t, "GET", path, "").want(t, http.StatusOK, want).index(t)
		}
		n.do(t, "GET", "/v1/conversations/nobody", "").want(t, http.StatusNotFound, `{"type":"/errors/not_found","status":404,"code":"not_found"}`)
	}
}

func (x example) lists(t *testing.T) {
	t.Helper()
	for path, want := range map[string]string{
		"/v1/agents":                   "chris mallory uk",
		"/v1/teams":                    "empty sales",
		"/v1/inboxes":                  "sms",
		"/v1/conversations?contact=p1": "c1 c4 c5",
		"/v1/conversations?contact=p1&assignee=uk":       "c5",
		"/v1/conversations?team=sales&state=waiting":     "",
		"/v1/conversations?inbox=sms&status=closed":      "",
		"/v1/conversations?contact=p1&team=sales":        "c1 c4 c5",
		"/v1/conversations?contact=p1&state=assigned":    "c1 c4 c5",
		"/v1/conversations?contact=p1&status=open":       "c1 c4 c5",
		"/v1/conversations?contact=p1&consistency=stale": "c1 c4 c5",
	} {
		if got := strings.Join(column(x.on.all(t, path), "id"), " "); got != want {
			t.Errorf("GET %s lists %q, want %q", path, got, want)
		}
	}
	if got := len(x.second.all(t, "/v1/contacts")); got != 3 {
		t.Errorf("%d contacts, want three: Bob and the two who wrote", got)
	}
	first := x.on.do(t, "GET", "/v1/agents?limit=2", "").want(t, http.StatusOK, `{"items":[{"id":"chris"},{"id":"mallory"}],"next_page_token":"<any>"}`)
	x.third.do(t, "GET", "/v1/agents?limit=2&page_token="+first.text(t, "next_page_token"), "").
		want(t, http.StatusOK, `{"items":[{"id":"uk"}],"next_page_token":null}`)
	x.on.do(t, "GET", "/v1/agents?nmae=x", "").want(t, http.StatusBadRequest, `{"code":"invalid","errors":[{"parameter":"nmae"}]}`)
}

func (x example) rotation(t *testing.T) {
	t.Helper()
	x.on.do(t, "GET", "/v1/teams/sales/rotation", "").want(t, http.StatusOK, `{"team":"sales","strategy":"round_robin","order":"name","per":"team",
		"order_stale":false,"cursors":[{"inbox":null,"agent":"chris"}],"waiting":{"count":0},
		"members":[{"agent":"chris","eligible":true,"reason":null},{"agent":"mallory","eligible":true,"reason":null},{"agent":"uk","eligible":true,"reason":null}],
		"next":["mallory","uk","chris","mallory","uk","chris","mallory","uk","chris","mallory"]}`)
	x.on.do(t, "DELETE", "/v1/teams/sales/members/uk", "").want(t, http.StatusOK, theTeam("sales", "Sales", `[{"agent":"chris"},{"agent":"mallory"}]`))
	x.second.do(t, "PUT", "/v1/teams/sales/members/uk", `{}`).
		want(t, http.StatusCreated, theTeam("sales", "Sales", `[{"agent":"chris"},{"agent":"mallory"},{"agent":"uk"}]`))
}

func (x example) decisions(t *testing.T) {
	t.Helper()
	all := x.on.all(t, "/v1/decisions")
	if got, want := strings.Join(column(all, "kind"), " "), "rotation rotation rotation rotation rotation manual unassign claim rotation last_assignee"; got != want {
		t.Errorf("decisions are %q, want %q", got, want)
	}
	mine := x.third.all(t, "/v1/conversations/c1/decisions")
	if got, want := strings.Join(column(mine, "kind"), " "), "rotation manual unassign claim rotation last_assignee"; got != want {
		t.Errorf("decisions of c1 are %q, want %q", got, want)
	}
	id := column(mine, "id")[0]
	x.second.do(t, "GET", "/v1/decisions/"+id, "").want(t, http.StatusOK, decision(`id="`+id+`"`))
	if got := strings.Join(column(x.on.all(t, "/v1/decisions?conversation=c5"), "assignee"), " "); got != "uk" {
		t.Errorf("the decisions of c5 gave it to %q, want uk", got)
	}
	if got := len(x.on.all(t, "/v1/decisions?team=empty")); got != 0 {
		t.Errorf("%d decisions of a team without conversations", got)
	}
}

func (x example) operators(t *testing.T) {
	t.Helper()
	cluster := x.on.get(t, "/v1/cluster").text(t, "cluster_id")
	for _, n := range []node{x.on, x.second, x.third} {
		n.awaitMembers(t, 3)
		got := n.get(t, "/v1/cluster/nodes").want(t, http.StatusOK, `{"items":[
			{"id":"n1","http":"<any>","cluster":"<any>","role":"voter","leader":"<any>","applied_index":"<number>","pid":"<number>","version":"(devel)","reachable":true},
			{"id":"n2","http":"<any>","cluster":"<any>","role":"voter","pid":"<number>","reachable":true},
			{"id":"n3","http":"<any>","cluster":"<any>","role":"voter","pid":"<number>","reachable":true}]}`)
		for _, item := range got.at(t, "items").([]any) {
			if at, id := column([]any{item}, "http")[0], column([]any{item}, "id")[0]; id == n.id && "http://"+at != n.url {
				t.Errorf("%s says its HTTP address is %s, want %s", n.id, at, n.url)
			}
		}
		if got := n.get(t, "/v1/cluster").text(t, "cluster_id"); got != cluster || got == "" {
			t.Errorf("%s is in cluster %q, %s in %q", n.id, got, x.on.id, cluster)
		}
		if got := string(n.get(t, "/livez").raw); got != "ok\n" {
			t.Errorf("livez says %q", got)
		}
		ready := string(n.get(t, "/readyz?verbose").raw)
		if !strings.Contains(ready, "[+]leader ok leader is n") || !strings.Contains(ready, "[+]security ok") || !strings.HasSuffix(ready, "\nready\n") {
			t.Errorf("readyz?verbose says\n%s", ready)
		}
		metrics := string(n.get(t, "/metrics").raw)
		for _, series := range []string{"\nraft_", "\ngo_goroutines ", "\nrondo_http_"} {
			if !strings.Contains("\n"+metrics, series) {
				t.Errorf("metrics of %s have no series %s...", n.id, strings.TrimSpace(series))
			}
		}
	}
}
