package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// A round is what was measured at one number of connections.
type round struct {
	perSecond float64
	errors    int
	latencies []time.Duration // sorted
}

// at returns a quantile of the latencies.
func (r round) at(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[int(math.Ceil(q*float64(len(r.latencies))))-1]
}

// load opens conversations over n connections for a while and counts those that
// were answered after the warm-up.
func load(ctx context.Context, servers []string, n, number int, warmUp, length time.Duration) (round, error) {
	begin := time.Now().Add(warmUp)
	end := begin.Add(length)
	var mu sync.Mutex
	var all round
	var first error
	var working sync.WaitGroup
	for i := range n {
		working.Go(func() {
			c := connection{server: servers[i%len(servers)], prefix: fmt.Sprintf("r%dc%d", number, i)}
			mine, err := c.run(ctx, begin, end)
			mu.Lock()
			defer mu.Unlock()
			all.latencies = append(all.latencies, mine.latencies...)
			all.errors += mine.errors
			if err != nil && first == nil {
				first = err
			}
		})
	}
	working.Wait()
	if first != nil {
		return all, fmt.Errorf("%d connections: %w", n, first)
	}
	slices.Sort(all.latencies)
	all.perSecond = float64(len(all.latencies)) / length.Seconds()
	return all, ctx.Err()
}

// A connection sends one request at a time. It writes them by hand, so that the
// client takes as little of the shared processors as it can.
type connection struct {
	server string
	prefix string
	count  int
	body   bytes.Buffer
	out    bytes.Buffer
}

func (c *connection) run(ctx context.Context, begin, end time.Time) (r round, err error) {
	conn, err := net.Dial("tcp", c.server)
	if err != nil {
		return r, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 8<<10)
	for now := time.Now(); now.Before(end) && ctx.Err() == nil; now = time.Now() {
		if _, err := conn.Write(c.request()); err != nil {
			return r, err
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return r, err
		}
		c.out.Reset()
		if _, err := c.out.ReadFrom(response.Body); err != nil && !errors.Is(err, io.EOF) {
			return r, err
		}
		if now.Before(begin) {
			continue
		}
		if response.StatusCode != http.StatusCreated || !bytes.Contains(c.out.Bytes(), []byte(`"consumed_turn":true`)) {
			r.errors++
			continue
		}
		r.latencies = append(r.latencies, time.Since(now))
	}
	return r, nil
}

func (c *connection) request() []byte {
	c.count++
	c.body.Reset()
	fmt.Fprintf(&c.body, `{"id":"%s-%d","inbox":"bench","from":{"address":"%s-%d"},"direction":"inbound"}`, c.prefix, c.count, c.prefix, c.count)
	c.out.Reset()
	fmt.Fprintf(&c.out, "POST /v1/conversations HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", c.server, c.body.Len())
	c.out.Write(c.body.Bytes())
	return c.out.Bytes()
}
