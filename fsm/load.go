package fsm

import "cmp"

// What agents have open, and who has come to a limit by that. An open
// conversation counts for its assignee, or for who is asked whether she takes it, in its team and in its inbox (K62, K65);
// one that is closed, snoozed or pending does not, nor does a lead, which has no
// messages to answer.
//
// A verdict depends on these counts only where a limit is reached or left, and
// only then are seats judged anew: an entry costs nothing for agents below their
// limits, however many teams they are in.

// A share is for whom, and where, a conversation counts. The zero value: nowhere.
type share struct {
	agent AgentHandle
	team  TeamHandle
	inbox InboxHandle
}

func shareOf(c *Conversation) share {
	if c == nil || c.Status != StatusOpen || c.Lead {
		return share{}
	}
	agent := cmp.Or(c.Assignment.Assignee, c.Assignment.Offered)
	if agent == 0 {
		return share{}
	}
	return share{agent, c.Assignment.Team, c.Inbox}
}

// A pair is an agent and a team, or an agent and an inbox.
type pair uint64

func (s share) inTeam() pair  { return pair(s.agent)<<32 | pair(s.team) }
func (s share) inInbox() pair { return pair(s.agent)<<32 | pair(s.inbox) }

// shares count the open conversations of agents by team and by inbox, and note
// what has changed.
type shares struct {
	team    Tally[pair, Conversation]
	inbox   Tally[pair, Conversation]
	changes *changes
}

// changes are the shares that were won and lost since they were last looked at.
// They are noted only while an entry is applied.
type changes struct {
	noted bool
	list  []change
}

type change struct {
	share
	n int32 // 1 or -1
}

func newShares() shares {
	return shares{
		newTally(func(c *Conversation) (pair, bool) {
			s := shareOf(c)
			return s.inTeam(), s.agent != 0 && s.team != 0
		}),
		newTally(func(c *Conversation) (pair, bool) {
			s := shareOf(c)
			return s.inInbox(), s.agent != 0
		}),
		&changes{},
	}
}

func (s shares) clone() shares { return shares{s.team.clone(), s.inbox.clone(), &changes{}} }

func (s shares) move(old, row *Conversation) {
	s.team.move(old, row)
	s.inbox.move(old, row)
	lost, won := shareOf(old), shareOf(row)
	if lost == won || !s.changes.noted {
		return
	}
	if lost.agent != 0 {
		s.changes.list = append(s.changes.list, change{lost, -1})
	}
	if won.agent != 0 {
		s.changes.list = append(s.changes.list, change{won, 1})
	}
}

// note begins to note changes, and stop ends it. Apply calls them.
func (s shares) note() { s.changes.noted, s.changes.list = true, s.changes.list[:0] }
func (s shares) stop() { s.changes.noted, s.changes.list = false, s.changes.list[:0] }

// A vacancy is a place that has become free: below the limit of the agent
// herself, of a team or of an inbox.
type vacancy struct {
	share         // team and inbox are 0 unless the limit is theirs
	because Event // what made it free
}

// watchLimits judges the agents who have just come to a limit, so that nobody picks
// them any more, and notes the places that have become free. These are filled by
// fillVacancies, when the command is done: what arrives with it must not overtake
// what waits.
func watchLimits(tx *Tx) {
	list := tx.Conversations.shares.changes.list
	if len(list) == 0 {
		return
	}
	if asksAnywhere(tx.State) {
		for _, at := range list {
			if at.n < 0 { // she may have fewer now than something asks for
				tx.vacant = append(tx.vacant, vacancy{share{agent: at.agent}, tx.told})
			}
		}
	}
	if unlimited(tx.State) {
		tx.Conversations.shares.changes.list = list[:0]
		return
	}
	tx.Conversations.shares.changes.list = nil
	for i, at := range list {
		crossed(tx, list[:i], list[i:], func(s share) share { return share{agent: s.agent} }, at.share)
		if at.team != 0 {
			crossed(tx, list[:i], list[i:], func(s share) share { return share{agent: s.agent, team: s.team} }, at.share)
		}
		if at.inbox != 0 {
			crossed(tx, list[:i], list[i:], func(s share) share { return share{agent: s.agent, inbox: s.inbox} }, at.share)
		}
	}
}

// crossed looks whether the changes of what part makes of a share took it over a
// limit. Each is looked at once, where it first stands.
func crossed(tx *Tx, before, rest []change, part func(share) share, of share) {
	at, n := part(of), int32(0)
	for _, c := range before {
		if part(c.share) == at {
			return
		}
	}
	for _, c := range rest {
		if part(c.share) == at {
			n += c.n
		}
	}
	limit := limitOn(tx.State, at)
	if limit == 0 || n == 0 {
		return
	}
	now := loadOf(tx.State, at)
	was := uint32(int32(now) - n)
	if n > 0 && now > limit {
		reviewOffer(tx, at.agent)
	}
	switch {
	case was >= limit && now < limit:
		tx.vacant = append(tx.vacant, vacancy{at, tx.told})
	case was < limit && now >= limit && at.inbox == 0:
		rejudgeSeats(tx, at)
	}
}

// loadOf returns how many open conversations count for a share: all of the agent,
// or those of a team, or of an inbox.
func loadOf(s *State, at share) uint32 {
	switch {
	case at.inbox != 0:
		return s.Conversations.shares.inbox.Of(at.inInbox())
	case at.team != 0:
		return s.Conversations.shares.team.Of(at.inTeam())
	default:
		return s.Conversations.load.Of(at.agent)
	}
}

// rejudgeSeats judges an agent anew where a limit counts that she has reached.
func rejudgeSeats(tx *Tx, at share) {
	agent, _ := tx.Agents.Get(at.agent)
	for handle := range tx.Members.TeamsOf(at.agent) {
		if at.team != 0 && at.team != handle {
			continue
		}
		team, _ := tx.Teams.Get(handle)
		if m, _ := tx.Members.Of(handle, at.agent); !team.Rotation.IgnoreCapacity {
			rejudge(tx, team, m, agent)
		}
	}
}
