package httpapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// An operationView says what became of a call, by its key.
type operationView struct {
	Key       string       `json:"key"`
	Inbox     *string      `json:"inbox"`   // of a message, whose id is its key
	Outcome   string       `json:"outcome"` // committed, rejected, pending
	Status    *int         `json:"status"`  // that it was, or would have been, answered with; null while pending
	At        moment       `json:"at"`
	ExpiresAt moment       `json:"expires_at"` // the key is forgotten then
	Index     *uint64      `json:"index"`      // of Raft
	Subject   *subjectView `json:"subject"`    // what was changed, if it was
	Decision  *string      `json:"decision"`
	Problem   *problemBody `json:"problem"` // why it was rejected
}

type subjectView struct {
	Noun string `json:"noun"`
	ID   string `json:"id"`
	Href string `json:"href"`
}

// outcomePending is of a call that this node still has under way.
const outcomePending = "pending"

// getOperation resolves an outcome that a client does not know: through any node,
// for as long as the key is remembered. It changes nothing; sending the call
// again with its key resolves it, too, and carries it out if it never was.
func getOperation(a *api, c *call) (answer, error) {
	key, err := c.askedKey()
	if err != nil {
		return answer{}, err
	}
	underWay := a.underWay.has(key) // before the look, or its end would be missed between the two
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	view := operationView{Key: key.Text}
	if noun, id := messagePlace(key); key.Source == fsm.KeyMessage && noun != "conversation" {
		view.Inbox = &id
	}
	op, known := v.Keys.Operation(key, v.NowMs)
	switch {
	case known:
		view.complete(v, op, key)
		return show(v, view)
	case underWay:
		view.Outcome = outcomePending
		return answer{status: http.StatusOK, body: view, index: v.Index, retryAfter: time.Second}, nil
	default:
		return answer{}, unseen(v, key)
	}
}

// askedKey is the key that the path names, as a call with it would have it.
func (c *call) askedKey() (fsm.Key, error) {
	text := c.path["key"]
	inbox, isMessage := c.query["inbox"]
	conversation, isIn := c.query["conversation"]
	formInbox, isForm := c.query["form_inbox"]
	switch {
	case isForm && (isMessage || isIn):
		return fsm.Key{}, invalid(inQuery("form_inbox", "unexpected", "give one of inbox, conversation and form_inbox: where the message or the form was sent to"))
	case isForm && !isID(formInbox):
		return fsm.Key{}, invalid(inQuery("form_inbox", "format", fmt.Sprintf("%q is not the id of an inbox", clip(formInbox))))
	case isMessage && isIn:
		return fsm.Key{}, invalid(inQuery("conversation", "unexpected", "give either inbox or conversation: where the message was sent to"))
	case isIn && (conversation == "" || len(conversation) > fsm.MaxLongIDBytes):
		return fsm.Key{}, invalid(inQuery("conversation", "format", fmt.Sprintf("%q is not the id of a conversation", clip(conversation))))
	case isMessage && !isID(inbox):
		return fsm.Key{}, invalid(inQuery("inbox", "format", fmt.Sprintf("%q is not the id of an inbox", clip(inbox))))
	case !isKey(text):
		return fsm.Key{}, newProblem(http.StatusNotFound, codeOperationUnknown, "Not seen",
			fmt.Sprintf("%q is no key: keys have 1 to %d visible ASCII characters", clip(text), maxKeyBytes))
	case isForm:
		return fsm.Key{Source: fsm.KeyMessage, Scope: formScope + formInbox, Text: text}, nil
	case isIn:
		return fsm.Key{Source: fsm.KeyMessage, Scope: conversationScope + conversation, Text: text}, nil
	case isMessage:
		return fsm.Key{Source: fsm.KeyMessage, Scope: inbox, Text: text}, nil
	case strings.HasPrefix(text, mintedPrefix):
		return fsm.Key{Source: fsm.KeyMinted, Text: text}, nil
	default:
		return fsm.Key{Source: fsm.KeyClient, Scope: c.principal.Name, Text: text}, nil
	}
}

// complete fills in what the state remembers.
func (o *operationView) complete(v *fsm.State, op fsm.Operation, key fsm.Key) {
	o.At, o.ExpiresAt, o.Index = moment(op.AtMs), moment(op.ExpiresMs), &op.Index
	o.Decision = orNull(op.Decision.String())
	if op.Rejection != nil {
		p := refused(op.Rejection, key)
		o.Outcome, o.Status, o.Problem = outcomeRejected, &p.body.Status, &p.body
		return
	}
	status := statusOf(op.Outcome)
	o.Outcome, o.Status = outcomeCommitted, &status
	if id := op.Subject.Name(v); id != "" {
		noun := op.Subject.Noun.String()
		o.Subject = &subjectView{noun, id, "/v1/" + plurals[noun] + "/" + url.PathEscape(id)}
	}
}

var plurals = map[string]string{
	"view":  "views",
	"rule":  "rules",
	"run":   "runs",
	"agent": "agents", "team": "teams", "inbox": "inboxes", "contact": "contacts", "conversation": "conversations",
	"group": "groups", "schedule": "schedules",
}

const codeOperationUnknown = "operation_unknown"

// unseen is the answer about a key that nobody remembers. It must not be taken
// for "it never happened".
func unseen(v *fsm.State, key fsm.Key) *problem {
	detail := fmt.Sprintf("no operation with key %q has been seen; it may still arrive: send the call again with the same key", clip(key.Text))
	place, scope := messagePlace(key)
	switch key.Source {
	case fsm.KeyMessage:
		if place == "form_inbox" {
			detail = fmt.Sprintf("no form %q has been seen in inbox %q; it may still arrive: send it again", clip(key.Text), clip(scope))
			break
		}
		detail = fmt.Sprintf("no message %q has been seen in %s %q; it may still arrive: send it again", clip(key.Text), place, clip(scope))
	case fsm.KeyMinted:
		detail += fmt.Sprintf("; a key that a node made is remembered for %s only, so look at the thing itself if the call is older", maxMintedAge)
	default:
		detail += "; keys belong to who sent them, so ask with the " + actorHeader + " of the call"
	}
	p := newProblem(http.StatusNotFound, codeOperationUnknown, "Not seen", detail)
	p.index = v.Index
	return p
}

// operationPath is where to ask what became of a call.
func operationPath(key fsm.Key) string {
	path := "/v1/operations/" + url.PathEscape(key.Text)
	if key.Source == fsm.KeyMessage {
		place, scope := messagePlace(key)
		path += "?" + place + "=" + url.QueryEscape(scope)
	}
	return path
}

// messagePlace says where a message was sent to, by the key it has: to an inbox, to a
// conversation or, as a form, to an inbox.
func messagePlace(key fsm.Key) (noun, id string) {
	if id, in := strings.CutPrefix(key.Scope, conversationScope); in {
		return "conversation", id
	}
	if id, of := strings.CutPrefix(key.Scope, formScope); of {
		return "form_inbox", id
	}
	return "inbox", key.Scope
}

// underWay counts the calls of this node whose outcome is not known yet, by key.
// Its methods may be called from any goroutine.
type underWay struct {
	mu    sync.Mutex
	calls map[fsm.KeyHash]int
}

// enter notes a call; the function it returns ends it.
func (u *underWay) enter(key fsm.Key) (leave func()) {
	hash := key.Hash()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == nil {
		u.calls = map[fsm.KeyHash]int{}
	}
	u.calls[hash]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.calls[hash]--; u.calls[hash] == 0 {
			delete(u.calls, hash)
		}
	}
}

func (u *underWay) has(key fsm.Key) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls[key.Hash()] > 0
}
