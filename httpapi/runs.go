package httpapi

import (
	"fmt"
	"iter"
	"net/http"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

// A run is a rule under way. It is there for as long as it waits; how it ended stands
// in an event, rule.ran, and in the story of its conversation.

var endRunShape = shapeOf[fsm.EndRun]()

// A runView is a run that waits.
type runView struct {
	ID      string  `json:"id"`
	Rule    *string `json:"rule"`
	Edition uint64  `json:"rule_revision"` // with which it began, and ends
	runSubject
	runWaits
}

// A runSubject is what a run is about.
type runSubject struct {
	Conversation *string `json:"conversation"` // null: it is about the contact alone
	Contact      *string `json:"contact"`
	Because      *string `json:"because"` // the event that it answers to
	Actor        *string `json:"actor"`   // who set it off
}

// A runWaits is what a run waits for.
type runWaits struct {
	For      string  `json:"waits_for"`
	Until    moment  `json:"until"`    // when it waits no longer; null: for ever
	Schedule *string `json:"schedule"` // that has to open or close
	Tries    *uint8  `json:"tries"`    // of a webhook: begun so far
	Step     uint16  `json:"step"`     // with which it goes on, an index: 0 is the first, counted as they are written, nested ones too
	Place    *string `json:"place"`    // of that step in the rule, as people count: 2.1 is the first below the second; null: it ends then
	Left     bool    `json:"left"`     // the conversation has been left to this run: anybody may claim it meanwhile
}

func viewRun(v *fsm.State, row fsm.Run) runView {
	contact := row.Contact
	if c, ok := v.Conversations.Get(row.Conversation); ok {
		contact = c.Contact
	}
	customer, _ := v.Contacts.Get(contact)
	schedule, _ := v.Schedules.Get(row.Pending.Schedule)
	view := runView{
		ID: row.Handle.String(), Rule: ruleName(v, row.Rule), Edition: row.Edition,
		runSubject: runSubject{conversationName(v, row.Conversation), orNull(customer.ID), orNull(row.Because.String()), orNull(row.By)},
		runWaits: runWaits{For: row.Pending.For.String(), Until: moment(row.Pending.DueMs), Schedule: orNull(schedule.ID),
			Step: row.At, Left: row.Pending.Left},
	}
	if place, _ := fsm.StepPlace(v, row.Rule, row.Edition, row.At); place != "" {
		view.Place = &place
	}
	if row.Pending.For == fsm.PendingWebhook {
		view.Tries = &row.Pending.Tries
	}
	return view
}

// seesRun says whether the caller may see a run: by its conversation.
func seesRun(c *call, v *fsm.State, row fsm.Run) bool {
	conversation, ok := v.Conversations.Get(row.Conversation)
	return !ok || sees(c, v, conversation)
}

// runOf is the run that a path names.
func runOf(c *call) (fsm.RunHandle, bool) {
	n, err := strconv.ParseUint(c.path["id"], 10, 64)
	return fsm.RunHandle(n), err == nil && n != 0
}

func getRun(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	handle, named := runOf(c)
	row, ok := v.Runs.Get(handle)
	if !named || !ok || !seesRun(c, v, row) {
		return answer{}, absent(v, "run that waits", c.path["id"])
	}
	return show(v, viewRun(v, row))
}

// listRuns lists the runs of a rule that wait, by the edition with which they began
// and then by age.
func listRuns(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 2)
	if err != nil {
		return answer{}, err
	}
	rule, ok := v.Rules.ByID(fsm.RuleID(c.path["id"]))
	if !ok {
		return answer{}, absent(v, "rule", c.path["id"])
	}
	return byPair(v, l, rowsOf[fsm.Run]{
		rows: v.Runs.OfRule(rule.Handle, 0, 0), keep: func(row fsm.Run) bool { return seesRun(c, v, row) },
		view: func(row fsm.Run) (any, int) { return viewRun(v, row), 0 },
	}, func(row fsm.Run) (uint64, uint64) { return row.Edition, uint64(row.Handle) },
		func(edition, handle uint64) iter.Seq[fsm.Run] {
			return v.Runs.OfRule(rule.Handle, edition, fsm.RunHandle(handle))
		})
}

// A runEndView is the answer to who ends a run.
type runEndView struct {
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
}

func deleteRun(a *api, c *call) (answer, error) {
	handle, named := runOf(c)
	if !named {
		return answer{}, newProblem(http.StatusNotFound, string(fsm.NotFound), refusals[fsm.NotFound].title,
			fmt.Sprintf("%q is not the id of a run; they are numbers, such as 42", clip(c.path["id"])))
	}
	command, err := decode(c, endRunShape, func(p *fsm.EndRun) {
		if p.Run != 0 && p.Run != handle {
			c.faults = append(c.faults, inBody("/run", "differs", fmt.Sprintf("it is %s here and %s in the path; leave it out", p.Run, handle)))
		}
		p.Run = handle
	})
	if err != nil {
		return answer{}, err
	}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	return d.answer(runEndView{command.Run.String(), fsm.OutcomeEnded}), nil
}

// An eventRun is what events say of a run, of a note and of an offer.
type eventRun struct {
	Run     *string `json:"run"`     // of a rule, that did it or that it is about
	Step    *uint16 `json:"step"`    // of rule.waits: with which it goes on; of rule.ran: at which it ended
	Outcome *string `json:"outcome"` // of rule.ran: done, or why it ended before
	Note    *string `json:"note"`    // of conversation.noted: the id of the note
	Offer   *string `json:"offer"`   // that it is about, or that was accepted

	Escalation *eventEscalation `json:"escalation"` // of conversation.escalated: which step
}

func viewEventRun(rec fsm.Record) eventRun {
	shown := eventRun{Run: orNull(rec.Run.String()), Outcome: orNull(rec.Outcome), Note: orNull(rec.Note), Offer: orNull(rec.Offer.String()), Escalation: viewEventEscalation(rec)}
	if rec.Event == fsm.RuleWaits || rec.Event == fsm.RuleRan {
		shown.Step = &rec.Step
	}
	return shown
}
