package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// Dump reads all that a node has. Nothing else may work meanwhile.
func Dump(ctx context.Context, server string, c history.Config) (d history.Dump, err error) {
	if d.Decisions, err = list(ctx, server, "/v1/decisions"); err != nil {
		return d, err
	}
	if d.Conversations, err = list(ctx, server, "/v1/conversations"); err != nil {
		return d, err
	}
	if d.Agents, err = list(ctx, server, "/v1/agents"); err != nil {
		return d, err
	}
	for _, t := range c.Teams {
		rotation, err := get(ctx, server+"/v1/teams/"+t.ID+"/rotation")
		if err != nil {
			return d, err
		}
		d.Teams = append(d.Teams, compact(rotation))
	}
	if c.Watching {
		d.Events, err = allEvents(ctx, server)
	}
	return d, err
}

// list reads all pages of a list, a line for each item as it was sent.
func list(ctx context.Context, server, path string) ([][]byte, error) {
	var lines [][]byte
	token := ""
	for {
		data, err := get(ctx, server+path+"?limit=200"+token)
		if err != nil {
			return nil, err
		}
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next_page_token"`
		}
		if err := json.Unmarshal(data, &page); err != nil {
			return nil, fmt.Errorf("read a page of %s: %w", path, err)
		}
		for _, item := range page.Items {
			lines = append(lines, compact(item))
		}
		if page.Next == "" {
			return lines, nil
		}
		token = "&page_token=" + url.QueryEscape(page.Next)
	}
}

// compact makes a text of JSON one line.
func compact(data []byte) []byte {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return data
	}
	line, _ := json.Marshal(v) // it was JSON a moment ago
	return line
}

// A refusal is an answer that another try would not change.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// get asks until there is an answer.
func get(ctx context.Context, address string) ([]byte, error) {
	for {
		data, err := getOnce(ctx, address)
		var refused *refusal
		if err == nil || errors.As(err, &refused) {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (%w)", err, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func getOnce(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	switch {
	case err == nil && resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
		err = &refusal{fmt.Sprintf("GET %s: %s: %s", address, resp.Status, data)}
	case err == nil && resp.StatusCode != http.StatusOK:
		err = fmt.Errorf("GET %s: %s: %s", address, resp.Status, data)
	}
	return data, err
}

// streamEnd is how long a stream says nothing at its end, when the node has caught
// up and nobody works any more.
const streamEnd = 3 * time.Second

// allEvents reads the stream of a node from its beginning to its end.
func allEvents(ctx context.Context, server string) ([][]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := time.AfterFunc(streamEnd, cancel)
	defer idle.Stop()
	var lines [][]byte
	err := follow(ctx, server, "0", func(_ history.Event, data []byte) bool {
		idle.Reset(streamEnd)
		lines = append(lines, compact(data))
		return true
	})
	if ctx.Err() == nil {
		return lines, fmt.Errorf("read the events of %s: %w", server, err)
	}
	return lines, nil
}
