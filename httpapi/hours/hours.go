// Package hours turns opening hours as people write them (times of the day in a
// zone, by the days of the week, with exceptions) into moments.
//
// It knows zones, so nothing that all nodes must agree on may call it: the node
// that takes a schedule, and the leader that tops it up, put what comes out into
// the log (architecture: Schedules). It knows no clock, no state and no HTTP. The
// same version of it gives the same moments on every machine, since the zones are
// in the binary (zones.go).
//
// Read this file first, then zones.go. ics.go reads holidays from calendar files.
package hours

import (
	"cmp"
	"slices"
	"time"
)

// MaxShifts is how many shifts a Plan may have: one bit each, and one for being open.
const MaxShifts = 31

// DayMinutes is a whole day, for Window.To: "24:00".
const DayMinutes = 24 * 60

const (
	dayMs    = 24 * 3600 * 1000
	minuteMs = 60 * 1000
)

// A Window is a stretch of the day, again on some days of the week. From is in
// minutes since midnight, before DayMinutes; To is not behind DayMinutes. One that
// does not end behind its beginning ends on the next day, so from 00:00 to 00:00 is
// a whole day.
type Window struct {
	Days     uint8 // bit 0 is Monday; the days on which it begins
	From, To int
}

// An Exception is what holds for windows that begin on a date, in place of the
// weekly ones. A date may have several, which are open together; one that is closed
// adds nothing.
type Exception struct {
	Date     int // days since 1970-01-01
	Closed   bool
	From, To int // as in Window
}

// A Plan is what a schedule says. Without weekly hours it is open while a shift is
// on. On a date with exceptions a shift is on only within them.
type Plan struct {
	Weekly     []Window
	Exceptions []Exception
	Shifts     []Window // at most MaxShifts
}

// A Turn is a moment at which something changes, and what holds from then on: bit
// 0 says open, bit 1+i that shift i is on.
type Turn struct {
	AtMs int64
	On   uint32
}

// Expand returns what holds at fromMs, and the turns behind that and before
// untilMs, in order (Unix time in milliseconds).
//
// A time of the day means the first moment at which clocks in the zone show it or a
// later one. So what is written from or to a time in the hour that is left out
// begins or ends with the jump; of an hour that comes twice the first one counts;
// and where one window ends at a time and another begins, they never overlap and
// leave no gap, whatever the clocks do.
func (p Plan) Expand(zone *time.Location, fromMs, untilMs int64) (on uint32, turns []Turn) {
	edges := p.edges(zone, fromMs, untilMs)
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.atMs, b.atMs) })
	var open [1 + MaxShifts]int
	now := uint32(0)
	for i, e := range edges {
		open[e.bit] += e.by
		if open[e.bit] > 0 {
			now |= 1 << e.bit
		} else {
			now &^= 1 << e.bit
		}
		last := i == len(edges)-1 || edges[i+1].atMs != e.atMs
		switch {
		case !last:
		case e.atMs <= fromMs:
			on = now
		case e.atMs >= untilMs:
			return on, turns
		case len(turns) == 0 && now != on, len(turns) > 0 && now != turns[len(turns)-1].On:
			turns = append(turns, Turn{e.atMs, now})
		}
	}
	return on, turns
}

// An edge is where a stretch of a bit begins or ends.
type edge struct {
	atMs int64
	bit  int
	by   int
}

// A stretch is a window on a date: minutes since 1970 as clocks in the zone show
// them.
type stretch struct{ from, to int }

// longest is how many days a stretch that began before a moment may reach across.
const longest = 2

func (p Plan) edges(zone *time.Location, fromMs, untilMs int64) (edges []edge) {
	exceptions := map[int][]Exception{}
	for _, e := range p.Exceptions {
		exceptions[e.Date] = append(exceptions[e.Date], e)
	}
	add := func(bit int, s stretch) {
		from, to := instant(zone, s.from), instant(zone, s.to)
		if from < to {
			edges = append(edges, edge{from, bit, 1}, edge{to, bit, -1})
		}
	}
	for date := DateOf(zone, fromMs) - longest - 1; date <= DateOf(zone, untilMs)+1; date++ {
		special, excepted := exceptions[date]
		for _, s := range p.open(date, special, excepted) {
			add(0, s)
		}
		for i, shift := range p.Shifts {
			for _, s := range p.onShift(shift, date, special, excepted) {
				add(1+i, s)
			}
		}
	}
	return edges
}

// open returns when it is open by what begins on a date.
func (p Plan) open(date int, special []Exception, excepted bool) (list []stretch) {
	windows := p.Weekly
	if len(windows) == 0 {
		windows = p.Shifts
	}
	if excepted {
		for _, e := range special {
			if !e.Closed {
				list = append(list, stretchOf(date, e.From, e.To))
			}
		}
		return list
	}
	for _, w := range windows {
		if w.on(date) {
			list = append(list, stretchOf(date, w.From, w.To))
		}
	}
	return list
}

// onShift returns when a shift is on by what begins on a date.
func (p Plan) onShift(shift Window, date int, special []Exception, excepted bool) (list []stretch) {
	if !shift.on(date) {
		return nil
	}
	whole := stretchOf(date, shift.From, shift.To)
	if !excepted {
		return []stretch{whole}
	}
	for _, s := range p.open(date, special, true) {
		if cut := (stretch{max(s.from, whole.from), min(s.to, whole.to)}); cut.from < cut.to {
			list = append(list, cut)
		}
	}
	return list
}

// on says whether a window begins on a date. 1970-01-01 was a Thursday.
func (w Window) on(date int) bool {
	const thursday = 3
	return w.Days>>(((date+thursday)%7+7)%7)&1 == 1
}

func stretchOf(date, from, to int) stretch {
	if to <= from {
		to += DayMinutes
	}
	return stretch{date*DayMinutes + from, date*DayMinutes + to}
}

// instant returns the first moment at which clocks show a minute or a later one.
func instant(zone *time.Location, minute int) int64 {
	shown := int64(minute) * minuteMs
	at := time.UnixMilli(shown - dayMs).In(zone) // no clock is a day ahead of another
	for {
		_, offset := at.Zone()
		begin, end := at.ZoneBounds()
		first := shown - int64(offset)*1000
		if !begin.IsZero() {
			first = max(first, begin.UnixMilli())
		}
		if end.IsZero() || first < end.UnixMilli() {
			return first
		}
		at = end
	}
}

// DateOf returns the date that clocks in a zone show at a moment, in days since
// 1970-01-01.
func DateOf(zone *time.Location, ms int64) int {
	year, month, day := time.UnixMilli(ms).In(zone).Date()
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (dayMs / 1000))
}
