package httpapi

import (
	"fmt"
	"net/http"

	"github.com/rondohq/rondo/fsm"
)

// A done is a command that was carried out, now or, if it is a replay, before.
type done struct {
	fsm.Outcome
	view *fsm.State // not older than the outcome
}

// propose carries a command to the cluster. Whatever is not "carried out" comes
// back as an error, and most often as a *problem.
func (a *api) propose(c *call, command fsm.Command) (done, error) {
	item, err := c.conditional(fsm.NewItem(command, c.principal.Name, c.principal.Via, c.key), command)
	if err != nil {
		return done{}, err
	}
	defer a.underWay.enter(c.key)()
	out, index, err := a.cluster.Propose(c.ctx, item)
	if err != nil {
		return done{}, fmt.Errorf("propose a command: %w", err)
	}
	view := a.cluster.View(index)
	if out.Rejection != nil {
		p := refused(out.Rejection, c.key)
		p.index, p.replayed = view.Index, out.Replayed
		return done{}, p
	}
	return done{out, view}, nil
}

// answer is the usual one to a command: 201 if its subject is new. A replay has
// the status it had, and the thing as it is now.
func (d done) answer(body any) answer {
	return d.answerAs(statusOf(d.Outcome), body)
}

// statusOf is the status of an outcome that is a yes.
func statusOf(out fsm.Outcome) int {
	if out.Created {
		return http.StatusCreated
	}
	return http.StatusOK
}

func (d done) answerAs(status int, body any) answer {
	return answer{status: status, body: body, index: d.view.Index, outcome: outcomeCommitted, replayed: d.Replayed}
}

// errLost is for a row that the state says it has and has not: a mistake of ours.
func errLost(s fsm.Subject) error {
	return fmt.Errorf("the subject of a command, noun %d, handle %d, is not in the view", s.Noun, s.Handle)
}
