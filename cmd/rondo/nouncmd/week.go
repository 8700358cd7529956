package nouncmd

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
	"github.com/rondohq/rondo/httpapi/hours"
)

const (
	weekDays = 7

	// maxLooks bounds how often a node is asked for a week: it tells some turns at a
	// time. A week with more is drawn as far as it was told.
	maxLooks = 64

	slotMinutes = 30
	slots       = hours.DayMinutes / slotMinutes
	nameColumn  = 10
)

// A week is what a schedule does in seven days from the midnight before now, in its
// zone.
type week struct {
	zone   *time.Location
	note   string // what the reader must know of it
	from   time.Time
	until  time.Time // what is behind is not known
	spans  map[string][]span
	shifts []shiftOn // as listed
}

// A span is a time from a moment to another one.
type span struct{ from, to time.Time }

type shiftOn struct{ name, agents string }

// openKey is the name of the spans in which a schedule is open; no shift has it.
const openKey = ""

// weekOf asks for the week to come. What happens is asked of the node, and not
// computed here: its zones may be others, and it is its turns that count.
func weekOf(cmd *cobra.Command, o *cli.Options, path string, schedule cli.Doc) (week, error) {
	w := week{spans: map[string][]span{}, zone: time.UTC}
	zone, err := hours.Load(cli.Text(schedule["zone"]))
	if err == nil {
		w.zone = zone
	} else {
		w.note = "times are those of UTC: this program does not know the zone"
	}
	for _, item := range listOf(schedule, "/shifts") {
		shift, _ := item.(cli.Doc)
		on := shiftOn{cli.Text(shift["name"]), "nobody"}
		if len(listOf(shift, "/agents")) > 0 {
			on.agents = cli.Text(shift["agents"])
		}
		w.shifts = append(w.shifts, on)
	}
	now, err := scheduleState(cmd, o, path, time.Time{})
	if err != nil {
		return w, err
	}
	year, month, day := now.at.In(w.zone).Date()
	w.from = time.Date(year, month, day, 0, 0, 0, 0, w.zone)
	w.until = time.Date(year, month, day+weekDays, 0, 0, 0, 0, w.zone)
	end := w.until
	for at, looks := w.from, 0; at.Before(end); looks++ {
		if looks == maxLooks {
			w.until = at
			w.note = "it turns too often for all of the week to be drawn"
			break
		}
		state, err := scheduleState(cmd, o, path, at)
		if err != nil {
			return w, err
		}
		at = w.take(state, end)
	}
	return w, nil
}

// take adds what a node has told, and returns from when on to ask again.
func (w *week) take(s stateTold, end time.Time) time.Time {
	at, on := s.at, s.on
	for _, t := range s.turns {
		if !t.at.Before(end) {
			break
		}
		w.add(on, at, t.at)
		at, on = t.at, t.on
	}
	if len(s.turns) > 0 && s.turns[len(s.turns)-1].at.Before(end) && at.After(s.at) {
		return at // what holds from the last turn on is told again with what comes then
	}
	w.add(on, at, end)
	return end
}

func (w *week) add(on []string, from, to time.Time) {
	for _, name := range on {
		list := w.spans[name]
		if n := len(list); n > 0 && list[n-1].to.Equal(from) {
			list[n-1].to = to
			continue
		}
		w.spans[name] = append(list, span{from, to})
	}
}

// draw writes a line for the opening hours and each shift of each day.
func (w *week) draw(b *strings.Builder) {
	if w.note != "" {
		b.WriteString(w.note + "\n")
	}
	const step = 3
	fmt.Fprintf(b, "%-*s ", nameColumn, "")
	for hour := 0; hour < 24; hour += step {
		fmt.Fprintf(b, "%-*s", step*60/slotMinutes, fmt.Sprintf("%02d", hour))
	}
	b.WriteString("24\n")
	for day := range weekDays {
		midnight := time.Date(w.from.Year(), w.from.Month(), w.from.Day()+day, 0, 0, 0, 0, w.zone)
		next := time.Date(w.from.Year(), w.from.Month(), w.from.Day()+day+1, 0, 0, 0, 0, w.zone)
		if midnight.Before(w.until) {
			w.drawDay(b, midnight, next)
		}
	}
}

func (w *week) drawDay(b *strings.Builder, midnight, next time.Time) {
	row := func(name string, list []span, says string) {
		fmt.Fprintf(b, "%-*s %s  %s\n", nameColumn, name, bar(list, midnight, next), says)
	}
	open, says := within(w.spans[openKey], midnight, next), "closed"
	if len(open) > 0 {
		says = "open " + times(open, next)
	}
	row(midnight.Format("Mon Jan 02"), open, says)
	for _, shift := range w.shifts {
		if on := within(w.spans[shift.name], midnight, next); len(on) > 0 {
			row("", on, shift.name+" "+times(on, next)+": "+shift.agents)
		}
	}
}

// within cuts spans to a day.
func within(list []span, from, to time.Time) (day []span) {
	for _, s := range list {
		if s.from.Before(from) {
			s.from = from
		}
		if s.to.After(to) {
			s.to = to
		}
		if s.from.Before(s.to) {
			day = append(day, s)
		}
	}
	return day
}

// bar draws a day by what clocks show: a mark for each half hour of which any part is
// within a span.
func bar(list []span, midnight, next time.Time) string {
	marks := slices.Repeat([]byte{'.'}, slots)
	for _, s := range list {
		first, behind := minuteOf(s.from.In(midnight.Location()))/slotMinutes, slots
		if s.to.Before(next) {
			behind = (minuteOf(s.to.In(midnight.Location())) + slotMinutes - 1) / slotMinutes
		}
		for i := first; i < behind; i++ {
			marks[i] = '#'
		}
	}
	return string(marks)
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// times says when spans of a day are: 09:00-12:00, 13:00-24:00.
func times(list []span, next time.Time) string {
	texts := make([]string, 0, len(list))
	for _, s := range list {
		to := s.to.In(next.Location()).Format("15:04")
		if s.to.Equal(next) {
			to = "24:00"
		}
		texts = append(texts, s.from.In(next.Location()).Format("15:04")+"-"+to)
	}
	return strings.Join(texts, ", ")
}

// A stateTold is what a node says of a schedule at a moment.
type stateTold struct {
	at    time.Time
	on    []string // with openKey, if it is open
	turns []turnTold
}

type turnTold struct {
	at time.Time
	on []string
}

// scheduleState asks what holds at a moment, or now, and what comes then.
func scheduleState(cmd *cobra.Command, o *cli.Options, path string, at time.Time) (told stateTold, err error) {
	path += "/state"
	if !at.IsZero() {
		path += "?" + url.Values{"at": {at.UTC().Format(time.RFC3339Nano)}}.Encode()
	}
	raw, err := get(cmd, o, path)
	if err != nil {
		return told, err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return told, err
	}
	if told.at, err = momentOf(doc, "at"); err != nil {
		return told, err
	}
	told.on = onAt(doc)
	for _, item := range listOf(doc, "/transitions") {
		turn, _ := item.(cli.Doc)
		moment, err := momentOf(turn, "at")
		if err != nil {
			return told, err
		}
		told.turns = append(told.turns, turnTold{moment, onAt(turn)})
	}
	return told, nil
}

func onAt(doc cli.Doc) (on []string) {
	if doc["open"] == true {
		on = append(on, openKey)
	}
	for _, item := range listOf(doc, "/shifts") {
		if shift, whole := item.(cli.Doc); whole {
			item = shift["name"]
		}
		on = append(on, cli.Text(item))
	}
	return on
}

func momentOf(doc cli.Doc, name string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, cli.Text(doc[name]))
	if err != nil {
		return at, fmt.Errorf("read the state of a %s: %w", noun.Schedule.Name, err)
	}
	return at, nil
}
