package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// A refusal is how a reason of the state looks in HTTP.
type refusal struct {
	status     int
	title      string
	retryAfter time.Duration
}

// refusals maps every reason of package fsm; a test fails if one is missing.
var refusals = map[fsm.Reason]refusal{
	fsm.Invalid: {http.StatusBadRequest, "The request is not valid", 0},

	fsm.NotPermitted: {http.StatusForbidden, "Not allowed", 0},
	fsm.NoAccess:     {http.StatusForbidden, "No access to the inbox", 0},

	fsm.NotFound:   {http.StatusNotFound, "Not found", 0},
	fsm.MergedAway: {http.StatusNotFound, "Part of another contact", 0},

	fsm.OfferEnded:         {http.StatusConflict, "Too late", 0},
	fsm.AlreadyAssigned:    {http.StatusConflict, "Already taken", 0},
	fsm.AssigneeChanged:    {http.StatusConflict, "Somebody else has it now", 0},
	fsm.IDTaken:            {http.StatusConflict, "This id is taken", 0},
	fsm.AddressTaken:       {http.StatusConflict, "This address is taken", 0},
	fsm.ConversationClosed: {http.StatusConflict, "The conversation is closed", 0},
	fsm.AlreadyClosed:      {http.StatusConflict, "Already closed", 0},
	fsm.AlreadyOpen:        {http.StatusConflict, "Already open", 0},
	fsm.AlreadyWaiting:     {http.StatusConflict, "Already in the queue", 0},
	fsm.NoRotation:         {http.StatusConflict, "No rotation here", 0},
	fsm.NodeRemoved:        {http.StatusConflict, "The node was removed", 0},
	fsm.InUse:              {http.StatusConflict, "It is in use", 0},
	fsm.ThroughGroup:       {http.StatusConflict, "A member through a group", 0},
	fsm.InboxRemoved:       {http.StatusConflict, "The inbox was removed", 0},
	fsm.LastEntry:          {http.StatusConflict, "The last entry of the list", 0},
	fsm.NoTurn:             {http.StatusConflict, "It took no turn", 0},
	fsm.AlreadyRefunded:    {http.StatusConflict, "Already given back", 0},
	fsm.RefundTooLate:      {http.StatusConflict, "Too late to give it back", 0},
	fsm.NotAMember:         {http.StatusConflict, "Not in the team any more", 0},
	fsm.AlreadyOwned:       {http.StatusConflict, "It has an owner", 0},
	fsm.ErasedContact:      {http.StatusConflict, "The contact was erased", 0},
	fsm.BlockedContact:     {http.StatusConflict, "The contact is blocked", 0},
	fsm.NotForLeads:        {http.StatusConflict, "Not for a lead", 0},
	fsm.InAnotherTeam:      {http.StatusConflict, "In another team now", 0},
	fsm.DecisionChanged:    {http.StatusConflict, "Something newer was decided", 0},
	fsm.DecidedByPerson:    {http.StatusConflict, "A person has decided", 0},
	fsm.Superseded:         {http.StatusConflict, "Something newer was decided", 0},
	fsm.UndoTooLate:        {http.StatusConflict, "Too late to take it back", 0},
	fsm.NothingToUndo:      {http.StatusConflict, "Nothing to take back", 0},

	fsm.ConversationPending: {http.StatusConflict, "It is not handed off yet", 0},
	fsm.NotPending:          {http.StatusConflict, "People have it already", 0},

	fsm.NotPublished: {http.StatusConflict, "Only a draft", 0},

	fsm.Outdated: {http.StatusServiceUnavailable, "Others were faster", time.Second},

	fsm.RevisionMismatch: {http.StatusPreconditionFailed, "It is not what you have seen", 0},

	fsm.UnknownReference: {http.StatusUnprocessableEntity, "Something it names does not exist", 0},
	fsm.KeyReused:        {http.StatusUnprocessableEntity, "The key belongs to another request", 0},
	fsm.CollationVersion: {http.StatusUnprocessableEntity, "Sorted by another version", 0},
	fsm.TooManyTeams:     {http.StatusUnprocessableEntity, "In too many teams", 0},
	fsm.TeamFull:         {http.StatusUnprocessableEntity, "The team is full", 0},
	fsm.TooManyGroups:    {http.StatusUnprocessableEntity, "In too many groups", 0},
	fsm.ListFull:         {http.StatusUnprocessableEntity, "The list is full", 0},
	fsm.FallbackCycle:    {http.StatusUnprocessableEntity, "It would go round for ever", 0},
	fsm.TooManyTags:      {http.StatusUnprocessableEntity, "Too many tags", 0},
	fsm.TooManyRules:     {http.StatusUnprocessableEntity, "Too many rules", 0},
	fsm.UnknownRevision:  {http.StatusUnprocessableEntity, "There is no such revision", 0},
	fsm.TooManyViews:     {http.StatusUnprocessableEntity, "Too many views", 0},
	fsm.TooManyRefunds:   {http.StatusUnprocessableEntity, "Too many turns to give back", 0},
	fsm.TooManyFollowers: {http.StatusUnprocessableEntity, "Too many followers", 0},
	fsm.TooManySchedules: {http.StatusUnprocessableEntity, "Too many schedules", 0},

	fsm.TooManyKeys: {http.StatusTooManyRequests, "Too many keys are remembered", time.Minute},

	fsm.Expired:      {http.StatusServiceUnavailable, "It came too late", time.Second},
	fsm.OtherCluster: {http.StatusServiceUnavailable, "Another cluster", time.Second},
}

// refused turns the state's no into a problem. A reason that a newer version
// made up is a conflict: the client has to look before it goes on.
func refused(r *fsm.Rejection, key fsm.Key) *problem {
	as, known := refusals[r.Reason]
	if !known {
		as = refusal{http.StatusConflict, "Refused", 0}
	}
	detail := r.Detail
	if r.Reason == fsm.KeyReused && key.Source == fsm.KeyMessage {
		detail = fmt.Sprintf("message %q was received before, with another content; each message needs an id of its own", key.Text)
	}
	p := newProblem(as.status, string(r.Reason), as.title, detail)
	p.retryAfter = as.retryAfter
	for _, f := range r.Fields {
		p.body.Errors = append(p.body.Errors, inBody(f.Pointer, f.Code, f.Detail))
	}
	if r.Assignee != "" || !r.Decision.IsZero() || r.Differs != nil || r.Revision != 0 || r.Contact != "" || r.SinceMs != 0 {
		p.body.contest = &contest{Assignee: r.Assignee, Decision: r.Decision.String(), Differs: r.Differs, Revision: r.Revision,
			Since: moment(r.SinceMs), By: r.By, Contact: r.Contact}
	}
	if as.retryAfter > 0 {
		p.body.retrial = &retrial{Outcome: outcomeRejected, Key: key.Text}
	}
	return p
}

// The words of Rondo-Outcome.
const (
	outcomeCommitted = "committed"
	outcomeRejected  = "rejected"
	outcomeUnknown   = "unknown"
)

const (
	codeTooBusy       = "too_busy"
	codeTooLarge      = "too_large"
	codeDeadline      = "deadline"
	codeInternal      = "internal"
	codeNotUnderstood = "not_understood"
)

var unavailableTitles = map[string]string{
	"no_leader":       "No leader now",
	"not_ready":       "Not ready yet",
	"shutting_down":   "This node is stopping",
	codeDeadline:      "No answer in time",
	codeTooBusy:       "Too much at once",
	codeTooLarge:      "Too large",
	codeNotUnderstood: "Not every node understands this yet",
	"disk_full":       "No room for new work",
	"not_member":      "Not a member any more",
}

// problemOf turns any error into a problem, and says whether it is one of those
// that are expected. The others are faults of this node, for its log.
func problemOf(err error, c *call) (p *problem, expected bool) {
	var u Unavailable
	switch {
	case errors.As(err, &p):
		return p, true
	case errors.As(err, &u):
		return unavailable(u, c), true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return undecided(http.StatusServiceUnavailable, codeDeadline, "the cluster did not answer in time", c), true
	default:
		return undecided(http.StatusInternalServerError, codeInternal, "this node failed; its log says why", c), false
	}
}

// unavailable turns an error of the cluster into a problem.
func unavailable(u Unavailable, c *call) *problem {
	status := http.StatusServiceUnavailable
	switch u.Code() {
	case codeTooBusy:
		status = http.StatusTooManyRequests
	case codeTooLarge:
		status = http.StatusRequestEntityTooLarge
	}
	detail := u.Error()
	if cause := errors.Unwrap(u); cause != nil {
		detail = cause.Error()
	}
	if c.route.changes() && u.Outcome() == outcomeUnknown {
		p := undecided(status, u.Code(), detail, c)
		p.retryAfter = max(u.RetryAfter(), time.Second)
		return p
	}
	p := newProblem(status, u.Code(), unavailableTitle(u.Code()), detail)
	if status != http.StatusRequestEntityTooLarge { // it will not fit later, either
		p.retryAfter = max(u.RetryAfter(), time.Second)
	}
	p.body.retrial = &retrial{Outcome: u.Outcome(), Key: c.key.Text}
	return p
}

// undecided says, on a route that changes something, that it may have happened,
// and how to find out.
func undecided(status int, code, detail string, c *call) *problem {
	outcome := outcomeRejected
	if c.route.changes() {
		outcome = outcomeUnknown
		detail += "; it may or may not have been carried out"
		switch c.key.Source {
		case fsm.KeyMessage:
			detail += ": send the same message again"
		default:
			detail += ": send it again with Idempotency-Key " + c.key.Text
		}
		detail += ", or ask GET " + operationPath(c.key)
	}
	p := newProblem(status, code, unavailableTitle(code), detail)
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcome, Key: c.key.Text}
	if outcome == outcomeUnknown {
		p.body.Operation = operationPath(c.key)
	}
	return p
}

func unavailableTitle(code string) string {
	if title, ok := unavailableTitles[code]; ok {
		return title
	}
	return "Not available"
}
