package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// A caprice is two inboxes whose rules and schedules nobody has thought about: they
// are drawn, well formed and not sensible, put in force, paused, rolled back and
// removed, while customers write and people take what rules have in hand. It does one
// thing after the other until its outcome is known, as a bustle does.
//
// Every draft begins with a tag of its own, so that a record tells which draft it was
// that had an effect. Waits last an odd number of seconds and assignments an even one,
// so that a record tells what a run waits for.
type caprice struct {
	*bustle
	drafts int
	guests int
}

const (
	capriceTeam   = fsm.TeamID("kt")
	capriceAgents = 3
	capriceRules  = 4
	capriceKeys   = 3_000_000 // its calls are numbered from here
)

func capricious(i int) fsm.AgentID         { return fsm.AgentID(fmt.Sprintf("k%d", i)) }
func capriceInbox(i int) fsm.InboxID       { return fsm.InboxID(fmt.Sprintf("ki%d", i)) }
func capriceRule(i int) fsm.RuleID         { return fsm.RuleID(fmt.Sprintf("kr%d", i)) }
func capriceHours(i int) fsm.ScheduleID    { return fsm.ScheduleID(fmt.Sprintf("ks%d", i)) }
func capriceTalk(n int) fsm.ConversationID { return fsm.ConversationID(fmt.Sprintf("km%d", n)) }

// draftTag is what only the draft with a number puts.
func draftTag(n int) string { return fmt.Sprintf("draft-%d", n) }

func newCaprice(s *storm, seed uint64) *caprice {
	return &caprice{bustle: &bustle{storm: s, rng: rand.New(rand.NewPCG(seed, 800))}}
}

func (k *caprice) run(load context.Context) {
	k.calls = capriceKeys
	team := fsm.PutTeam{ID: capriceTeam, Name: "Capricious", Rotation: &fsm.RotationSettings{DrainBurst: new(uint32)}}
	for i := range capriceAgents {
		id := capricious(i)
		k.ask("system:test", fsm.PutAgent{ID: id, Name: string(id), SortKey: sortKey(string(id)), Collation: collation.Version})
		team.Members = append(team.Members, fsm.TeamMember{Agent: id})
	}
	k.ask("system:test", team)
	for i := range 2 {
		k.ask("system:test", fsm.PutInbox{ID: capriceInbox(i), Name: "Capricious", Assignment: fsm.InboxAssignment{Mode: "rotation", Team: capriceTeam}})
		k.ask("system:test", k.hours(i))
	}
	for i := range capriceRules {
		k.ask("system:test", k.rule(i))
		k.ask("system:test", fsm.PublishRule{ID: capriceRule(i)})
	}
	for ; load.Err() == nil; sleep(load, time.Duration(k.rng.IntN(1400))*time.Millisecond) {
		k.answer()
		switch dice := k.rng.IntN(20); {
		case dice < 7:
			k.arrive()
		case dice < 14:
			k.govern()
		default:
			k.meddle()
		}
	}
}

// arrive is one who writes, or several at once, each through another node.
func (k *caprice) arrive() {
	var arriving sync.WaitGroup
	for at := range 1 + k.rng.IntN(2) {
		k.guests++
		c := fsm.ReceiveMessage{Inbox: capriceInbox(k.rng.IntN(3) / 2), ID: fmt.Sprintf("caprice-%d", k.guests),
			From:          fsm.Sender{Address: fmt.Sprintf("caprice%d@guests.test", k.guests)},
			MintedContact: fsm.ContactID(fmt.Sprintf("kc%d", k.guests)), MintedID: capriceTalk(k.guests)}
		arriving.Go(func() { k.send(at, "connector:test", c, c.ID) })
	}
	arriving.Wait()
}

// govern changes a rule or a schedule, or what is in force of it.
func (k *caprice) govern() {
	i := k.rng.IntN(capriceRules)
	id := capriceRule(i)
	switch k.rng.IntN(12) {
	case 0, 1, 2:
		k.ask("system:test", k.rule(i))
	case 3, 4:
		k.ask("system:test", fsm.PublishRule{ID: id})
	case 5:
		k.ask("system:test", fsm.PauseRule{ID: id})
	case 6:
		k.ask("system:test", fsm.ResumeRule{ID: id})
	case 7:
		k.ask("system:test", fsm.RollBackRule{ID: id, Revision: k.revision(id)})
	case 8:
		k.ask("system:test", fsm.DeleteRule{ID: id})
		k.ask("system:test", k.rule(i))
	case 9, 10:
		k.ask("system:test", k.hours(k.rng.IntN(2)))
	default:
		k.ask("system:test", fsm.DeleteSchedule{ID: capriceHours(k.rng.IntN(2))})
	}
}

// revision draws one that a node knows to be kept.
func (k *caprice) revision(id fsm.RuleID) uint64 {
	state := k.alive(k.rng).group.Latest()
	row, _ := state.Rules.ByID(id)
	kept := []uint64{1}
	for r := range state.Revisions.Of(fsm.Subject{Noun: fsm.NounRule, Handle: uint64(row.Handle)}) {
		kept = append(kept, r.Revision)
	}
	return kept[k.rng.IntN(len(kept))]
}

// meddle is what people do with what rules have in hand.
func (k *caprice) meddle() {
	id, who := capriceTalk(max(1, k.guests-k.rng.IntN(6))), capricious(k.rng.IntN(capriceAgents))
	principal := principalOf(who)
	switch k.rng.IntN(8) {
	case 0, 1:
		k.ask(principal, fsm.ClaimConversation{Conversation: id, Agent: who})
	case 2:
		k.ask(principal, fsm.CloseConversation{Conversation: id})
	case 3:
		k.ask(principal, fsm.ReopenConversation{Conversation: id})
	case 4:
		k.ask(principal, fsm.UnassignConversation{Conversation: id})
	case 5:
		k.ask("system:test", fsm.AddMessage{Conversation: id, ID: fmt.Sprintf("caprice-answer-%d", k.calls), Direction: "outbound",
			MintedID: fsm.ConversationID(fmt.Sprintf("kn%d", k.calls))})
	default:
		k.ask(principal, fsm.PutPresence{Agent: who, Status: []string{"available", "available", "away"}[k.rng.IntN(3)]})
	}
}

// answer brings a run what its webhook has answered, if one was called, now and then
// twice.
func (k *caprice) answer() {
	for due := range fsm.DueWebhooks(k.alive(k.rng).group.Latest()) {
		c := fsm.AnswerRun{WebhookTry: due.WebhookTry, OK: true, Status: 200, Values: map[string]string{"data.f": "a"}}
		if k.rng.IntN(2) == 0 {
			c = fsm.AnswerRun{WebhookTry: due.WebhookTry, Status: 500, Failure: fsm.WebhookStatus}
		}
		for range 1 + k.rng.IntN(2) {
			k.ask("system:test", c)
		}
		return
	}
}

// hours draws a schedule, which turns at any moment. What a node computes of it may
// begin a while ago.
func (k *caprice) hours(i int) fsm.Command {
	state := k.alive(k.rng).group.Latest()
	id, now := capriceHours(i), state.NowMs-k.rng.Int64N(1500)
	ahead := fsm.Horizon{Zones: fmt.Sprintf("test-%d", k.calls), FromMs: now, On: uint32(k.rng.IntN(2))}
	at, on := now, ahead.On
	for range k.rng.IntN(12) {
		at += []int64{1, 700, 3100, 9000}[k.rng.IntN(4)]
		if k.rng.IntN(4) > 0 { // else it is a turn at which nothing is different
			on = 1 - on
		}
		ahead.Turns = append(ahead.Turns, fsm.Turn{AtMs: at, On: on})
	}
	ahead.UntilMs = at + 1000
	if row, known := state.Schedules.ByID(id); known && k.rng.IntN(2) == 0 {
		return fsm.ExtendSchedule{ID: id, Revision: row.Revision, Ahead: ahead}
	}
	return fsm.PutSchedule{ID: id, Name: fmt.Sprintf("Hours %d", k.calls), Zone: "Europe/Berlin", Ahead: ahead}
}

// rule draws a draft. Its place is always the same.
func (k *caprice) rule(i int) fsm.Command {
	k.drafts++
	body := fsm.RuleBody{On: k.trigger(), Steps: append([]fsm.Step{{AddTag: &fsm.TagStep{Tag: draftTag(k.drafts)}}}, k.steps(2)...)}
	if k.rng.IntN(4) == 0 {
		body.When = k.condition()
	}
	body.Steps[0].Label = "top"
	return fsm.PutRule{ID: capriceRule(i), Name: "Caprice", Place: new(uint32(500 + i)), RuleBody: body}
}

func (k *caprice) trigger() fsm.Trigger {
	on := fsm.Trigger{Inbox: capriceInbox(k.rng.IntN(3) / 2)}
	switch dice := k.rng.IntN(14); {
	case dice < 6:
		on.On = fsm.OnOpened
	case dice == 6:
		on.On = fsm.OnFirstInbound
	case dice == 7:
		on.On = fsm.OnClosed
	case dice == 8:
		on.On = fsm.OnReopened
	case dice == 9:
		on.On, on.ForSeconds = fsm.OnNoReply, uint32(2+k.rng.IntN(4))
	case dice == 10:
		on.On, on.Tag = fsm.OnTagApplied, "ruled"
	case dice == 11:
		on.On, on.Schedule = fsm.OnScheduleOpened, capriceHours(k.rng.IntN(2))
	case dice == 12:
		on.On, on.Status = fsm.OnPresence, "away"
	default:
		return fsm.Trigger{On: fsm.OnRule}
	}
	return on
}

func (k *caprice) condition() *fsm.Condition {
	list := []fsm.Condition{
		{Field: "conversation.tags", Op: "has", Value: "ruled"}, {Field: "team.eligible", Of: string(capriceTeam), Op: "is", Value: "true"},
		{Field: "schedule.open", Of: string(capriceHours(k.rng.IntN(2))), Op: "is", Value: "true"}, {Field: "contact.new", Op: "is", Value: "true"},
		{Field: "team.queue_length", Of: string(capriceTeam), Op: "at_most", Value: "2"}, {Field: "conversation.assignee", Op: "set"},
	}
	a, b := list[k.rng.IntN(len(list))], list[k.rng.IntN(len(list))]
	return []*fsm.Condition{&a, {All: []fsm.Condition{a, b}}, {Any: []fsm.Condition{a, b}}, {Not: &a}}[k.rng.IntN(4)]
}

func (k *caprice) steps(deep int) (steps []fsm.Step) {
	for range 1 + k.rng.IntN(3) {
		steps = append(steps, k.step(deep))
	}
	return steps
}

func (k *caprice) step(deep int) fsm.Step {
	otherwise := func() []fsm.Step {
		if deep == 0 {
			return nil
		}
		return k.steps(deep - 1)
	}
	switch k.rng.IntN(21) {
	case 0, 1, 2, 3:
		return fsm.Step{Assign: &fsm.AssignStep{Team: capriceTeam, WithinSeconds: uint32(2 * k.rng.IntN(3)), Otherwise: otherwise()}}
	case 4:
		return fsm.Step{Assign: &fsm.AssignStep{Agent: capricious(k.rng.IntN(capriceAgents)), OnlyAvailable: k.rng.IntN(2) == 0}}
	case 5:
		return fsm.Step{Assign: &fsm.AssignStep{Nobody: true}}
	case 6, 7:
		return fsm.Step{Wait: &fsm.WaitStep{Seconds: uint32(1 + 2*k.rng.IntN(3))}}
	case 8, 9:
		return fsm.Step{Wait: &fsm.WaitStep{Schedule: capriceHours(k.rng.IntN(2)), Until: []string{"opened", "closed"}[k.rng.IntN(2)]}}
	case 10:
		return fsm.Step{AddTag: &fsm.TagStep{Tag: "ruled"}}
	case 11:
		return fsm.Step{RemoveTag: &fsm.TagStep{Tag: "ruled"}}
	case 12:
		return fsm.Step{SetPriority: &fsm.PriorityStep{Priority: uint8(k.rng.IntN(10))}}
	case 13:
		return []fsm.Step{{Close: &fsm.PlainStep{}}, {Reopen: &fsm.PlainStep{}}, {Requeue: &fsm.PlainStep{}}}[k.rng.IntN(3)]
	case 14:
		return fsm.Step{Jump: &fsm.JumpStep{To: "top"}}
	case 15:
		return fsm.Step{TriggerRule: &fsm.RuleStep{Rule: capriceRule(k.rng.IntN(capriceRules))}}
	case 16:
		return fsm.Step{Branch: &fsm.BranchStep{If: k.condition(), Then: append(otherwise(), fsm.Step{SetPriority: &fsm.PriorityStep{Priority: 1}})}}
	default:
		return fsm.Step{Webhook: &fsm.WebhookStep{URL: "https://crm.example/", TimeoutSeconds: 5, Retries: 1, Save: map[string]string{"f": "data.f"}, Otherwise: otherwise()}}
	}
}
