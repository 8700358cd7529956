package fsm

import "fmt"

// checkBot refuses a bot that is not there, or is none.
func (a InboxAssignment) checkBot(s *State, check *checker) {
	agent, ok := s.Agents.ByID(a.Bot)
	switch {
	case a.Bot == "":
	case !ok:
		check.add("/assignment/bot", "unknown_agent", "there is no agent %q; create it first", a.Bot)
	case agent.Kind != Bot:
		check.add("/assignment/bot", "not_a_bot", "agent %q is of kind %s; only a bot has conversations before people", a.Bot, agent.Kind)
	}
}

func (a InboxAssignment) bot(s *State) AgentHandle {
	agent, _ := s.Agents.ByID(a.Bot)
	return agent.Handle
}

// botsOf names the inboxes whose bot an agent is.
func botsOf(s *State, agent AgentHandle) (list []string) {
	for inbox := range s.Inboxes.FromID("") {
		if inbox.Rules.Bot == agent {
			list = append(list, fmt.Sprintf("the bot of inbox %q", inbox.ID))
		}
	}
	return list
}
