package hours_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rondohq/rondo/httpapi/hours"
)

const minute = int64(60_000)

// A dumb oracle looks at every minute by itself: what the clocks have shown at
// most until then is within a window, or not.
func oracle(t interface{ Fatal(args ...any) }, p hours.Plan, zone *time.Location, fromMs, untilMs int64) (on uint32, turns []hours.Turn) {
	shown, last := -1<<62, uint32(0)
	for at := fromMs - 4*24*60*minute; at < untilMs; at += minute {
		_, offset := time.UnixMilli(at).In(zone).Zone()
		if offset%60 != 0 || at%minute != 0 {
			t.Fatal("the oracle knows whole minutes only")
		}
		shown = max(shown, int(at/minute)+offset/60)
		now := holds(p, shown)
		switch {
		case at <= fromMs:
			on = now
		case now != last:
			turns = append(turns, hours.Turn{AtMs: at, On: now})
		}
		last = now
	}
	return on, turns
}

func holds(p hours.Plan, shown int) (on uint32) {
	for date := shown/hours.DayMinutes - 3; date <= shown/hours.DayMinutes; date++ {
		within := func(from, to int) bool {
			if to <= from {
				to += hours.DayMinutes
			}
			return date*hours.DayMinutes+from <= shown && shown < date*hours.DayMinutes+to
		}
		weekday := time.Unix(int64(date)*86400, 0).UTC().Weekday()
		begins := func(w hours.Window) bool { return w.Days>>((weekday+6)%7)&1 == 1 && within(w.From, w.To) }

		excepted, special := false, false
		for _, e := range p.Exceptions {
			if e.Date == date {
				excepted = true
				special = special || !e.Closed && within(e.From, e.To)
			}
		}
		anyShift := false
		for i, s := range p.Shifts {
			if begins(s) && (!excepted || special) {
				on |= 2 << i
			}
			anyShift = anyShift || begins(s)
		}
		weekly := len(p.Weekly) == 0 && anyShift
		for _, w := range p.Weekly {
			weekly = weekly || begins(w)
		}
		if special || !excepted && weekly {
			on |= 1
		}
	}
	return on
}

func load(t interface{ Fatal(args ...any) }, name string) *time.Location {
	zone, err := hours.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func ms(t *testing.T, text string) int64 {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

func hm(text string) int {
	var h, m int
	_, _ = fmt.Sscanf(text, "%d:%d", &h, &m)
	return h*60 + m
}

const every = 0x7f

// Both days of the year on which clocks change, and stranger ones. Each line says
// when it opens and closes; an empty one that it does not open.
func TestClocksChange(t *testing.T) {
	for _, test := range []struct {
		name, zone, from, to, day string // of the zone's midnight, in UTC
		turns                     string
	}{
		{"across the gap", "Europe/Berlin", "01:00", "04:00", "2026-03-28T23:00:00Z", "00:00 02:00"},
		{"in the gap", "Europe/Berlin", "02:15", "02:45", "2026-03-28T23:00:00Z", ""},
		{"out of the gap", "Europe/Berlin", "02:30", "04:00", "2026-03-28T23:00:00Z", "01:00 02:00"},
		{"into the gap", "Europe/Berlin", "01:30", "02:30", "2026-03-28T23:00:00Z", "00:30 01:00"},
		{"across the doubled hour", "Europe/Berlin", "01:00", "04:00", "2026-10-24T22:00:00Z", "23:00 03:00"},
		{"in the doubled hour, once", "Europe/Berlin", "02:15", "02:45", "2026-10-24T22:00:00Z", "00:15 00:45"},
		{"out of the doubled hour", "Europe/Berlin", "02:30", "04:00", "2026-10-24T22:00:00Z", "00:30 03:00"},
		{"the doubled hour itself", "Europe/Berlin", "02:00", "03:00", "2026-10-24T22:00:00Z", "00:00 02:00"},
		{"clocks change at midnight", "America/Santiago", "23:00", "01:00", "2026-09-05T04:00:00Z", "03:00 04:00"},
		{"half an hour back", "Australia/Lord_Howe", "01:00", "03:00", "2026-04-04T13:00:00Z", "14:00 16:30"},
		{"half an hour forward", "Australia/Lord_Howe", "01:00", "03:00", "2026-10-03T13:30:00Z", "14:30 16:00"},
		{"a quarter past", "Asia/Kathmandu", "09:00", "17:30", "2026-01-05T18:15:00Z", "03:15 11:45"},
	} {
		t.Run(test.name, func(t *testing.T) {
			zone, from := load(t, test.zone), ms(t, test.day)
			date := hours.DateOf(zone, from)
			plan := hours.Plan{Exceptions: []hours.Exception{{Date: date, From: hm(test.from), To: hm(test.to)}}}
			_, turns := plan.Expand(zone, from, from+30*60*minute)
			var got []string
			for _, turn := range turns {
				got = append(got, time.UnixMilli(turn.AtMs).UTC().Format("15:04"))
			}
			if strings.Join(got, " ") != test.turns {
				t.Errorf("%s to %s in %s turns at %v UTC, not at %q", test.from, test.to, test.zone, got, test.turns)
			}
		})
	}
}

// Samoa went from December 29th to the 31st in 2011: what belongs to the 30th
// alone never happens, and a night that begins on the 29th ends with it.
func TestSkippedDay(t *testing.T) {
	zone := load(t, "Pacific/Apia")
	from, until := ms(t, "2011-12-29T12:00:00Z"), ms(t, "2012-01-01T00:00:00Z")
	plan := hours.Plan{Weekly: []hours.Window{{Days: 1 << 4, From: hm("09:00"), To: hm("17:00")}, {Days: 1 << 3, From: hm("22:00"), To: hm("06:00")}}}
	_, turns := plan.Expand(zone, from, until)
	want := fmt.Sprint([]hours.Turn{{AtMs: ms(t, "2011-12-30T08:00:00Z"), On: 1}, {AtMs: ms(t, "2011-12-30T10:00:00Z"), On: 0}})
	if fmt.Sprint(turns) != want {
		t.Errorf("got %v, want %s", turns, want)
	}
}

// Zones and years in which the oracle's whole minutes are right.
var odd = []struct {
	zone string
	from string
}{
	{"Europe/Berlin", "2026-03-20T00:00:00Z"}, {"Europe/Berlin", "2026-10-15T00:00:00Z"},
	{"Australia/Lord_Howe", "2026-03-25T00:00:00Z"}, {"Australia/Lord_Howe", "2026-09-25T00:00:00Z"},
	{"America/Santiago", "2026-08-28T00:00:00Z"}, {"America/Santiago", "2026-03-28T00:00:00Z"},
	{"Pacific/Apia", "2011-12-20T00:00:00Z"}, {"Pacific/Kwajalein", "1993-08-12T00:00:00Z"},
	{"Africa/Casablanca", "2026-02-10T00:00:00Z"}, {"Antarctica/Troll", "2026-03-20T00:00:00Z"},
	{"America/St_Johns", "2006-10-20T00:00:00Z"}, {"Asia/Gaza", "2026-10-15T00:00:00Z"},
	{"Asia/Kathmandu", "1985-12-25T00:00:00Z"}, {"America/Juneau", "1983-10-20T00:00:00Z"},
	{"Asia/Pyongyang", "2018-04-28T00:00:00Z"}, {"UTC", "2026-02-20T00:00:00Z"},
	{"Pacific/Chatham", "2026-09-20T00:00:00Z"}, {"Europe/Dublin", "1968-10-20T00:00:00Z"},
}

func drawPlan(t *rapid.T, date int) hours.Plan {
	// Near the hours at which clocks change, and at any other.
	of := rapid.OneOf(rapid.IntRange(0, 4*60), rapid.IntRange(0, hours.DayMinutes-1), rapid.SampledFrom([]int{0, 60, 120, 150, 180, 23 * 60}))
	to := rapid.OneOf(of, rapid.Just(hours.DayMinutes))
	window := rapid.Custom(func(t *rapid.T) hours.Window {
		return hours.Window{Days: uint8(rapid.IntRange(1, every).Draw(t, "days")), From: of.Draw(t, "from"), To: to.Draw(t, "to")}
	})
	exception := rapid.Custom(func(t *rapid.T) hours.Exception {
		return hours.Exception{Date: date + rapid.IntRange(-2, 16).Draw(t, "date"), Closed: rapid.Bool().Draw(t, "closed"), From: of.Draw(t, "from"), To: to.Draw(t, "to")}
	})
	return hours.Plan{
		Weekly:     rapid.SliceOfN(window, 0, 3).Draw(t, "weekly"),
		Exceptions: rapid.SliceOfN(exception, 0, 4).Draw(t, "exceptions"),
		Shifts:     rapid.SliceOfN(window, 0, 3).Draw(t, "shifts"),
	}
}

// Every plan turns exactly when an oracle that looks at each minute says so, also
// from any moment on.
func TestLikeTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.SampledFrom(odd).Draw(t, "place")
		zone := load(t, place.zone)
		start, _ := time.Parse(time.RFC3339, place.from)
		from := start.UnixMilli() + int64(rapid.IntRange(0, 3*24*60).Draw(t, "minute"))*minute
		until := from + 15*24*60*minute
		plan := drawPlan(t, hours.DateOf(zone, from))
		on, turns := plan.Expand(zone, from, until)
		wantOn, want := oracle(t, plan, zone, from, until)
		if on != wantOn || fmt.Sprint(turns) != fmt.Sprint(want) {
			t.Fatalf("%s: %+v\ngot  %b %v\nwant %b %v", place.zone, plan, on, turns, wantOn, want)
		}
	})
}

// Two stretches of a time that are expanded one behind the other are the whole.
func TestPiecesMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := load(t, "Europe/Berlin")
		from := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC).UnixMilli()
		until := from + 10*24*60*minute
		cut := from + rapid.Int64Range(1, until-from-1).Draw(t, "cut")
		plan := drawPlan(t, hours.DateOf(zone, from))
		_, whole := plan.Expand(zone, from, until)
		_, first := plan.Expand(zone, from, cut+1) // a turn at the cut itself is in what holds from there
		on, second := plan.Expand(zone, cut, until)
		if fmt.Sprint(append(first, second...)) != fmt.Sprint(whole) {
			t.Fatalf("%v and %v are not %v", first, second, whole)
		}
		if len(first) > 0 && first[len(first)-1].On != on {
			t.Fatalf("%b holds at the cut, not %b", on, first[len(first)-1].On)
		}
	})
}

func TestZoneNames(t *testing.T) {
	for name, maybe := range map[string]string{
		"Europe/Berlin": "", "UTC": "", "Etc/UTC": "", "America/Argentina/Buenos_Aires": "",
		"europe/berlin": "Europe/Berlin", "Berlin": "Europe/Berlin", "Europe/Berlni": "Europe/Berlin", "new york": "America/New_York",
		"Local": "such as", "": "such as", "../UTC": "UTC", "Europe/": "such as", strings.Repeat("x", 10_000): "such as",
	} {
		_, err := hours.Load(name)
		var unknown *hours.UnknownZoneError
		switch {
		case maybe == "" && err != nil:
			t.Error(err)
		case maybe != "" && (!errors.As(err, &unknown) || !strings.Contains(err.Error(), maybe) || len(err.Error()) > 300):
			t.Errorf("%.20q: %v does not say %q", name, err, maybe)
		}
	}
}

// The zones in the binary are those of a version of Go, which says which they are.
func TestVersionOfZones(t *testing.T) {
	dir := filepath.Join(runtime.GOROOT(), "lib", "time") //nolint:staticcheck // the test runs where it was built
	script, err := os.ReadFile(filepath.Join(dir, "update.bash"))
	if err != nil {
		t.Skip("there is no source of Go here to compare with")
	}
	theirs, err := os.ReadFile(filepath.Join(dir, "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	if same := string(ours) == string(theirs); same != strings.Contains(string(script), "DATA="+hours.Version) {
		t.Errorf("zoneinfo.zip is that of this Go: %v, but Version is %s", same, hours.Version)
	}
}
