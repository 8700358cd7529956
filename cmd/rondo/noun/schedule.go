package noun

import (
	"slices"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Schedule says when something is open, and who is on shift.
var Schedule = &Noun{
	Name: "schedule", Plural: "schedules",
	Fields: []Field{
		{Pointer: "/name", Kind: Text, Flag: "name", Help: "as people read it"},
		{Pointer: "/zone", Kind: Text, Flag: "zone", Help: "the time zone its hours are in, such as Europe/Berlin"},
		{Pointer: "/weekly", Kind: Weekly, Flag: "weekly", Help: "when it is open: mon-fri 09:00-17:30, sat 10:00-14:00"},
		{Pointer: "/exceptions", Kind: Dated, Help: "what holds on dates in place of the weekly hours"},
		{Pointer: "/shifts", Kind: Shifts, Help: "who is on, and when"},
		{Pointer: "/presence", Kind: Bool, Flag: "presence", Default: false, Help: "that of its agents follows their shifts"},
	},
	Columns: []Column{
		Plain("ID", "/id"), Plain("NAME", "/name"), Plain("ZONE", "/zone"),
		word("OPEN", "/open", map[string]cli.Colour{"yes": cli.Green}), Plain("ON SHIFT", "/on_shift"), ranges("WEEKLY", "/weekly"), count("EXCEPTIONS", "/exceptions"),
	},
	Sorts: byID,
}

// ranges is a column that shows hours as people write them.
func ranges(head, pointer string) Column {
	return Column{head, func(d cli.Doc) cli.Cell {
		v, _ := cli.Get(d, pointer)
		return cli.Cell{Text: Field{Kind: Weekly}.Show(v)}
	}}
}

// A Part is one item of a list of hours, as people read it.
type Part struct {
	Name string // which it is of the list: a date, or a shift's name; "": it is known by what it says
	Says string
}

// itemFields are the fields of an item of a list of hours.
var itemFields = map[Kind][]string{
	Weekly: {"days", "from", "to"},
	Dated:  {"date", "closed", "from", "to", "name"},
	Shifts: {"name", "days", "from", "to", "agents"},
}

// Parts returns the items of a list of hours in an order that does not depend on
// theirs, since that means nothing. It is nil for fields of other kinds.
func (f Field) Parts(v any) (parts []Part) {
	list, _ := v.([]any)
	if itemFields[f.Kind] == nil {
		return nil
	}
	for _, item := range list {
		doc, _ := item.(cli.Doc)
		parts = append(parts, f.part(doc))
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return strings.Compare(a.Name+"\x00"+a.Says, b.Name+"\x00"+b.Says)
	})
	return parts
}

func (f Field) part(doc cli.Doc) Part {
	hours := cli.Text(doc["from"]) + "-" + cli.Text(doc["to"])
	switch f.Kind {
	case Dated:
		says := hours
		if doc["closed"] == true {
			says = "closed"
		}
		if name, _ := doc["name"].(string); name != "" {
			says += " (" + name + ")"
		}
		return Part{cli.Text(doc["date"]), says}
	case Shifts:
		says := Days(doc["days"]) + " " + hours
		if list, _ := doc["agents"].([]any); len(list) > 0 {
			says += ": " + cli.Text(list)
		}
		return Part{cli.Text(doc["name"]), says}
	default:
		return Part{Says: Days(doc["days"]) + " " + hours}
	}
}

// showParts is how a whole list is read.
func showParts(parts []Part) string {
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		texts = append(texts, strings.TrimSpace(part.Name+" "+part.Says))
	}
	return cli.Text(strings.Join(texts, ", "))
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Days shows days of the week in the order of the week, three and more in a row as
// mon-fri. What is no day stays where it is, at the end.
func Days(v any) string {
	list, _ := v.([]any)
	var on [7]bool
	var parts []string
	for _, item := range list {
		if day := slices.Index(weekdays, cli.Text(item)); day >= 0 {
			on[day] = true
		} else {
			parts = append(parts, cli.Text(item))
		}
	}
	const row = 3
	var days []string
	for day := 0; day < len(on); day++ {
		end := day
		for end < len(on) && on[end] {
			end++
		}
		switch {
		case end-day >= row:
			days = append(days, weekdays[day]+"-"+weekdays[end-1])
			day = end - 1
		case on[day]:
			days = append(days, weekdays[day])
		}
	}
	return strings.Join(append(days, parts...), ",")
}

// parseWeekly reads "mon-fri 09:00-17:30, sat 10:00-14:00". Days with commas need
// no blank behind them: mon,wed 09:00-12:00.
func parseWeekly(flag, text string) (any, error) {
	list := []any{}
	days := []any{}
	slip := func(word string) error {
		return cli.Usage("--%s has %q: write days and hours, such as mon-fri 09:00-17:30, sat 10:00-14:00", flag, word)
	}
	for _, word := range words(text) {
		if strings.Contains(word, ":") {
			from, to, ok := strings.Cut(word, "-")
			if !ok || len(days) == 0 {
				return nil, slip(word)
			}
			list = append(list, cli.Doc{"days": days, "from": from, "to": to})
			days = []any{}
			continue
		}
		first, last, through := strings.Cut(word, "-")
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if !through {
			to = from
		}
		if from < 0 || to < 0 {
			return nil, slip(word)
		}
		for day := from; ; day = (day + 1) % len(weekdays) {
			days = append(days, weekdays[day])
			if day == to {
				break
			}
		}
	}
	if len(days) > 0 {
		return nil, slip(cli.Text(days))
	}
	return list, nil
}

// checkHours finds fields that items of a list of hours do not have, and values of
// the wrong kind.
func (f Field) checkHours(pointer string, value any, wrong func(at, says string)) {
	list, ok := value.([]any)
	if !ok {
		wrong(pointer, "must be a list")
	}
	for i, item := range list {
		at := pointer + "/" + cli.Text(i)
		doc, ok := item.(cli.Doc)
		if !ok {
			wrong(at, "must be an object of "+strings.Join(itemFields[f.Kind], ", "))
		}
		for _, name := range Names(doc) {
			f.checkHoursField(at+"/"+name, name, doc[name], wrong)
		}
	}
}

func (f Field) checkHoursField(at, name string, value any, wrong func(at, says string)) {
	_, text := value.(string)
	_, yesNo := value.(bool)
	switch {
	case !slices.Contains(itemFields[f.Kind], name):
		wrong(at, "there is no such field; there are "+strings.Join(itemFields[f.Kind], ", "))
	case value == nil:
	case name == "days":
		list, ok := value.([]any)
		if !ok || slices.ContainsFunc(list, func(day any) bool { return !slices.Contains(weekdays, cli.Text(day)) }) {
			wrong(at, "must be a list of "+strings.Join(weekdays, ", "))
		}
	case name == "agents":
		var slips []Slip
		Field{Kind: Roster}.check(at, value, &slips)
		for _, s := range slips {
			wrong(s.Pointer, s.Says)
		}
	case name == "closed" && !yesNo:
		wrong(at, "must be true or false")
	case name != "closed" && !text:
		wrong(at, "must be text (in quotes, should it look like a number)")
	}
}

// plainHours leaves out of items of hours what says nothing.
func plainHours(v any) any {
	list, ok := withoutNulls(v).([]any)
	if !ok {
		return v
	}
	for _, item := range list {
		doc, _ := item.(cli.Doc)
		if doc["closed"] == false {
			delete(doc, "closed")
		}
		if agents, is := doc["agents"].([]any); is && len(agents) == 0 {
			delete(doc, "agents")
		}
	}
	return list
}
