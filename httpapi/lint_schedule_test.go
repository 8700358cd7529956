package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/hours"
	"github.com/rondohq/rondo/httpapi/lint"
)

// coveredDesk has ana in team sales by way of group day, ben in no team, schedule office,
// on whose shifts they are all week but for Sunday 02:00 to 06:00, and rule vip,
// which assigns by it.
func coveredDesk(t *testing.T) (*machine, http.Handler) {
	t.Helper()
	m := newMachine(t)
	h := newHandler(t, m)
	for _, put := range [][2]string{
		{"/v1/agents/ana", `{"name":"Ana"}`},
		{"/v1/agents/ben", `{"name":"Ben"}`},
		{"/v1/groups/day", `{"name":"Day","members":[{"agent":"ana"}]}`},
		{"/v1/teams/sales", `{"name":"Sales","members":[{"group":"day"}]}`},
		{"/v1/schedules/office", `{"name":"Office","zone":"Europe/Berlin","shifts":[
			{"name":"week","days":["mon","tue","wed","thu","fri","sat"],"from":"00:00","to":"24:00","agents":[{"group":"day"}]},
			{"name":"night","days":["sun"],"from":"00:00","to":"02:00","agents":[{"agent":"ana"}]},
			{"name":"hole","days":["sun"],"from":"02:00","to":"06:00","agents":[{"agent":"ben"}]},
			{"name":"sunday","days":["sun"],"from":"06:00","to":"24:00","agents":[{"agent":"ana"}]}]}`},
		{"/v1/rules/vip", `{"name":"VIP","on":{"on":"conversation_opened"},"steps":[{"assign":{"team":"sales","on_shift":"office"}}]}`},
	} {
		if r := do(h, "PUT", put[0], put[1]); r.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", put[0], r.status, r.body)
		}
	}
	return m, h
}

// Hours in which nobody of the team is on shift are found over HTTP, by the clocks of
// the schedule's zone.
func TestLintFindsHoursWithoutCover(t *testing.T) {
	_, h := coveredDesk(t)
	found := lintOf(t, h, "/v1/rules/vip/lint").Findings
	const gap = "Sunday 02:00 to 06:00 (Europe/Berlin) nobody is eligible for VIP: "
	if len(found) != 1 || found[0].Code != string(lint.NoCover) || found[0].Severity != "warning" || !strings.HasPrefix(found[0].Detail, gap) {
		t.Fatalf("found %+v", found)
	}
	if r := do(h, "PUT", "/v1/groups/day", `{"name":"Day","members":[{"agent":"ana"},{"agent":"ben"}]}`); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if found := lintOf(t, h, "/v1/rules/vip/lint").Findings; len(found) != 0 {
		t.Errorf("with ben in the team: %+v", found)
	}
	if r := do(h, "PUT", "/v1/groups/day", `{"name":"Day","members":[]}`); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	nobody := lintOf(t, h, "/v1/rules/vip/lint")
	if nobody.Publishable || len(nobody.Findings) == 0 {
		t.Errorf("with nobody in the team: %+v", nobody)
	}
}

// What lint is told is what stands in the log, cut to four weeks, and what is not
// known is left out.
func TestLintSchedule(t *testing.T) {
	m, _ := coveredDesk(t)
	v := m.View(0)
	told := schedulesOf(v)
	s, ok := told("office")
	if !ok || s.Name != "Europe/Berlin" || s.Zone == nil || s.Open != (lint.Span{FromMs: v.NowMs, ToMs: v.NowMs + lintMs}) {
		t.Fatalf("%v, %+v", ok, s)
	}
	if !slices.Equal(s.Hours, []lint.Span{s.Open}) {
		t.Errorf("open %v, not always", s.Hours)
	}
	zone, err := hours.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(date int, hour int) int64 { return time.Date(2026, 11, date, hour, 0, 0, 0, zone).UnixMilli() }
	// From the Saturday on which it is 10 o'clock there, day by day as one stretch.
	if week := s.Shifts[0].Hours; len(week) != 5 || week[0] != (lint.Span{FromMs: v.NowMs, ToMs: day(22, 0)}) || week[1] != (lint.Span{FromMs: day(23, 0), ToMs: day(29, 0)}) || week[4].ToMs != s.Open.ToMs {
		t.Errorf("shift week is %v", week)
	}
	if hole := s.Shifts[2].Hours; len(hole) != 4 || hole[0] != (lint.Span{FromMs: day(22, 2), ToMs: day(22, 6)}) {
		t.Errorf("shift hole is %v", hole)
	}
	ana, _ := v.Agents.ByID("ana")
	if got := s.Shifts[0].Agents; !slices.Equal(got, []fsm.AgentHandle{ana.Handle}) {
		t.Errorf("on shift week are %v", got)
	}
	if _, ok := told("nothing"); ok {
		t.Error("there is a schedule nothing")
	}

	row, _ := v.Schedules.ByID("office")
	row.Ahead.UntilMs = v.NowMs + lintMs - 1
	if s := lintSchedule(v, row); s.Open != (lint.Span{}) || len(s.Hours) != 0 || len(s.Shifts[0].Hours) != 0 {
		t.Errorf("of what is not known it is told %+v", s)
	}
	row.Zone = "Moon/Tycho"
	if s := lintSchedule(v, row); s.Zone != nil || s.Name != "Moon/Tycho" {
		t.Errorf("zone %v, name %q", s.Zone, s.Name)
	}
}
