package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-hclog"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
)

// Bounds of what is done at once.
const (
	MaxCalls       = 16 // at once
	MaxCallsOfHost = 8  // so that one slow server leaves room for the others

	// lookPause is how long a leader rests between two looks at its state, and
	// lookEvery how long it looks at nothing new: leadership may have come.
	lookPause = 25 * time.Millisecond
	lookEvery = time.Second

	// answerPatience is how long an answer is brought to the cluster; then the step
	// is called again, if it still waits. Each attempt may take answerTry.
	answerPatience = 15 * time.Second
	answerTry      = 5 * time.Second

	principal = "system:webhook"
)

// A Cluster is what a Caller needs of the node it runs on. Its methods may be called
// from any goroutine.
type Cluster interface {
	// Leads says whether this node leads, and has applied everything from before it
	// did. It is asked often and must be cheap.
	Leads() bool

	// Latest returns the newest state of this node, which nobody changes any more.
	Latest() *fsm.State

	// Changed returns a channel that is closed when the node has next applied
	// something.
	Changed() <-chan struct{}

	// Propose has an item carried out, by whichever node leads, and returns what
	// became of it. It fills in NotAfterMs.
	Propose(ctx context.Context, it fsm.Item) (fsm.Outcome, uint64, error)
}

// Options are what a Caller is told. Cluster is needed.
type Options struct {
	Cluster  Cluster
	Hosts    Hosts  // that may be called
	Secret   Secret // that signs
	Registry *prometheus.Registry
	Logger   hclog.Logger

	// TLS is nil outside tests: then the certificates of the system are trusted.
	TLS *tls.Config
}

// A Caller calls what is due while its node leads. Run it once.
type Caller struct {
	cluster Cluster
	hosts   Hosts
	secret  Secret
	client  *http.Client
	meter   *meter
	logger  hclog.Logger

	calls sync.WaitGroup
	ended chan struct{} // one of them is over

	mu       sync.Mutex
	underWay map[fsm.WebhookTry]string // host:port
}

// New builds a Caller. It fails if the registry has its metrics already.
func New(o Options) (*Caller, error) {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	c := &Caller{
		cluster: o.Cluster, hosts: o.Hosts, secret: o.Secret, client: newClient(o.Hosts, o.TLS), logger: o.Logger,
		ended: make(chan struct{}, 1), underWay: map[fsm.WebhookTry]string{},
	}
	var err error
	c.meter, err = newMeter(o.Registry, func() float64 {
		c.mu.Lock()
		defer c.mu.Unlock()
		return float64(len(c.underWay))
	})
	return c, err
}

// Run calls what is due until ctx ends, and returns when the last call is over. What
// is cut short by then is called again by the next leader: nothing is told of it.
func (c *Caller) Run(ctx context.Context) {
	defer c.client.CloseIdleConnections()
	defer c.calls.Wait()
	for ctx.Err() == nil {
		changed := c.cluster.Changed()
		if c.cluster.Leads() {
			c.look(ctx)
		}
		pause(ctx, lookPause, nil, nil)
		pause(ctx, lookEvery, changed, c.ended)
	}
}

// pause ends with the first of all these; nil never comes.
func pause(ctx context.Context, length time.Duration, changed, ended <-chan struct{}) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-changed:
	case <-ended:
	}
}

// look begins as many calls as there is room for.
func (c *Caller) look(ctx context.Context) {
	if c.room() <= 0 {
		return
	}
	view := c.cluster.Latest()
	for due := range fsm.DueWebhooks(view) {
		left := min(due.Timeout, time.Duration(due.EndMs-view.NowMs)*time.Millisecond)
		if left <= 0 || !c.begin(due) {
			continue // the timer of the state ends the one; the other waits for room
		}
		c.calls.Go(func() {
			c.carry(ctx, due, left)
			c.end(due.WebhookTry)
		})
		if c.room() <= 0 {
			return
		}
	}
}

func (c *Caller) room() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return MaxCalls - len(c.underWay)
}

// begin marks a try, unless it is under way or its host has calls enough.
func (c *Caller) begin(due fsm.DueWebhook) bool {
	at, err := c.hosts.target(due.URL)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, already := c.underWay[due.WebhookTry]; already {
		return false
	}
	same := 0
	for _, other := range c.underWay {
		if other == at {
			same++
		}
	}
	if err == nil && same >= MaxCallsOfHost {
		return false
	}
	c.underWay[due.WebhookTry] = at
	return true
}

func (c *Caller) end(try fsm.WebhookTry) {
	c.mu.Lock()
	delete(c.underWay, try)
	c.mu.Unlock()
	select {
	case c.ended <- struct{}{}:
	default: // it is known already that there is room
	}
}

// carry makes a try and brings its answer to the cluster.
func (c *Caller) carry(ctx context.Context, due fsm.DueWebhook, left time.Duration) {
	began := time.Now()
	callCtx, cancel := context.WithTimeout(ctx, left)
	answer, err := c.call(callCtx, due)
	cancel()
	if ctx.Err() != nil {
		return // this node stops; the next leader calls again
	}
	c.meter.called(answer, time.Since(began))
	if err != nil {
		c.logger.Warn("a webhook failed", "rule", due.Rule, "run", due.Run, "try", due.Try, "reason", string(answer.Failure), "error", err)
	}
	c.tell(ctx, fsm.NewItem(answer, principal, "", fsm.Key{Source: fsm.KeyMinted, Text: uuid.NewString()}))
}

// tell brings an answer to the cluster. An attempt whose outcome is not known is made
// again under the same key, so that it counts once.
func (c *Caller) tell(ctx context.Context, it fsm.Item) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	for {
		tryCtx, done := context.WithTimeout(ctx, answerTry)
		outcome, _, err := c.cluster.Propose(tryCtx, it)
		done()
		switch {
		case err == nil && outcome.Rejection == nil:
			return
		case err == nil:
			c.logger.Debug("nobody waits for the answer of a webhook any more", "reason", string(outcome.Rejection.Reason), "detail", outcome.Rejection.Detail)
			return
		case ctx.Err() != nil:
			if !errors.Is(ctx.Err(), context.Canceled) {
				c.logger.Warn("the answer of a webhook could not be told to the cluster; it is called again if its step still waits", "error", err)
			}
			return
		}
		pause(ctx, 10*lookPause, nil, nil)
	}
}
