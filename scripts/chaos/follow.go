package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

const (
	followEvery = 200 * time.Millisecond
	askPatience = time.Second
)

// A follower asks every node who leads, and remembers the newest answer.
type follower struct {
	mu    sync.Mutex
	terms map[uint64]bool
	term  uint64
	who   string
}

// follow asks until ctx ends, and tells each term once.
func (f *follower) follow(ctx context.Context, servers []string, clock func() int64, tell func(history.Term)) {
	f.terms = map[uint64]bool{}
	var asking sync.WaitGroup
	for _, server := range servers {
		asking.Go(func() {
			for tick := time.NewTicker(followEvery); ; {
				select {
				case <-ctx.Done():
					tick.Stop()
					return
				case <-tick.C:
				}
				var said struct {
					Leader string `json:"leader"`
					Term   uint64 `json:"term"`
				}
				if ask(ctx, server+"/v1/cluster", &said) == nil && said.Leader != "" {
					f.saw(history.Term{Term: said.Term, Leader: said.Leader, AtUs: clock()}, tell)
				}
			}
		})
	}
	asking.Wait()
}

func (f *follower) saw(t history.Term, tell func(history.Term)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.terms[t.Term] {
		return
	}
	f.terms[t.Term] = true
	if t.Term > f.term {
		f.term, f.who = t.Term, t.Leader
	}
	tell(t)
}

// leader returns who began the newest term that any node knows of.
func (f *follower) leader() (string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.who, len(f.terms)
}

// leaderAmong returns her place in names, or -1.
func (f *follower) leaderAmong(names []string) int {
	who, _ := f.leader()
	return slices.Index(names, who)
}

// ask reads JSON, or nothing if out is nil, and fails unless the answer is a 200.
func ask(ctx context.Context, address string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return &statusError{address, resp.StatusCode, string(data)}
	case out == nil:
		return nil
	default:
		return json.Unmarshal(data, out)
	}
}

// A statusError is an answer other than 200.
type statusError struct {
	address string
	status  int
	body    string
}

func (e *statusError) Error() string {
	return e.address + ": " + http.StatusText(e.status) + ": " + e.body
}
