package fsm

// An Operation is what the state remembers of one item by its key.
type Operation struct {
	Outcome
	AtMs      int64 // when it was applied
	ExpiresMs int64 // the key is forgotten after that
}

// Operation returns what became of the item with a key, for as long as the key
// is remembered at nowMs, the time of the state. Not finding it says that this
// state has not seen the item, or has forgotten it; an item that is still on its
// way may come later.
func (t Keys) Operation(k Key, nowMs int64) (Operation, bool) {
	row, ok := t.Get(k.Hash())
	if !ok || row.ExpiresMs < nowMs {
		return Operation{}, false
	}
	return Operation{
		Outcome: row.outcome(),
		AtMs:    row.ExpiresMs - k.Source.lifeMs(), ExpiresMs: row.ExpiresMs,
	}, true
}

// lifeMs is how long a key is remembered: a day, so that a client may retry long
// after; a minted one no longer than the item itself can arrive.
func (s KeySource) lifeMs() int64 {
	if s == KeyMinted {
		return MintedKeyLifeMs
	}
	return KeyLifeMs
}

// Name returns what clients call the subject, or "" if s has none such.
func (j Subject) Name(s *State) string {
	switch h := j.Handle; j.Noun {
	case NounAgent:
		row, _ := s.Agents.Get(AgentHandle(h))
		return string(row.ID)
	case NounTeam:
		row, _ := s.Teams.Get(TeamHandle(h))
		return string(row.ID)
	case NounInbox:
		row, _ := s.Inboxes.Get(InboxHandle(h))
		return string(row.ID)
	case NounContact:
		row, _ := s.Contacts.Get(ContactHandle(h))
		return string(row.ID)
	case NounConversation:
		row, _ := s.Conversations.Get(ConversationHandle(h))
		return string(row.ID)
	case NounGroup:
		row, _ := s.Groups.Get(GroupHandle(h))
		return string(row.ID)
	case NounRule:
		row, _ := s.Rules.Get(RuleHandle(h))
		return string(row.ID)
	case NounRun:
		return RunHandle(h).String()
	case NounView:
		row, _ := s.Views.Get(ViewHandle(h))
		return string(row.ID)
	case NounSchedule:
		row, _ := s.Schedules.Get(ScheduleHandle(h))
		return string(row.ID)
	default:
		return ""
	}
}

var nouns = []string{"", "agent", "team", "inbox", "contact", "conversation", "node", "group", "view",
	"schedule",
	"rule",
	"run"}

func (n Noun) String() string { return nameOf(nouns, int(n)) }
