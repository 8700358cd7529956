package hours

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a calendar file.
const (
	MaxEvents      = 2000 // in a file
	MaxLineBytes   = 8 << 10
	MaxEventDays   = 62 // of one event: a school holiday, not a mistaken year
	MaxHolidayName = 60 // runes; a longer name is cut
)

// A Holiday is a whole day of a calendar file.
type Holiday struct {
	Date int // days since 1970-01-01
	Name string
}

// A Skipped says why an event of a calendar file is no holiday.
type Skipped struct {
	Line   int // where the event begins, from 1
	Reason string
}

// A LineError says what is wrong with a calendar file, and where.
type LineError struct {
	Line int
	Text string
}

// Error implements error.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// Holidays reads the whole days of a calendar file (iCalendar, RFC 5545) that are
// not before first and not behind last, in order, each date once. Events of single
// or several days are taken, also those that come again each year. What is cancelled
// or has times of the day, and what repeats in another way, is listed as skipped.
// An error is a *LineError; then nothing was read.
func Holidays(file string, first, last int) ([]Holiday, []Skipped, error) {
	lines, err := unfold(file)
	if err != nil {
		return nil, nil, err
	}
	events, err := calendarEvents(lines)
	if err != nil {
		return nil, nil, err
	}
	var list []Holiday
	var skipped []Skipped
	for _, e := range events {
		days, err := e.days(first, last)
		if err != nil {
			skipped = append(skipped, Skipped{e.line, err.Error()})
		}
		list = append(list, days...)
	}
	slices.SortStableFunc(list, func(a, b Holiday) int { return cmp.Compare(a.Date, b.Date) })
	return slices.CompactFunc(list, func(a, b Holiday) bool { return a.Date == b.Date }), skipped, nil
}

// A contentLine is one line of a calendar file, unfolded.
type contentLine struct {
	number       int
	name, params string // in capitals
	value        string
}

// unfold joins lines that were broken, and takes each apart.
func unfold(file string) (lines []contentLine, err error) {
	if !utf8.ValidString(file) {
		return nil, &LineError{1, "the file is not UTF-8"}
	}
	var whole []string
	var numbers []int
	for i, text := range strings.Split(strings.TrimPrefix(file, "\ufeff"), "\n") {
		text = strings.TrimSuffix(text, "\r")
		switch broken := text != "" && (text[0] == ' ' || text[0] == '\t'); {
		case text == "":
		case broken && len(whole) > 0:
			at := len(whole) - 1
			if whole[at] += text[1:]; len(whole[at]) > MaxLineBytes {
				return nil, &LineError{numbers[at], fmt.Sprintf("it is longer than %d bytes", MaxLineBytes)}
			}
		case len(text) > MaxLineBytes:
			return nil, &LineError{i + 1, fmt.Sprintf("it is longer than %d bytes", MaxLineBytes)}
		default:
			whole, numbers = append(whole, text), append(numbers, i+1)
		}
	}
	for i, text := range whole {
		head, value, ok := cutValue(text)
		if !ok {
			return nil, &LineError{numbers[i], "it has no colon: this is not a calendar file (.ics)"}
		}
		name, params, _ := strings.Cut(strings.ToUpper(head), ";")
		lines = append(lines, contentLine{numbers[i], name, params, value})
	}
	return lines, nil
}

// cutValue cuts a line at the first colon that is not in quotes.
func cutValue(text string) (head, value string, ok bool) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ':' && !quoted:
			return text[:i], text[i+1:], true
		}
	}
	return "", "", false
}

// A calendarEvent is what matters of a VEVENT.
type calendarEvent struct {
	line        int
	name        string
	begin, end  contentLine
	rule        string
	without     []contentLine // EXDATE
	cancelled   bool
	moved, more bool // RECURRENCE-ID, RDATE
}

// calendarEvents returns the events of a calendar. What is nested in them, such as
// alarms, is left alone.
func calendarEvents(lines []contentLine) (events []calendarEvent, err error) {
	var open []string
	for _, l := range lines {
		if len(open) == 0 && (l.name != "BEGIN" || !strings.EqualFold(l.value, "VCALENDAR")) {
			return nil, &LineError{l.number, "a calendar file begins with BEGIN:VCALENDAR"}
		}
		switch kind := strings.ToUpper(l.value); {
		case l.name == "BEGIN":
			if len(open) == 8 {
				return nil, &LineError{l.number, "parts are nested too deeply"}
			}
			if open = append(open, kind); len(open) == 2 && kind == "VEVENT" {
				if len(events) == MaxEvents {
					return nil, &LineError{l.number, fmt.Sprintf("a file may have %d events; split it", MaxEvents)}
				}
				events = append(events, calendarEvent{line: l.number})
			}
		case l.name == "END":
			if open[len(open)-1] != kind {
				return nil, &LineError{l.number, fmt.Sprintf("END:%s, but %s is open", short(kind), short(open[len(open)-1]))}
			}
			open = open[:len(open)-1]
		case len(open) == 2 && open[1] == "VEVENT":
			events[len(events)-1].note(l)
		}
	}
	if len(open) > 0 {
		return nil, &LineError{lines[len(lines)-1].number, fmt.Sprintf("the file ends before END:%s; is all of it there?", short(open[len(open)-1]))}
	}
	if len(lines) == 0 {
		return nil, &LineError{1, "the file is empty"}
	}
	return events, nil
}

func (e *calendarEvent) note(l contentLine) {
	switch l.name {
	case "DTSTART":
		e.begin = l
	case "DTEND":
		e.end = l
	case "SUMMARY":
		e.name = summary(l.value)
	case "RRULE":
		e.rule = strings.ToUpper(l.value)
	case "RDATE":
		e.more = true
	case "RECURRENCE-ID":
		e.moved = true
	case "EXDATE":
		e.without = append(e.without, l)
	case "STATUS":
		e.cancelled = strings.EqualFold(l.value, "CANCELLED")
	}
}

// days returns the days of an event between two dates, or why it has none that
// count.
func (e calendarEvent) days(first, last int) ([]Holiday, error) {
	switch {
	case e.cancelled:
		return nil, errors.New("it is cancelled")
	case e.more || e.moved:
		return nil, errors.New("it repeats on single dates; only what comes again each year is taken")
	}
	begin, err := date(e.begin.value)
	if err != nil {
		return nil, fmt.Errorf("DTSTART is %w", err)
	}
	n := 1
	if e.end.value != "" {
		end, err := date(e.end.value)
		if err != nil {
			return nil, fmt.Errorf("DTEND is %w", err)
		}
		n = max(1, int(end.Sub(begin)/(24*time.Hour))) // DTEND is the day behind
	}
	if n > MaxEventDays {
		return nil, fmt.Errorf("it has %d days, at most %d are taken", n, MaxEventDays)
	}
	years, err := yearsOf(e.rule, begin)
	if err != nil {
		return nil, err
	}
	without, err := e.exclusions()
	if err != nil {
		return nil, err
	}
	var list []Holiday
	for i := range years.times {
		from := begin.AddDate(i*years.step, 0, 0)
		at := int(from.Unix() / 86400)
		if from.After(years.until) || at > last {
			break
		}
		if from.Day() != begin.Day() || slices.Contains(without, at) { // February 29th
			continue
		}
		for day := at; day < at+n; day++ {
			if first <= day && day <= last {
				list = append(list, Holiday{day, e.name})
			}
		}
	}
	return list, nil
}

func (e calendarEvent) exclusions() (days []int, err error) {
	for _, l := range e.without {
		for text := range strings.SplitSeq(l.value, ",") {
			at, err := date(text)
			if err != nil {
				return nil, fmt.Errorf("EXDATE is %w", err)
			}
			days = append(days, int(at.Unix()/86400))
		}
	}
	return days, nil
}

// date reads a whole day. Some programs write one as its midnight.
func date(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errors.New("missing")
	}
	for _, midnight := range []string{"T000000Z", "T000000"} {
		if day, ok := strings.CutSuffix(text, midnight); ok {
			text = day
		}
	}
	at, err := time.Parse("20060102", text)
	switch {
	case err != nil && strings.Contains(text, "T"):
		return at, errors.New("a time of the day; only whole days are taken")
	case err != nil || at.Year() < 1900:
		return time.Time{}, fmt.Errorf("%q, not a date", short(text))
	}
	return at, nil
}

// A repetition is how often an event comes again each so many years.
type repetition struct {
	step, times int
	until       time.Time
}

// yearsOf reads the rule of an event that comes again each year on its date.
func yearsOf(rule string, begin time.Time) (repetition, error) {
	const ever = 300 // years
	years := repetition{1, 1, begin.AddDate(ever, 0, 0)}
	if rule == "" {
		return years, nil
	}
	years.times = ever
	unknown := fmt.Errorf("it repeats by %q; only what comes again each year on its date is taken", short(rule))
	yearly := false
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		number, err := strconv.Atoi(value)
		natural := err == nil && number >= 1 && number <= ever
		switch {
		case name == "FREQ" && value == "YEARLY":
			yearly = true
		case name == "INTERVAL" && natural:
			years.step = number
		case name == "COUNT" && natural:
			years.times = number
		case name == "UNTIL" && len(value) >= len("20060102"):
			until, err := date(value[:len("20060102")])
			if err != nil {
				return years, unknown
			}
			years.until = until
		case name == "BYMONTH" && natural && time.Month(number) == begin.Month():
		case name == "BYMONTHDAY" && natural && number == begin.Day():
		case name == "WKST":
		default:
			return years, unknown
		}
	}
	if !yearly {
		return years, unknown
	}
	return years, nil
}

// summary is a text of a calendar file as people read it.
func summary(text string) string {
	text = strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(text)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if runes := []rune(text); len(runes) > MaxHolidayName {
		text = strings.TrimSpace(string(runes[:MaxHolidayName]))
	}
	return text
}

func short(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "..."
	}
	return text
}
