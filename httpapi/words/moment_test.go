package words

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// tellAll writes the story of a conversation.
func (d *desk) tellAll(id string) {
	row, _ := d.state.Conversations.ByID(fsm.ConversationID(id))
	history := slices.Collect(d.state.History(row))
	slices.Reverse(history)
	for _, rec := range history {
		fmt.Fprintf(&d.out, "%s  %s\n", Time(rec.TimeMs), Moment(d.state, rec))
	}
}

// putRule writes a rule and publishes it.
func putRule(id, name string, body fsm.RuleBody) []fsm.Command {
	return []fsm.Command{fsm.PutRule{ID: fsm.RuleID(id), Name: name, RuleBody: body}, fsm.PublishRule{ID: fsm.RuleID(id)}}
}

func TestStory(t *testing.T) {
	d := newDesk(t)
	d.do("system:anonymous", putAgent("ann", "Ann"), putAgent("bob", "Bob"), putAgent("odd", "{Actor}"), putPresence("ann", "available"), putPresence("bob", "away"),
		putTeam("sales", "Sales", fsm.RotationSettings{Order: "list"}, "bob", "ann"), putInbox("sms", "SMS", ""),
		fsm.PutContact{ID: "ben", Name: "Ben"})
	on := fsm.Trigger{On: fsm.OnOpened}
	spanish := &fsm.Condition{All: []fsm.Condition{{Field: "conversation.inbox", Op: "is", Value: "sms"}, {Field: "contact.language", Op: "is", Value: "es"}}}
	assign := fsm.Step{Assign: &fsm.AssignStep{Team: "sales"}}
	d.do("system:anonymous", append(putRule("es", "Spanish", fsm.RuleBody{On: on, When: spanish, Steps: []fsm.Step{assign}}),
		putRule("vip", "VIP", fsm.RuleBody{On: on, Steps: []fsm.Step{{AddTag: &fsm.TagStep{Tag: "vip"}}, assign}})...)...)
	d.out.Reset()

	d.title("A rule answers; the one before it did not.")
	d.do("agent:bob", opened("c1", "sms"))
	d.do("agent:odd", fsm.PutTag{Conversation: "c1", Tag: "angry"})
	d.do("agent:odd", fsm.PutPriority{Conversation: "c1", Priority: new(uint8(5))})
	d.do("agent:bob", fsm.CloseConversation{Conversation: "c1"})
	d.out.Reset()
	d.tellAll("c1")

	d.title("A rule that waits, and one that gives it to nobody.")
	d.do("system:anonymous", putAgent("zoe", "Zoe"))
	d.do("system:anonymous", putRule("vip", "VIP", fsm.RuleBody{On: on, Steps: []fsm.Step{{Wait: &fsm.WaitStep{Seconds: 5}}, {Assign: &fsm.AssignStep{Agent: "zoe"}}}})...)
	d.do("system:anonymous", fsm.DeleteAgent{ID: "zoe"})
	d.do("agent:bob", opened("c2", "sms"))
	d.do("system:anonymous")
	d.tellAll("c2")

	d.title("No rule answers.")
	d.do("system:anonymous", fsm.PauseRule{ID: "vip"})
	d.do("agent:bob", opened("c3", "sms"))
	d.golden("testdata/story.txt")
}
