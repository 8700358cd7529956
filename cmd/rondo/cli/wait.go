package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A LateError says that a change was made, and that what --wait waited for did
// not come in time.
type LateError struct {
	What string
	Err  error
}

func (e *LateError) Error() string {
	return fmt.Sprintf("it is done, but %s: %v", e.What, e.Err)
}

// Unwrap returns the last thing that was seen.
func (e *LateError) Unwrap() error { return e.Err }

// pollPause lies between two looks at all nodes.
const pollPause = 50 * time.Millisecond

// EveryNode waits until every node of the cluster has applied an index.
func EveryNode(ctx context.Context, c *client.Client, index uint64) error {
	var seen error
	for {
		behind, err := nodesBehind(ctx, c, index)
		switch {
		case err == nil && behind == "":
			return nil
		case err == nil:
			seen = errors.New(behind)
		case ctx.Err() == nil || seen == nil:
			seen = err
		}
		timer := time.NewTimer(pollPause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return &LateError{"not every node has it yet", seen}
		case <-timer.C:
		}
	}
}

func nodesBehind(ctx context.Context, c *client.Client, index uint64) (string, error) {
	var list struct {
		Items []struct {
			ID           string
			Reachable    bool
			AppliedIndex uint64 `json:"applied_index"`
		}
	}
	if _, err := c.Do(ctx, http.MethodGet, "/v1/cluster/nodes", nil, &list); err != nil {
		return "", err
	}
	for _, n := range list.Items {
		switch {
		case !n.Reachable:
			return n.ID + " does not answer", nil
		case n.AppliedIndex < index:
			return fmt.Sprintf("%s has applied %d of %d", n.ID, n.AppliedIndex, index), nil
		}
	}
	return "", nil
}

// longPoll is how long a node holds one question until there is news.
const longPoll = "5s"

// ErrByHand says that nobody gets a conversation unless a person gives it or takes
// it, so that waiting is in vain.
var ErrByHand = errors.New("nobody gets it by itself")

// Assigned waits until a conversation has an assignee and returns it as it is
// then, or an ErrByHand, or a LateError. index is that of the answer known so far.
func Assigned(ctx context.Context, c *client.Client, conversation string, index uint64) ([]byte, error) {
	path := "/v1/conversations/" + url.PathEscape(conversation)
	query := "?min_index=" + strconv.FormatUint(index, 10)
	state := "it waits"
	for {
		var raw []byte
		meta, err := c.Do(ctx, http.MethodGet, path+query, nil, &raw)
		if ctx.Err() != nil {
			return nil, &LateError{"the conversation has no assignee yet", errors.New(state)}
		}
		if err != nil {
			return nil, err
		}
		doc, err := DecodeDoc(raw)
		if err != nil {
			return nil, err
		}
		if assignee, _ := Get(doc, "/assignee"); assignee != nil {
			return raw, nil
		}
		settled, says := unassignable(doc)
		if settled {
			return raw, fmt.Errorf("it is done, but %w: %s", ErrByHand, says)
		}
		state = says
		query = "?wait=" + longPoll + "&min_index=" + strconv.FormatUint(meta.Index, 10)
	}
}

// unassignable says whether only a person can give the conversation to somebody.
func unassignable(doc Doc) (bool, string) {
	state, _ := Get(doc, "/assignment/state")
	reason, _ := Get(doc, "/assignment/reason")
	status, _ := Get(doc, "/status")
	says := fmt.Sprintf("its state is %s (%s)", Text(state), Text(reason))
	switch {
	case status == "closed":
		return true, "it is closed"
	case state == "manual" || state == "held" || state == "outbound":
		return true, says
	}
	return false, says
}
