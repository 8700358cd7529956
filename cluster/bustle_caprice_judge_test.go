package cluster

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// capriceFloors are how many of each all stories together must have seen, for one
// change of leader.
var capriceFloors = map[string]float64{
	"drawn rules that ran": 0.06, "drawn rules that waited": 0.05, "waits that went on": 0.05, "waits that went on when their time had come": 0.02,
	"openings whose answer is known": 0.02, "drafts put in force": 0.03, "rules rolled back": 0.004, "rules paused": 0.005, "rules removed": 0.005,
	"turns of drawn schedules": 0.04, "schedules removed": 0.004, "webhooks answered": 0.005,
}

// A drawnRule is a rule as its commands, one after the other, leave it.
type drawnRule struct {
	place       int
	draft, live int // their numbers; 0: none
	inForce     bool
	kept        map[uint64]int // the draft of each revision
}

// A drawnRun is a run as its records tell it.
type drawnRun struct {
	rule         fsm.RuleHandle
	draft        int    // with which it began
	seq          uint64 // when it did
	conversation fsm.ConversationHandle
	waits        *fsm.Record // it has said so, and has not gone on
	ended        bool
}

// A fancy judges the rules of a caprice by a course of its own: what is in force it
// knows from the commands, and never from rows, editions or what a record says.
type fancy struct {
	*judged
	rules  map[fsm.RuleHandle]*drawnRule
	bodies map[int]fsm.RuleBody // of drafts
	runs   map[fsm.RunHandle]*drawnRun
	newest map[fsm.ConversationHandle]fsm.Record // decision
	opened *fsm.Record                           // by the command at hand
	inbox  map[fsm.InboxHandle]fsm.InboxID
}

func (j *judged) caprice(log course) {
	f := &fancy{judged: j, rules: map[fsm.RuleHandle]*drawnRule{}, bodies: map[int]fsm.RuleBody{}, runs: map[fsm.RunHandle]*drawnRun{},
		newest: map[fsm.ConversationHandle]fsm.Record{}, inbox: map[fsm.InboxHandle]fsm.InboxID{}}
	for i := range 2 {
		row, _ := log.state.Inboxes.ByID(capriceInbox(i))
		f.inbox[row.Handle] = row.ID
	}
	next, before := 0, fsm.Record{}
	for _, rec := range log.records {
		if rec.Seq != before.Seq {
			f.answered(before.Seq)
		}
		for ; next < len(log.items) && log.items[next].Seq <= rec.Seq; next++ {
			if it := log.items[next]; !it.Replayed && it.Rejection == nil {
				f.govern(it)
			}
		}
		f.step(rec, before)
		before = rec
	}
	f.answered(before.Seq)
	f.end(log.state)
	j.drawnHours(log)
}

// govern notes what a command has put in force.
func (f *fancy) govern(it carriedOut) {
	c, puts := it.command.(fsm.PutRule)
	handle := fsm.RuleHandle(it.Subject.Handle)
	rule := f.rules[handle]
	if puts {
		number, place := 0, 0
		if n, _ := fmt.Sscanf(string(c.ID), "kr%d", &place); n == 0 {
			return
		}
		_, _ = fmt.Sscanf(c.Steps[0].AddTag.Tag, "draft-%d", &number)
		if rule == nil {
			rule = &drawnRule{place: place, kept: map[uint64]int{}}
			f.rules[handle] = rule
		}
		rule.draft, f.bodies[number] = number, c.RuleBody
	}
	if rule == nil || it.Subject.Noun != fsm.NounRule {
		return
	}
	switch c := it.command.(type) {
	case fsm.PublishRule:
		rule.live, rule.inForce = rule.draft, true
		f.counts["drafts put in force"]++
	case fsm.RollBackRule:
		rule.draft = rule.kept[c.Revision]
		rule.live, rule.inForce = rule.draft, true
		f.counts["rules rolled back"]++
	case fsm.PauseRule:
		rule.inForce = false
		f.counts["rules paused"]++
	case fsm.ResumeRule:
		rule.inForce = true
	case fsm.DeleteRule:
		rule.live, rule.inForce = 0, false
		f.counts["rules removed"]++
	}
	rule.kept[it.Seq] = rule.draft
}

func (f *fancy) step(rec, before fsm.Record) {
	if rec.Run != 0 {
		f.goOn(rec, before)
	}
	if _, ours := f.inbox[rec.Inbox]; !ours || rec.Conversation == 0 {
		return
	}
	if rec.Event == fsm.ConversationOpened {
		f.opened = &rec
	}
	if rec.Decision == nil {
		return
	}
	run, newest := f.runs[rec.Run], f.newest[rec.Conversation]
	byPerson := newest.Decision != nil && strings.HasPrefix(newest.Actor, "agent:") && newest.Event == newest.Decision.Trigger
	if run != nil && strings.HasPrefix(rec.Actor, "rule:") && byPerson && newest.Seq > run.seq {
		f.accuse("record %s of %s overwrites decision %s of %s, which was made since the run began", rec.ID, rec.Actor, newest.ID, newest.Actor)
	}
	f.newest[rec.Conversation] = rec
}

// goOn: a run begins with what is in force, keeps to it, goes on when its time has
// come, and ends once.
func (f *fancy) goOn(rec, before fsm.Record) {
	rule := f.rules[rec.Rule]
	run := f.runs[rec.Run]
	if run == nil {
		run = &drawnRun{rule: rec.Rule, seq: rec.Seq, conversation: rec.Conversation}
		f.runs[rec.Run] = run
		if rule != nil {
			run.draft = rule.live
			f.counts["drawn rules that ran"]++
			if !rule.inForce {
				f.accuse("record %s: run %d of rule %d begins, which is not in force", rec.ID, rec.Run, rec.Rule)
			}
		}
	}
	if run.ended {
		f.accuse("record %s: run %d goes on behind its end", rec.ID, rec.Run)
	}
	for _, tag := range rec.Tags {
		if rule != nil && strings.HasPrefix(tag, "draft-") && tag != draftTag(run.draft) {
			f.accuse("record %s: run %d began with draft %d of its rule, and now puts the tag %s", rec.ID, rec.Run, run.draft, tag)
		}
	}
	if run.waits != nil && rule != nil {
		f.waited(rec, before, *run.waits)
	}
	run.waits = nil
	switch rec.Event {
	case fsm.RuleWaits:
		run.waits = &rec
		if rule != nil {
			f.counts["drawn rules that waited"]++
		}
	case fsm.RuleRan:
		run.ended = true
	case fsm.WebhookAnswered:
		f.counts["webhooks answered"]++
	}
}

// waited judges when a run goes on that has said until when it waits.
func (f *fancy) waited(rec, before, waits fsm.Record) {
	ends := rec.Event == fsm.RuleRan && (rec.Outcome == fsm.OutcomeRemoved || rec.Outcome == fsm.OutcomeEnded)
	if !ends {
		f.counts["waits that went on"]++
	}
	forTime := (waits.UntilMs-waits.TimeMs)/1000%2 == 1
	switch {
	case waits.UntilMs == 0:
	case before.TimeMs >= waits.UntilMs && before.ID.Index != rec.ID.Index:
		f.accuse("record %s: run %d goes on too late: it waited until %d, and record %s of before is of %d", rec.ID, rec.Run, waits.UntilMs, before.ID, before.TimeMs)
	case forTime && rec.TimeMs < waits.UntilMs && !ends:
		f.accuse("record %s: run %d goes on at %d, and was to wait until %d", rec.ID, rec.Run, rec.TimeMs, waits.UntilMs)
	case forTime && !ends:
		f.counts["waits that went on when their time had come"]++
	}
}

// answered: what is opened is answered by the first rule in force that has no
// condition, or by one before it, and by no other.
func (f *fancy) answered(seq uint64) {
	rec := f.opened
	f.opened = nil
	if rec == nil || rec.Seq != seq {
		return
	}
	var may []fsm.RuleHandle
	must := false
	for place := 0; place < capriceRules && !must; place++ {
		for handle, rule := range f.rules {
			body := f.bodies[rule.live]
			if rule.place == place && rule.inForce && body.On.On == fsm.OnOpened && body.On.Inbox == f.inbox[rec.Inbox] {
				may, must = append(may, handle), body.When == nil
			}
		}
	}
	var did []fsm.RuleHandle
	for _, run := range f.runs {
		if run.seq == seq && run.conversation == rec.Conversation && f.bodies[run.draft].On.On == fsm.OnOpened {
			did = append(did, run.rule)
		}
	}
	if len(may) > 0 && must {
		f.counts["openings whose answer is known"]++
	}
	if len(did) > 1 || must && len(did) == 0 || len(did) == 1 && !slices.Contains(may, did[0]) {
		f.accuse("record %s: rules %v answer to the opening, and of %v the first one may, and must: %t", rec.ID, did, may, must)
	}
}

// end: what waits is there, and nothing else; what is left to a rule has one; and
// nothing waits for what has come.
func (f *fancy) end(s *fsm.State) {
	awaited := map[fsm.ConversationHandle]bool{}
	for run := range s.Runs.All() {
		awaited[run.Conversation] = true
		if told := f.runs[run.Handle]; told == nil || told.ended {
			f.accuse("run %d of rule %d is there, and was never told, or has ended", run.Handle, run.Rule)
		}
		schedule, there := s.Schedules.Get(run.Pending.Schedule)
		open := there && schedule.Open(s.NowMs)
		if run.Pending.For == fsm.PendingOpened && open || run.Pending.For == fsm.PendingClosed && !open {
			f.accuse("run %d of rule %d waits for schedule %s to be as it is", run.Handle, run.Rule, schedule.ID)
		}
	}
	for handle, run := range f.runs {
		if _, there := s.Runs.Get(handle); !run.ended && !there {
			f.accuse("run %d of rule %d has begun and not ended, and is not there", handle, run.rule)
		}
	}
	for c := range s.Conversations.All() {
		if c.Status == fsm.StatusOpen && c.Assignment.Cause == fsm.CauseRule && !awaited[c.Handle] {
			f.accuse("conversation %s is left to a rule for ever", c.ID)
		}
	}
}
