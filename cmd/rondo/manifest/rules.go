package manifest

import (
	"context"
	"fmt"
	"maps"
	"net/http"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// States of rules, in files.
const (
	statePublished = "published"
	statePaused    = "paused"
)

// inQuestion is what of the cluster's a thing of a file is compared with: of a rule
// that is to be in force what is in force, whatever its draft has become since; of
// everything else the whole.
func inQuestion(thing Thing, view cli.Doc) cli.Doc {
	live, published := view["live"].(cli.Doc)
	if thing.Noun != noun.Rule || !published || thing.Doc["state"] != statePublished || view["state"] != statePublished {
		return view
	}
	view = maps.Clone(view)
	maps.Copy(view, live)
	return view
}

// becomes plans the call that brings about a state that no PUT does. A draft is
// what a PUT makes; what is not in force need not be paused.
func (s *Step) becomes(f noun.Field, have string, want any) {
	then := ""
	switch {
	case want == statePublished && (have != statePublished || len(s.Fields) > 0):
		then = "publish"
	case want == statePaused && have == statePublished:
		then = "pause"
	default:
		return
	}
	s.then = then
	if have != want {
		s.Fields = append(s.Fields, Field{f.Pointer, have, f.Show(want)})
	}
}

// follow makes the call behind a PUT, over the revision that the PUT made.
func (s Step) follow(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
	put, err := cli.DecodeDoc(*raw)
	if err != nil {
		return &client.Meta{}, fmt.Errorf("read the answer to the change: %w", err)
	}
	return c.Do(ctx, http.MethodPost, s.thing.path()+"/"+s.then, nil, raw, client.IfMatch(noun.RevisionOf(put)))
}
