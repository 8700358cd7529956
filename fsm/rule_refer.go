package fsm

import "strconv"

// references finds what a rule names.
type references struct {
	state    *State
	compared bool // also that with which a condition compares
	found    func(name reference)
}

// A reference is one thing that a rule names.
type reference struct {
	pointer  string
	noun, id string
	there    bool // it is, or not any more
}

func (r references) judge(pointer, noun, id string, there bool) {
	if id != "" {
		r.found(reference{pointer, noun, id, there})
	}
}

func (r references) agent(pointer string, id AgentID) {
	_, ok := r.state.Agents.ByID(id)
	r.judge(pointer, "agent", string(id), ok)
}

func (r references) team(pointer string, id TeamID) {
	_, ok := r.state.Teams.ByID(id)
	r.judge(pointer, "team", string(id), ok)
}

func (r references) inbox(pointer string, id InboxID) {
	_, ok := r.state.Inboxes.ByID(id)
	r.judge(pointer, "inbox", string(id), ok)
}

func (r references) schedule(pointer string, id ScheduleID) {
	if id == "" {
		return
	}
	_, ok := scheduleNamed(r.state, id)
	r.judge(pointer, "schedule", string(id), ok)
}

func (r references) rule(pointer string, id RuleID) {
	_, ok := r.state.Rules.ByID(id)
	r.judge(pointer, "rule", string(id), ok)
}

func (r references) named(noun Noun, pointer, id string) {
	switch noun {
	case NounAgent:
		r.agent(pointer, AgentID(id))
	case NounTeam:
		r.team(pointer, TeamID(id))
	case NounInbox:
		r.inbox(pointer, InboxID(id))
	default: // it is no id
	}
}

// maxUnknownTold is how many references to nothing a refusal names.
const maxUnknownTold = 20

// refuseUnknown refuses to put in force what names something that is not there: what
// lint calls an error, and nothing of which it only warns. Lint has said so before, with
// more; this is for what went away between the two. What is removed later is passed over
// when the rule runs.
func (b *RuleBody) refuseUnknown(s *State) error {
	var check checker
	b.refer(references{s, false, func(name reference) {
		if !name.there && len(check.fields) < maxUnknownTold {
			check.add(name.pointer, "unknown_"+name.noun, "there is no %s %q; create it first", name.noun, clip(name.id))
		}
	}})
	return check.as(UnknownReference)
}

// RulesNaming returns the rules in force that name a team, an agent, an inbox or a
// schedule, as they are asked. Any goroutine may call it with a state that nobody changes.
func RulesNaming(s *State, noun Noun, id string) (list []RuleID) {
	for row := range s.Rules.InOrder() {
		if row.State != RulePublished || row.Live == nil {
			continue
		}
		names := false
		row.Live.refer(references{s, true, func(name reference) {
			names = names || name.noun == noun.String() && name.id == id
		}})
		if names {
			list = append(list, row.ID)
		}
	}
	return list
}

// warnOfRules judges the removal of something by the rules that name it still.
func warnOfRules(s *State, noun Noun, id string) Warnings {
	if len(RulesNaming(s, noun, id)) > 0 {
		return WarnNamedByRules
	}
	return 0
}

// refer finds what a rule names. The body has passed check.
func (b *RuleBody) refer(refs references) {
	refs.inbox("/on/inbox", b.On.Inbox)
	refs.team("/on/team", b.On.Team)
	refs.schedule("/on/schedule", b.On.Schedule)
	b.When.refer(refs, "/when")
	refs.steps("/steps", b.Steps)
}

func (r references) steps(pointer string, steps []Step) {
	for i := range steps {
		r.step(pointer+"/"+strconv.Itoa(i), &steps[i])
	}
}

func (r references) step(pointer string, s *Step) {
	if a := s.Assign; a != nil {
		at := pointer + "/assign"
		r.agent(at+"/agent", a.Agent)
		r.team(at+"/team", a.Team)
		r.schedule(at+"/on_shift", a.Schedule)
		r.steps(at+"/otherwise", a.Otherwise)
	}
	if m := s.Move; m != nil {
		r.inbox(pointer+"/move/inbox", m.Inbox)
		r.team(pointer+"/move/team", m.Team)
	}
	if n := s.Notify; n != nil {
		r.agent(pointer+"/notify/agent", n.Agent)
		r.team(pointer+"/notify/supervisors", n.Supervisors)
	}
	if f := s.Follow; f != nil {
		r.agent(pointer+"/follow/agent", f.Agent)
	}
	if b := s.Branch; b != nil {
		b.If.refer(r, pointer+"/branch/if")
		r.steps(pointer+"/branch/then", b.Then)
		r.steps(pointer+"/branch/else", b.Else)
	}
	if w := s.Wait; w != nil {
		r.schedule(pointer+"/wait/schedule", w.Schedule)
	}
	if t := s.TriggerRule; t != nil {
		r.rule(pointer+"/trigger_rule/rule", t.Rule)
	}
	if w := s.Webhook; w != nil {
		r.steps(pointer+"/webhook/otherwise", w.Otherwise)
	}
}
