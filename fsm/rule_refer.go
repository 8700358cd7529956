package fsm

import "strconv"

// references judges what a rule names by whether it is there. What is removed
// later is passed over when the rule runs.
type references struct {
	state *State
	check *checker
}

func (r references) judge(pointer, noun, id string, there bool) {
	if id != "" && !there {
		r.check.add(pointer, "unknown_"+noun, "there is no %s %q; create it first", noun, clip(id))
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

// resolve finds fault with each reference to nothing: check.as(UnknownReference)
// refuses them. The body has passed check.
func (b RuleBody) resolve(s *State, check *checker, pointer string) {
	refs := references{s, check}
	refs.inbox(pointer+"/on/inbox", b.On.Inbox)
	refs.team(pointer+"/on/team", b.On.Team)
	refs.schedule(pointer+"/on/schedule", b.On.Schedule)
	b.When.refer(s, check, pointer+"/when")
	refs.steps(pointer+"/steps", b.Steps)
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
		b.If.refer(r.state, r.check, pointer+"/branch/if")
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
