package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// A drawnHours is a drawn schedule as its commands, one after the other, leave it, and
// what must have been told of it.
type drawnHours struct {
	open  bool
	turns []fsm.Turn
	told  []string
}

func (h *drawnHours) tell(opens bool, dueMs int64) {
	if opens == h.open {
		return
	}
	h.open = opens
	event := fsm.ScheduleClosed
	if opens {
		event = fsm.ScheduleOpened
	}
	h.told = append(h.told, fmt.Sprintf("%s at %d", event, dueMs))
}

// pass does what is due at a time.
func (h *drawnHours) pass(nowMs int64) {
	for len(h.turns) > 0 && h.turns[0].AtMs <= nowMs {
		h.tell(h.turns[0].On == 1, h.turns[0].AtMs)
		h.turns = h.turns[1:]
	}
}

// foresee is what a command says at a time, about what was as about what will be.
func (h *drawnHours) foresee(ahead fsm.Horizon, nowMs int64) {
	h.pass(nowMs)
	on := ahead.On
	for h.turns = ahead.Turns; len(h.turns) > 0 && h.turns[0].AtMs <= nowMs; h.turns = h.turns[1:] {
		on = h.turns[0].On
	}
	h.tell(on == 1, 0)
}

// drawnHours: each turn of a schedule that is there is told once, in order, as due at
// its moment and in the first entry that has come to it; nothing is told of one that
// was replaced before, or removed.
func (j *judged) drawnHours(log course) {
	all := map[fsm.ScheduleHandle]*drawnHours{}
	for _, it := range log.items {
		handle := fsm.ScheduleHandle(it.Subject.Handle)
		if it.Replayed || it.Rejection != nil || it.Subject.Noun != fsm.NounSchedule {
			continue
		}
		if put, puts := it.command.(fsm.PutSchedule); puts && all[handle] == nil && strings.HasPrefix(string(put.ID), "ks") {
			all[handle] = &drawnHours{}
		}
		h := all[handle]
		if h == nil {
			continue
		}
		switch c := it.command.(type) {
		case fsm.PutSchedule:
			h.foresee(c.Ahead, it.nowMs)
		case fsm.ExtendSchedule:
			h.foresee(c.Ahead, it.nowMs)
		case fsm.DeleteSchedule:
			h.foresee(fsm.Horizon{}, it.nowMs)
			j.counts["schedules removed"]++
		}
	}
	told := map[fsm.ScheduleHandle][]string{}
	before := fsm.Record{}
	for _, rec := range log.records {
		if all[rec.Schedule] != nil && (rec.Event == fsm.ScheduleOpened || rec.Event == fsm.ScheduleClosed) {
			told[rec.Schedule] = append(told[rec.Schedule], fmt.Sprintf("%s at %d", rec.Event, rec.FromMs))
			switch {
			case rec.FromMs == 0:
			case rec.TimeMs < rec.FromMs, before.TimeMs >= rec.FromMs && before.ID.Index != rec.ID.Index:
				j.accuse("record %s tells at %d the turn of %d: record %s of before is of %d", rec.ID, rec.TimeMs, rec.FromMs, before.ID, before.TimeMs)
			default:
				j.counts["turns of drawn schedules"]++
			}
		}
		before = rec
	}
	for handle, h := range all {
		h.pass(log.state.NowMs)
		if !slices.Equal(told[handle], h.told) {
			j.accuse("schedule %d: told is %v, and should be %v", handle, told[handle], h.told)
		}
	}
}
