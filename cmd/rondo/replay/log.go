package replay

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of an event log.
const (
	EventsMax     = 10_000_000
	NameMaxRunes  = 200
	AttributesMax = 16
)

// A Format names the columns and activities of an event log. The zero value of a
// field means its default (DefaultFormat).
type Format struct {
	Case, Activity, Resource, Time string // column names
	TimeLayout                     string // as package time writes layouts; without a zone it is UTC
	Closed                         string // the activity that closes a case
	Taken                          string // the activity by which a person takes a case

	// Attributes are columns that become attributes of the conversation, from
	// the case's first event. Nil: those of the default that exist.
	Attributes []string
}

// DefaultFormat returns the form of the help desk log the product is shown with.
func DefaultFormat() Format {
	return Format{
		Case: "Case ID", Activity: "Activity", Resource: "Resource", Time: "Complete Timestamp",
		TimeLayout: "2006/01/02 15:04:05.000", Closed: "Closed", Taken: "Take in charge ticket",
	}
}

var defaultAttributes = []string{"seriousness", "customer", "product"}

func (f Format) withDefaults() Format {
	d := DefaultFormat()
	for _, field := range []struct {
		value *string
		def   string
	}{
		{&f.Case, d.Case}, {&f.Activity, d.Activity}, {&f.Resource, d.Resource}, {&f.Time, d.Time},
		{&f.TimeLayout, d.TimeLayout}, {&f.Closed, d.Closed}, {&f.Taken, d.Taken},
	} {
		if *field.value == "" {
			*field.value = field.def
		}
	}
	return f
}

// An Event is one line of the log.
type Event struct {
	Line                     int // in the file, counted from 1
	Case, Activity, Resource string
	At                       time.Time
}

// A Log is an event log in memory, in order of time; events of one instant stay
// in the order of the file.
type Log struct {
	Format     Format
	Events     []Event
	Attributes map[string]map[string]string // of a case's first event: column to value
}

// ReadLog reads a CSV event log. A byte order mark, quoted fields, columns nobody
// asked for and their repeated names are fine; everything else that is not as
// Format says is an error that names the line.
func ReadLog(r io.Reader, format Format) (*Log, error) {
	format = format.withDefaults()
	in := bufio.NewReaderSize(r, 1<<16)
	if mark, err := in.Peek(3); err == nil && bytes.Equal(mark, []byte("\uFEFF")) {
		_, _ = in.Discard(3)
	}
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the log is empty: its first line must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	at, err := locate(header, format)
	if err != nil {
		return nil, err
	}
	p := parser{rows: rows, columns: at, names: map[string]string{}, first: map[string]time.Time{},
		log: &Log{Format: format, Attributes: map[string]map[string]string{}}}
	for {
		more, err := p.next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if len(p.log.Events) == 0 {
		return nil, errors.New("the log has a header but no events")
	}
	slices.SortStableFunc(p.log.Events, func(a, b Event) int { return a.At.Compare(b.At) })
	return p.log, nil
}

// columns are the places of the columns that are read.
type columns struct {
	caseID, activity, resource, time int
	attributes                       []attributeColumn
}

type attributeColumn struct {
	name string
	at   int
}

func locate(header []string, f Format) (columns, error) {
	header = slices.Clone(header)
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	var c columns
	for _, want := range []struct {
		name string
		at   *int
	}{{f.Case, &c.caseID}, {f.Activity, &c.activity}, {f.Resource, &c.resource}, {f.Time, &c.time}} {
		var err error
		if *want.at, err = column(header, want.name); err != nil {
			return c, err
		}
	}
	names, given := f.Attributes, f.Attributes != nil
	if !given {
		names = defaultAttributes
	}
	if len(names) > AttributesMax {
		return c, fmt.Errorf("%d attribute columns are asked for, the limit is %d", len(names), AttributesMax)
	}
	for _, name := range names {
		if !given && !slices.Contains(header, name) {
			continue
		}
		at, err := column(header, name)
		if err != nil {
			return c, err
		}
		c.attributes = append(c.attributes, attributeColumn{name, at})
	}
	return c, nil
}

// column finds the one column of a name.
func column(header []string, name string) (int, error) {
	at := slices.Index(header, name)
	if at < 0 {
		return 0, fmt.Errorf("the log has no column %q; it has: %s", name, quoted(header))
	}
	if slices.Contains(header[at+1:], name) {
		return 0, fmt.Errorf("the log has several columns %q, so it is not clear which is meant: rename all but one", name)
	}
	return at, nil
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(list, ", ")
}

// A parser reads rows into a Log.
type parser struct {
	rows    *csv.Reader
	columns columns
	log     *Log
	names   map[string]string    // one copy of every text, since they repeat
	first   map[string]time.Time // of each case
}

// next reads one row and reports whether there was one.
func (p *parser) next() (bool, error) {
	row, err := p.rows.Read()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the log: %w", err)
	}
	line, _ := p.rows.FieldPos(0)
	if len(p.log.Events) == EventsMax {
		return false, fmt.Errorf("line %d: the log has more than %d events: split it", line, EventsMax)
	}
	f := p.log.Format
	event := Event{Line: line}
	for _, field := range []struct {
		name string
		at   int
		to   *string
	}{{f.Case, p.columns.caseID, &event.Case}, {f.Activity, p.columns.activity, &event.Activity}, {f.Resource, p.columns.resource, &event.Resource}} {
		if *field.to, err = p.text(row[field.at]); err != nil {
			return false, fmt.Errorf("line %d, column %q: %w", line, field.name, err)
		}
	}
	// Closing is often nobody's work, and nobody is read from it anyway.
	missing := ""
	switch {
	case event.Case == "":
		missing = f.Case
	case event.Activity == "":
		missing = f.Activity
	case event.Resource == "" && event.Activity != f.Closed:
		missing = f.Resource
	}
	if missing != "" {
		return false, fmt.Errorf("line %d: %q is empty", line, missing)
	}
	at := strings.TrimSpace(row[p.columns.time])
	if event.At, err = time.Parse(f.TimeLayout, at); err != nil {
		return false, fmt.Errorf("line %d: %q is %q, expected the form %q", line, f.Time, at, f.TimeLayout)
	}
	p.log.Events = append(p.log.Events, event)
	return true, p.attributes(event, row)
}

// attributes keeps those of a case's first event.
func (p *parser) attributes(event Event, row []string) error {
	if first, ok := p.first[event.Case]; ok && !event.At.Before(first) {
		return nil
	}
	p.first[event.Case] = event.At
	kept := make(map[string]string, len(p.columns.attributes))
	for _, a := range p.columns.attributes {
		value, err := p.text(row[a.at])
		if err != nil {
			return fmt.Errorf("line %d, column %q: %w", event.Line, a.name, err)
		}
		if value != "" {
			kept[a.name] = value
		}
	}
	p.log.Attributes[event.Case] = kept
	return nil
}

// text trims a field, checks it and returns the one copy of it.
func (p *parser) text(field string) (string, error) {
	field = strings.TrimSpace(field)
	if known, ok := p.names[field]; ok {
		return known, nil
	}
	if n := utf8.RuneCountInString(field); n > NameMaxRunes {
		return "", fmt.Errorf("the value has %d characters, the limit is %d", n, NameMaxRunes)
	}
	if !utf8.ValidString(field) {
		return "", fmt.Errorf("the value %q is not UTF-8: convert the file", field)
	}
	field = strings.Clone(field)
	p.names[field] = field
	return field, nil
}
