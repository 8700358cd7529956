package dev

import (
	"context"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// demo creates the team of the worked example. It only puts, so it may be run
// again over a cluster that has it.
func demo(ctx context.Context, c *client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	type body = map[string]any
	available := body{"status": "available"}
	for _, put := range []struct {
		path string
		body body
	}{
		{"/v1/agents/chris", body{"name": "Chris Brisson"}},
		{"/v1/agents/mallory", body{"name": "Mallory P"}},
		{"/v1/agents/uk", body{"name": "Salesmsg UK Team", "kind": "shared"}},
		{"/v1/agents/chris/presence", available},
		{"/v1/agents/mallory/presence", available},
		{"/v1/agents/uk/presence", available},
		{"/v1/teams/sales", body{"name": "Sales", "members": []body{{"agent": "chris"}, {"agent": "mallory"}, {"agent": "uk"}}}},
		{"/v1/inboxes/sms", body{"name": "SMS", "channel": body{"kind": "sms", "address": "+15550100"}, "assignment": body{"mode": "rotation", "team": "sales"}}},
	} {
		if _, err := c.Do(ctx, "PUT", put.path, put.body, nil); err != nil {
			return err
		}
	}
	return nil
}
