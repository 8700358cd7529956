package fsm

import (
	"slices"
	"strings"
)

// A triggerKind is what a trigger may say besides what it answers to.
type triggerKind struct {
	on      string
	members []string // that may narrow it down
	needs   []string // of these
}

// triggerKinds are all triggers. Names are for ever.
var triggerKinds = []triggerKind{
	{OnOpened, []string{"inbox", "team"}, nil},
	{OnFirstInbound, []string{"inbox", "team"}, nil},
	{OnReply, []string{"inbox", "team"}, nil},
	{OnClosed, []string{"inbox", "team"}, nil},
	{OnReopened, []string{"inbox", "team"}, nil},
	{OnTagApplied, []string{"inbox", "team", "tag"}, nil},
	{OnTagRemoved, []string{"inbox", "team", "tag"}, nil},
	{OnFieldChanged, []string{"field"}, nil},
	{OnContactQualified, nil, nil},
	{OnFormSubmitted, []string{"inbox", "form"}, nil},
	{OnNoReply, []string{"inbox", "team", "for_seconds"}, []string{"for_seconds"}},
	{OnRule, nil, nil},
	{OnPresence, []string{"inbox", "team", "status"}, nil},
	{OnScheduleOpened, []string{"inbox", "team", "schedule"}, []string{"schedule"}},
	{OnScheduleClosed, []string{"inbox", "team", "schedule"}, []string{"schedule"}},
	{OnShiftEnded, []string{"inbox", "team", "schedule", "shift"}, []string{"schedule"}},
}

// triggerNames returns what a rule may answer to.
func triggerNames() []string {
	names := make([]string, 0, len(triggerKinds))
	for _, kind := range triggerKinds {
		names = append(names, kind.on)
	}
	return names
}

// check judges a trigger by itself.
func (t Trigger) check(check *checker, pointer string) {
	at := slices.IndexFunc(triggerKinds, func(k triggerKind) bool { return k.on == t.On })
	switch {
	case t.On == "":
		check.add(pointer+"/on", "required", "say what the rule answers to: one of %s", strings.Join(triggerNames(), ", "))
		return
	case at < 0:
		check.add(pointer+"/on", "unknown_value", "%s", noneOf(t.On, triggerNames()))
		return
	}
	kind := triggerKinds[at]
	for _, member := range t.members() {
		mine := slices.Contains(kind.members, member.name)
		switch {
		case member.set && !mine && len(kind.members) == 0:
			check.add(pointer+"/"+member.name, "unexpected", "%s has nothing to narrow it down; leave it out", t.On)
		case member.set && !mine:
			check.add(pointer+"/"+member.name, "unexpected", "%s may be narrowed down by %s only", t.On, strings.Join(kind.members, ", "))
		case !member.set && slices.Contains(kind.needs, member.name):
			check.add(pointer+"/"+member.name, "required", "%s needs it: %s", t.On, member.says)
		}
		if member.set && member.isID {
			check.id(pointer+"/"+member.name, member.id)
		}
	}
	if t.Status != "" && !slices.Contains(presenceStatuses, t.Status) {
		check.add(pointer+"/status", "unknown_value", "%s", noneOf(t.Status, presenceStatuses))
	}
	if t.ForSeconds > MaxSeconds {
		check.add(pointer+"/for_seconds", "out_of_range", "%d, it must be from 1 to %d (30 days)", t.ForSeconds, MaxSeconds)
	}
	if (t.On == OnScheduleOpened || t.On == OnScheduleClosed) && t.Inbox == "" && t.Team == "" {
		check.add(pointer, "required", "say of which conversations: name a team or an inbox")
	}
}

// A triggerMember is one member of a trigger.
type triggerMember struct {
	name string
	set  bool
	isID bool
	id   string
	says string
}

func (t Trigger) members() []triggerMember {
	id := func(name, id, says string) triggerMember { return triggerMember{name, id != "", true, id, says} }
	return []triggerMember{
		id("inbox", string(t.Inbox), "the id of an inbox"), id("team", string(t.Team), "the id of a team"),
		id("tag", t.Tag, "a tag"), id("field", t.Field, "the name of a field"), id("form", t.Form, "the id of a form"),
		id("schedule", string(t.Schedule), "the id of a schedule"), id("shift", t.Shift, "the name of a shift"),
		{"status", t.Status != "", false, "", "a presence"},
		{"for_seconds", t.ForSeconds != 0, false, "", "after how many seconds without an answer, from 1"},
	}
}

// meets says whether what has happened is what a trigger waits for; c is the
// conversation that it is about, which may not be stored yet, nil if there is none.
func (t Trigger) meets(s *State, f firing, c *Conversation) bool {
	return t.On == f.on && t.missed(s, f, c) == ""
}

// missed names the member of a trigger that what has happened does not meet, or "".
func (t Trigger) missed(s *State, f firing, c *Conversation) string {
	switch {
	case t.Tag != "" && t.Tag != f.word:
		return "tag"
	case t.Field != "" && t.Field != f.word:
		return "field"
	case t.Form != "" && t.Form != f.word:
		return "form"
	case t.Status != "" && t.Status != f.word:
		return "status"
	case t.Shift != "" && t.Shift != f.word:
		return "shift"
	}
	if t.Schedule != "" {
		if schedule, ok := scheduleNamed(s, t.Schedule); !ok || schedule != f.schedule {
			return "schedule"
		}
	}
	if t.On == OnFormSubmitted {
		// Its contact may have no conversation, or one elsewhere.
		if inbox, ok := s.Inboxes.ByID(t.Inbox); t.Inbox != "" && (!ok || inbox.Handle != f.inbox) {
			return "inbox"
		}
		return ""
	}
	if t.Inbox == "" && t.Team == "" && t.ForSeconds == 0 {
		return ""
	}
	return t.missedBy(s, c, c != nil)
}

// missedBy is missed as far as it is about a conversation; ok: there is one.
func (t Trigger) missedBy(s *State, c *Conversation, ok bool) string {
	switch {
	case t.Inbox != "" && !(ok && t.inInbox(s, c)):
		return "inbox"
	case t.Team != "" && !(ok && t.withTeam(s, c)):
		return "team"
	case t.ForSeconds != 0 && !(ok && t.isLate(s, c)):
		return "for_seconds"
	default:
		return ""
	}
}

// inInbox says whether a conversation is in the trigger's inbox, or is a reply that
// was to go there.
func (t Trigger) inInbox(s *State, c *Conversation) bool {
	inbox, ok := s.Inboxes.ByID(t.Inbox)
	return ok && (c.Inbox == inbox.Handle || t.On == OnReply && c.RepliesTo.Inbox == inbox.Handle)
}

// withTeam says so of its team.
func (t Trigger) withTeam(s *State, c *Conversation) bool {
	team, ok := s.Teams.ByID(t.Team)
	return ok && (c.Assignment.Team == team.Handle || t.On == OnReply && c.RepliesTo.Team == team.Handle)
}

// isLate says whether the customer has waited for an answer as long as the trigger
// says.
func (t Trigger) isLate(s *State, c *Conversation) bool {
	since := unansweredMs(c)
	return since != 0 && s.NowMs-since >= int64(t.ForSeconds)*1000
}
