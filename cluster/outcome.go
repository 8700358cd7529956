package cluster

import (
	"errors"
	"fmt"
	"time"
)

// Every call ends in one of three ways, and they are never mixed up: committed
// (an fsm.Outcome, which may itself be a refusal), rejected (nothing happened
// and nothing will), unknown (it may have happened or may still).
const (
	Rejected = "rejected"
	Unknown  = "unknown"
)

// An Error is a call that ended without an outcome from the state.
type Error struct {
	code    string
	outcome string
	retry   time.Duration
	cause   error
}

// The codes of errors; they are part of the API.
const (
	CodeNoLeader      = "no_leader"      // none was known until the caller's time was up
	CodeNotReady      = "not_ready"      // the leader had not taken office until then
	CodeDeadline      = "deadline"       // the caller's time was up for another reason
	CodeTooBusy       = "too_busy"       // the queue of this node is full
	CodeTooLarge      = "too_large"      // no entry has room for the command
	CodeNotUnderstood = "not_understood" // this node or the leader does not know the command
	CodeShuttingDown  = "shutting_down"  // this node stops
)

// retryAfter is what every error advises: an election is over by then.
const retryAfter = time.Second

func (e *Error) Error() string { return fmt.Sprintf("%s, outcome %s: %v", e.code, e.outcome, e.cause) }

// Unwrap returns what lies behind.
func (e *Error) Unwrap() error { return e.cause }

// Code says what went wrong, in a word.
func (e *Error) Code() string { return e.code }

// Outcome is Rejected or Unknown.
func (e *Error) Outcome() string { return e.outcome }

// RetryAfter is how long a client should wait before it tries again, with the
// same key.
func (e *Error) RetryAfter() time.Duration { return e.retry }

func rejected(code string, cause error) *Error {
	return &Error{code, Rejected, retryAfter, cause}
}

var (
	errNoLeader      = errors.New("no leader is known; a majority of the nodes must be up and reach each other")
	errStopping      = errors.New("this node is shutting down")
	errQueue         = errors.New("too many calls are waiting on this node")
	errNotReady      = errors.New("the leader has not taken office yet")
	errNotUnderstood = errors.New("the command is unknown to this version: upgrade every node")

	// errUncertain marks a carry that may have appended its items.
	errUncertain = errors.New("outcome unknown")
)
