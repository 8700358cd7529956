package manifest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const desk = `# a small desk
inboxes:
  sms: {name: SMS, channel: {kind: sms, address: "+1"}, access: [{group: night}], assignment: {mode: rotation, team: sales}}
teams:
  sales:
    members: [{agent: ana}, {group: night}]
    rotation:
      order: list
      fallback: {to: team, team: backup, after_seconds: 60, then: {to: agent, agent: ana}}
  backup: {members: [{agent: ben}]}
groups:
  night: {members: [{agent: ben}]}
agents:
  ana: {name: Ana, languages: [es], fields: {seat: "7"}}
  ben: {name: Ben}
contacts:
  p1: {name: Ann, addresses: ["+2"], owner: ana}
`

// What others name goes first, and nothing is sent twice.
func TestApplyInOrderAndOnce(t *testing.T) {
	f, run := start(t)
	out, err := run(desk, "apply", "-f", "-", "--dry-run")
	if !errors.Is(err, cli.ErrChanges) || len(f.writes) != 0 || !strings.Contains(out, "7 would be created, 0 changed, 0 deleted; 0 unchanged.") {
		t.Fatalf("dry run: %v %v\n%s", err, f.writes, out)
	}
	out, err = run(desk, "apply", "-f", "-")
	want := []string{"PUT /v1/agents/ana", "PUT /v1/agents/ben", "PUT /v1/groups/night", "PUT /v1/teams/backup", "PUT /v1/teams/sales", "PUT /v1/inboxes/sms", "PUT /v1/contacts/p1"}
	if err != nil || !slices.Equal(f.writes, want) {
		t.Fatalf("%v\n%v\nwant %v\n%s", err, f.writes, want, out)
	}
	if !strings.Contains(out, "+ team sales created\n    name: sales\n    members: ana, group:night\n    rotation.order: list\n    rotation.fallback: team:backup@60>agent:ana\n") {
		t.Errorf("shows\n%s", out)
	}
	for _, args := range [][]string{{"apply", "-f", "-"}, {"apply", "-f", "-", "--dry-run"}} {
		if out, err := run(desk, args...); err != nil || len(f.writes) != 0 || out != "Nothing to do: 7 unchanged.\n" {
			t.Errorf("%v again: %v %v\n%s", args, err, f.writes, out)
		}
	}
}

// Fields that a file does not name stay; null brings the default back.
func TestApplyChangesOnlyWhatIsNamed(t *testing.T) {
	f, run := start(t)
	if _, err := run(desk, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	out, err := run("teams: {sales: {rotation: {order: null, per: inbox}}}", "apply", "-f", "-")
	want := "~ team sales changed\n    rotation.order: list -> name\n    rotation.per: team -> inbox\n0 created, 1 changed, 0 deleted; 0 unchanged.\n"
	if err != nil || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	sales := f.things["/v1/teams/sales"]
	if cli.Text(sales["members"]) != "ana, group:night" || cli.Text(sales["rotation"]) != "fallback=after_seconds=60 team=backup then=agent=ana to=agent to=team per=inbox" {
		t.Errorf("became %v", sales)
	}
}

func TestPrune(t *testing.T) {
	f, run := start(t)
	if _, err := run(desk, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	out, err := run("agents: {ana: {}}\nteams: {}\ncontacts:\n", "apply", "-f", "-", "--prune", "--conversations", "keep")
	want := []string{"DELETE /v1/teams/backup", "DELETE /v1/teams/sales", "DELETE /v1/agents/ben?conversations=keep"}
	if err != nil || !slices.Equal(f.writes, want) || !strings.Contains(out, "contacts are not pruned") {
		t.Errorf("%v\n%v\nwant %v\n%s", err, f.writes, want, out)
	}
	if _, ok := f.things["/v1/inboxes/sms"]; !ok {
		t.Error("a noun without a section was pruned")
	}
}

func TestExportComesBack(t *testing.T) {
	f, run := start(t)
	if _, err := run(desk, "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	file, err := run("", "export", "--nouns", "agents,groups,teams,inboxes,contacts")
	if err != nil || !strings.Contains(file, "\n      fallback: {to: team, team: backup, after_seconds: 60, then: {to: agent, agent: ana}}\n") {
		t.Fatalf("%v\n%s", err, file)
	}
	if out, err := run(file, "apply", "-f", "-", "--dry-run", "--prune"); err != nil || !strings.HasSuffix(out, "Nothing to do: 7 unchanged.\n") {
		t.Errorf("%v\n%s", err, out)
	}
	f.things["/v1/contacts/stranger"] = cli.Doc{"id": "stranger", "known": false}
	for match, want := range map[string]string{"p*": "p1", "stranger": "contacts: {}"} {
		some, err := run("", "export", "--nouns", "contacts", "--match", match)
		if err != nil || !strings.Contains(some, want) || strings.Contains(some, "stranger") {
			t.Errorf("like %s: %v\n%s", match, err, some)
		}
	}
	delete(f.things, "/v1/contacts/stranger")
	before := f.paths()
	f.things = map[string]cli.Doc{}
	if out, err := run(file, "apply", "-f", "-"); err != nil || !slices.Equal(f.paths(), before) {
		t.Errorf("into nothing: %v\n%s", err, out)
	}
}

// A failure in the middle says how far it came.
func TestFailureInTheMiddle(t *testing.T) {
	f, run := start(t)
	f.refuse["/v1/teams/backup"] = "team_full"
	out, err := run(desk, "apply", "-f", "-")
	if err == nil || len(f.writes) != 4 || !strings.Contains(out, "+ group night created") {
		t.Fatalf("%v %v\n%s", err, f.writes, out)
	}
	says := cli.Explain(err)
	for _, want := range []string{"3 of 7 done. Not done: create team backup (-:10): Refused: so it is", "Nor was done: create team sales, create inbox sms, create contact p1.", "Mend it and repeat"} {
		if !strings.Contains(says, want) {
			t.Errorf("says %q, without %q", says, want)
		}
	}
	if code, _ := cli.ExitCode(err); code != cli.ExitRefused {
		t.Errorf("code %d", code)
	}
	delete(f.refuse, "/v1/teams/backup")
	if _, err := run(desk, "apply", "-f", "-"); err != nil || len(f.writes) != 4 {
		t.Errorf("again: %v %v", err, f.writes)
	}
}

// What is wrong with a file is said at its line, all of it, and nothing is sent.
func TestSlipsAreNamedByLine(t *testing.T) {
	_, run := start(t)
	for file, says := range map[string]string{
		"agent: {}":                                    `-:1: there is no section "agent"`,
		"- a":                                          "-:1: begin with a section",
		"teams: [a]":                                   "-:1: teams must hold ids",
		"teams:\n  a: b":                               "-:2: team a must hold fields",
		"teams:\n  a: {}\n  b: {}\n  a: {}":            "-:4: team a stands in -:2 already",
		"teams: {a: {}}\n---\nteams: {a: {}}":          "-:3: team a stands in -:1 already",
		"agents:\n  a:\n    nmae: A":                   "-:3: agent a: nmae: there is no such field; did you mean name?",
		"agents:\n  a:\n    seat: A":                   "-:3: agent a: seat: there is no such field; there are name, kind",
		"agents:\n  a:\n    name: 7":                   "-:3: agent a: name: must be text (in quotes",
		"teams:\n  a:\n    rotation:\n      order: up": "-:4: team a: rotation.order: is up: use name, list",
		"teams:\n  a:\n    members:\n    - agent: b\n    - group: g\n    - team: x":                               "-:6: team a: members.2: must be {agent: ID} or {group: ID}",
		"groups:\n  a:\n    members: [{group: g}]":                                                                "-:3: group a: members.0: must be {agent: ID}",
		"teams:\n  a:\n    dwell_seconds: -1":                                                                     "-:3: team a: dwell_seconds: must be a whole number",
		"teams:\n  a:\n    rotation: {fallback: {to: x}}":                                                         "rotation.fallback.to: is x: use wait",
		"teams:\n  a:\n    rotation: {fallback: {to: wait, then: {too: 1}}}":                                      "rotation.fallback.then.too: there is no such field",
		"agents:\n  a: {name: A, name: B}":                                                                        "name stands here twice",
		"agents:\n  a: &x\n    fields: *x":                                                                        "",
		"teams: {a: {rotation: {fallback: {to: team, team: b}}}, b: {rotation: {fallback: {to: team, team: a}}}}": "in a circle: a > b > a",
		"agents: {a: {": "read -: yaml:",
	} {
		out, err := run(file, "apply", "-f", "-")
		code, _ := cli.ExitCode(err)
		if err == nil || code != cli.ExitUsage || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: code %d, %v\n%s\nwant %q", file, code, err, out, says)
		}
	}
	if _, err := run("teams: {a: {b: 1, c: 2}}", "apply", "-f", "-"); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not all slips are named: %v", err)
	}
	if _, err := run("", "apply"); err == nil || !strings.Contains(err.Error(), "name a file with -f") {
		t.Errorf("without a file: %v", err)
	}
}

// A plan for programs.
func TestPlanAsJSON(t *testing.T) {
	_, run := start(t)
	out, err := run("agents: {a: {name: A}}", "apply", "-f", "-", "--dry-run", "-o", "json")
	want := `"act": "create",
      "noun": "agent",
      "id": "a",
      "fields": [
        {
          "pointer": "/name",
          "before": "",
          "after": "A"
        }
      ]`
	if !errors.Is(err, cli.ErrChanges) || !strings.Contains(out, want) {
		t.Errorf("%v\n%s", err, out)
	}
}
