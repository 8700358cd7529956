package nouncmd

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/httpapi/hours"
)

const office = `{"id":"office","name":"Office","zone":"Europe/Berlin","weekly":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"17:30"}],
	"exceptions":[{"date":"2026-10-26","closed":true,"from":null,"to":null,"name":"Fair"}],
	"shifts":[{"name":"early","days":["mon","tue","wed"],"from":"09:00","to":"14:00","agents":[{"agent":"ann","group":null},{"agent":null,"group":"day"}]},
		{"name":"night","days":["sat"],"from":"22:00","to":"06:00","agents":[]}],
	"presence":true,"revision":7,"open":false,"on_shift":["night"],"known_until":"2026-11-28T00:00:00.000Z","zones":"2025c"}`

// Every action on schedules sends the one call that its row says.
func TestScheduleActionsCall(t *testing.T) {
	for _, c := range []struct{ args, line, body, answer string }{
		{"schedule list", "GET /v1/schedules?limit=50", "", `{"items":[` + office + `],"next_page_token":null}`},
		{"schedule show office -o json", "GET /v1/schedules/office", "", office},
		{"schedule delete office", "DELETE /v1/schedules/office", "", office},
		{"schedule state office --at 2026-12-24T08:00:00Z", "GET /v1/schedules/office/state?at=2026-12-24T08%3A00%3A00Z", "", `{"schedule":"office","open":true}`},
		{"schedule revisions office", "GET /v1/schedules/office/revisions", "", `{"items":[],"next_page_token":null}`},
		{"schedule diff office 7", "GET /v1/schedules/office/revisions/7/diff", "", `{"changes":[]}`},
		{"schedule create office --zone UTC --weekly mon,wed-fri,09:00-12:00,sun-mon,22:00-06:00", "PUT /v1/schedules/office",
			`{"name":"office","weekly":[{"days":["mon","wed","thu","fri"],"from":"09:00","to":"12:00"},{"days":["sun","mon"],"from":"22:00","to":"06:00"}],"zone":"UTC"}`, office},
	} {
		out, asked, err := run(t, 200, c.answer, strings.Fields(c.args)...)
		if err != nil || len(asked) != 1 || asked[0].line != c.line || asked[0].body != c.body {
			t.Errorf("%s: %v, asked %v\n%s\nwant %q with %q", c.args, err, asked, out, c.line, c.body)
		}
	}
	for _, slip := range []string{"mon", "09:00-12:00", "mon-fry 09:00-12:00", "mon 09:00"} {
		if _, asked, err := run(t, 200, office, "schedule", "put", "office", "--weekly", slip); err == nil || len(asked) != 0 || !strings.Contains(err.Error(), "write days and hours") {
			t.Errorf("%q: asked %v, %v", slip, asked, err)
		}
	}
}

// clerk answers for the schedule office, some turns at a time.
func clerk(t *testing.T, now time.Time, told int) http.HandlerFunc {
	zone, err := hours.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	const workdays, monToWed, saturday = 0x1f, 0x07, 0x20
	plan := hours.Plan{Weekly: []hours.Window{{Days: workdays, From: 9 * 60, To: 17*60 + 30}},
		Exceptions: []hours.Exception{{Date: hours.DateOf(zone, time.Date(2026, 10, 26, 12, 0, 0, 0, zone).UnixMilli()), Closed: true}},
		Shifts:     []hours.Window{{Days: monToWed, From: 9 * 60, To: 14 * 60}, {Days: saturday, From: 22 * 60, To: 6 * 60}}}
	names := func(on uint32) []string {
		list := []string{}
		for i, name := range []string{"early", "night"} {
			if on>>(1+i)&1 == 1 {
				list = append(list, name)
			}
		}
		return list
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/state") {
			_, _ = w.Write([]byte(office))
			return
		}
		at := now
		if text := r.URL.Query().Get("at"); text != "" {
			if at, err = time.Parse(time.RFC3339, text); err != nil {
				t.Errorf("asked for %q", text)
			}
		}
		on, turns := plan.Expand(zone, at.UnixMilli(), at.UnixMilli()+400*24*3600_000)
		shifts := []cli.Doc{}
		for _, name := range names(on) {
			shifts = append(shifts, cli.Doc{"name": name, "agents": []string{}})
		}
		transitions := []cli.Doc{}
		for _, turn := range turns[:told] {
			transitions = append(transitions, cli.Doc{"at": time.UnixMilli(turn.AtMs).UTC().Format(time.RFC3339Nano), "open": turn.On&1 == 1, "shifts": names(turn.On)})
		}
		_ = json.NewEncoder(w).Encode(cli.Doc{"schedule": "office", "at": at.UTC().Format(time.RFC3339Nano), "open": on&1 == 1, "shifts": shifts, "transitions": transitions})
	}
}

const drawnWeek = `office: Office (Europe/Berlin, revision 7)
closed now, on shift: night; the presence of its agents follows their shifts
exceptions:
  2026-10-26 closed (Fair)
           00    03    06    09    12    15    18    21    24
Sat Oct 24 ................................................  closed
           ............................................####  night 22:00-24:00: nobody
Sun Oct 25 ................................................  closed
           ############....................................  night 00:00-06:00: nobody
Mon Oct 26 ................................................  closed
Tue Oct 27 ..................#################.............  open 09:00-17:30
           ..................##########....................  early 09:00-14:00: ann, group:day
Wed Oct 28 ..................#################.............  open 09:00-17:30
           ..................##########....................  early 09:00-14:00: ann, group:day
Thu Oct 29 ..................#################.............  open 09:00-17:30
Fri Oct 30 ..................#################.............  open 09:00-17:30
`

// The week is drawn by the clocks of the schedule's zone, also where they change, and
// however few turns a node tells at a time.
func TestScheduleIsDrawn(t *testing.T) {
	t.Setenv("TZ", "America/New_York")
	now := time.Date(2026, 10, 24, 20, 30, 0, 0, time.UTC) // half an hour into the shift
	for _, told := range []int{1, 3, 10, 40} {
		out, asked, err := runOn(t, clerk(t, now, told), "schedule", "show", "office")
		if err != nil || out != drawnWeek {
			t.Errorf("%d at a time: %v, asked %d times\n%s\nwant\n%s", told, err, len(asked), out, drawnWeek)
		}
	}
}

func TestScheduleTurnsTooOften(t *testing.T) {
	at := time.Date(2026, 10, 24, 20, 30, 0, 0, time.UTC)
	out, asked, err := runOn(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/state") {
			_, _ = w.Write([]byte(office))
			return
		}
		next := at.Add(time.Minute)
		_ = json.NewEncoder(w).Encode(cli.Doc{"at": at.Format(time.RFC3339Nano), "open": true, "transitions": []cli.Doc{{"at": next.Format(time.RFC3339Nano), "open": false}}})
		at = next
	}, "schedule", "show", "office")
	if err != nil || len(asked) != maxLooks+2 || !strings.Contains(out, "turns too often") {
		t.Errorf("%v, asked %d times\n%s", err, len(asked), out)
	}
}

func TestScheduleHolidays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bavaria.ics")
	if err := os.WriteFile(file, []byte("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer := `{"schedule":` + office + `,"imported":12,"kept":1,"skipped":[{"line":30,"reason":"it is no whole day"}]}`
	out, asked, err := run(t, 200, answer, "schedule", "holidays", "office", file)
	if err != nil || len(asked) != 1 || asked[0].line != "POST /v1/schedules/office/holidays" || asked[0].body != `{"ics":"BEGIN:VCALENDAR\nEND:VCALENDAR\n"}` {
		t.Fatalf("%v, asked %v", err, asked)
	}
	if want := "office is closed on 12 holidays of the file; hours of their own stay on 1\nskipped line 30: it is no whole day\n"; out != want {
		t.Errorf("%s\nwant\n%s", out, want)
	}
	if _, asked, err := run(t, 200, answer, "schedule", "holidays", "office", file+".gone"); err == nil || len(asked) != 0 {
		t.Errorf("no file: %v, asked %v", err, asked)
	}
}

func TestScheduleIDsAreCompleted(t *testing.T) {
	for _, args := range [][]string{{"schedule", "show", "of"}, {"schedule", "holidays", "of"}, {"inbox", "set", "sms", "--hours", "of"}} {
		out, asked, err := run(t, 200, `{"items":[`+office+`],"next_page_token":null}`, append([]string{"__complete"}, args...)...)
		if err != nil || len(asked) != 1 || !strings.HasPrefix(asked[0].line, "GET /v1/schedules?") || !strings.HasPrefix(out, "office\tOffice\n") {
			t.Errorf("%q: %v, asked %v\n%s", args, err, asked, out)
		}
	}
}
