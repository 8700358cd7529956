// Package filter is the language in which conversations are asked for, such as
// assignee=ann,bob&status=open. It is the same in a URL, in a saved view and on the
// command line: fields that must all hold, each with values any of which will do.
//
// The package knows how a filter is written and which values have the right form. It
// does not know what there is: whether ann is an agent is for whoever has a state.
package filter

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The fields, in the order in which a filter is written.
const (
	Assignee     = "assignee" // ids, Me, None
	Follower     = "follower" // ids, Me: of contacts that they follow
	Team         = "team"
	Inbox        = "inbox"
	Contact      = "contact"
	Owner        = "owner"  // of the contact: ids, Me, None
	Source       = "source" // kinds of channel, as of the inbox
	Status       = "status"
	State        = "state" // of the assignment
	Direction    = "direction"
	Kind         = "kind"
	Tag          = "tag" // of the conversation
	Priority     = "priority"
	Unread       = "unread"
	OpenedAfter  = "opened_after"  // a time, or an age such as 2d
	OpenedBefore = "opened_before" // likewise
)

// Words with a meaning where ids stand. So no agent of that id can be asked for.
const (
	Me   = "me"
	None = "none"
)

// Limits of a filter.
const (
	MaxValues = 50 // of one field
	MaxBytes  = 2000
)

// The values of fields with few of them.
var enumerations = map[string][]string{
	Status:    {"open", "pending", "snoozed", "closed"},
	State:     {"assigned", "waiting", "held", "manual", "outbound", "offered"},
	Direction: {"inbound", "outbound"},
	Kind:      {"conversation", "lead"},
	Unread:    {"true", "false"},
}

var fields = []string{Assignee, Follower, Team, Inbox, Contact, Owner, Source, Status, State, Direction, Kind, Tag, Priority, Unread, OpenedAfter, OpenedBefore}

// Fields returns the names of all fields, in the order in which they are written.
func Fields() []string { return slices.Clone(fields) }

// Values returns the values that a field may have, or nil if they are not listed.
func Values(field string) []string { return slices.Clone(enumerations[field]) }

// A Filter is values by field. The zero Filter lets everything through.
type Filter map[string][]string

// A Fault is what is wrong with one field.
type Fault struct {
	Field  string // "": the whole
	Code   string // unknown_parameter, unknown_value, format, duplicate, required, too_many, too_long, syntax
	Detail string
}

// Error implements error.
func (f Fault) Error() string {
	if f.Field == "" {
		return f.Detail
	}
	return f.Field + ": " + f.Detail
}

// Parse reads a filter as it is written in a saved view or on the command line: like
// the query of a URL, without the question mark. Its error is a Fault.
func Parse(text string) (Filter, error) {
	if len(text) > MaxBytes {
		return nil, Fault{"", "too_long", fmt.Sprintf("%d bytes, at most %d are allowed", len(text), MaxBytes)}
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, Fault{"", "syntax", "it is not written like assignee=ann,bob&status=open"}
	}
	given := map[string]string{}
	for _, name := range slices.Sorted(keys(values)) {
		if len(values[name]) > 1 {
			return nil, Fault{clip(name), "duplicate", "give it once, with commas between the values"}
		}
		given[name] = values[name][0]
	}
	return Of(given)
}

// Of reads a filter from its fields, each with its values and commas between them.
// Its error is a Fault.
func Of(given map[string]string) (Filter, error) {
	f := Filter{}
	for _, name := range slices.Sorted(keys(given)) {
		if !slices.Contains(fields, name) {
			return nil, Fault{clip(name), "unknown_parameter", "there is no such filter; known are " + strings.Join(fields, ", ")}
		}
		list := strings.Split(given[name], ",")
		slices.Sort(list)
		list = slices.Compact(list)
		if len(list) > MaxValues {
			return nil, Fault{name, "too_many", fmt.Sprintf("%d values, at most %d are allowed", len(list), MaxValues)}
		}
		for _, value := range list {
			if code, detail := judge(name, value); code != "" {
				return nil, Fault{name, code, detail}
			}
		}
		if single(name) && len(list) > 1 {
			return nil, Fault{name, "too_many", "give one value"}
		}
		f[name] = list
	}
	return f, nil
}

func single(field string) bool { return field == OpenedAfter || field == OpenedBefore }

// judge says what is wrong with a value, or nothing.
func judge(field, value string) (code, detail string) {
	if value == "" {
		return "required", "give a value; for all leave the filter out"
	}
	if known := enumerations[field]; known != nil {
		if !slices.Contains(known, value) {
			return "unknown_value", fmt.Sprintf("%q is not one of %s", clip(value), strings.Join(known, ", "))
		}
		return "", ""
	}
	switch field {
	case Priority:
		if len(value) != 1 || value[0] < '0' || value[0] > '9' {
			return "unknown_value", fmt.Sprintf("%q is not one of 0 to 9", clip(value))
		}
	case OpenedAfter, OpenedBefore:
		if _, err := Time(value, time.Time{}); err != nil {
			return "format", err.Error()
		}
	default:
		if !isID(value) {
			return "format", fmt.Sprintf("%q is no id: letters, digits and . _ : @ + - are allowed, at most 128, and commas between several", clip(value))
		}
	}
	return "", ""
}

// Time returns the moment that a value of an age stands for at a time: one that is
// written out, in RFC 3339, or one that is so many seconds, minutes, hours or days
// (30s, 5m, 2h, 7d) before now.
func Time(value string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at, nil
	}
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if n := len(value); n > 1 {
		count, err := strconv.ParseUint(value[:n-1], 10, 32)
		unit, known := units[value[n-1]]
		if err == nil && known && time.Duration(count) <= maxAge/unit {
			return now.Add(-time.Duration(count) * unit), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a time such as 2026-11-21T09:00:00Z nor an age such as 30m, 2h or 7d, at most 36500d", clip(value))
}

const maxAge = 36500 * 24 * time.Hour

// String writes the filter in the one way in which equal filters are equal texts.
func (f Filter) String() string {
	var b strings.Builder
	for _, name := range fields {
		list, given := f[name]
		if !given {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=")
		for i, value := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(escape(value))
		}
	}
	return b.String()
}

// escape leaves alone what may stand in a query as it is, so that people can read it.
func escape(value string) string {
	return strings.NewReplacer("%3A", ":", "%40", "@").Replace(url.QueryEscape(value))
}

// Has says whether the filter names a value of a field.
func (f Filter) Has(field, value string) bool { return slices.Contains(f[field], value) }

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func isID(s string) bool {
	const most = 128
	for i := range len(s) {
		b := s[i]
		letter := b|0x20 >= 'a' && b|0x20 <= 'z'
		if !letter && (b < '0' || b > '9') && strings.IndexByte("._:@+-", b) < 0 {
			return false
		}
	}
	return s != "" && len(s) <= most
}

// clip shortens what a client sent for an answer.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
