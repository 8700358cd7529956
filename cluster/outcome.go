package cluster

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/raft"
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
	CodeNoLeader     = "no_leader"
	CodeDeadline     = "deadline"
	CodeTooBusy      = "too_busy"
	CodeTooLarge     = "too_large"
	CodeShuttingDown = "shutting_down"
	CodeNotReady     = "not_ready"
)

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
	return &Error{code, Rejected, time.Second, cause}
}

var (
	errNoLeader = errors.New("no leader is known; a majority of the nodes must be up and reach each other")
	errStopping = errors.New("this node is shutting down")
	errQueue    = errors.New("too many calls are waiting on this node")
	errNotReady = errors.New("the leader has not taken office yet")
)

// notAppended says whether an error of Raft means that the entry is in nobody's
// log and never will be (raft.md 1.2). Everything else is unknown.
func notAppended(err error) bool {
	return errors.Is(err, raft.ErrNotLeader) ||
		errors.Is(err, raft.ErrEnqueueTimeout) ||
		errors.Is(err, raft.ErrLeadershipTransferInProgress)
}
