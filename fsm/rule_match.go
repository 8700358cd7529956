package fsm

// A firing is something that has happened and that rules may answer to. It carries
// handles: the rows are read when it is answered, behind the command, the timer or
// the step that made it.
type firing struct {
	on           string
	conversation ConversationHandle
	contact      ContactHandle
	agent        AgentHandle    // of presence_changed, shift_ended: whose conversations
	schedule     ScheduleHandle // of schedule_opened and so on
	word         string         // tag, field, form, shift, status: as On says
	rule         RuleHandle     // of OnRule: which one
	seconds      uint32         // of OnNoReply: only rules for just this wait

	origin
	going
}

// An origin is what led to a firing.
type origin struct {
	because  Event       // of the record that told of it
	depth    uint8       // how many rules have led to it
	begunSeq uint64      // when the first of them began: what a person has decided since stands; 0: none has led to it
	form     string      // that was submitted
	inbox    InboxHandle // of form_submitted: where it was
	left     bool        // the conversation was left to the rule that answers: it must be routed in the end
	desk     bool        // it was known who serves the conversation, and that has been done: nobody is to take another turn for the same
}

// A going is a run that goes on, in its turn among what has happened.
type going struct {
	run RunHandle // 0: none
	met bool      // what it waits for has come
}

// A Missed is a published rule that was asked before, and why it did not answer.
type Missed struct {
	_      struct{} `cbor:",toarray"`
	Rule   RuleHandle
	Failed string // pointer of the first condition that failed
}

// MaxMissed is how many of them a decision names.
const MaxMissed = 16

// matchRule returns the first rule that answers to a firing, and those that were
// asked before it.
func matchRule(s *State, f firing) (rule Rule, missed []Missed, ok bool) {
	return matchRuleAbout(s, f, f.facts(s))
}

// matchRuleAbout is matchRule for who has the facts.
func matchRuleAbout(s *State, f firing, about facts) (rule Rule, missed []Missed, ok bool) {
	for row := range s.Rules.On(f.on) {
		if !row.Live.On.meets(s, f, about.conversation) || f.rule != 0 && f.rule != row.Handle || f.seconds != 0 && f.seconds != row.Live.On.ForSeconds {
			continue
		}
		if row.Live.When.met(&about) {
			return row, missed, true
		}
		if len(missed) < MaxMissed {
			missed = append(missed, Missed{Rule: row.Handle, Failed: string(row.Live.When.failed(&about, nil))})
		}
	}
	return Rule{}, missed, false
}

func (f firing) facts(s *State) facts {
	about := facts{state: s, agent: f.agent, form: f.form}
	if c, ok := s.Conversations.Get(f.conversation); ok {
		about.conversation = &c
		about.contact = customerOf(s, c)
	} else if row, ok := s.Contacts.Get(f.contact); ok {
		about.contact = survivorOf(s, row)
	}
	return about
}
