package cluster

import (
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// rulingFloors are how many of each all stories together must have seen, for one
// change of leader.
var rulingFloors = map[string]float64{
	"conversations that a rule answered": 0.3, "decisions of rules": 0.2, "runs that waited": 0.2, "runs that came to their end": 0.2,
	"customers who waited too long": 0.05, "too late for within_seconds": 0.02, "turns of the schedule": 0.1, "rules put in force": 0.03,
	"runs that a person overruled or ended": 0.01,
}

// A rulingThread is one conversation of the ruled inbox.
type rulingThread struct {
	left     bool // to a rule, when it was opened
	answered bool // a decision names a rule, or a rule says why there is none
	newest   fsm.Record
}

// ruling judges what rules and schedules did, from the records alone, and from the
// state in the end.
func (j *judged) ruling(log course) {
	inbox, _ := log.state.Inboxes.ByID(rulingInbox)
	threads := map[fsm.ConversationHandle]*rulingThread{}
	inForce := map[fsm.RuleHandle]uint64{}  // its edition
	began := map[fsm.RunHandle]fsm.Record{} // the first that tells of a run
	for _, rec := range log.records {
		if rec.Event == fsm.RuleIsPublished {
			inForce[rec.Rule] = rec.Edition
			j.counts["rules put in force"]++
		}
		if rec.Run != 0 {
			j.runs(rec, inForce, began)
		}
		if rec.Inbox != inbox.Handle || rec.Conversation == 0 {
			continue
		}
		thread := threads[rec.Conversation]
		if thread == nil {
			thread = &rulingThread{}
			threads[rec.Conversation] = thread
		}
		j.ruled(rec, thread, began)
	}
	j.unanswered(log.state, threads)
	j.turns(log)
}

// runs: a run begins with what is in force then, and says so to its end.
func (j *judged) runs(rec fsm.Record, inForce map[fsm.RuleHandle]uint64, began map[fsm.RunHandle]fsm.Record) {
	first, known := began[rec.Run]
	if !known {
		began[rec.Run] = rec
		if inForce[rec.Rule] != rec.Edition {
			j.accuse("record %s: run %d of rule %d begins with edition %d, and %d is in force", rec.ID, rec.Run, rec.Rule, rec.Edition, inForce[rec.Rule])
		}
	} else if first.Rule != rec.Rule || first.Edition != rec.Edition {
		j.accuse("record %s: run %d of edition %d goes on with edition %d", rec.ID, rec.Run, first.Edition, rec.Edition)
	}
	switch rec.Event {
	case fsm.RuleWaits:
		j.counts["runs that waited"]++
	case fsm.RuleRan:
		switch rec.Outcome {
		case fsm.OutcomeDone:
			j.counts["runs that came to their end"]++
		case fsm.OutcomeDecidedByPerson, fsm.OutcomeClosed:
			j.counts["runs that a person overruled or ended"]++
		}
	}
}

// ruled goes on with one conversation: no draft has an effect (K20), and no run
// overwrites what a person has decided since it began (decision 11).
func (j *judged) ruled(rec fsm.Record, thread *rulingThread, began map[fsm.RunHandle]fsm.Record) {
	switch {
	case slices.Contains(rec.Tags, tagDrafted):
		j.accuse("record %s: a draft that was never published puts a tag", rec.ID)
	case slices.Contains(rec.Tags, tagLate):
		j.counts["customers who waited too long"]++
	case slices.Contains(rec.Tags, tagOver):
		j.counts["too late for within_seconds"]++
	}
	if rec.Event == fsm.RuleRan && thread.left {
		thread.answered = true
	}
	d := rec.Decision
	if d == nil {
		return
	}
	if rec.Event == fsm.ConversationOpened && d.Cause == fsm.CauseRule {
		thread.left = true
		j.counts["conversations that a rule answered"]++
	} else if d.Rule != "" {
		thread.answered = true
		j.counts["decisions of rules"]++
	}
	if first, of := began[rec.Run]; of && strings.HasPrefix(rec.Actor, "rule:") && strings.HasPrefix(thread.newest.Actor, "agent:") && thread.newest.Seq > first.Seq {
		j.accuse("record %s of %s overwrites decision %s of %s, which was made since the run began", rec.ID, rec.Actor, thread.newest.ID, thread.newest.Actor)
	}
	thread.newest = rec
}

// unanswered: every conversation that was left to a rule has a decision that names it,
// or the rule says why there is none; and none is left to a run that is not there.
func (j *judged) unanswered(s *fsm.State, threads map[fsm.ConversationHandle]*rulingThread) {
	waits := map[fsm.ConversationHandle]bool{}
	for run := range s.Runs.All() {
		waits[run.Conversation] = true
		if rule, _ := s.Rules.Get(run.Rule); run.Pending.DueMs != 0 && run.Pending.DueMs < s.NowMs {
			j.accuse("run %d of rule %s was to go on at %d, and it is %d", run.Handle, rule.ID, run.Pending.DueMs, s.NowMs)
		}
	}
	for handle, thread := range threads {
		c, _ := s.Conversations.Get(handle)
		if thread.left && !thread.answered && !waits[handle] {
			j.accuse("conversation %s was left to a rule, and nothing says what came of it", c.ID)
		}
		if c.Status == fsm.StatusOpen && c.Assignment.Cause == fsm.CauseRule && !waits[handle] {
			j.accuse("conversation %s is left to a rule for ever", c.ID)
		}
	}
}

// turns: each turn of the schedule is told once, in order, as due at its moment, and
// in the first entry that has come to it.
func (j *judged) turns(log course) {
	row, _ := log.state.Schedules.ByID(rulingSchedule)
	next, before := int64(0), fsm.Record{}
	for _, rec := range log.records {
		if rec.Schedule != row.Handle || row.Handle == 0 || rec.Event != fsm.ScheduleOpened && rec.Event != fsm.ScheduleClosed {
			before = rec
			continue
		}
		if rec.FromMs == 0 { // when it was made
			if next != 0 {
				j.accuse("record %s: %s, and no turn was due", rec.ID, rec.Event)
			}
			before = rec
			continue
		}
		if next == 0 {
			next = rec.FromMs
		}
		j.counts["turns of the schedule"]++
		opens := rec.FromMs/rulingTurnMs%2 == 0
		switch {
		case rec.FromMs != next || rec.FromMs%rulingTurnMs != 0:
			j.accuse("record %s tells the turn of %d, and the next one is that of %d", rec.ID, rec.FromMs, next)
		case opens != (rec.Event == fsm.ScheduleOpened):
			j.accuse("record %s: %s at %d", rec.ID, rec.Event, rec.FromMs)
		case rec.TimeMs < rec.FromMs:
			j.accuse("record %s tells at %d the turn of %d", rec.ID, rec.TimeMs, rec.FromMs)
		case before.TimeMs >= rec.FromMs && before.ID.Index != rec.ID.Index:
			j.accuse("record %s tells the turn of %d too late: record %s of before is of %d", rec.ID, rec.FromMs, before.ID, before.TimeMs)
		}
		next, before = rec.FromMs+rulingTurnMs, rec
	}
	if next != 0 && next <= log.state.NowMs {
		j.accuse("the turn of %d was never told, and it is %d", next, log.state.NowMs)
	}
}
