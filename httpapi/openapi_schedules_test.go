package httpapi

import (
	"maps"

	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/fsm"
)

const (
	hoursText = "Hours without weekly ones are those of the shifts. An exception holds for what begins on its date, in place of the weekly hours, and shifts are on only within it. " +
		"A time of the day means the first moment at which clocks in the zone show it or a later one: where clocks are changed, what begins or ends in the hour that is left out does so with the jump, and of an hour that comes twice the first one counts. " +
		"The moments of the next 35 days are put into the log, computed by the zones of the node's own version."
	daysText            = "The days on which they begin: mon, tue, wed, thu, fri, sat, sun."
	fromText            = "The time of the day, such as 09:00."
	presenceFollowsText = "Whether the presence of its agents follows their shifts: who is on becomes available, with a lease by her next heartbeat, and who is on no shift any more of any such schedule unavailable. What somebody sets by hand during a shift stays until its next turn; who is unavailable until a time that is still to come is left alone."
	hoursOfInboxText    = "The schedule that the inbox goes by; null: it assigns at any time."
	outsideText         = "What becomes of what comes while the schedule is closed: it is assigned all the same (`assign`), a person claims it (`team_inbox`), or nobody gets it before the schedule opens (`wait`), unless somebody claims it; then it goes on in the order in which it came. An inbox that is manual leaves everything to people."
	toText              = "The time of the day, such as 17:30. One that is not behind `from` is on the next day, so 00:00 to 00:00 is a whole day; 24:00 is the end of the day."
)

// The operations about schedules.
func init() {
	put := []fsm.Reason{fsm.UnknownReference, fsm.TooManySchedules, fsm.NotPermitted}
	maps.Copy(operations, map[string]operation{
		"PUT /v1/schedules/{id}": {id: "putSchedule", tag: "schedules", summary: "Create or replace a schedule", about: hoursText,
			body: of[fsm.PutSchedule](), answers: okOrCreated[scheduleView](), refusals: put,
			call: "/v1/schedules/office", sent: `{"name":"Office","zone":"Europe/Berlin","weekly":[{"days":["mon","tue","wed","thu","fri"],"from":"09:00","to":"17:30"}],"exceptions":[{"date":"2026-12-24","from":"09:00","to":"12:00"},{"date":"2026-12-25","closed":true,"name":"Christmas"}],"shifts":[{"name":"early","days":["mon"],"from":"06:00","to":"14:00","agents":[{"agent":"mallory"}]}]}`},
		"PATCH /v1/schedules/{id}": {id: "patchSchedule", tag: "schedules", summary: "Change single fields of a schedule", about: patchText,
			body: of[fsm.PutSchedule](), answers: ok[scheduleView](), refusals: []fsm.Reason{fsm.UnknownReference, fsm.Outdated, fsm.NotPermitted},
			call: "/v1/schedules/office", sent: `{"name":"The office"}`},
		"DELETE /v1/schedules/{id}": {id: "deleteSchedule", tag: "schedules", summary: "Remove a schedule", about: "Refused while something goes by it. " + removedText,
			body: of[fsm.DeleteSchedule](), answers: ok[scheduleView](), refusals: []fsm.Reason{fsm.InUse, fsm.NotPermitted}},
		"GET /v1/schedules/{id}": {id: "getSchedule", tag: "schedules", summary: "Look at a schedule", answers: ok[scheduleView](), call: "/v1/schedules/office"},
		"GET /v1/schedules":      {id: "listSchedules", tag: "schedules", summary: "List schedules", about: "In the order of their ids.", list: of[scheduleView](), call: "/v1/schedules"},
		"GET /v1/schedules/{id}/state": {id: "getScheduleState", tag: "schedules", summary: "What holds at a moment, and what comes then",
			about:   "Now, or at another moment. What stands in the log is told as it will happen; what is further away, or past, as the schedule is now.",
			answers: ok[scheduleStateView](), call: "/v1/schedules/office/state?at=2026-12-24T08:00:00Z"},
		"POST /v1/schedules/{id}/holidays": {id: "importHolidays", tag: "schedules", summary: "Close on the holidays of a calendar file",
			about: "The whole days of an iCalendar file (.ics, RFC 5545) from today on, for two years, also those that come again each year. A date that has hours stays as it is, and a file may be sent again. What is no whole day, is cancelled or repeats in another way is listed as skipped.",
			body:  of[holidaysBody](), answers: ok[holidaysView](), refusals: []fsm.Reason{fsm.Outdated, fsm.NotPermitted},
			call: "/v1/schedules/office/holidays", sent: `{"ics":"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nSUMMARY:New Year\nEND:VEVENT\nEND:VCALENDAR\n"}`},

		"GET /v1/schedules/{id}/revisions":                 {id: "listScheduleRevisions", tag: "schedules", summary: "The revisions of a schedule", about: revisionsText, list: of[revisionView](), call: "/v1/schedules/office/revisions"},
		"GET /v1/schedules/{id}/revisions/{revision}":      {id: "getScheduleRevision", tag: "schedules", summary: "Look at a revision of a schedule", answers: ok[revisionDetail]()},
		"GET /v1/schedules/{id}/revisions/{revision}/diff": {id: "diffScheduleRevisions", tag: "schedules", summary: "What a revision of a schedule changed", about: diffText, answers: ok[diffView]()},
	})
	exampleOrder = append(exampleOrder, "PUT /v1/schedules/{id}", "PATCH /v1/schedules/{id}", "GET /v1/schedules/{id}", "GET /v1/schedules",
		"GET /v1/schedules/{id}/state", "POST /v1/schedules/{id}/holidays", "GET /v1/schedules/{id}/revisions")
	maps.Copy(componentNames, map[string]string{"fsm.Shift": "ShiftInput", "httpapi.holidaysBody": "HolidaysInput", "httpapi.hoursView": "ScheduleHours",
		"httpapi.exceptionView": "ScheduleExceptionView", "httpapi.holidaysView": "Holidays", "httpapi.skippedView": "SkippedEvent"})
	vocabulary["httpapi.inboxBesides.outside_hours"] = wordsOf(fsm.OutsideHours.String)
	parameters["at"] = parameter{"The moment, if it is not now.", `{"type":"string","format":"date-time"}`}
	maps.Copy(abouts, map[string]string{
		"fsm.PutSchedule":                    "A schedule as it should be.",
		"fsm.PutSchedule.zone":               "A time zone of the IANA database, such as Europe/Berlin.",
		"fsm.PutSchedule.weekly":             "When it is open, 50 at most. Without any it is open while a shift is on.",
		"fsm.PutSchedule.exceptions":         "Dates on which something else holds, 500 at most.",
		"fsm.PutSchedule.shifts":             "Who works when, 31 at most.",
		"fsm.PutSchedule.presence":           presenceFollowsText + " false by default.",
		"httpapi.scheduleView.presence":      presenceFollowsText,
		"fsm.InboxAssignment.hours":          hoursOfInboxText,
		"fsm.InboxAssignment.outside_hours":  outsideText + " `assign` is the default.",
		"httpapi.inboxBesides.hours":         hoursOfInboxText,
		"httpapi.inboxBesides.outside_hours": outsideText,
		"fsm.WeeklyHours":                    "Hours on some days of the week.",
		"fsm.WeeklyHours.days":               daysText,
		"fsm.WeeklyHours.from":               fromText,
		"fsm.WeeklyHours.to":                 toText,
		"fsm.ScheduleException":              "What holds on a date: it is closed, or open from one time to another. A date may have several such hours.",
		"fsm.ScheduleException.date":         "The date, such as 2026-12-24.",
		"fsm.ScheduleException.closed":       "Nothing begins on that date.",
		"fsm.ScheduleException.from":         fromText,
		"fsm.ScheduleException.to":           toText,
		"fsm.ScheduleException.name":         "Why, in your words: 60 characters at most.",
		"fsm.Shift":                          "Hours with a name, and who is on then.",
		"fsm.Shift.name":                     "Each once in a schedule, 60 characters at most.",
		"fsm.Shift.days":                     daysText,
		"fsm.Shift.from":                     fromText,
		"fsm.Shift.to":                       toText,
		"fsm.Shift.agents":                   "Agents and groups, 500 at most.",
		"fsm.DeleteSchedule":                 "Which to remove.",
		"httpapi.holidaysBody":               "A calendar file.",
		"httpapi.holidaysBody.ics":           "The text of the file.",
		"httpapi.holidaysView":               "What became of a calendar file.",
		"httpapi.holidaysView.schedule":      "The schedule as it is now.",
		"httpapi.holidaysView.imported":      "How many dates are closed by the file.",
		"httpapi.holidaysView.kept":          "How many dates had hours of their own and stay as they were.",
		"httpapi.holidaysView.skipped":       "Which events are no holidays.",
		"httpapi.skippedView":                "An event that is no holiday.",
		"httpapi.skippedView.line":           "The line of the file at which it begins.",
		"httpapi.skippedView.reason":         "Why.",

		"httpapi.scheduleView":            "When something is open, and who is on shift.",
		"httpapi.scheduleView.warnings":   "What may surprise about this success; left out if there is nothing.",
		"httpapi.scheduleView.zone":       "The time zone.",
		"httpapi.scheduleView.weekly":     "When it is open.",
		"httpapi.scheduleView.exceptions": "Dates on which something else holds.",
		"httpapi.scheduleView.shifts":     "Who works when.",
		"httpapi.scheduleView.revision":   revisionText,
		"httpapi.scheduleNow.open":        "It is open now.",
		"httpapi.scheduleNow.on_shift":    "The shifts that are on now.",
		"httpapi.scheduleNow.known_until": "How far ahead its turns stand in the log; null: not yet.",
		"httpapi.scheduleNow.zones":       "The version of the zones they were computed with.",
		"httpapi.hoursView":               "Hours on some days of the week.",
		"httpapi.hoursView.days":          daysText,
		"httpapi.hoursView.from":          fromText,
		"httpapi.hoursView.to":            toText,
		"httpapi.exceptionView":           "What holds on a date.",
		"httpapi.exceptionView.date":      "The date.",
		"httpapi.exceptionView.closed":    "Nothing begins on it.",
		"httpapi.exceptionView.from":      "null: it is closed.",
		"httpapi.exceptionView.to":        "null: it is closed.",
		"httpapi.exceptionView.name":      "Why.",
		"httpapi.shiftView":               "Hours with a name, and who is on then.",
		"httpapi.shiftView.agents":        "Agents and groups.",

		"httpapi.scheduleStateView":             "What holds of a schedule at a moment.",
		"httpapi.scheduleStateView.schedule":    "Its id.",
		"httpapi.scheduleStateView.at":          "The moment.",
		"httpapi.scheduleStateView.open":        "It is open then.",
		"httpapi.scheduleStateView.shifts":      "The shifts that are on then.",
		"httpapi.scheduleStateView.next_change": "When that changes; null: not within 400 days.",
		"httpapi.scheduleStateView.transitions": "The next ten changes, as far as there are.",
		"httpapi.onShiftView":                   "A shift that is on.",
		"httpapi.onShiftView.agents":            "Who is on it, by id: groups are expanded.",
		"httpapi.transitionView":                "A change, and what holds from then on.",
		"httpapi.transitionView.at":             "When.",
		"httpapi.transitionView.open":           "It is open from then on.",
		"httpapi.transitionView.shifts":         "The shifts that are on from then on.",
		"httpapi.eventThings.schedule":          "The schedule.",
		"httpapi.eventTelling.shift":            "The name of the shift that began or ended.",
	})
}

// timeOfDay says which of the times at the edges of the day a field takes.
func (p *prober) timeOfDay(pointer string, schema *yaml.Node) {
	pattern := `([01][0-9]|2[0-3]):[0-5][0-9]`
	if p.ok(pointer, "24:00") {
		pattern += `|24:00`
	}
	if p.ok(pointer, "") {
		pattern = `(` + pattern + `)?`
	}
	set(schema, "pattern", `^(`+pattern+`)$`)
}
