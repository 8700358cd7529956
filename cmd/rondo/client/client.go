// Package client speaks Rondo's HTTP API for programs that run beside a
// cluster: the command line and the replay.
//
// It knows several nodes, stays with one while it answers, moves on when it does
// not, and sends a changing request again with the same Idempotency-Key, so that
// an answer that was lost on the way never means a change made twice. It knows no
// nouns: callers bring paths and bodies. It does not balance load (StartAt lets
// the caller do that), cache, log or follow redirects.
//
// Read client.go first (the contract), then call.go (attempts and waiting), then
// problem.go (errors).
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// DefaultTimeout bounds one attempt at one node when Options names no Timeout.
const DefaultTimeout = 10 * time.Second

// Limits of what a client keeps and reads.
const (
	ServersMax     = 64
	KeyMaxChars    = 128
	answerMaxBytes = 16 << 20
)

// Options configure New.
type Options struct {
	// Servers are the nodes' base addresses, "http://127.0.0.1:4600" or
	// "127.0.0.1:4600"; at least one, at most ServersMax.
	Servers []string
	// Actor is sent as Rondo-Actor ("agent:mallory"); empty sends none.
	Actor string
	// Timeout bounds one attempt at one node; 0 means DefaultTimeout. How long
	// a whole call may take, retries included, is the context's business.
	Timeout time.Duration
}

// A Client calls one cluster. All methods may be used from many goroutines.
type Client struct {
	servers []string
	actor   string
	timeout time.Duration
	http    *http.Client
	current *atomic.Int64 // the node to stay with
}

// A Meta is what an answer says beside its body.
type Meta struct {
	Status   int    // 0 when no node answered
	Index    uint64 // Rondo-Index, a Raft index; 0 when absent
	Outcome  string // Rondo-Outcome: committed, rejected or unknown
	Replayed bool   // Idempotency-Replayed: the cluster had done this call before
	Server   string // the node that answered last
	Attempts int    // how often the call was sent, this answer included
	Key      string // the Idempotency-Key all attempts carried; empty on reads

	retryAfter time.Duration
}

// New returns a client for the nodes of one cluster. It does not connect.
func New(o Options) (*Client, error) {
	if len(o.Servers) == 0 || len(o.Servers) > ServersMax {
		return nil, fmt.Errorf("%d servers given: name 1 to %d, such as http://127.0.0.1:4600", len(o.Servers), ServersMax)
	}
	if strings.ContainsFunc(o.Actor, unprintable) {
		return nil, fmt.Errorf("actor %q: use printable ASCII, such as agent:mallory", o.Actor)
	}
	var servers []string
	for _, s := range o.Servers {
		base, err := baseURL(s)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(servers, base) {
			servers = append(servers, base)
		}
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     60 * time.Second,
	}
	return &Client{servers: servers, actor: o.Actor, timeout: o.Timeout, current: new(atomic.Int64),
		http: &http.Client{Transport: transport, CheckRedirect: stay}}, nil
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

// stay makes a redirect an answer: a node never sends one, so whoever did is not
// a node.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func baseURL(server string) (string, error) {
	s := strings.TrimSpace(server)
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		(u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("server %q: write it like http://127.0.0.1:4600", server)
	}
	return u.Scheme + "://" + u.Host, nil
}

// Servers returns the nodes' addresses, without repetitions, in the order of
// Options; DoOn and StartAt count in it.
func (c *Client) Servers() []string { return slices.Clone(c.servers) }

// StartAt returns a client that shares the connections of c but stays with nodes
// on its own account, beginning with the given one (counted round).
func (c *Client) StartAt(server int) *Client {
	other := *c
	other.current = new(atomic.Int64)
	n := len(c.servers)
	other.current.Store(int64((server%n + n) % n))
	return &other
}

// Close drops idle connections. Calls under way are not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// A CallOption changes one call.
type CallOption func(*call)

// Key sets the Idempotency-Key (1 to KeyMaxChars characters) instead of minting
// one, for a call that an earlier process may already have made.
func Key(key string) CallOption { return func(c *call) { c.key = key } }

// Once sends the call a single time and returns whatever comes, a 503 included:
// for questions about one node's health.
func Once() CallOption { return func(c *call) { c.once = true } }

// IfMatch makes a change happen only to the revision that the caller has seen, or,
// with revision 0, only if the thing is not there yet; otherwise the cluster says
// no with 412.
func IfMatch(revision uint64) CallOption {
	return func(c *call) { c.match = &revision }
}

// Do sends one call and decodes the answer into out: nil drops it, *[]byte takes
// it as it is, everything else is JSON. The body, unless nil, is sent as JSON.
//
// A node that cannot be reached, loses the answer or says 429, 502, 503 or 504 is
// left for the next one (Retry-After is obeyed, and that node is not asked before),
// with a pause of 20 ms growing to 1 s, until ctx ends. Every attempt of a changing
// call carries the same Idempotency-Key, except messages, whose id does that work.
//
// Meta is never nil. Errors: *Problem when the cluster said no, *UnansweredError
// when ctx ended first, others when the call or the answer makes no sense.
func (c *Client) Do(ctx context.Context, method, path string, body, out any, opts ...CallOption) (*Meta, error) {
	return c.start(ctx, call{method: method, path: path, only: -1}, body, out, opts)
}

// DoOn is Do on one node (counted in Servers): it never moves on to another.
func (c *Client) DoOn(ctx context.Context, server int, method, path string, body, out any, opts ...CallOption) (*Meta, error) {
	if server < 0 || server >= len(c.servers) {
		return &Meta{}, fmt.Errorf("server %d of %d does not exist", server, len(c.servers))
	}
	return c.start(ctx, call{method: method, path: path, only: server}, body, out, opts)
}

func (c *Client) start(ctx context.Context, call call, body, out any, opts []CallOption) (*Meta, error) {
	for _, opt := range opts {
		opt(&call)
	}
	if err := call.prepare(body); err != nil {
		return &Meta{}, fmt.Errorf("%s %s: %w", call.method, call.path, err)
	}
	meta, answer, err := c.send(ctx, &call)
	if err != nil {
		return meta, err
	}
	if err := decode(answer, out); err != nil {
		return meta, fmt.Errorf("%s %s: %s answered something else than expected (is it a Rondo node of this version?): %w",
			call.method, call.path, meta.Server, err)
	}
	return meta, nil
}

// prepare checks and completes a call before its first attempt.
func (c *call) prepare(body any) error {
	if !strings.HasPrefix(c.path, "/") {
		return errors.New("the path must begin with /")
	}
	if _, err := http.NewRequest(c.method, "http://node"+c.path, nil); err != nil {
		return fmt.Errorf("build the request: %w", err)
	}
	if body != nil {
		payload, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the body: %w", err)
		}
		c.payload = payload
	}
	if !c.takesKey() {
		c.key = ""
		return nil
	}
	if c.key == "" {
		key, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("mint an idempotency key: %w", err)
		}
		c.key = key.String()
	}
	if len(c.key) > KeyMaxChars {
		return fmt.Errorf("the idempotency key has %d characters, the limit is %d", len(c.key), KeyMaxChars)
	}
	if strings.ContainsFunc(c.key, unprintable) {
		return fmt.Errorf("the idempotency key %q: use printable ASCII", c.key)
	}
	return nil
}

func decode(answer []byte, out any) error {
	if raw, ok := out.(*[]byte); ok {
		*raw = answer
		return nil
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}
