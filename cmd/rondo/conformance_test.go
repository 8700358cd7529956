package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// conformance are the cases of the catalogue that hold over HTTP by now, on one
// live cluster. Each has a team, agents and an inbox of its own, and its calls go
// round the nodes.
var conformance = []struct {
	id  string
	run func(*testing.T, *lab)
}{
	{"K1", alphabeticalRing},        // S1.3, S1.6, S1.7
	{"K4", backFromAway},            // S2.6
	{"K5", joinsTheRing},            // S2.7
	{"K7", allAvailable},            // S5.17
	{"K8", twoOfFour},               // S5.18
	{"K9", leavesAfterServed},       // S5.19
	{"K10", nobodyButTheAdmin},      // S5.13, S5.20, S5.21
	{"K13", anyone},                 // S5.12
	{"K14", reassigned},             // S4.10; without its notifications
	{"K15", unassignedHolds},        // S4.12, S4.13; without its notifications
	{"K18", twoClaims},              // S4.3
	{"K21", nobodyAllowed},          // Chatwoot: no allowed agents
	{"K26", noMembers},              // Chatwoot: a team without members
	{"K27", oneCandidate},           // Chatwoot: one candidate
	{"K35", closedIsNotAssigned},    // Chatwoot: resolved conversations
	{"K36", assigneeIsKept},         // Chatwoot: assigned conversations
	{"K105", waitingIsNotOvertaken}, // our own: queue before newcomers
	{"K106", drained},               // our own: allowance after a night, shrunk
	{"K107", sameCreateLater},       // our own: client ids and keys
	{"K109", fiveMessagesAtOnce},    // our own: one conversation, one turn
}

func TestConformance(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	for _, k := range conformance {
		t.Run(k.id, func(t *testing.T) { k.run(t, &lab{cluster: c, prefix: strings.ToLower(k.id) + "."}) })
	}
}

// A lab is what one case works with. Names of agents, teams and conversations are
// the case's own: the lab puts its prefix before them and takes it away again.
type lab struct {
	cluster *cluster
	prefix  string
	calls   int
	opened  int
}

// next returns the node whose turn it is.
func (l *lab) next() node {
	l.calls++
	return l.cluster.at(l.calls)
}

// agents creates agents, written as "a b=away": available unless they say so.
func (l *lab) agents(t *testing.T, list string) {
	t.Helper()
	for word := range strings.FieldsSeq(list) {
		name, status, given := strings.Cut(word, "=")
		l.next().do(t, "PUT", "/v1/agents/"+l.prefix+name, `{"name":"`+strings.ToUpper(name)+`"}`).
			want(t, http.StatusCreated, `{"presence":{"status":"unavailable"}}`)
		if !given {
			status = "available"
		}
		l.presence(t, name, status)
	}
}

func (l *lab) presence(t *testing.T, agent, status string) answer {
	t.Helper()
	return l.next().do(t, "PUT", "/v1/agents/"+l.prefix+agent+"/presence", `{"status":"`+status+`"}`).
		want(t, http.StatusOK, `{"id":"`+l.prefix+agent+`","presence":{"status":"`+status+`"}}`)
}

// team creates the case's team, its inbox and a contact. The rotation is JSON
// without braces, and may hold $ for the prefix.
func (l *lab) team(t *testing.T, members, rotation string) {
	t.Helper()
	l.putTeam(t, members, rotation).want(t, http.StatusCreated, `{"id":"`+l.prefix+`team"}`)
	l.next().do(t, "PUT", "/v1/inboxes/"+l.prefix+"inbox", `{"name":"I","assignment":{"mode":"rotation","team":"`+l.prefix+`team"}}`).
		want(t, http.StatusCreated, `{"assignment":{"mode":"rotation"}}`)
	l.next().do(t, "PUT", "/v1/contacts/"+l.prefix+"contact", `{"name":"P"}`).want(t, http.StatusCreated, `{"known":true}`)
}

func (l *lab) putTeam(t *testing.T, members, rotation string) answer {
	t.Helper()
	var list []string
	for name := range strings.FieldsSeq(members) {
		list = append(list, `{"agent":"`+l.prefix+name+`"}`)
	}
	return l.next().do(t, "PUT", "/v1/teams/"+l.prefix+"team",
		fmt.Sprintf(`{"name":"T","members":[%s],"rotation":{%s}}`, strings.Join(list, ","), strings.ReplaceAll(rotation, "$", l.prefix)))
}

// open opens a conversation, c1, c2 and so on.
func (l *lab) open(t *testing.T) answer {
	t.Helper()
	l.opened++
	return l.next().do(t, "POST", "/v1/conversations",
		fmt.Sprintf(`{"id":"%[1]sc%[2]d","inbox":"%[1]sinbox","contact":"%[1]scontact"}`, l.prefix, l.opened)).
		want(t, http.StatusCreated, `{"conversation":{"status":"open"},"decision":{"trigger":"conversation.opened"}}`)
}

// turns opens as many conversations as want has names and checks who gets them;
// "-" is nobody. It returns the last answer.
func (l *lab) turns(t *testing.T, want string) answer {
	t.Helper()
	var last answer
	var got []string
	for range strings.Fields(want) {
		last = l.open(t)
		got = append(got, l.name(last.text(t, "conversation.assignee")))
	}
	if strings.Join(got, " ") != want {
		t.Fatalf("turns went to %q, want %q", strings.Join(got, " "), want)
	}
	return last
}

func (l *lab) name(id string) string {
	if id == "" {
		return "-"
	}
	return strings.TrimPrefix(id, l.prefix)
}

func (l *lab) conversation(id string) string { return "/v1/conversations/" + l.prefix + id }

func (l *lab) read(t *testing.T, id string) answer {
	t.Helper()
	return l.next().get(t, l.conversation(id))
}

// decisions returns all about the case's team, in the cluster's order.
func (l *lab) decisions(t *testing.T) []any {
	t.Helper()
	return l.next().all(t, "/v1/decisions?team="+l.prefix+"team")
}

// handed returns who was given what, in order, as "c1:a".
func (l *lab) handed(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, d := range l.decisions(t) {
		if to := column([]any{d}, "assignee")[0]; to != "" {
			list = append(list, l.name(column([]any{d}, "conversation")[0])+":"+l.name(to))
		}
	}
	return list
}

func (l *lab) wantHanded(t *testing.T, want string) {
	t.Helper()
	if got := strings.Join(l.handed(t), " "); got != want {
		t.Fatalf("handed out were %q, want %q", got, want)
	}
}

// cursor returns who took the team's last turn.
func (l *lab) cursor(t *testing.T) string {
	t.Helper()
	return l.name(l.next().get(t, "/v1/teams/"+l.prefix+"team/rotation").text(t, "cursors.0.agent"))
}

// waiting returns the team's queue, oldest first.
func (l *lab) waiting(t *testing.T) string {
	t.Helper()
	ids := column(l.next().all(t, "/v1/conversations?team="+l.prefix+"team&state=waiting"), "id")
	for i, id := range ids {
		ids[i] = l.name(id)
	}
	return strings.Join(ids, " ")
}

// passedOver writes passed_over as "b:away c:in_break".
func (l *lab) passedOver(t *testing.T, got answer) string {
	t.Helper()
	var list []string
	for _, p := range got.at(t, "decision.passed_over").([]any) {
		list = append(list, l.name(column([]any{p}, "agent")[0])+":"+column([]any{p}, "reason")[0])
	}
	return strings.Join(list, " ")
}

func (l *lab) wantPassedOver(t *testing.T, got answer, want string) {
	t.Helper()
	if passed := l.passedOver(t, got); passed != want {
		t.Fatalf("%s: passed over were %q, want %q", got.call, passed, want)
	}
}

// The issue names these cases; none may be lost when the table is edited.
func TestConformanceNames(t *testing.T) {
	var got []string
	for _, k := range conformance {
		got = append(got, k.id)
	}
	want := strings.Fields("K1 K4 K5 K7 K8 K9 K10 K13 K14 K15 K18 K21 K26 K27 K35 K36 K105 K106 K107 K109")
	if !slices.Equal(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
}
