package manifest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
)

// Carry does the steps in order, each over the revision that was seen when it was
// planned. tell is called after each with its answer's warnings. It returns the
// index of the last change. Its error says what was done and what was not.
func (p *Plan) Carry(ctx context.Context, c *client.Client, conversations string, tell func(Step, cli.Doc)) (index uint64, err error) {
	for i, step := range p.Steps {
		meta, answer, err := step.send(ctx, c, conversations)
		if err != nil {
			return index, p.stopped(i, err)
		}
		index = max(index, meta.Index)
		tell(step, answer)
	}
	return index, nil
}

func (s Step) send(ctx context.Context, c *client.Client, conversations string) (*client.Meta, cli.Doc, error) {
	var raw []byte
	var meta *client.Meta
	var err error
	switch path := s.thing.path(); {
	case s.Act != Delete:
		meta, err = c.Do(ctx, http.MethodPut, path, s.body, &raw, client.IfMatch(s.revision))
		if err == nil && s.then != "" {
			meta, err = s.follow(ctx, c, &raw)
		}
	case s.Noun == "agent":
		meta, err = c.Do(ctx, http.MethodDelete, path+"?conversations="+conversations, nil, &raw, client.IfMatch(s.revision))
	default:
		meta, err = c.Do(ctx, http.MethodDelete, path, nil, &raw, client.IfMatch(s.revision))
	}
	if err != nil || len(raw) == 0 {
		return meta, nil, err
	}
	answer, err := cli.DecodeDoc(raw)
	if err != nil {
		return meta, nil, nil // it is done; the answer to a deletion may be anything
	}
	return meta, answer, nil
}

// stopped says where a plan ended.
func (p *Plan) stopped(i int, err error) error {
	step := p.Steps[i]
	var left []string
	for _, s := range p.Steps[i+1:] {
		left = append(left, fmt.Sprintf("%s %s %s", s.Act, s.Noun, s.ID))
	}
	says := fmt.Sprintf("%d of %d done. Not done: %s %s %s", i, len(p.Steps), step.Act, step.Noun, step.ID)
	if step.thing.Where != "" {
		says += " (" + step.thing.Where + ")"
	}
	const few = 10
	if len(left) > few {
		left = append(left[:few:few], fmt.Sprintf("and %d more", len(left)-few))
	}
	hint := "Mend it and repeat the command: what is done is not done again."
	if len(left) > 0 {
		hint = "Nor was done: " + strings.Join(left, ", ") + ".\n" + hint
	}
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusPreconditionFailed {
		hint = strings.Replace(hint, "Mend it and repeat", "Somebody changed it meanwhile. Repeat", 1)
	}
	return &cli.HintedError{Err: fmt.Errorf("%s: %w", says, err), Hint: hint}
}
