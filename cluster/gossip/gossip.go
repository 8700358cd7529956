// Package gossip finds the other nodes: it suggests who is there, under which
// addresses, and whether a first configuration may be written.
//
// It does NOT decide membership (Raft's configuration does), carries no
// commands, and nothing safe depends on its being right or timely.
//
// Read gossip.go (the running part), table.go (what it has heard), meta.go
// (what a node tells) and bootstrap.go (the pure decision who bootstraps).
package gossip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/memberlist"
)

const (
	joinEvery     = time.Second
	rejoinEvery   = 30 * time.Second
	joinWarnAfter = 10 * time.Second
	updateTimeout = time.Second
	// After this long the id of a dead node may come back at another address.
	reclaimAfter = 10 * time.Second
	maxJoin      = 256
)

// Options say who we are and whom to look for.
type Options struct {
	NodeID string
	// Bind is host:port for UDP and TCP; port 0 takes a free one.
	Bind string
	// Advertise is host:port as the others reach us; "" means Bind.
	Advertise string
	// Join are addresses of other nodes, host:port, at most 256; our own may
	// be among them. They are tried until one answers, and again later.
	Join []string
	// Label keeps apart clusters that share a network; it is no secret.
	Label string
	// SecretKey of 16, 24 or 32 bytes encrypts; empty sends in the clear.
	SecretKey []byte
	// Meta is what we tell; ID and SeenHash are set for you.
	Meta   Meta
	Logger hclog.Logger
	// OnChange is called after something has changed, from one goroutine,
	// several changes at once; it may call Peers, Members and SetMeta.
	OnChange func()
}

// Gossip runs until Leave or Close. Its methods may be called from any
// goroutine.
type Gossip struct {
	options Options
	list    *memberlist.Memberlist
	table   *table
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	endOnce sync.Once
	endErr  error
}

// Start opens the gossip port and begins to look for the others.
func Start(o Options) (*Gossip, error) {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	if o.OnChange == nil {
		o.OnChange = func() {}
	}
	if len(o.Join) > maxJoin {
		return nil, fmt.Errorf("start gossip: %d addresses to join, at most %d", len(o.Join), maxJoin)
	}
	if err := errors.Join(encErr, decErr); err != nil {
		return nil, fmt.Errorf("start gossip: set up codec: %w", err)
	}
	o.Join = slices.Clone(o.Join)
	t := newTable(o.NodeID, o.Logger)
	if err := t.setOwn(o.Meta); err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	c, err := config(o, t)
	if err != nil {
		return nil, fmt.Errorf("start gossip: %w", err)
	}
	list, err := memberlist.Create(c)
	if err != nil {
		return nil, fmt.Errorf("start gossip on %s: %w", o.Bind, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	g := &Gossip{options: o, list: list, table: t, ctx: ctx, cancel: cancel}
	g.running.Go(g.publish)
	// Not waited for: a join that is under way cannot be interrupted.
	go g.join()
	return g, nil
}

func config(o Options, t *table) (*memberlist.Config, error) {
	if o.NodeID == "" {
		return nil, errors.New("node id is empty")
	}
	if n := len(o.SecretKey); n != 0 && n != 16 && n != 24 && n != 32 {
		return nil, fmt.Errorf("the secret key has %d bytes, want 16, 24 or 32", n)
	}
	if len(o.Label) > memberlist.LabelMaxSize {
		return nil, fmt.Errorf("the label has %d bytes, at most %d", len(o.Label), memberlist.LabelMaxSize)
	}
	bind, err := net.ResolveTCPAddr("tcp", o.Bind)
	if err != nil {
		return nil, fmt.Errorf("bind address %q: %w", o.Bind, err)
	}
	c := memberlist.DefaultLANConfig()
	c.Name = o.NodeID
	c.BindAddr, c.BindPort, c.AdvertisePort = "0.0.0.0", bind.Port, bind.Port
	if bind.IP != nil {
		c.BindAddr = bind.IP.String()
	}
	if o.Advertise != "" {
		advertise, err := net.ResolveTCPAddr("tcp", o.Advertise)
		if err != nil {
			return nil, fmt.Errorf("advertise address %q: %w", o.Advertise, err)
		}
		c.AdvertiseAddr, c.AdvertisePort = advertise.IP.String(), advertise.Port
	}
	c.Label = o.Label
	c.SecretKey = o.SecretKey
	c.DeadNodeReclaimTime = reclaimAfter
	c.Delegate, c.Events, c.Conflict = t, t, t
	c.Logger = o.Logger.Named("memberlist").StandardLogger(&hclog.StandardLoggerOptions{InferLevels: true})
	return c, nil
}

// Addr is where the others reach our gossip, host:port.
func (g *Gossip) Addr() string { return g.table.ownAddress() }

// Members are all nodes that are visible, ourselves included, sorted by id:
// what Decide wants.
func (g *Gossip) Members() []Meta { return g.table.members() }

// Peers are the members without ourselves.
func (g *Gossip) Peers() []Meta {
	return slices.DeleteFunc(g.Members(), func(m Meta) bool { return m.ID == g.options.NodeID })
}

// SetMeta changes what we tell; the others hear of it soon after. It fails
// with ErrMetaTooLarge and then changes nothing.
func (g *Gossip) SetMeta(m Meta) error {
	if err := g.table.setOwn(m); err != nil {
		return err
	}
	g.table.tell()
	return nil
}

// Leave tells the others that we go for good, for at most timeout, and closes.
func (g *Gossip) Leave(timeout time.Duration) error {
	return g.end(func() error { return g.list.Leave(timeout) })
}

// Close stops at once, as if the machine had stopped.
func (g *Gossip) Close() error { return g.end(func() error { return nil }) }

// end is done once; later calls return what the first did. OnChange is not
// called any more when it returns, so it must not be called from there.
func (g *Gossip) end(goodbye func() error) error {
	g.endOnce.Do(func() {
		g.cancel()
		g.running.Wait()
		if err := errors.Join(goodbye(), g.list.Shutdown()); err != nil {
			g.endErr = fmt.Errorf("stop gossip: %w", err)
		}
	})
	return g.endErr
}

// publish tells the others what changed here, and us what changed there.
func (g *Gossip) publish() {
	var published []byte
	for {
		select {
		case <-g.table.changed:
		case <-g.ctx.Done():
			return
		}
		if raw := g.table.show(); !bytes.Equal(raw, published) {
			published = raw
			// A timeout only means that nobody has picked it up yet.
			if err := g.list.UpdateNode(updateTimeout); err != nil {
				g.options.Logger.Debug("our gossip has not been picked up yet", "error", err)
			}
		}
		g.options.OnChange()
	}
}

func (g *Gossip) join() {
	if len(g.options.Join) == 0 {
		return
	}
	begin, joined, warned := time.Now(), false, false
	for {
		err := g.tryJoin()
		others := len(g.Peers())
		switch {
		case others > 0 && !joined:
			g.options.Logger.Info("found other nodes", "nodes", ids(g.Peers()))
			joined, warned = true, false
		case others == 0 && !warned && (joined || time.Since(begin) > joinWarnAfter):
			g.options.Logger.Warn("no other node answers; still trying", "join", strings.Join(g.options.Join, ", "), "error", err)
			joined, warned = false, true
		}
		pause := joinEvery
		if others > 0 {
			pause = rejoinEvery
		}
		select {
		case <-time.After(pause):
		case <-g.ctx.Done():
			return
		}
	}
}

// tryJoin goes through the addresses one by one, because each may take seconds
// and cannot be interrupted.
func (g *Gossip) tryJoin() (err error) {
	for _, address := range g.options.Join {
		if g.ctx.Err() != nil {
			return g.ctx.Err()
		}
		if _, joinErr := g.list.Join([]string{address}); joinErr != nil {
			err = fmt.Errorf("join %s: %w", address, joinErr)
		}
	}
	return err
}
