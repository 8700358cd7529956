package server

import (
	"context"
	"fmt"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/httpapi/webhook"
)

// Surroundings are what a node is told of the world around it.
type Surroundings struct {
	Place
	Webhooks
}

// Webhooks say whom rules may call. All nodes should be told the same, since the one
// that leads calls.
type Webhooks struct {
	WebhookHosts  []string `toml:"webhook_hosts"`  // see webhook.ParseHosts; none: nobody is called
	WebhookSecret string   `toml:"webhook_secret"` // whsec_ and base64; "": calls are not signed
}

func (w Webhooks) check() (errs []error) {
	if _, err := webhook.ParseHosts(w.WebhookHosts); err != nil {
		errs = append(errs, fmt.Errorf("webhook_hosts: %w", err))
	}
	if _, err := webhook.ParseSecret(w.WebhookSecret); err != nil {
		errs = append(errs, fmt.Errorf("webhook_secret: %w", err))
	}
	return errs
}

// caller is what a webhook.Caller sees of the node.
type caller struct {
	*cluster.Group
	self fsm.NodeID
}

var _ webhook.Cluster = caller{}

// Leads implements webhook.Cluster. A node that has applied the beginning of its own
// term has applied everything from before it.
func (c caller) Leads() bool {
	return cluster.FiguresOf(c.Group).Leads && c.Latest().Leader == c.self
}

// hooks call what rules want called, for as long as the node runs.
type hooks struct {
	caller *webhook.Caller
	hosts  webhook.Hosts
	done   chan struct{}
}

func newWebhooks(c Config, group *cluster.Group, registry *prometheus.Registry, logger hclog.Logger) (*hooks, error) {
	hosts, err := webhook.ParseHosts(c.WebhookHosts)
	if err != nil {
		return nil, fmt.Errorf("webhook_hosts: %w", err)
	}
	secret, err := webhook.ParseSecret(c.WebhookSecret)
	if err != nil {
		return nil, fmt.Errorf("webhook_secret: %w", err)
	}
	calls, err := webhook.New(webhook.Options{
		Cluster: caller{group, fsm.NodeID(c.NodeID)}, Hosts: hosts, Secret: secret, Registry: registry, Logger: logger.Named("webhook"),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare webhooks: %w", err)
	}
	return &hooks{calls, hosts, make(chan struct{})}, nil
}

// start begins to call, until ctx ends. It is called once.
func (h *hooks) start(ctx context.Context) {
	go func() {
		h.caller.Run(ctx)
		close(h.done)
	}()
}

// end calls stop, which ends the ctx of start, and returns when the last call is over.
// What was cut short is called again by the next leader.
func (h *hooks) end(stop func()) {
	stop()
	<-h.done
}
