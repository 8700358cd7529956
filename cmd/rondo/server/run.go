package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/cluster/storage"
	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
	"github.com/rondohq/rondo/httpapi"
)

const (
	transferPatience = 5 * time.Second
	drainPatience    = 10 * time.Second
)

// ErrFatal marks an end that must not wait for an orderly stop: the disk failed,
// or an entry cannot be understood.
var ErrFatal = errors.New("the node had to stop")

// Supervision connects a node to a parent that started it. Nil fields: none.
type Supervision struct {
	Ready io.Writer     // told once the API listens
	Alive io.ReadCloser // the node stops at its end of file
}

// Run runs a node until ctx ends, its supervisor is gone, or it has to stop; only
// an orderly stop returns nil. It logs to log.
func Run(ctx context.Context, c Config, version string, log io.Writer, sup Supervision) error {
	if err := c.findNodeID(); err != nil {
		return err
	}
	logger := hclog.New(&hclog.LoggerOptions{Name: c.NodeID, Level: hclog.LevelFromString(c.LogLevel), Output: log})
	registry, metricsHandler, err := openMetrics()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("listen for the API: %w", err)
	}
	progress := storage.NewProgress(logger.Named("storage"))
	desk := newReception(progress, metricsHandler)
	port := newFront(desk, logger.Named("http"), limits{c.HTTP.MaxConnections, readHeaderTimeout, writeTimeout})
	served := make(chan error, 1)
	go func() { served <- port.serve(listener) }()
	supervisor := gone(sup.Alive)
	options := nodeOptions(c, version, logger)
	options.Host.Progress = progress
	node, err := openNode(ctx, options, supervisor)
	if err != nil || node == nil {
		return errors.Join(err, port.close())
	}
	b := &backend{group: node.Group(), insecure: c.beyondLoopback()}
	hooks, err := newWebhooks(c, node.Group(), registry, logger)
	if err := errors.Join(err, registry.Register(&figures{node.Group()}), watchGroup(registry, node.Group())); err != nil {
		return errors.Join(fmt.Errorf("register metrics: %w", err), port.close(), node.Close())
	}
	members := newOperator(c.NodeID, node.Group().Members)
	stopping, stopWaiting := context.WithCancel(context.Background())
	defer stopWaiting()
	handler, err := httpapi.New(httpapi.Options{
		Cluster: b, Stopping: stopping, Logger: logger.Named("http"), Registry: registry, MetricsHandler: metricsHandler, Version: version, Operator: members,
		WriteSnapshot: archive.Write,
		Events:        c.HTTP.events(stopping), WebhookAllowed: hooks.hosts.Allow,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("build the API: %w", err), port.close(), node.Close())
	}
	leadBesides(stopping, c, b, hooks, logger)
	desk.let(handler)
	announce(c, b, version, logger, sup.Ready)

	select {
	case <-ctx.Done():
	case <-supervisor:
		logger.Info("the supervisor is gone")
	case <-members.left:
		logger.Info("left the cluster")
	case err := <-served:
		return fmt.Errorf("serve the API: %w", err)
	case err := <-node.Fatal():
		return fmt.Errorf("%w: %w", ErrFatal, err)
	}
	b.draining.Store(true)
	hooks.end(stopWaiting)
	return stop(logger, port, node)
}

// leadBesides starts what a leader does besides proposing, until stopping ends: what
// schedules say is kept known ahead, and what rules want called is called.
func leadBesides(stopping context.Context, c Config, b *backend, hooks *hooks, logger hclog.Logger) {
	go httpapi.KeepSchedules(stopping, httpapi.Options{Cluster: b, Logger: logger.Named("schedules")}, fsm.NodeID(c.NodeID))
	hooks.start(stopping)
}

// announce tells the log and the supervisor that the API is served.
func announce(c Config, b *backend, version string, logger hclog.Logger, ready io.Writer) {
	if b.insecure {
		logger.Warn("INSECURE: listening beyond loopback, with neither TLS nor tokens", "insecure_listen", true)
	}
	logger.Info("serving", "http", c.HTTP.Listen, "cluster", c.Cluster.Listen, "gossip", c.Gossip.Listen, "data", c.DataDir, "version", version, "pid", os.Getpid())
	if ready != nil {
		if _, err := io.WriteString(ready, "ready\n"); err != nil {
			logger.Warn("could not tell the supervisor", "error", err)
		}
	}
}

func (c HTTPConfig) events(stopping context.Context) httpapi.EventOptions {
	return httpapi.EventOptions{
		MaxStreams: c.MaxEventStreams, Heartbeat: time.Duration(c.EventHeartbeatSeconds) * time.Second, Stopping: stopping.Done(),
	}
}

// stop is graceful: not ready, leadership handed over, calls finished, closed.
func stop(logger hclog.Logger, port *front, node *cluster.Node) error {
	logger.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), transferPatience)
	if err := node.Group().Transfer(ctx); err != nil {
		logger.Warn("stopping without a successor in office", "error", err)
	}
	cancel()
	ctx, cancel = context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	err := port.shutdown(ctx)
	if closeErr := node.Close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("stop the node: %w", closeErr))
	}
	logger.Info("stopped")
	return err
}

// gone is closed at the end of the supervisor's pipe.
func gone(alive io.ReadCloser) <-chan struct{} {
	if alive == nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		// Nothing is ever sent; only the end counts.
		_, _ = io.Copy(io.Discard, alive)
		close(done)
	}()
	return done
}

func nodeOptions(c Config, version string, logger hclog.Logger) cluster.NodeOptions {
	or := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	o := cluster.NodeOptions{
		Self: cluster.Identity{
			AnnounceNode: fsm.AnnounceNode{
				ID: fsm.NodeID(c.NodeID), HTTP: or(c.HTTP.Advertise, c.HTTP.Listen),
				Cluster: or(c.Cluster.Advertise, c.Cluster.Listen),
				Zone:    c.Zone, Region: c.Region, Version: version, Semantics: cluster.Semantics,
			},
			PID: os.Getpid(), Collation: collation.Version,
		},
		DataDir:   c.DataDir,
		Bind:      c.Cluster.Listen,
		Bootstrap: cluster.Bootstrap{Expect: c.Cluster.BootstrapExpect},
		Members:   c.Cluster.membership(),
		Timing:    c.Raft.timing(),
		Logger:    logger,
		Upkeep:    cluster.Upkeep{Snapshots: c.Raft.snapshots(), Space: c.Disk.policy()},
	}
	for _, v := range c.Cluster.InitialVoters {
		o.Bootstrap.InitialVoters = append(o.Bootstrap.InitialVoters, cluster.Voter{ID: v.ID, Address: v.Address})
	}
	if c.Gossip.Listen != "" {
		key, _ := c.secretKey() // checked before
		o.Gossip = &cluster.GossipOptions{
			Bind: c.Gossip.Listen, Advertise: c.Gossip.Advertise, Join: c.Gossip.Join, Label: c.Gossip.Label, SecretKey: key,
		}
	}
	return o
}

// beyondLoopback says whether any port can be reached from other machines.
func (c *Config) beyondLoopback() bool {
	for _, a := range c.addresses() {
		if a.listens && checkAddress(a.value, true) != nil {
			return true
		}
	}
	return false
}
