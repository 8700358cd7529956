package manifest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const watched = `teams:
  sales: {unassign_on_close: true, auto_assign: false, held_alert_seconds: 600, assignment_message: "Hello {{contact.name}}"}
inboxes:
  sms: {assignment: {mode: rotation, team: sales, bot: robo, set_owner: first_assignee, reassign: supervisors}}
contacts:
  p1: {name: Ann, tags: [vip], fields: {plan: gold}, language: es, region: EU, blocked: true}
views:
  vips: {name: VIPs, team: sales, filter: "tag=vip&status=open", sort: -activity}
`

// Views come last, since they name others, and all that a team, an inbox and a
// contact may say of conversations stands in files.
func TestViewsInFiles(t *testing.T) {
	f, run := start(t)
	want := []string{"PUT /v1/teams/sales", "PUT /v1/inboxes/sms", "PUT /v1/contacts/p1", "PUT /v1/views/vips"}
	if out, err := run(watched, "apply", "-f", "-"); err != nil || !slices.Equal(f.writes, want) {
		t.Fatalf("%v %v\n%s", err, f.writes, out)
	}
	if out, err := run(watched, "apply", "-f", "-"); err != nil || len(f.writes) != 0 || out != "Nothing to do: 4 unchanged.\n" {
		t.Errorf("again: %v %v\n%s", err, f.writes, out)
	}
	file, err := run("", "export", "--nouns", "teams,inboxes,contacts,views")
	for _, line := range []string{
		"held_alert_seconds: 600\n", "auto_assign: false\n", `assignment_message: Hello {{contact.name}}`, "bot: robo", "set_owner: first_assignee",
		"reassign: supervisors", "blocked: true\n", "filter: tag=vip&status=open\n", "sort: -activity\n",
	} {
		if !strings.Contains(file, line) {
			t.Errorf("%v, no %q in\n%s", err, line, file)
		}
	}
	if out, err := run(file, "apply", "-f", "-", "--prune"); err != nil || len(f.writes) != 0 || !strings.HasSuffix(out, "Nothing to do: 4 unchanged.\n") {
		t.Errorf("the export: %v %v\n%s", err, f.writes, out)
	}
}

// A view of one agent is hers: it is neither exported nor pruned.
func TestPersonalViewsStay(t *testing.T) {
	f, run := start(t)
	f.things["/v1/views/mine2"] = cli.Doc{"id": "mine2", "owner": "ann", "filter": "assignee=ann", "revision": json.Number("3")}
	f.things["/v1/views/old"] = cli.Doc{"id": "old", "owner": nil, "filter": "status=open", "revision": json.Number("4")}
	if file, err := run("", "export"); err != nil || strings.Contains(file, "mine2") || !strings.Contains(file, "views:\n  old: {") && !strings.Contains(file, "  old:\n") {
		t.Errorf("%v\n%s", err, file)
	}
	if out, err := run("views: {}", "apply", "-f", "-", "--prune"); err != nil || !slices.Equal(f.writes, []string{"DELETE /v1/views/old"}) {
		t.Errorf("%v %v\n%s", err, f.writes, out)
	}
}

// A filter that no list would take is said at its line.
func TestFilterSlips(t *testing.T) {
	_, run := start(t)
	for file, says := range map[string]string{
		"views:\n  v: {filter: stauts=open}":        `-:2: view v: filter: the filter is not right: stauts: there is no such filter; known are assignee,`,
		"views:\n  v: {filter: tag=a status=open}":  `is "tag=a status=open": write "status=open&tag=a"`,
		"views:\n  v:\n    filter: [a]":             "must be text such as",
		"inboxes: {i: {assignment: {reassign: x}}}": "is x: use anyone, supervisors",
	} {
		if _, err := run(file, "apply", "-f", "-"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", file, err, says)
		}
	}
}
