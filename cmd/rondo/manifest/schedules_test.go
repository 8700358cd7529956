package manifest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const deskFile = `inboxes:
  sms: {name: SMS, channel: {kind: sms, address: "+15550100"}, assignment: {hours: office, outside_hours: wait}}
rules:
  night: {name: Night, on: {on: schedule_closed, schedule: office}, steps: [{close: {}}], state: draft}
schedules:
  office:
    name: Office
    zone: Europe/Berlin
    weekly:
      - {days: [mon, tue, wed, thu, fri], from: 09:00, to: "17:30"}
      - {days: [sat], from: "10:00", to: "14:00"}
    exceptions:
      - {date: 2026-12-24, from: "09:00", to: "12:00"}
      - {date: 2026-12-25, closed: true, name: Christmas}
    shifts:
      - {name: early, days: [mon], from: "06:00", to: "14:00", agents: [{agent: ann}, {group: day}]}
agents:
  ann: {name: Ann}
groups:
  day: {name: Day, members: [{agent: ann}]}
`

// asTold makes of a stored schedule what a cluster tells of it: every field of every
// item, and what holds now.
func asTold(schedule cli.Doc) {
	for _, list := range []struct {
		name   string
		fields []string
	}{{"exceptions", []string{"from", "to", "name"}}, {"shifts", nil}, {"weekly", nil}} {
		items, _ := schedule[list.name].([]any)
		for _, item := range items {
			doc, _ := item.(cli.Doc)
			for _, field := range list.fields {
				if doc[field] == nil {
					doc[field] = nil
				}
			}
			if list.name == "exceptions" && doc["closed"] == nil {
				doc["closed"] = false
			}
			withNulls(doc["agents"])
		}
	}
	schedule["open"], schedule["on_shift"], schedule["zones"] = true, []any{"early"}, "2025c"
	if schedule["presence"] == nil {
		schedule["presence"] = false
	}
}

// Schedules come before what names them, and are not changed by what a cluster tells
// of them in other words.
func TestSchedulesInFiles(t *testing.T) {
	f, run := start(t)
	out, err := run(deskFile, "apply", "-f", "-")
	want := []string{"PUT /v1/agents/ann", "PUT /v1/groups/day", "PUT /v1/schedules/office", "PUT /v1/inboxes/sms", "PUT /v1/rules/night"}
	if err != nil || !slices.Equal(f.writes, want) {
		t.Fatalf("%v %v\n%s", err, f.writes, out)
	}
	for _, line := range []string{"    weekly: mon-fri 09:00-17:30\n", "    exceptions.2026-12-25: closed (Christmas)\n", "    shifts.early: mon 06:00-14:00: ann, group:day\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("%q is not in\n%s", line, out)
		}
	}
	asTold(f.things["/v1/schedules/office"])
	nothing := func(file, when string) {
		t.Helper()
		if out, err := run(file, "apply", "-f", "-", "--prune"); err != nil || len(f.writes) != 0 || !strings.HasSuffix(out, "Nothing to do: 5 unchanged.\n") {
			t.Errorf("%s: %v %v\n%s", when, err, f.writes, out)
		}
	}
	nothing(deskFile, "again")
	nothing(strings.Replace(deskFile, "[mon, tue, wed, thu, fri]", "[tue, mon, wed, fri, thu]", 1), "days in another order")
	file, err := run("", "export")
	if err != nil || strings.Index(file, "schedules:") > strings.Index(file, "inboxes:") ||
		!strings.Contains(file, "- {days: [sat], from: '10:00', to: '14:00'}") || !strings.Contains(file, "- {name: early, days: [mon], from: '06:00'") || strings.Contains(file, "on_shift") || strings.Contains(file, "closed: false") {
		t.Errorf("%v\n%s", err, file)
	}
	nothing(file, "the export")

	if out, err := run("schedules: {}\ninboxes: {}\nrules: {}\n", "apply", "-f", "-", "--prune"); err != nil ||
		!slices.Equal(f.writes, []string{"DELETE /v1/rules/night", "DELETE /v1/inboxes/sms", "DELETE /v1/schedules/office"}) {
		t.Errorf("pruned %v, %v\n%s", f.writes, err, out)
	}
}

// What differs is read item by item.
func TestScheduleDifferences(t *testing.T) {
	f, run := start(t)
	if out, err := run(deskFile, "apply", "-f", "-"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	asTold(f.things["/v1/schedules/office"])
	const changed = `schedules:
  office:
    weekly:
      - {days: [sat], from: "10:00", to: "16:00"}
      - {days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:30"}
    exceptions:
      - {date: 2026-12-24, closed: true}
      - {date: 2026-12-25, closed: true, name: Christmas}
      - {date: 2027-01-01, closed: true}
    shifts: [{name: late, days: [sat, sun], from: "18:00", to: "02:00"}]
`
	out, err := run(changed, "apply", "-f", "-", "--dry-run")
	const want = `~ schedule office would be changed
    weekly: sat 10:00-14:00 -> -
    weekly: - -> sat 10:00-16:00
    exceptions.2026-12-24: 09:00-12:00 -> closed
    exceptions.2027-01-01: - -> closed
    shifts.early: mon 06:00-14:00: ann, group:day -> -
    shifts.late: - -> sat,sun 18:00-02:00
0 would be created, 1 changed, 0 deleted; 0 unchanged.
`
	if !errors.Is(err, cli.ErrChanges) || out != want {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
	empty, err := run("schedules: {office: {shifts: [], exceptions: null}}\n", "apply", "-f", "-")
	if err != nil || !strings.Contains(empty, "shifts.early: mon 06:00-14:00: ann, group:day -> -\n") || !strings.Contains(empty, "exceptions.2026-12-25: closed (Christmas) -> -\n") {
		t.Errorf("%v\n%s", err, empty)
	}

	out, err = run("schedules:\n  office:\n    weekly: [{day: [mon], from: 9}]\n    shifts:\n      - {name: a, days: [monday], agents: [ann]}\n", "apply", "-f", "-")
	var slips *cli.UsageError
	if !errors.As(err, &slips) || len(f.writes) != 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, says := range []string{"-:3: schedule office: weekly.0.day: there is no such field", "weekly.0.from: must be text", "-:5: schedule office: shifts.0.days: must be a list of mon", "shifts.0.agents.0: must be {agent: ID}"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in %v", says, err)
		}
	}
}
