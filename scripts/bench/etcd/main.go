// Command etcd is the peer that the benchmark compares with: three etcd servers
// on this machine, and a client that puts one key after another on each of its
// connections. It is a module of its own, so that the client of etcd and all it
// needs stay out of Rondo's.
//
// It starts the servers, prints "ready", and then measures one round for each
// line "THROUGH CONNECTIONS WARM-UP LENGTH" of its input, THROUGH being "leader" or
// "all", answering with a line of JSON.
// At the end of its input it stops the servers.
//
// A put is the least that etcd does with a majority; it decides nothing.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "etcd: %v\n", err)
		os.Exit(1)
	}
}

const firstPort = 57000

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "rondo-bench-etcd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	endpoints, stop, err := start(dir)
	if err != nil {
		return err
	}
	defer stop()
	leader, err := findLeader(ctx, endpoints)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var connections int
		var through, warmUp, length string
		if _, err := fmt.Sscan(lines.Text(), &through, &connections, &warmUp, &length); err != nil {
			return fmt.Errorf("read %q: %w", lines.Text(), err)
		}
		warm, err1 := time.ParseDuration(warmUp)
		long, err2 := time.ParseDuration(length)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		called := endpoints
		if through == "leader" {
			called = []string{leader}
		}
		r, err := load(ctx, called, connections, warm, long)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return lines.Err()
}

// start runs three servers with etcd's own settings.
func start(dir string) (endpoints []string, stop func(), err error) {
	var all []string
	for i := range 3 {
		all = append(all, fmt.Sprintf("e%d=http://127.0.0.1:%d", i, firstPort+10*i+1))
	}
	var running []*exec.Cmd
	stop = func() {
		for _, c := range running {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}
	for i := range 3 {
		client, peer := fmt.Sprintf("http://127.0.0.1:%d", firstPort+10*i), fmt.Sprintf("http://127.0.0.1:%d", firstPort+10*i+1)
		log, err := os.Create(filepath.Join(dir, fmt.Sprintf("e%d.log", i)))
		if err != nil {
			stop()
			return nil, nil, err
		}
		c := exec.Command("etcd", "--name", fmt.Sprintf("e%d", i), "--data-dir", filepath.Join(dir, fmt.Sprint(i)),
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
			"--listen-client-urls", client, "--advertise-client-urls", client,
			"--initial-cluster", strings.Join(all, ","), "--initial-cluster-state", "new",
			"--quota-backend-bytes", "8000000000", "--logger", "zap", "--log-level", "error")
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			stop()
			return nil, nil, fmt.Errorf("start etcd: %w", err)
		}
		running = append(running, c)
		endpoints = append(endpoints, client)
	}
	return endpoints, stop, nil
}

func connect(endpoints ...string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: endpoints, DialTimeout: 10 * time.Second, Logger: zap.NewNop()})
}

// findLeader waits until there is one: it serves puts without a hop.
func findLeader(ctx context.Context, endpoints []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	c, err := connect(endpoints...)
	if err != nil {
		return "", err
	}
	defer c.Close()
	for {
		for _, e := range endpoints {
			s, err := c.Status(ctx, e)
			if err == nil && s.Leader != 0 && s.Leader == s.Header.MemberId {
				return e, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", errors.New("no leader within 30 s")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// A round is what was measured at one number of connections.
type round struct {
	PerSecond float64 `json:"per_second"`
	P50Ms     float64 `json:"p50_ms"`
	P99Ms     float64 `json:"p99_ms"`
	LongestMs float64 `json:"longest_ms"`
	Errors    int     `json:"errors"`
}

func load(ctx context.Context, endpoints []string, n int, warmUp, length time.Duration) (round, error) {
	clients := make([]*clientv3.Client, n)
	for i := range clients {
		c, err := connect(endpoints[i%len(endpoints)])
		if err != nil {
			return round{}, err
		}
		defer c.Close()
		clients[i] = c
	}
	begin := time.Now().Add(warmUp)
	end := begin.Add(length)
	var mu sync.Mutex
	var latencies []time.Duration
	var r round
	var working sync.WaitGroup
	for i, c := range clients {
		working.Go(func() {
			var mine []time.Duration
			failed := 0
			value := strings.Repeat("x", 100)
			for k := 0; ; k++ {
				now := time.Now()
				if now.After(end) {
					break
				}
				_, err := c.Put(ctx, fmt.Sprintf("bench-%d-%d-%d", n, i, k), value)
				switch {
				case now.Before(begin):
				case err != nil:
					failed++
				default:
					mine = append(mine, time.Since(now))
				}
			}
			mu.Lock()
			defer mu.Unlock()
			latencies = append(latencies, mine...)
			r.Errors += failed
		})
	}
	working.Wait()
	if len(latencies) == 0 {
		return r, errors.New("etcd answered nothing")
	}
	slices.Sort(latencies)
	at := func(q float64) float64 {
		return float64(latencies[int(q*float64(len(latencies)-1))].Microseconds()) / 1000
	}
	r.PerSecond, r.P50Ms, r.P99Ms, r.LongestMs = float64(len(latencies))/length.Seconds(), at(0.5), at(0.99), at(1)
	return r, nil
}
