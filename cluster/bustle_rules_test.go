package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A ruling is an inbox in which rules say who gets what, with a team of its own:
// people publish, pause and rewrite rules while customers write, agents come, go and
// claim, and a schedule opens and closes every few seconds. It does one thing after
// the other until its outcome is known, as a bustle does.
type ruling struct {
	*bustle
	guests  int
	untilMs int64 // so far the turns of the schedule are known
}

const (
	rulingTeam     = fsm.TeamID("rt")
	rulingInbox    = fsm.InboxID("ri")
	rulingSchedule = fsm.ScheduleID("rs")
	rulingAgents   = 3
	rulingKeys     = 1_000_000 // its calls are numbered from here
)

// Tags that the rules of a ruling put, each for one reason.
const (
	tagCaught  = "caught"  // a rule has answered to the opening
	tagDrafted = "drafted" // only drafts that are never published put it
	tagWaited  = "waited"  // a run has gone on behind a wait
	tagLate    = "late"    // the customer has waited for an answer
	tagOver    = "over"    // nobody had it in time
)

func ruled(i int) fsm.AgentID { return fsm.AgentID(fmt.Sprintf("r%d", i)) }

// rulingTurnMs is the distance of turns, which all are on one grid, whoever computes
// them: at the even ones it opens.
const rulingTurnMs = 2000

func (r *ruling) run(load context.Context) {
	r.calls = rulingKeys
	for _, c := range r.world() {
		r.ask("system:test", c)
	}
	r.extend(true)
	for ; load.Err() == nil; sleep(load, time.Duration(r.rng.IntN(900))*time.Millisecond) {
		r.extend(false)
		switch r.rng.IntN(12) {
		case 0, 1, 2, 3, 4:
			r.arrive()
		case 5, 6:
			agent := ruled(r.rng.IntN(rulingAgents))
			r.ask(principalOf(agent), fsm.PutPresence{Agent: agent, Status: []string{"available", "away"}[r.rng.IntN(2)]})
		case 7:
			r.rewrite()
		default:
			r.meddle()
		}
	}
	for i := range rulingAgents { // so that what waits comes to its end
		r.ask(principalOf(ruled(i)), fsm.PutPresence{Agent: ruled(i), Status: "available"})
	}
}

func (r *ruling) world() (list []fsm.Command) {
	team := fsm.PutTeam{ID: rulingTeam, Name: "Ruled"}
	for i := range rulingAgents {
		id := ruled(i)
		list = append(list, fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version})
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
	}
	return append(list, team,
		fsm.PutInbox{ID: rulingInbox, Name: "Ruled", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: rulingTeam}},
		catching(2, tagCaught), fsm.PublishRule{ID: "catch"},
		fsm.PutRule{ID: "later", Name: "Later", RuleBody: fsm.RuleBody{
			On:    fsm.Trigger{On: fsm.OnTagApplied, Inbox: rulingInbox, Tag: tagCaught},
			Steps: []fsm.Step{{Wait: &fsm.WaitStep{Seconds: 2}}, {AddTag: &fsm.TagStep{Tag: tagWaited}}, {Wait: &fsm.WaitStep{Schedule: rulingSchedule, Until: "closed"}}, {SetPriority: &fsm.PriorityStep{Priority: 3}}}}},
		fsm.PublishRule{ID: "later"},
		fsm.PutRule{ID: "late", Name: "Late", RuleBody: fsm.RuleBody{
			On: fsm.Trigger{On: fsm.OnNoReply, Inbox: rulingInbox, ForSeconds: 4}, Steps: []fsm.Step{{AddTag: &fsm.TagStep{Tag: tagLate}}}}},
		fsm.PublishRule{ID: "late"})
}

// catching is the rule that says who gets what is opened.
func catching(within uint32, tag string) fsm.Command {
	to := func(seconds uint32, otherwise ...fsm.Step) fsm.Step {
		return fsm.Step{Assign: &fsm.AssignStep{Team: rulingTeam, WithinSeconds: seconds, Otherwise: otherwise}}
	}
	return fsm.PutRule{ID: "catch", Name: "Catch", RuleBody: fsm.RuleBody{
		On:    fsm.Trigger{On: fsm.OnOpened, Inbox: rulingInbox},
		Steps: []fsm.Step{{AddTag: &fsm.TagStep{Tag: tag}}, to(within, fsm.Step{AddTag: &fsm.TagStep{Tag: tagOver}}, to(0))}}}
}

// extend says what the schedule means further ahead, as a leader would.
func (r *ruling) extend(first bool) {
	state := r.alive(r.rng).group.Latest()
	if !first && r.untilMs > state.NowMs+5*60_000 {
		return
	}
	ahead := fsm.Horizon{Zones: "test", FromMs: state.NowMs, UntilMs: state.NowMs + 10*60_000, On: uint32(state.NowMs/rulingTurnMs+1) % 2}
	for at := (state.NowMs/rulingTurnMs + 1) * rulingTurnMs; at < ahead.UntilMs; at += rulingTurnMs {
		ahead.Turns = append(ahead.Turns, fsm.Turn{AtMs: at, On: uint32(at/rulingTurnMs+1) % 2})
	}
	r.untilMs = ahead.UntilMs
	if first {
		r.ask("system:test", fsm.PutSchedule{ID: rulingSchedule, Name: "Hours", Zone: "Europe/Berlin", Ahead: ahead})
		return
	}
	row, _ := state.Schedules.ByID(rulingSchedule)
	r.ask("system:test", fsm.ExtendSchedule{ID: rulingSchedule, Revision: row.Revision, Ahead: ahead})
}

func (r *ruling) arrive() {
	r.guests++
	r.ask("connector:test", fsm.ReceiveMessage{Inbox: rulingInbox, ID: fmt.Sprintf("ruled-%d", r.guests),
		From:          fsm.Sender{Address: fmt.Sprintf("ruled%d@guests.test", r.guests)},
		MintedContact: fsm.ContactID(fmt.Sprintf("rc%d", r.guests)), MintedID: rulingConversation(r.guests)})
}

func rulingConversation(n int) fsm.ConversationID { return fsm.ConversationID(fmt.Sprintf("rm%d", n)) }

// rewrite changes the rule that catches: a draft that says something else, and then
// one that is published; or it is paused and goes on.
func (r *ruling) rewrite() {
	if r.rng.IntN(3) == 0 {
		r.ask("system:test", fsm.PauseRule{ID: "catch"})
		r.arrive()
		r.ask("system:test", fsm.ResumeRule{ID: "catch"})
		return
	}
	r.ask("system:test", catching(1, tagDrafted))
	r.arrive()
	if r.rng.IntN(2) == 0 {
		r.ask("system:test", catching(uint32(1+r.rng.IntN(4)), tagCaught))
		r.ask("system:test", fsm.PublishRule{ID: "catch"})
	}
}

// meddle is what people do with what rules have in hand.
func (r *ruling) meddle() {
	if r.guests == 0 {
		return
	}
	id := rulingConversation(max(1, r.guests-r.rng.IntN(4)))
	agent := ruled(r.rng.IntN(rulingAgents))
	switch r.rng.IntN(4) {
	case 0, 1:
		r.ask(principalOf(agent), fsm.ClaimConversation{Conversation: id, Agent: agent})
	case 2:
		r.ask(principalOf(agent), fsm.CloseConversation{Conversation: id})
	default:
		r.ask("system:test", fsm.AddMessage{Conversation: id, ID: fmt.Sprintf("answer-%d", r.calls), Direction: "outbound",
			MintedID: fsm.ConversationID(fmt.Sprintf("rn%d", r.calls))})
	}
}

func newRuling(s *storm, seed uint64) *ruling {
	return &ruling{bustle: &bustle{storm: s, rng: rand.New(rand.NewPCG(seed, 600))}}
}
