package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Pauses between attempts, and the longest a server may make us wait.
const (
	pauseMin      = 20 * time.Millisecond
	pauseMax      = time.Second
	retryAfterMax = time.Minute
)

var errAnswerTooLong = fmt.Errorf("the answer is longer than %d bytes: ask for less at once", answerMaxBytes)

// A call is one request, however often it is sent.
type call struct {
	method, path string
	payload      []byte
	key          string
	only         int // the one node to ask, or -1
	once         bool
	match        *uint64 // the revision that must be there, 0 for none; nil: whatever is
}

// takesKey says whether the route takes an Idempotency-Key: every changing one but
// messages and forms, which refuse it because their own id does that work.
func (c *call) takesKey() bool {
	if c.method == http.MethodGet || c.method == http.MethodHead {
		return false
	}
	path, _, _ := strings.Cut(c.path, "?")
	told := strings.HasPrefix(path, "/v1/inboxes/") || strings.HasPrefix(path, "/v1/conversations/")
	return !told || !strings.HasSuffix(path, "/messages") && !strings.HasSuffix(path, "/forms")
}

// send makes attempts until one is final.
func (c *Client) send(ctx context.Context, call *call) (*Meta, []byte, error) {
	meta := &Meta{Key: call.key}
	rests := make([]time.Time, len(c.servers)) // do not ask this node before
	for {
		at := c.choose(call, rests)
		answer, err := c.attempt(ctx, at, call, meta)
		if err == nil && meta.Status < 300 {
			return meta, answer, nil
		}
		if err == nil {
			problem := problemOf(meta, answer)
			if call.once || !passing(meta.Status) {
				return meta, nil, problem
			}
			rest(rests, at, problem)
			err = problem
		}
		if errors.Is(err, errAnswerTooLong) {
			return meta, nil, fmt.Errorf("%s %s: %w", call.method, call.path, err)
		}
		if call.only < 0 {
			c.current.CompareAndSwap(int64(at), int64((at+1)%len(c.servers)))
		}
		cause := ctx.Err()
		if !call.once {
			cause = c.pause(ctx, call, meta.Attempts, rests)
		}
		if call.once || cause != nil {
			return meta, nil, &UnansweredError{Call: call.method + " " + call.path, Key: call.key,
				Attempts: meta.Attempts, Last: err, Cause: cause}
		}
	}
}

// passing says whether another moment or another node may answer better.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// rest notes how long nodes want to be left alone. Too many requests is the whole
// cluster's answer, the others are one node's.
func rest(rests []time.Time, at int, problem *Problem) {
	until := time.Now().Add(problem.RetryAfter)
	if problem.Status != http.StatusTooManyRequests {
		rests[at] = until
		return
	}
	for i := range rests {
		rests[i] = until
	}
}

// choose picks the node to ask: the current one or the next that may be asked
// now, otherwise the one that may be asked first.
func (c *Client) choose(call *call, rests []time.Time) int {
	if call.only >= 0 {
		return call.only
	}
	now, best := time.Now(), -1
	for i := range rests {
		at := (int(c.current.Load()) + i) % len(rests)
		if !rests[at].After(now) {
			return at
		}
		if best < 0 || rests[at].Before(rests[best]) {
			best = at
		}
	}
	return best
}

// pause waits before the next attempt. It returns why there will be none: ctx has
// ended, or will before any node wants to be asked again.
func (c *Client) pause(ctx context.Context, call *call, attempts int, rests []time.Time) error {
	wait := min(pauseMax, pauseMin<<min(attempts-1, 10))
	wait = wait/2 + rand.N(wait/2+1)
	until := rests[c.choose(call, rests)]
	wait = max(wait, time.Until(until))
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		if err := ctx.Err(); err != nil {
			return err
		}
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// attempt sends the call to one node once and fills meta. An error means that no
// whole answer came: the node may or may not have done it.
func (c *Client) attempt(ctx context.Context, at int, call *call, meta *Meta) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	server := c.servers[at]
	*meta = Meta{Key: call.key, Server: server, Attempts: meta.Attempts + 1}
	var body io.Reader
	if call.payload != nil {
		body = bytes.NewReader(call.payload)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, server+call.path, body)
	if err != nil {
		return nil, fmt.Errorf("build the request: %w", err)
	}
	if call.payload != nil {
		req.GetBody = nil // so that net/http does not send it again by itself: we choose where, and count
		req.Header.Set("Content-Type", "application/json")
	}
	if call.key != "" {
		req.Header.Set("Idempotency-Key", call.key)
	}
	if c.actor != "" {
		req.Header.Set("Rondo-Actor", c.actor)
	}
	switch {
	case call.match == nil:
	case *call.match == 0:
		req.Header.Set("If-None-Match", "*")
	default:
		req.Header.Set("If-Match", `"`+strconv.FormatUint(*call.match, 10)+`"`)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, answerMaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", server, err)
	}
	meta.Status = resp.StatusCode
	if len(answer) > answerMaxBytes {
		return nil, errAnswerTooLong
	}
	meta.Index, _ = strconv.ParseUint(resp.Header.Get("Rondo-Index"), 10, 64)
	meta.Outcome = resp.Header.Get("Rondo-Outcome")
	meta.Replayed = resp.Header.Get("Idempotency-Replayed") == "true"
	meta.retryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return answer, nil
}

// retryAfter reads the header in both its forms: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if header == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, retryAfterMax)
	}
	if date, err := http.ParseTime(header); err == nil {
		return min(max(0, date.Sub(now)), retryAfterMax)
	}
	return 0
}
