package workload

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// ManualInbox is the inbox without a rotation: its conversations are claimed.
const ManualInbox = "manual"

// A world is what clients know of each other's work: conversations to fight about,
// and agents of whom each is told to come and go by one client at a time.
type world struct {
	mu       sync.Mutex
	agents   []*agent
	inboxes  []string
	open     pool // acknowledged, of any inbox
	unowned  pool // of the manual inbox
	contacts pool // who has written, with the inbox
}

type agent struct {
	mu     sync.Mutex
	id     string
	status string
	lost   bool // nobody knows what she is any more
}

// A pool keeps the newest of what was put in.
type pool struct{ items []pooled }

type pooled struct{ id, inbox string }

const poolSize = 512

func (p *pool) put(item pooled, random *rand.Rand) {
	if len(p.items) < poolSize {
		p.items = append(p.items, item)
		return
	}
	p.items[random.IntN(poolSize)] = item
}

func (p *pool) pick(random *rand.Rand, take bool) (item pooled, ok bool) {
	if len(p.items) == 0 {
		return item, false
	}
	at := random.IntN(len(p.items))
	item = p.items[at]
	if take {
		p.items[at] = p.items[len(p.items)-1]
		p.items = p.items[:len(p.items)-1]
	}
	return item, true
}

func newWorld(c history.Config) *world {
	w := &world{}
	known := map[string]bool{}
	for _, t := range c.Teams {
		w.inboxes = append(w.inboxes, t.Inboxes...)
		for _, id := range t.Members {
			if !known[id] {
				known[id] = true
				w.agents = append(w.agents, &agent{id: id, status: "available"})
			}
		}
	}
	w.inboxes = append(w.inboxes, ManualInbox)
	return w
}

// mix is how often, of a hundred, a writer does what.
var mix = []struct {
	until int
	act   func(*client)
}{
	{38, openOne},
	{54, receiveOne},
	{78, closeOne},
	{86, claimOne},
	{91, assignOne},
	{95, requeueOne},
	{100, changePresence},
}

// writeOne does something that changes the cluster.
func writeOne(c *client) {
	dice := c.random.IntN(100)
	for _, m := range mix {
		if dice < m.until {
			m.act(c)
			return
		}
	}
}

// again repeats a request whose answer is known, on purpose, now and then.
func again(c *client, first *history.Op, r request) {
	if first.Outcome != history.OK || c.random.IntN(20) != 0 {
		return
	}
	op := *first
	op.BeginUs, op.Outcome, op.Answer, op.Tries = c.load.o.Clock(), "", history.Answer{}, history.Tries{Again: first.N}
	c.perform(&op, r)
}

func (c *client) pick(p *pool, take bool) (pooled, bool) {
	c.load.world.mu.Lock()
	defer c.load.world.mu.Unlock()
	return p.pick(c.random, take)
}

func (c *client) put(p *pool, item pooled) {
	c.load.world.mu.Lock()
	defer c.load.world.mu.Unlock()
	p.put(item, c.random)
}

func (c *client) opened(op *history.Op) {
	if op.Outcome != history.OK || op.Answer.Conversation == "" {
		return
	}
	item := pooled{op.Answer.Conversation, op.Subject.Inbox}
	c.put(&c.load.world.open, item)
	if item.inbox == ManualInbox {
		c.put(&c.load.world.unowned, item)
	}
}

func openOne(c *client) {
	inboxes := c.load.world.inboxes
	s := history.Subject{Inbox: inboxes[c.random.IntN(len(inboxes))]}
	op := c.load.begin(c.number, history.Open, s)
	op.Subject.Conversation = fmt.Sprintf("c%d", op.N)
	op.Subject.Contact = fmt.Sprintf("+1%d", op.N)
	r := request{method: http.MethodPost, path: "/v1/conversations", body: map[string]any{
		"id": op.Subject.Conversation, "inbox": s.Inbox, "direction": "inbound", "from": map[string]string{"address": op.Subject.Contact}}}
	c.perform(op, r)
	c.opened(op)
	again(c, op, r)
}

func receiveOne(c *client) {
	inboxes := c.load.world.inboxes
	s := history.Subject{Inbox: inboxes[c.random.IntN(len(inboxes))]}
	if c.random.IntN(4) == 0 {
		if known, ok := c.pick(&c.load.world.contacts, false); ok {
			s.Contact, s.Inbox = known.id, known.inbox
		}
	}
	op := c.load.begin(c.number, history.Message, s)
	op.Subject.Message = fmt.Sprintf("m%d", op.N)
	if s.Contact == "" {
		op.Subject.Contact = fmt.Sprintf("+2%d", op.N)
	}
	r := request{method: http.MethodPost, path: "/v1/inboxes/" + s.Inbox + "/messages", keyless: true, body: map[string]any{
		"id": op.Subject.Message, "direction": "inbound", "from": map[string]string{"address": op.Subject.Contact}}}
	c.perform(op, r)
	c.opened(op)
	if s.Contact == "" {
		c.put(&c.load.world.contacts, pooled{op.Subject.Contact, s.Inbox})
	}
	again(c, op, r)
}

// about performs an action on a conversation that somebody has opened.
func about(c *client, p *pool, take bool, kind, agent string) {
	item, ok := c.pick(p, take)
	if !ok {
		openOne(c)
		return
	}
	op := c.load.begin(c.number, kind, history.Subject{Conversation: item.id, Inbox: item.inbox, Agent: agent})
	r := request{method: http.MethodPost, path: "/v1/conversations/" + url.PathEscape(item.id) + "/" + kind}
	switch kind {
	case history.Assign:
		r.method, r.path = http.MethodPut, "/v1/conversations/"+url.PathEscape(item.id)+"/assignee"
		r.body = map[string]string{"agent": agent}
	case history.Claim:
		r.body = map[string]string{"agent": agent}
	default:
		r.body = map[string]string{}
	}
	c.perform(op, r)
	again(c, op, r)
}

func (c *client) someone() string {
	agents := c.load.world.agents
	return agents[c.random.IntN(len(agents))].id
}

func closeOne(c *client)   { about(c, &c.load.world.open, true, history.Close, "") }
func assignOne(c *client)  { about(c, &c.load.world.open, false, history.Assign, c.someone()) }
func requeueOne(c *client) { about(c, &c.load.world.open, false, history.Requeue, "") }

// claimOne leaves the conversation in the pool half the time, so that others fight
// for it.
func claimOne(c *client) {
	about(c, &c.load.world.unowned, c.random.IntN(2) == 0, history.Claim, c.someone())
}

// statuses are what agents say of themselves; available most of the time.
var statuses = []string{"available", "available", "available", "available", "away", "away", "in_break", "unavailable"}

func changePresence(c *client) {
	a := c.load.world.agents[c.random.IntN(len(c.load.world.agents))]
	if !a.mu.TryLock() {
		return
	}
	defer a.mu.Unlock()
	status := statuses[c.random.IntN(len(statuses))]
	if a.lost || status == a.status {
		return
	}
	op := c.load.begin(c.number, history.Presence, history.Subject{Agent: a.id, Status: status})
	c.perform(op, request{method: http.MethodPut, path: "/v1/agents/" + a.id + "/presence", body: map[string]string{"status": status}})
	switch op.Outcome {
	case history.OK:
		a.status = status
	case history.Unknown:
		a.lost = true
	}
}

// readOne looks at a conversation, on one node, once.
func readOne(c *client) {
	item, ok := c.pick(&c.load.world.open, false)
	if !ok {
		return
	}
	kind, path := history.Read, "/v1/conversations/"+url.PathEscape(item.id)
	if c.random.IntN(3) == 0 {
		kind, path = history.Stale, path+"?consistency=stale"
	}
	op := c.load.begin(c.number, kind, history.Subject{Conversation: item.id})
	ctx, cancel := context.WithTimeout(c.patience, tryPatience)
	defer cancel()
	op.Outcome = c.try(ctx, op, c.random.IntN(len(c.load.o.Servers)), request{method: http.MethodGet, path: path}, nil)
	c.load.end(op)
}
