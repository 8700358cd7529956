package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Problem is the cluster saying no (RFC 9457): the call was understood and
// nothing was done, unless Outcome is "unknown".
type Problem struct {
	Status  int    `json:"status"`
	Code    string `json:"code"` // stable, such as already_assigned; http_404 if the answer named none
	Title   string `json:"title"`
	Detail  string `json:"detail"`
	Outcome string `json:"outcome"` // of 503 and 429: rejected or unknown
	// Errors name the fields that are wrong, when it is about fields.
	Errors []FieldError `json:"errors"`

	Server     string          `json:"-"` // the node that said so
	RetryAfter time.Duration   `json:"-"` // how long it wants to be left alone
	Body       json.RawMessage `json:"-"` // the whole document, for members such as differs
}

// A FieldError says what is wrong with one field, named by JSON pointer.
type FieldError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error says it for a person: a sentence, then a line for each field.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.Title)
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	fmt.Fprintf(&b, " (%s, status %d)", p.Code, p.Status)
	for _, e := range p.Errors {
		says := e.Detail
		if says == "" {
			says = e.Code
		}
		fmt.Fprintf(&b, "\n  %s: %s", e.Pointer, says)
	}
	return b.String()
}

// problemOf reads a problem from an answer. Whatever the answer is, something a
// person can act on comes out of it.
func problemOf(meta *Meta, answer []byte) *Problem {
	var p Problem
	if err := json.Unmarshal(answer, &p); err != nil || p.Code == "" {
		p = Problem{Code: fmt.Sprintf("http_%d", meta.Status), Detail: excerpt(answer)}
	} else {
		p.Body = answer
	}
	if p.Title == "" {
		p.Title = http.StatusText(meta.Status)
	}
	if p.Title == "" {
		p.Title = "Unexpected answer"
	}
	p.Status, p.Server, p.RetryAfter = meta.Status, meta.Server, meta.retryAfter
	return &p
}

// excerpt makes one short line of an answer that is no problem document.
func excerpt(answer []byte) string {
	const limit = 200
	line := strings.Join(strings.Fields(strings.ToValidUTF8(string(answer[:min(len(answer), 4*limit)]), "")), " ")
	if runes := []rune(line); len(runes) > limit {
		return string(runes[:limit]) + "..."
	}
	return line
}

// An UnansweredError says that the context ended before any node gave a final
// answer. A changing call may or may not have happened: repeat it with Key to
// learn which, without doing it twice.
type UnansweredError struct {
	Call     string // "POST /v1/conversations"
	Key      string // empty on reads
	Attempts int
	Last     error // what went wrong with the last attempt
	Cause    error // why there was no further one; nil after Once
}

// Error implements error.
func (e *UnansweredError) Error() string {
	tries := "once"
	if e.Attempts != 1 {
		tries = fmt.Sprintf("%d times", e.Attempts)
	}
	says := fmt.Sprintf("%s got no answer (tried %s): %v", e.Call, tries, e.Last)
	if e.Key != "" {
		says += fmt.Sprintf("; it may or may not have happened, repeating it with Idempotency-Key %s is safe", e.Key)
	}
	return says
}

// Unwrap lets errors.Is and errors.As see the last failure and the context's end.
func (e *UnansweredError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Last}
	}
	return []error{e.Last, e.Cause}
}
