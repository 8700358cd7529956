package templates

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/lint"
)

// wanted are the templates that the product promises.
var wanted = []string{
	"round-robin", "round-robin-online", "least-open", "by-shift", "office-hours", "by-language", "language-teams", "by-region", "by-source",
	"vip", "new-and-returning", "dedicated-agent", "agent-from-field", "tag-team", "qualified-leads", "form-leads", "unassign-after-close",
	"prompt-transfer", "next-shift", "escalate",
}

// fitting is what stands for each parameter in the state of newState.
var fitting = map[string]string{
	"team": "sales", "to": "vip", "new": "sales", "returning": "vip", "agent": "ana", "inbox": "wa", "schedule": "office", "shift": "day",
	"seconds": "60", "tag": "gold", "field": "owner", "form": "landing", "message": "{{agent.name}} is with you", "priority": "2", "fewer_than": "5",
	"languages": "de=sales, fr=vip", "regions": "US-TX=sales,US-NY=vip", "sources": "ads=sales,news=vip",
}

func newState(t *testing.T) *fsm.State {
	s := fsm.NewState()
	for i, c := range []fsm.Command{
		fsm.BeginTerm{Node: "n1", Term: 1, Semantics: fsm.Semantics, ClusterID: "test"},
		fsm.PutAgent{ID: "ana", Name: "Ana", Languages: []string{"de"}, Regions: []string{"US-TX"}},
		fsm.PutAgent{ID: "ben", Name: "Ben", Languages: []string{"fr"}},
		fsm.PutTeam{ID: "sales", Name: "Sales", Members: team("ana", "ben")},
		fsm.PutTeam{ID: "vip", Name: "VIP", Members: team("ana")},
		fsm.PutInbox{ID: "wa", Name: "WhatsApp", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: "sales"}},
	} {
		it := fsm.NewItem(c, "system:test", "", fsm.Key{Source: fsm.KeyMinted, Text: fmt.Sprint(i)})
		it.NotAfterMs = 60_000
		outcomes, err := s.Apply(s.Index+1, fsm.Entry{Format: fsm.EntryFormat, MinSemantics: 1, TimeMs: 1000, Items: []fsm.Item{it}})
		if err != nil || outcomes[0].Rejection != nil {
			t.Fatalf("%+v: %v, %+v", c, err, outcomes)
		}
	}
	return s
}

// office is a schedule on which ana is on shift at all times.
func office(s *fsm.State) lint.World {
	ana, _ := s.Agents.ByID("ana")
	all := lint.Span{FromMs: 1000, ToMs: time.Hour.Milliseconds()}
	row := lint.Schedule{Zone: time.UTC, Name: "UTC", Open: all, Hours: []lint.Span{all},
		Shifts: []lint.Shift{{Name: "day", Agents: []fsm.AgentHandle{ana.Handle}, Hours: []lint.Span{all}}}}
	return lint.World{Schedule: func(id fsm.ScheduleID) (lint.Schedule, bool) { return row, id == "office" }}
}

// Every template gives a rule without faults where its set-up fits, with and without
// what is optional, and leaves no place unfilled.
func TestTemplatesAreRight(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	s := newState(t)
	source := regexp.MustCompile(`^S[1-5]\.[1-9][0-9]?$`)
	var names []string
	for _, template := range all {
		names = append(names, template.Name)
		if template.Title == "" || !strings.HasSuffix(template.Sentence, ".") || len(template.Sources) == 0 {
			t.Errorf("%s does not say what it is: %+v", template.Name, template)
		}
		for _, id := range template.Sources {
			if !source.MatchString(id) {
				t.Errorf("%s: %q is no requirement", template.Name, id)
			}
		}
		for _, optional := range []bool{true, false} {
			values := map[string]string{}
			for _, p := range template.Parameters {
				if p.About == "" || p.Default != "" && p.Optional {
					t.Errorf("%s: parameter %+v", template.Name, p)
				}
				if optional || p.Required() {
					values[p.Name] = fitting[p.Name]
				}
			}
			filled, faults, err := template.Fill(values)
			if err != nil || len(faults) > 0 {
				t.Fatalf("%s: %v, %+v", template.Name, err, faults)
			}
			if found := lint.Rule(s, "new", filled.RuleBody, office(s)); len(found) > 0 {
				t.Errorf("%s: %+v", template.Name, found)
			}
			if err := (fsm.PutRule{ID: "new", Name: template.Title, RuleBody: filled.RuleBody}).Check(); err != nil {
				t.Errorf("%s is refused: %v", template.Name, err)
			}
			text, _ := json.Marshal(filled.Document)
			if strings.Contains(string(text), "$") || filled.Document["name"] != template.Title || len(filled.Steps) == 0 {
				t.Errorf("%s: %s", template.Name, text)
			}
			if !check(template, filled) {
				t.Errorf("%s uses no parameter %v in %s", template.Name, values, text)
			}
		}
	}
	if !slices.Equal(names, wanted) {
		t.Errorf("there are %q", names)
	}
}

// check says whether the rule names the team of the template, if it has one.
func check(template Template, filled Filled) bool {
	text, _ := json.Marshal(filled.Document)
	return !slices.ContainsFunc(template.Parameters, func(p Parameter) bool {
		return p.Required() && p.Kind != KindTeams && !strings.Contains(string(text), fitting[p.Name])
	})
}

func fill(t *testing.T, name string, values map[string]string) (Filled, []Fault) {
	t.Helper()
	template, ok, err := Named(name)
	if err != nil || !ok {
		t.Fatalf("%s: %v, %v", name, ok, err)
	}
	filled, faults, err := template.Fill(values)
	if err != nil {
		t.Fatal(err)
	}
	return filled, faults
}

func TestFill(t *testing.T) {
	filled, _ := fill(t, "language-teams", map[string]string{"languages": "de=a,fr = b", "team": "c"})
	text, _ := json.Marshal(filled.Document["steps"])
	const want = `[{"branch":{"if":{"field":"contact.language","op":"is","value":"de"},"then":[{"assign":{"team":"a"}}]}},` +
		`{"branch":{"if":{"field":"contact.language","op":"is","value":"fr"},"then":[{"assign":{"team":"b"}}]}},` +
		`{"branch":{"if":{"not":{"field":"contact.language","op":"in","values":["de","fr"]}},"then":[{"assign":{"team":"c"}}]}}]`
	if string(text) != want {
		t.Errorf("filled in %s", text)
	}
	if filled, _ := fill(t, "vip", map[string]string{"team": "a"}); filled.Steps[0].SetPriority.Priority != 3 || filled.On.Inbox != "" {
		t.Errorf("defaults: %+v", filled.Document)
	}
}

// A step that is about something is left out where that is.
func TestStepWithout(t *testing.T) {
	for message, want := range map[string]int{"": 1, "{{agent.name}} is with you": 2} {
		if filled, faults := fill(t, "round-robin-online", map[string]string{"team": "a", "message": message}); len(faults) > 0 || len(filled.Steps) != want {
			t.Errorf("%q: %v, %+v", message, faults, filled.Document)
		}
	}
}

func TestFaults(t *testing.T) {
	many := strings.Repeat("k%d=a,", MaxPairs) + "z=a"
	for i := range MaxPairs {
		many = strings.Replace(many, "%d", fmt.Sprint(i), 1)
	}
	for _, test := range []struct {
		name   string
		values map[string]string
		want   string
	}{
		{"vip", nil, "team required"},
		{"vip", map[string]string{"team": "a b"}, "team characters"},
		{"vip", map[string]string{"team": strings.Repeat("a", fsm.MaxIDBytes+1)}, "team characters"},
		{"vip", map[string]string{"team": "a", "color": "red"}, "color unknown_parameter"},
		{"vip", map[string]string{"team": "a", "priority": "high"}, "priority out_of_range"},
		{"vip", map[string]string{"team": "a", "priority": fmt.Sprint(fsm.MaxPriority + 1)}, "priority out_of_range"},
		{"least-open", map[string]string{"team": "a", "fewer_than": fmt.Sprint(MaxNumber + 1)}, "fewer_than out_of_range"},
		{"prompt-transfer", map[string]string{"team": "a", "seconds": "0"}, "seconds out_of_range"},
		{"prompt-transfer", map[string]string{"team": "a", "seconds": fmt.Sprint(fsm.MaxSeconds + 1)}, "seconds out_of_range"},
		{"round-robin", map[string]string{"team": "a", "message": strings.Repeat("a", MaxValueBytes+1)}, "message too_long"},
		{"by-region", map[string]string{"team": "a", "regions": "x"}, "regions format"},
		{"by-region", map[string]string{"team": "a", "regions": "x=a,=b"}, "regions format"},
		{"by-region", map[string]string{"team": "a", "regions": "x=a,x=b"}, "regions duplicate"},
		{"by-region", map[string]string{"team": "a", "regions": many}, "regions too_many"},
	} {
		_, faults := fill(t, test.name, test.values)
		if len(faults) != 1 || faults[0].Parameter+" "+faults[0].Code != test.want || faults[0].Detail == "" {
			t.Errorf("%s with %v: %+v, not %s", test.name, test.values, faults, test.want)
		}
	}
	if _, faults := fill(t, "by-region", map[string]string{"team": "a", "regions": strings.TrimSuffix(many, ",z=a")}); len(faults) > 0 {
		t.Errorf("at the limit: %+v", faults)
	}
}

func TestParse(t *testing.T) {
	for _, text := range []string{"name: a\ncolor: red\n", "name: a\nparameters: [{name: x, kind: thing}]\n"} {
		if _, err := parse(text); err == nil {
			t.Errorf("read %q", text)
		}
	}
	if _, ok, err := Named("nothing"); ok || err != nil {
		t.Errorf("nothing: %v, %v", ok, err)
	}
	if names, err := Parameters(); err != nil || !slices.Contains(names, "team") || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("parameters: %v, %v", names, err)
	}
}

// team are members of a team.
func team(ids ...fsm.AgentID) (list []fsm.TeamMember) {
	for _, id := range ids {
		list = append(list, fsm.TeamMember{Agent: id})
	}
	return list
}
