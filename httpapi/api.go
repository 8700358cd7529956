package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
)

// Cluster is what the API needs of the node it runs in. Many goroutines call it
// at once.
type Cluster interface {
	// Propose carries an item to the leader and returns what became of it, and a
	// Raft index that this node has applied and that is not before the item's
	// entry. It fills in NotAfterMs. An error that is an Unavailable says that no
	// outcome is known; it returns when ctx ends at the latest.
	Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error)

	// Read returns a view that nobody changes any more: linearizable by a fence,
	// or, if stale, what this node has. Either is at least as new as minIndex.
	Read(ctx context.Context, stale bool, minIndex uint64) (*fsm.State, error)

	// View returns a view at least as new as index, which this node has applied.
	View(index uint64) *fsm.State

	// Copy returns a state as new as View(0) that is the caller's alone: it may be
	// changed, and nothing of that reaches the cluster.
	Copy() *fsm.State

	// Changed returns a channel that is closed when this node has next applied
	// something. Take it before View(0), so that nothing falls in between.
	Changed() <-chan struct{}

	// Applied is the Raft index that this node has applied, and Await returns when
	// that is at least index, or with an error when ctx ends.
	Applied() uint64
	Await(ctx context.Context, index uint64) error

	// Age is how old a view of this node can be at most: everything that was
	// acknowledged anywhere longer ago than that is in it.
	Age() time.Duration

	// Nodes describes the servers of the cluster, in the order of their ids.
	Nodes(ctx context.Context) ([]NodeStatus, error)

	// Health says, line by line, whether this node can serve now.
	Health() []Check

	// Alive returns why this process should be killed, or nil.
	Alive() error
}

// Unavailable is implemented by errors of Propose and Read.
type Unavailable interface {
	error
	Code() string              // of the problem body: no_leader, deadline, too_busy, ...
	Outcome() string           // "rejected": nothing happened and nothing will; "unknown": it may have, or may still
	RetryAfter() time.Duration // how long a client should wait
}

// A NodeStatus is one machine of the cluster, as GET /v1/cluster/nodes shows it.
type NodeStatus struct {
	ID           string `json:"id"`
	HTTP         string `json:"http"`    // host:port of the API
	Cluster      string `json:"cluster"` // host:port of the cluster port
	Role         string `json:"role"`    // voter, nonvoter
	Leader       bool   `json:"leader"`
	AppliedIndex uint64 `json:"applied_index"`
	PID          int    `json:"pid"`
	Version      string `json:"version"`
	Reachable    bool   `json:"reachable"` // it answered just now
	NodeCondition
}

// DiskRoom is how full the volume of a node's data is.
type DiskRoom struct {
	Full bool   `json:"disk_full"`
	Free uint64 `json:"disk_free_bytes"` // 0 of a node that did not answer or does not know
}

// A NodeCondition is how a node is, as it says itself, and as it looks from here.
type NodeCondition struct {
	Healthy       bool   `json:"healthy"`
	Reason        string `json:"reason"`          // why it is not
	LagEntries    uint64 `json:"lag_entries"`     // behind the newest entry that any node knows
	LastContactMs int64  `json:"last_contact_ms"` // since it heard its leader; 0 for the leader
	ClockSkewMs   int64  `json:"clock_skew_ms"`   // by which its clock is fast
	Zone          string `json:"zone"`
	Region        string `json:"region"`
	DiskRoom
}

// A Check is one line of /readyz.
type Check struct {
	Name   string
	OK     bool
	Detail string
}

// The defaults of Options.
const (
	DefaultMaxInFlight  = 1024
	DefaultMaxOperators = 64
	DefaultMaxWaiting   = 2048
	DefaultTimeout      = 10 * time.Second
)

// Options configure New. Cluster is required.
type Options struct {
	Cluster        Cluster
	Logger         hclog.Logger         // default: none
	Registry       *prometheus.Registry // counts requests; default: nobody counts
	MetricsHandler http.Handler         // serves /metrics; default: 404
	Version        string               // of this binary
	Operator       Operator             // changes the membership; default: nobody does

	// WriteSnapshot writes a view as a snapshot that can be restored; default: 404.
	// It is called with the view of one download at a time.
	WriteSnapshot func(io.Writer, *fsm.State) error

	// MaxInFlight is how many requests may be under way before further ones are
	// answered with 429 too_busy. Routes for operators are counted by themselves,
	// against MaxOperators.
	MaxInFlight  int
	MaxOperators int

	// MaxWaiting is how many reads may wait for something new; they are counted
	// in neither of the above while they do.
	MaxWaiting int

	// Stopping ends when the node is about to stop: reads that wait are answered
	// then. Default: never.
	Stopping context.Context

	// Timeout is how long a request may take. It must stay well below the minute
	// for which minted keys are remembered (see key.go).
	Timeout time.Duration

	Events EventOptions

	// WebhookAllowed says whether webhook steps of rules may call a URL; lint warns of
	// those that may not. Default: none may. It is called from many goroutines.
	WebhookAllowed func(url string) bool
}

// api is what the handlers share. It does not change after New.
type api struct {
	cluster Cluster
	log     hclog.Logger
	version string
	timeout time.Duration
	metrics http.Handler
	lanes   lanes

	stopping context.Context // of the node, not of a call
	meter    *meter

	parts
}

// parts are what some routes need for themselves.
type parts struct {
	underWay underWay
	exports  *exporter // of snapshots; nil: none
	events   *events
	operator Operator
	renewer  *renewer
	previews chan struct{} // a place for each under way

	webhookAllowed func(url string) bool // nil: none is
}

// New returns the handler of all routes. It may be called from many goroutines,
// and outlives the cluster's shutdown: it then answers 503. Its server should set
// ReadHeaderTimeout, ReadTimeout and IdleTimeout; the handler only watches bodies
// that it reads, and its own time.
func New(o Options) (http.Handler, error) {
	if o.Cluster == nil {
		return nil, errors.New("httpapi: Options.Cluster is needed")
	}
	if o.Timeout > maxTimeout {
		return nil, errors.New("httpapi: Options.Timeout must not exceed " + maxTimeout.String())
	}
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.MaxInFlight <= 0 {
		o.MaxInFlight = DefaultMaxInFlight
	}
	if o.MaxOperators <= 0 {
		o.MaxOperators = DefaultMaxOperators
	}
	if o.MaxWaiting <= 0 {
		o.MaxWaiting = DefaultMaxWaiting
	}
	if o.Stopping == nil {
		o.Stopping = context.Background()
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	a := &api{
		cluster: o.Cluster, log: o.Logger, version: o.Version, timeout: o.Timeout,
		metrics: o.MetricsHandler, lanes: newLanes(o.MaxInFlight, o.MaxOperators, o.MaxWaiting), stopping: o.Stopping,
		parts: parts{operator: o.Operator, renewer: newRenewer(o), previews: make(chan struct{}, maxPreviews), webhookAllowed: o.WebhookAllowed},
	}
	if o.WriteSnapshot != nil {
		a.exports = newExporter(o.WriteSnapshot)
	}
	a.events = newEvents(a, o.Events)
	if o.Registry != nil {
		var err error
		if a.meter, err = newMeter(o.Registry,
			func() float64 { return float64(len(a.lanes.usual)) },
			func() float64 { return float64(len(a.events.slots)) },
		); err != nil {
			return nil, err
		}
	}
	return a.router(), nil
}
