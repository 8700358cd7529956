package hours_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/httpapi/hours"
)

const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Feiertage\r\n" +
	"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n" +
	"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Weihnachten\\, beide\r\n  Tage\r\nBEGIN:VALARM\r\nSUMMARY:wrong\r\nEND:VALARM\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20000501\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:May Day\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;TZID=\"a:b\":20260101T000000\r\nSUMMARY;LANGUAGE=en:New Year\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART:20260601T090000Z\r\nSUMMARY:a meeting\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260602\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:each week\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260603\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;UNTIL=20281231\r\nSUMMARY:leap\r\nEND:VEVENT\r\n" +
	"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261003\r\nRRULE:FREQ=YEARLY;COUNT=2\r\nEXDATE;VALUE=DATE:20261003\r\nSUMMARY:Einheit\r\nEND:VEVENT\r\n" +
	"END:VCALENDAR\r\n"

func day(text string) int {
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return int(at.Unix() / 86400)
}

func TestHolidays(t *testing.T) {
	list, skipped, err := hours.Holidays(calendar, day("2026-01-01"), day("2028-12-31"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range list {
		got = append(got, time.Unix(int64(h.Date)*86400, 0).UTC().Format(time.DateOnly)+" "+h.Name)
	}
	want := []string{"2026-01-01 New Year", "2026-05-01 May Day", "2026-12-25 Weihnachten, beide Tage", "2026-12-26 Weihnachten, beide Tage",
		"2027-05-01 May Day", "2027-10-03 Einheit", "2028-02-29 leap", "2028-05-01 May Day"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if text := fmt.Sprint(skipped); len(skipped) != 3 || !strings.Contains(text, "time of the day") || !strings.Contains(text, "FREQ=WEEKLY") || !strings.Contains(text, "cancelled") {
		t.Errorf("skipped %+v", skipped)
	}
}

func TestBadCalendars(t *testing.T) {
	event := "BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n"
	for file, says := range map[string]string{
		"":                                     "empty",
		"<html>":                               "line 1: it has no colon",
		"hello: world":                         "BEGIN:VCALENDAR",
		"BEGIN:VCALENDAR\n":                    "ends before END:VCALENDAR",
		"BEGIN:VCALENDAR\nEND:VEVENT\n":        "line 2: END:VEVENT, but VCALENDAR is open",
		"BEGIN:VCALENDAR\n\xff\n":              "UTF-8",
		strings.Repeat("BEGIN:VCALENDAR\n", 9): "nested",
		"BEGIN:VCALENDAR\nX:" + strings.Repeat("x", hours.MaxLineBytes):                  "line 2: it is longer",
		"BEGIN:VCALENDAR\nX:" + strings.Repeat("x\n ", hours.MaxLineBytes):               "line 2: it is longer",
		"BEGIN:VCALENDAR\n" + strings.Repeat(event, hours.MaxEvents+1) + "END:VCALENDAR": "split it",
	} {
		_, _, err := hours.Holidays(file, 0, day("2100-01-01"))
		var line *hours.LineError
		if !errors.As(err, &line) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v does not say %q", file, err, says)
		}
	}
}

// Whatever a file holds, reading it ends, and gives dates that were asked for, each
// once and with a name that fits.
func FuzzHolidays(f *testing.F) {
	f.Add(calendar)
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20200101\nRRULE:FREQ=YEARLY;INTERVAL=0;COUNT=-1\nEND:VEVENT\nEND:VCALENDAR")
	first, last := day("2026-01-01"), day("2030-12-31")
	f.Fuzz(func(t *testing.T, file string) {
		list, _, err := hours.Holidays(file, first, last)
		if err != nil && len(list) > 0 {
			t.Error("days beside an error")
		}
		before := first - 1
		for _, h := range list {
			if h.Date <= before || h.Date > last || len([]rune(h.Name)) > hours.MaxHolidayName || strings.ContainsAny(h.Name, "\r\n\t") {
				t.Errorf("%+v behind %d", h, before)
			}
			before = h.Date
		}
	})
}
