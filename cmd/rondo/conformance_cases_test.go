package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// By name, not by id or position: the names of the worked example, listed backwards.
func alphabeticalRing(t *testing.T, l *lab) {
	for id, name := range map[string]string{"a-uk": "Salesmsg UK Team", "z-chris": "Chris Brisson", "m-mallory": "Mallory P"} {
		l.next().do(t, "PUT", "/v1/agents/"+l.prefix+id, `{"name":"`+name+`"}`).want(t, http.StatusCreated, `{"name":"`+name+`"}`)
		l.presence(t, id, "available")
	}
	l.team(t, "a-uk m-mallory z-chris", "")
	l.turns(t, "z-chris m-mallory a-uk z-chris")
}

// four is a ring A, B, C, D in the order of the list.
func (l *lab) four(t *testing.T, fallback string) {
	t.Helper()
	l.agents(t, "a b c d")
	l.team(t, "a b c d", `"order":"list"`+fallback)
}

func backFromAway(t *testing.T, l *lab) {
	l.four(t, "")
	l.turns(t, "a")
	l.presence(t, "b", "away")
	l.wantPassedOver(t, l.turns(t, "c"), "b:away")
	l.turns(t, "d")
	l.presence(t, "b", "available")
	l.turns(t, "a b")
}

func joinsTheRing(t *testing.T, l *lab) {
	l.agents(t, "a b c d")
	l.team(t, "a c d", "")
	l.turns(t, "a c")
	l.next().do(t, "PUT", "/v1/teams/"+l.prefix+"team/members/"+l.prefix+"b", "").want(t, http.StatusCreated, `{"id":"`+l.prefix+`team"}`)
	l.turns(t, "d a b c")
}

func allAvailable(t *testing.T, l *lab) {
	l.four(t, "")
	l.turns(t, "a b c d a")
}

func twoOfFour(t *testing.T, l *lab) {
	l.four(t, "")
	l.presence(t, "a", "unavailable")
	l.presence(t, "c", "in_break")
	l.wantPassedOver(t, l.turns(t, "b d"), "c:in_break")
	l.wantPassedOver(t, l.turns(t, "b"), "a:unavailable")
	l.turns(t, "d")
}

func leavesAfterServed(t *testing.T, l *lab) {
	l.four(t, "")
	l.presence(t, "a", "away")
	l.turns(t, "b")
	l.presence(t, "b", "unavailable")
	l.presence(t, "c", "in_break")
	l.turns(t, "d")
	l.read(t, "c1").want(t, http.StatusOK, `{"assignee":"`+l.prefix+`b","assignment":{"state":"assigned"}}`)
}

func nobodyButTheAdmin(t *testing.T, l *lab) {
	l.agents(t, "admin=away")
	l.four(t, `,"fallback":{"to":"agent","agent":"$admin"}`)
	l.turns(t, "a")
	for _, agent := range []string{"a", "b", "c", "d"} {
		l.presence(t, agent, "unavailable")
	}
	got := l.turns(t, "admin").want(t, http.StatusCreated, fmt.Sprintf(
		`{"decision":{"kind":"fallback","cursor_before":"%[1]sa","cursor_after":"%[1]sa","consumed_turn":false,"notes":["assignee_absent"]},
		"warnings":[{"code":"assignee_absent","detail":"<any>"}]}`, l.prefix))
	l.wantPassedOver(t, got, "b:unavailable c:unavailable d:unavailable a:unavailable")
	l.presence(t, "b", "available")
	l.turns(t, "b").want(t, http.StatusCreated, fmt.Sprintf(`{"decision":{"kind":"rotation","cursor_before":"%sa"}}`, l.prefix))
}

func anyone(t *testing.T, l *lab) {
	l.agents(t, "a=away b=away c=away admin")
	l.team(t, "a b c", `"assign_to":"anyone","fallback":{"to":"agent","agent":"$admin"}`)
	l.turns(t, "a b c a").want(t, http.StatusCreated, `{"decision":{"kind":"rotation","consumed_turn":true,"passed_over":[],"notes":["assignee_absent"]},
		"warnings":[{"code":"assignee_absent","detail":"<any>"}]}`)
}

func reassigned(t *testing.T, l *lab) {
	l.agents(t, "a b")
	l.team(t, "a b", "")
	l.turns(t, "a")
	l.next().do(t, "PUT", l.conversation("c1")+"/assignee", `{"agent":"`+l.prefix+`b"}`).want(t, http.StatusOK,
		fmt.Sprintf(`{"conversation":{"assignee":"%[1]sb"},"decision":{"kind":"manual","previous_assignee":"%[1]sa","assignee":"%[1]sb","consumed_turn":false}}`, l.prefix))
	l.read(t, "c1").want(t, http.StatusOK, `{"assignee":"`+l.prefix+`b"}`)
	if a := l.next().all(t, "/v1/conversations?assignee="+l.prefix+"a"); len(a) != 0 {
		t.Errorf("A still has %v", column(a, "id"))
	}
	l.turns(t, "b") // no turn was taken by hand
}

func unassignedHolds(t *testing.T, l *lab) {
	l.agents(t, "a b")
	l.team(t, "a b", "")
	l.turns(t, "a")
	l.next().do(t, "DELETE", l.conversation("c1")+"/assignee", "").want(t, http.StatusOK,
		`{"conversation":{"assignee":null,"assignment":{"state":"held","reason":"unassigned"}},"decision":{"kind":"unassign","assignee":null}}`)
	// Whatever makes others assign leaves it alone: an arrival, and somebody who comes.
	l.turns(t, "b")
	l.presence(t, "a", "away")
	l.presence(t, "a", "available")
	l.read(t, "c1").want(t, http.StatusOK, `{"assignee":null,"assignment":{"state":"held"}}`)
	held := column(l.next().all(t, "/v1/conversations?team="+l.prefix+"team&state=held"), "id")
	if !slices.Equal(held, []string{l.prefix + "c1"}) {
		t.Errorf("held are %v, want c1", held)
	}
	l.next().do(t, "POST", l.conversation("c1")+"/requeue", "{}").want(t, http.StatusOK,
		`{"conversation":{"assignee":"`+l.prefix+`a"},"decision":{"kind":"rotation"}}`)
}

func twoClaims(t *testing.T, l *lab) {
	l.agents(t, "a=away b=away")
	l.team(t, "a b", `"fallback":{"to":"team_inbox"}`)
	l.turns(t, "-").want(t, http.StatusCreated, `{"conversation":{"assignment":{"state":"manual","reason":"fallback"}}}`)
	nodes, names := []node{l.next(), l.next()}, []string{"a", "b"}
	answers := make([]answer, 2)
	together(2, func(i int) {
		answers[i] = nodes[i].do(t, "POST", l.conversation("c1")+"/claim", `{"agent":"`+l.prefix+names[i]+`"}`)
	})
	won, lost := 0, 1
	if answers[0].status != http.StatusOK {
		won, lost = 1, 0
	}
	winner := l.prefix + names[won]
	answers[won].want(t, http.StatusOK, `{"conversation":{"assignee":"`+winner+`"},"decision":{"kind":"claim","assignee":"`+winner+`"}}`)
	answers[lost].want(t, http.StatusConflict, fmt.Sprintf(`{"code":"already_assigned","assignee":%q,"decision":%q}`, winner, answers[won].text(t, "decision.id")))
	l.wantHanded(t, "c1:"+names[won])
}

func nobodyAllowed(t *testing.T, l *lab) {
	l.agents(t, "a b")
	l.team(t, "a b", "")
	l.turns(t, "a")
	l.presence(t, "a", "away")
	l.presence(t, "b", "in_break")
	got := l.turns(t, "-").want(t, http.StatusCreated,
		`{"conversation":{"assignment":{"state":"waiting","reason":"no_one_available"}},"decision":{"kind":"waiting","assignee":null,"consumed_turn":false}}`)
	l.wantPassedOver(t, got, "b:in_break a:away")
	if at := l.cursor(t); at != "a" {
		t.Errorf("the cursor is at %q, want it where it was, at a", at)
	}
	l.wantHanded(t, "c1:a")
}

func noMembers(t *testing.T, l *lab) {
	l.team(t, "", "")
	l.turns(t, "-").want(t, http.StatusCreated,
		`{"conversation":{"assignment":{"state":"waiting","reason":"no_members"}},"decision":{"kind":"waiting","passed_over":[]}}`)
}

func oneCandidate(t *testing.T, l *lab) {
	l.team(t, "", "")
	l.turns(t, "-")
	l.agents(t, "a")
	l.putTeam(t, "a", "").want(t, http.StatusOK, `{"id":"`+l.prefix+`team"}`)
	l.wantHanded(t, "c1:a")
	l.turns(t, "a a")
}

func closedIsNotAssigned(t *testing.T, l *lab) {
	l.agents(t, "a=away")
	l.team(t, "a", "")
	l.turns(t, "- -")
	l.next().do(t, "POST", l.conversation("c1")+"/close", "{}").want(t, http.StatusOK,
		`{"conversation":{"status":"closed","assignee":null,"assignment":{"state":null}},"decision":null}`)
	l.presence(t, "a", "available")
	l.wantHanded(t, "c2:a")
	l.read(t, "c1").want(t, http.StatusOK, `{"status":"closed","assignee":null}`)
	l.next().do(t, "POST", l.conversation("c1")+"/claim", `{"agent":"`+l.prefix+`a"}`).
		want(t, http.StatusConflict, `{"code":"conversation_closed"}`)
}

func assigneeIsKept(t *testing.T, l *lab) {
	l.agents(t, "a b=away")
	l.team(t, "a b", "")
	l.turns(t, "a a")
	l.presence(t, "a", "unavailable")
	l.presence(t, "b", "available")
	l.turns(t, "b")
	l.putTeam(t, "b", "").want(t, http.StatusOK, `{"id":"`+l.prefix+`team"}`)
	l.wantHanded(t, "c1:a c2:a c3:b")
	for _, id := range []string{"c1", "c2"} {
		l.read(t, id).want(t, http.StatusOK, `{"assignee":"`+l.prefix+`a"}`)
	}
}

func waitingIsNotOvertaken(t *testing.T, l *lab) {
	l.agents(t, "a=away b=away c=away")
	l.team(t, "a b c", `"drain_burst":1,"drain_interval_seconds":3600`)
	l.turns(t, "- -")
	l.presence(t, "a", "available")
	l.wantHanded(t, "c1:a")
	// Her allowance is used up and c2 still waits, so the newcomer waits behind it.
	l.wantPassedOver(t, l.turns(t, "-"), "b:away c:away a:drain_allowance")
	if ids := l.waiting(t); ids != "c2 c3" {
		t.Fatalf("%q wait, want c2 and then c3", ids)
	}
	l.presence(t, "b", "available")
	l.presence(t, "c", "available")
	l.wantHanded(t, "c1:a c2:b c3:c")
	l.turns(t, "a") // with nothing waiting, the next goes straight through
}

func (l *lab) stillWaiting(t *testing.T) error {
	if ids := l.waiting(t); ids != "" {
		return errorText(ids + " wait")
	}
	return nil
}

const (
	backlog       = 14
	drainBurst    = 3
	drainInterval = time.Second
)

func drained(t *testing.T, l *lab) {
	l.agents(t, "a=away b=away helper=away")
	l.team(t, "a b", fmt.Sprintf(`"drain_burst":%d,"drain_interval_seconds":%d`, drainBurst, int(drainInterval.Seconds())))
	l.turns(t, strings.TrimSpace(strings.Repeat("- ", backlog)))
	l.presence(t, "a", "available")
	if handed := strings.Join(l.handed(t)[:drainBurst], " "); handed != "c1:a c2:a c3:a" {
		t.Fatalf("the first to come got %q, want the oldest three", handed)
	}
	// What waits may be claimed, and is then not handed out again.
	l.next().do(t, "POST", l.conversation("c14")+"/claim", `{"agent":"`+l.prefix+`helper"}`).want(t, http.StatusOK, `{"decision":{"kind":"claim"}}`)
	l.presence(t, "b", "available")
	eventually(t, "the queue is empty", func() error { return l.stillWaiting(t) })

	var order []string
	given := map[string][]time.Time{}
	for _, d := range l.decisions(t) {
		fields := column([]any{d}, "assignee")
		if column([]any{d}, "kind")[0] != "rotation" {
			continue
		}
		at, err := time.Parse(time.RFC3339, column([]any{d}, "at")[0])
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, l.name(column([]any{d}, "conversation")[0]))
		given[l.name(fields[0])] = append(given[l.name(fields[0])], at)
	}
	for i, id := range order {
		if want := fmt.Sprintf("c%d", i+1); id != want {
			t.Fatalf("handed out as %v, want the oldest first, %s where %s is", order, want, id)
		}
	}
	if len(order) != backlog-1 {
		t.Errorf("%d were handed out, want all but the claimed one, %d", len(order), backlog-1)
	}
	for agent, times := range given {
		wantAllowance(t, agent, times)
	}
	l.read(t, "c14").want(t, http.StatusOK, `{"assignee":"`+l.prefix+`helper"}`)
}

// wantAllowance checks, in the cluster's own time, that an agent got her burst at
// once and after that one in each interval.
func wantAllowance(t *testing.T, agent string, times []time.Time) {
	t.Helper()
	if len(times) <= drainBurst {
		t.Fatalf("%s got %d, want her burst of %d and some more", agent, len(times), drainBurst)
	}
	for i, at := range times {
		switch {
		case i < drainBurst && !at.Equal(times[0]):
			t.Errorf("%s got number %d of her burst at %v, want at once, at %v", agent, i+1, at, times[0])
		case i >= drainBurst && at.Sub(times[0]) < time.Duration(i-drainBurst+1)*drainInterval:
			t.Errorf("%s got number %d after %v, want %v between any two", agent, i+1, at.Sub(times[0]), drainInterval)
		}
	}
}

func sameCreateLater(t *testing.T, l *lab) {
	l.agents(t, "a b")
	l.team(t, "a b", "")
	body := fmt.Sprintf(`{"id":"%[1]sx","inbox":"%[1]sinbox","contact":"%[1]scontact","attributes":{"plan":"gold"}}`, l.prefix)
	key := "Idempotency-Key: " + l.prefix + "key"
	first := l.next().do(t, "POST", "/v1/conversations", body, key).want(t, http.StatusCreated, `{"conversation":{"assignee":"`+l.prefix+`a"}}`)
	if first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("the first call says it is a replay")
	}
	l.next().do(t, "PUT", l.conversation("x")+"/assignee", `{"agent":"`+l.prefix+`b"}`).want(t, http.StatusOK, `{"decision":{"kind":"manual"}}`)
	now := fmt.Sprintf(`{"conversation":{"assignee":"%[1]sb"},"decision":{"id":%[2]q,"kind":"rotation","assignee":"%[1]sa"}}`, l.prefix, first.text(t, "decision.id"))

	l.next().do(t, "POST", "/v1/conversations", body).want(t, http.StatusOK, now)
	again := l.next().do(t, "POST", "/v1/conversations", body, key).want(t, http.StatusCreated, now)
	if again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("Idempotency-Replayed is %q, want true", again.header.Get("Idempotency-Replayed"))
	}
	other := strings.Replace(body, "gold", "silver", 1)
	l.next().do(t, "POST", "/v1/conversations", other).want(t, http.StatusConflict, `{"code":"id_taken","differs":["attributes"]}`)
	l.next().do(t, "POST", "/v1/conversations", other, key).want(t, http.StatusUnprocessableEntity, `{"code":"idempotency_key_reused"}`)
	l.turns(t, "b") // one turn was taken by all that
}

func fiveMessagesAtOnce(t *testing.T, l *lab) {
	l.agents(t, "a b")
	l.team(t, "a b", "")
	answers := make([]answer, 5)
	together(5, func(i int) {
		answers[i] = l.cluster.at(i).do(t, "POST", "/v1/inboxes/"+l.prefix+"inbox/messages",
			fmt.Sprintf(`{"id":"%sM%d","direction":"inbound","from":{"address":"+15550999"}}`, l.prefix, i))
	})
	opened := 0
	for _, got := range answers {
		if got.at(t, "opened") == true {
			opened++
			got.want(t, http.StatusCreated, `{"decision":{"kind":"rotation","assignee":"`+l.prefix+`a"}}`)
		} else {
			got.want(t, http.StatusOK, `{"opened":false,"decision":null}`)
		}
		if id := got.text(t, "conversation.id"); id != answers[0].text(t, "conversation.id") {
			t.Errorf("%s went into conversation %s, want %s", got.call, id, answers[0].text(t, "conversation.id"))
		}
	}
	if opened != 1 || len(l.decisions(t)) != 1 {
		t.Errorf("%d of five messages opened a conversation, with %d decisions; want one and one", opened, len(l.decisions(t)))
	}
	l.turns(t, "b")
}
