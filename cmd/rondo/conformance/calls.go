package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// runner is in whose name everything is done that no person of a case does.
const runner = "system:conformance"

// pagesMost bounds how many pages of a list are read.
const pagesMost = 1000

// calls call one cluster, in turn through each of its nodes. Many goroutines may
// use them.
type calls struct {
	servers []string
	next    atomic.Int64

	mu      sync.Mutex
	clients map[string]*client.Client // by actor
}

func newCalls(servers []string) (*calls, error) {
	c := &calls{servers: servers, clients: map[string]*client.Client{}}
	_, err := c.as(runner)
	return c, err
}

// as returns the client that acts for somebody and begins with the next node.
func (c *calls) as(actor string) (*client.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.clients[actor]
	if !ok {
		var err error
		if known, err = client.New(client.Options{Servers: c.servers, Actor: actor}); err != nil {
			return nil, err
		}
		c.clients[actor] = known
	}
	return known.StartAt(int(c.next.Add(1))), nil
}

func (c *calls) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.clients {
		known.Close()
	}
}

// do makes one call.
func (c *calls) do(ctx context.Context, actor, method, path string, body any, options ...client.CallOption) (tree, *client.Meta, error) {
	caller, err := c.as(actor)
	if err != nil {
		return nil, &client.Meta{}, err
	}
	var out tree
	meta, err := caller.Do(ctx, method, path, body, &out, options...)
	return out, meta, err
}

// get reads, through whichever node is next.
func (c *calls) get(ctx context.Context, path string) (tree, error) {
	out, _, err := c.do(ctx, runner, http.MethodGet, path, nil)
	return out, err
}

// all reads a whole list.
func (c *calls) all(ctx context.Context, path string, query url.Values) ([]tree, error) {
	var items []tree
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", "200")
	for range pagesMost {
		page, err := c.get(ctx, path+"?"+query.Encode())
		if err != nil {
			return nil, err
		}
		items = append(items, page.each("items")...)
		token := page.text("next_page_token")
		if token == "" {
			return items, nil
		}
		query.Set("page_token", token)
	}
	return nil, fmt.Errorf("%s has more than %d pages", path, pagesMost)
}

func (c *calls) decisionsOf(ctx context.Context, conversation string) ([]tree, error) {
	return c.all(ctx, "/v1/conversations/"+url.PathEscape(conversation)+"/decisions", nil)
}

// change makes a call that changes something. A refusal is kept for a step that
// looks at it: the next step must.
func (w *world) change(ctx context.Context, actor, method, path string, body any, options ...client.CallOption) (tree, *client.Meta, error) {
	out, meta, err := w.calls.do(ctx, actor, method, path, body, options...)
	w.last = outcome{body: out, status: meta.Status, replayed: meta.Replayed}
	var refused *client.Problem
	if errors.As(err, &refused) {
		w.last.refused = refused
		return nil, meta, nil
	}
	return out, meta, err
}

// put creates or replaces a thing and remembers what was put.
func (w *world) put(ctx context.Context, path string, body tree) error {
	_, meta, err := w.change(ctx, runner, http.MethodPut, path, body)
	if err != nil || w.last.refused != nil {
		return err
	}
	w.bodies[path] = body
	if meta.Status == http.StatusCreated {
		w.made = append(w.made, path)
	}
	return nil
}
