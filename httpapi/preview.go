package httpapi

import (
	"fmt"
	"net/http"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/words"
)

// A preview tries on a copy of the state what opening a conversation would do: by
// the very command, applied as an entry is, so it cannot say anything else than
// what would happen. Nothing enters the log, and the copy is thrown away.

// maxPreviews bounds the copies that one node makes at once.
const maxPreviews = 4

// notReal stands where an id would be: nothing of it is there.
const notReal = "preview"

// A previewBody is the conversation to try: as it would be sent to be opened, and
// every field it may have then.
type previewBody fsm.OpenConversation

var previewShape = shapeOf[previewBody]()

// A previewView is who would get the next conversation now, and why.
type previewView struct {
	Index        uint64           `json:"index"` // of the state that it was tried on
	At           moment           `json:"at"`    // the cluster's time in that state
	Conversation conversationView `json:"conversation"`
	Decision     decisionView     `json:"decision"`
	Rules        []ruleRunView    `json:"rules"`              // what would run, in this order
	Explanation  string           `json:"explanation"`        // in plain words
	Warnings     []warningView    `json:"warnings,omitempty"` // what may surprise
}

func previewInbox(a *api, c *call) (answer, error) {
	conversation, contact, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, previewShape, func(o *fsm.OpenConversation) {
		fromPath(c, &o.Inbox, "id", "/inbox")
		o.MintedID = conversation
		if o.From != nil {
			o.MintedContact = contact
		}
	})
	if err != nil {
		return answer{}, err
	}
	command.ID = "" // it may be taken, and that is not what was asked
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	if _, there := v.Inboxes.ByID(command.Inbox); !there {
		return answer{}, absent(v, "inbox", string(command.Inbox))
	}
	select {
	case a.previews <- struct{}{}:
		defer func() { <-a.previews }()
	default:
		return answer{}, crowded(cap(a.previews), "previews")
	}
	scratch := a.cluster.Copy()
	hint := appended(scratch, command)
	d, err := try(scratch, command, c)
	if err != nil {
		return answer{}, err
	}
	return d.preview(command, hint)
}

// try applies a command to a copy as the next entry would, in the same moment.
func try(scratch *fsm.State, command fsm.OpenConversation, c *call) (done, error) {
	item := fsm.NewItem(command, c.principal.Name, c.principal.Via, fsm.Key{Source: fsm.KeyMinted, Text: string(command.MintedID)})
	item.NotAfterMs = scratch.NowMs + fsm.MintedKeyLifeMs
	entry := fsm.Entry{Format: fsm.EntryFormat, MinSemantics: scratch.Semantics, TimeMs: scratch.NowMs, Items: []fsm.Item{item}}
	outcomes, err := scratch.Apply(scratch.Index+1, entry)
	if err != nil {
		return done{}, fmt.Errorf("try a command on a copy: %w", err)
	}
	if r := outcomes[0].Rejection; r != nil {
		p := refused(r, fsm.Key{})
		p.body.retrial, p.index = nil, scratch.Index-1
		return done{}, p
	}
	return done{outcomes[0], scratch}, nil
}

// preview shows what came of a try. Ids that were minted for it are not shown:
// nobody could use them.
func (d done) preview(command fsm.OpenConversation, hint string) (answer, error) {
	action, rec, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	if blocked(d) {
		p := newProblem(http.StatusConflict, string(fsm.BlockedContact), refusals[fsm.BlockedContact].title,
			"the contact is blocked: what it writes opens nothing, so there is nothing to preview")
		p.index = d.view.Index - 1
		return answer{}, p
	}
	if action.Decision == nil {
		return answer{}, fmt.Errorf("a preview without a decision about %q", action.Conversation.ID)
	}
	view := previewView{
		Index: d.view.Index - 1, At: moment(d.view.NowMs), Conversation: *action.Conversation, Decision: *action.Decision,
		Rules: runsOf(d.view), Explanation: words.Preview(d.view, rec), Warnings: action.Warnings,
	}
	name := notReal
	view.Conversation.ID, view.Conversation.Revision = fsm.ConversationID(name), 0
	view.Decision.ID, view.Decision.Conversation = name, &name
	if offer := view.Conversation.Assignment.Offer; offer != nil {
		offer.ID, view.Decision.Offer = name, &name
	}
	if view.Conversation.Contact == command.MintedContact {
		view.Conversation.Contact = notReal
	}
	if hint != "" {
		view.Explanation += " " + hint
		view.Warnings = append(view.Warnings, warningView{"would_append", hint})
	}
	return answer{status: http.StatusOK, body: view, index: view.Index}, nil
}

// A ruleRunView is a rule that would answer, and how far it would come at once.
type ruleRunView struct {
	Rule     *string `json:"rule"`
	Revision uint64  `json:"rule_revision"` // its edition
	Outcome  string  `json:"outcome"`       // done, or why it would end before; waits: it would go on later
}

// runsOf shows the runs of rules that the newest entry began.
func runsOf(v *fsm.State) []ruleRunView {
	runs := []ruleRunView{}
	for rec := range v.Records.From(fsm.RecordID{Index: v.Index}) {
		rule, _ := v.Rules.Get(rec.Rule)
		switch rec.Event {
		case fsm.RuleRan:
			runs = append(runs, ruleRunView{orNull(rule.ID), rec.Edition, rec.Outcome})
		case fsm.RuleWaits:
			runs = append(runs, ruleRunView{orNull(rule.ID), rec.Edition, "waits"})
		default:
		}
	}
	return runs
}

// appended says that a message from the contact would open nothing, if so: what a
// preview tells is about a conversation of its own.
func appended(v *fsm.State, command fsm.OpenConversation) string {
	inbox, _ := v.Inboxes.ByID(command.Inbox)
	contact, known := v.Contacts.ByID(command.Contact)
	if command.From != nil {
		contact, known = v.Contacts.ByAddress(command.From.Address)
	}
	latest, found := v.Conversations.LatestOf(contact.Handle, inbox.Handle)
	switch {
	case !known || !found:
		return ""
	case latest.Status == fsm.StatusOpen, latest.Status == fsm.StatusPending:
		return fmt.Sprintf("A message from contact %s would open none: it would be added to conversation %s.", contact.ID, latest.ID)
	case latest.Status == fsm.StatusSnoozed, v.NowMs-latest.ClosedMs <= fsm.ReopenWithinMs:
		return fmt.Sprintf("A message from contact %s would open none: it would open conversation %s again.", contact.ID, latest.ID)
	default:
		return ""
	}
}
