package httpapi

import (
	"net/http"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A problem is an answer that is a no (RFC 9457). Handlers return it as their
// error; serve.go writes it.
type problem struct {
	body       problemBody
	index      uint64        // Raft index of the view it was judged by; 0: what this node has
	replayed   bool          // it is the answer of an earlier request with the same key
	retryAfter time.Duration // 0: none
	allow      string        // of 405
}

type problemBody struct {
	Type   string  `json:"type"`
	Status int     `json:"status"`
	Code   string  `json:"code"`
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors,omitempty"`
	*contest
	*retrial

	Offer *offerView `json:"offer,omitempty"` // offer_ended: what has become of it
}

// A contest says who was faster, or what is different.
type contest struct {
	Assignee fsm.AgentID `json:"assignee,omitempty"`
	Decision string      `json:"decision,omitempty"`
	Differs  []string    `json:"differs,omitempty"`
	Revision uint64      `json:"revision,omitempty"` // of what is there
	Since    moment      `json:"since,omitzero"`     // of the assignment as it is
	By       string      `json:"decided_by,omitempty"`

	Contact fsm.ContactID `json:"contact,omitempty"` // merged: the one to ask for
}

// A retrial says what is known of a request that was not answered as it should
// be, and under which key it may be sent or asked for again.
type retrial struct {
	Outcome   string `json:"outcome"`
	Key       string `json:"key,omitempty"`
	Index     uint64 `json:"index,omitempty"`     // index_not_reached: what this node has applied
	Operation string `json:"operation,omitempty"` // where to ask what became of it
}

// A fault names one thing that is wrong with a request: a field of the body by
// its JSON pointer ("" is the whole body), a parameter of the query or a header.
type fault struct {
	Pointer   *string `json:"pointer,omitempty"`
	Parameter string  `json:"parameter,omitempty"`
	Header    string  `json:"header,omitempty"`
	Code      string  `json:"code"`
	Detail    string  `json:"detail"`
}

func (p *problem) Error() string { return p.body.Code + ": " + p.body.Detail }

func newProblem(status int, code, title, detail string) *problem {
	return &problem{body: problemBody{Type: "/errors/" + code, Status: status, Code: code, Title: title, Detail: detail}}
}

// invalid is the answer to a request that is wrong in itself. There is at least
// one fault.
func invalid(faults ...fault) *problem {
	detail := ""
	for i, f := range faults {
		if i > 0 {
			detail += "; "
		}
		detail += f.String()
	}
	p := newProblem(http.StatusBadRequest, string(fsm.Invalid), refusals[fsm.Invalid].title, detail)
	p.body.Errors = faults
	return p
}

func inBody(pointer, code, detail string) fault {
	return fault{Pointer: &pointer, Code: code, Detail: detail}
}

func inQuery(parameter, code, detail string) fault {
	return fault{Parameter: parameter, Code: code, Detail: detail}
}

func inHeader(header, code, detail string) fault {
	return fault{Header: header, Code: code, Detail: detail}
}

// String says it as a part of a sentence.
func (f fault) String() string {
	where := f.Parameter + f.Header
	if f.Pointer != nil && len(*f.Pointer) > 1 {
		where = (*f.Pointer)[1:]
	}
	if where == "" {
		return f.Detail
	}
	return where + ": " + f.Detail
}
