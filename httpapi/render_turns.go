package httpapi

import "github.com/rondohq/rondo/fsm"

// rotationTurns is who took turns in a team, and who comes next.
type rotationTurns struct {
	Cursors []cursorView `json:"cursors"`
	Credits []creditView `json:"credits"` // who goes first at the next pick she may take, the oldest first
	Next    []*string    `json:"next"`
}

type cursorView struct {
	Inbox       *string `json:"inbox"`
	Restriction *string `json:"restriction"`
	Agent       *string `json:"agent"` // who took the last turn; null: nobody yet
}

type creditView struct {
	Agent       *string `json:"agent"`
	Reason      string  `json:"reason"`      // refund, or returned
	Decision    *string `json:"decision"`    // whose turn was given back
	Inbox       *string `json:"inbox"`       // of a refund: the ring in which it counts
	Restriction *string `json:"restriction"` // likewise
	ExpiresAt   moment  `json:"expires_at"`
}

// The words of creditView.Reason.
const (
	creditRefund   = "refund"
	creditReturned = "returned"
)

// upcomingTurns is how many turns ahead the rotation is shown.
const upcomingTurns = 10

func viewTurns(v *fsm.State, row fsm.Team, inbox fsm.InboxHandle) rotationTurns {
	view := rotationTurns{Cursors: []cursorView{}, Credits: []creditView{}, Next: []*string{}}
	for cursor := range v.Cursors.OfTeam(row.Handle) {
		view.Cursors = append(view.Cursors, cursorView{inboxName(v, cursor.Inbox), orNull(cursor.Restriction), agentName(v, cursor.Agent)})
	}
	for credit := range v.Credits.Of(row.Handle) {
		shown := creditView{
			Agent: agentName(v, credit.Agent), Reason: creditReturned, Decision: orNull(credit.Decision.String()),
			Inbox: inboxName(v, credit.Inbox), Restriction: orNull(credit.Restriction), ExpiresAt: moment(credit.ExpiresMs),
		}
		if !credit.Decision.IsZero() {
			shown.Reason = creditRefund
		}
		view.Credits = append(view.Credits, shown)
	}
	if inbox != 0 || row.Rotation.Per == fsm.PerTeam {
		for _, h := range v.NextTurns(row, inbox, upcomingTurns) {
			view.Next = append(view.Next, agentName(v, h))
		}
	}
	return view
}

type fallbackView struct {
	To           string        `json:"to"`
	Agent        *string       `json:"agent"`
	Team         *string       `json:"team"`
	AfterSeconds int64         `json:"after_seconds"`
	Then         *fallbackView `json:"then"` // the next step; null: this is the last
}

// viewFallback shows a chain of at least one step.
func viewFallback(v *fsm.State, steps []fsm.FallbackStep) fallbackView {
	const msPerSecond = 1000
	step := steps[0]
	view := fallbackView{To: step.To.String(), Agent: agentName(v, step.Agent), Team: teamName(v, step.Team), AfterSeconds: step.AfterMs / msPerSecond}
	if len(steps) > 1 {
		then := viewFallback(v, steps[1:])
		view.Then = &then
	}
	return view
}

type requiresView struct {
	Language *string `json:"language"`
	Region   *string `json:"region"`
	Skill    *string `json:"skill"`
}

func viewRequires(r fsm.Requirement) requiresView {
	return requiresView{orNull(r.Language), orNull(r.Region), orNull(r.Skill)}
}
