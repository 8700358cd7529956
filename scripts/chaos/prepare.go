package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
	"github.com/rondohq/rondo/scripts/chaos/workload"
)

// teams: one ring over several inboxes; and a small one, where nobody is available
// now and then, with a ring for each inbox. One agent is in both.
func teams() []history.Team {
	return []history.Team{
		{ID: "large", Members: []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"}, Inboxes: []string{"l1", "l2"}},
		{ID: "small", Members: []string{"a8", "b1", "b2"}, Inboxes: []string{"s1", "s2"}, PerBox: true},
	}
}

const setUpPatience = 60 * time.Second

// setUp makes teams, agents and inboxes, and asks what this binary can do.
func setUp(ctx context.Context, server string, c *history.Config) error {
	ctx, cancel := context.WithTimeout(ctx, setUpPatience)
	defer cancel()
	c.Teams = teams()
	type body = map[string]any
	for _, t := range c.Teams {
		members := []body{}
		for _, id := range t.Members {
			members = append(members, body{"agent": id})
			if err := errors.Join(put(ctx, server+"/v1/agents/"+id, body{"name": id}),
				put(ctx, server+"/v1/agents/"+id+"/presence", body{"status": "available"})); err != nil {
				return err
			}
		}
		per := "team"
		if t.PerBox {
			per = "inbox"
		}
		// No portions: the ring would depend on the clock. The simulation knows them.
		err := put(ctx, server+"/v1/teams/"+t.ID, body{"name": t.ID, "members": members, "rotation": body{"per": per, "drain_burst": 0, "alert_after_seconds": 0}})
		if err != nil {
			return err
		}
		for _, id := range t.Inboxes {
			if err := put(ctx, server+"/v1/inboxes/"+id, body{"name": id, "assignment": body{"mode": "rotation", "team": t.ID}}); err != nil {
				return err
			}
		}
	}
	if err := put(ctx, server+"/v1/inboxes/"+workload.ManualInbox, body{"name": "Manual", "assignment": body{"mode": "manual"}}); err != nil {
		return err
	}
	c.Watching, c.Resolves = hasRoute(ctx, server+"/v1/events?after=0"), hasRoute(ctx, server+"/v1/operations/none")
	return nil
}

// hasRoute says whether a path means anything.
func hasRoute(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return true // perhaps a stream, which does not end
	}
	var problem struct {
		Code string `json:"code"`
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&problem) == nil && problem.Code != "no_route"
}

// put tries until it is done.
func put(ctx context.Context, address string, body any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for {
		err := send(ctx, address, payload)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("set up: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func send(ctx context.Context, address string, payload []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*askPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Rondo-Actor", "system:set-up")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode >= 300 {
		err = &statusError{address, resp.StatusCode, string(data)}
	}
	return err
}

// build makes the binary to attack.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "rondo")
	out, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", binary, "github.com/rondohq/rondo/cmd/rondo").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build rondo: %w\n%s", err, out)
	}
	return binary, nil
}
