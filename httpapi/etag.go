package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// The entity tag of a thing is its revision: which of its configurations, or of
// the states of a conversation, this is. Whoever sends it back with a change is
// told if somebody else was faster. It says nothing about what is only computed
// for an answer, as how many conversations an agent has, so no answer may be kept
// because of it.

const (
	matchHeader     = "If-Match"
	noneMatchHeader = "If-None-Match"
)

// A versioned view has a revision.
type versioned interface{ version() uint64 }

func (v agentView) version() uint64        { return v.Revision }
func (v teamView) version() uint64         { return v.Revision }
func (v inboxView) version() uint64        { return v.Revision }
func (v contactView) version() uint64      { return v.Revision }
func (v conversationView) version() uint64 { return v.Revision }
func (v actionView) version() uint64 {
	if v.Conversation == nil {
		return 0
	}
	return v.Conversation.Revision
}
func (v shownSeat) version() uint64 { return v.revision }

// A shownSeat is a seat that is shown alone, under the revision of its team.
type shownSeat struct {
	seatView
	revision uint64
}

// etag returns the entity tag of what an answer shows, or "".
func etag(body any) string {
	revision := uint64(0)
	switch b := body.(type) {
	case versioned:
		revision = b.version()
	case *problem:
		if b.body.contest != nil {
			revision = b.body.Revision
		}
	}
	if revision == 0 {
		return ""
	}
	return `"` + strconv.FormatUint(revision, 10) + `"`
}

// preconditionOf reads what must hold for a change to happen.
func preconditionOf(r *http.Request) (fsm.Precondition, error) {
	match, none := r.Header[matchHeader], r.Header[noneMatchHeader]
	switch {
	case len(match) == 0 && len(none) == 0:
		return fsm.Precondition{}, nil
	case len(match) > 0 && len(none) > 0:
		return fsm.Precondition{}, invalid(inHeader(noneMatchHeader, "unexpected", "give either If-Match or If-None-Match, not both"))
	case len(none) > 1 || len(none) == 1 && none[0] != "*":
		return fsm.Precondition{}, invalid(inHeader(noneMatchHeader, "format", "with a change it may only be *, once: create it, or do nothing"))
	case len(none) == 1:
		return fsm.Precondition{Demand: fsm.MustNotExist}, nil
	case len(match) == 1 && match[0] == "*":
		return fsm.Precondition{Demand: fsm.MustExist}, nil
	}
	quoted, ok := strings.CutPrefix(match[0], `"`)
	if ok {
		quoted, ok = strings.CutSuffix(quoted, `"`)
	}
	revision, err := strconv.ParseUint(quoted, 10, 64)
	if !ok || err != nil || len(match) > 1 {
		return fsm.Precondition{}, invalid(inHeader(matchHeader, "format",
			fmt.Sprintf(`%s is not * or one revision as ETag gives it, such as "17" with its quotation marks`, clip(strings.Join(match, ", ")))))
	}
	return fsm.Precondition{Demand: fsm.MustHaveRevision, Revision: revision}, nil
}

// conditional completes an item by the precondition of its call. A command that
// is about nothing yet cannot have one.
func (c *call) conditional(it fsm.Item, command fsm.Command) (fsm.Item, error) {
	it.If, it.Amends = c.precondition, c.amends
	if _, ok := command.(fsm.Targeted); ok || it.If.Demand == fsm.AsksNothing {
		return it, nil
	}
	header := matchHeader
	if it.If.Demand == fsm.MustNotExist {
		header = noneMatchHeader
	}
	return it, invalid(inHeader(header, "unsupported",
		"this call is about no one thing that is there already; leave the header out: its key or id keeps it from happening twice"))
}
