package lint

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A lab is a state with teams, and rules in force, that a rule is judged by.
type lab struct {
	t      *testing.T
	state  *fsm.State
	world  World
	minted int
}

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) // a Saturday

// newLab returns a state with ana (de, support) and ben (en) in team sales, cleo in
// team vip, dora, who is not onboarded, in team night, nobody in team empty, and the
// inboxes wa (rotation to sales), mail (manual, of vip) and vault (only ana may see
// it, rotation to sales).
func newLab(t *testing.T) *lab {
	l := &lab{t: t, state: fsm.NewState()}
	l.apply(fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, ClusterID: "test"})
	off := false
	for _, c := range []fsm.Command{
		fsm.PutAgent{ID: "ana", Name: "Ana", Languages: []string{"de"}, Skills: []string{"support"}},
		fsm.PutAgent{ID: "ben", Name: "Ben", Languages: []string{"en"}},
		fsm.PutAgent{ID: "cleo", Name: "Cleo", Role: "supervisor"},
		fsm.PutAgent{ID: "dora", Name: "Dora", Onboarded: &off},
		fsm.PutTeam{ID: "sales", Name: "Sales", Members: team("ana", "ben")},
		fsm.PutTeam{ID: "vip", Name: "VIP", Members: team("cleo")},
		fsm.PutTeam{ID: "night", Name: "Night", Members: team("dora")},
		fsm.PutTeam{ID: "empty", Name: "Empty"},
		fsm.PutInbox{ID: "wa", Name: "WhatsApp", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "sales"}},
		fsm.PutInbox{ID: "mail", Name: "Mail", Assignment: fsm.InboxAssignment{Mode: "manual", Team: "vip"}},
		fsm.PutInbox{ID: "vault", Name: "Vault", Access: entries("ana"), Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "sales"}},
	} {
		l.apply(c)
	}
	return l
}

func entries(ids ...fsm.AgentID) (list []fsm.RosterEntry) {
	for _, id := range ids {
		list = append(list, fsm.RosterEntry{Agent: id})
	}
	return list
}

func (l *lab) apply(c fsm.Command) {
	l.t.Helper()
	l.minted++
	it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(l.minted)})
	now := start.UnixMilli()
	it.NotAfterMs = now + 60_000
	outcomes, err := l.state.Apply(l.state.Index+1, fsm.Entry{Format: fsm.EntryFormat, MinSemantics: 1, TimeMs: now, Items: []fsm.Item{it}})
	if err != nil || outcomes[0].Rejection != nil {
		l.t.Fatalf("%+v: %v, %+v", c, err, outcomes)
	}
}

func body(t *testing.T, text string) (b fsm.RuleBody) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return b
}

// publish puts a rule in force behind all others, as publishing does.
func (l *lab) publish(id fsm.RuleID, text string) {
	b := body(l.t, text)
	l.put(id, fsm.Rule{State: fsm.RulePublished, Draft: b, Live: &b, Edition: 1})
}

func (l *lab) draft(id fsm.RuleID, text string) {
	l.put(id, fsm.Rule{Draft: body(l.t, text)})
}

func (l *lab) put(id fsm.RuleID, row fsm.Rule) {
	l.minted++
	row.ID, row.Name, row.Handle, row.Place = id, strings.ToUpper(string(id)), fsm.RuleHandle(l.minted), uint32(l.minted)
	l.state.Rules.Put(row)
}

// told returns what is found about a rule, each as "severity code pointer".
func (l *lab) told(id fsm.RuleID, text string) (list []string) {
	for _, f := range Rule(l.state, id, body(l.t, text), l.world) {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Pointer)))
	}
	return list
}

// judge checks that exactly the findings that are wanted are found.
func (l *lab) judge(text string, want ...string) {
	l.t.Helper()
	if got := l.told("new", text); strings.Join(got, "\n") != strings.Join(want, "\n") {
		l.t.Errorf("of %s\nfound %q\nnot   %q", text, got, want)
	}
}

// opened is a rule on opening with these steps.
func opened(steps string) string {
	return `{"on":{"on":"conversation_opened"},"steps":[` + steps + `]}`
}

func when(condition string) string {
	return `{"on":{"on":"conversation_opened"},"when":` + condition + `,"steps":[{"set_priority":{"priority":2}}]}`
}

func assign(team string) string { return `{"assign":{"team":"` + team + `"}}` }

// team are members of a team.
func team(ids ...fsm.AgentID) (list []fsm.TeamMember) {
	for _, id := range ids {
		list = append(list, fsm.TeamMember{Agent: id})
	}
	return list
}
