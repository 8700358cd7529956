package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// K82 with real processes: the leader is killed, and who is heard of is never
// marked as gone; who is not heard of is.
func TestLeasesOutlastTheLeader(t *testing.T) {
	t.Parallel()
	c := startDev(t)
	for _, agent := range []string{"heard", "silent"} {
		c.at(0).do(t, "PUT", "/v1/agents/"+agent, `{"name":"A"}`).want(t, http.StatusCreated, `{"id":"`+agent+`"}`)
		c.at(1).do(t, "PUT", "/v1/agents/"+agent+"/presence", `{"status":"available","lease_seconds":20}`).
			want(t, http.StatusOK, `{"presence":{"status":"available","lease_seconds":20}}`)
	}
	stop := sendHeartbeats(t, c.nodes, "heard")
	t.Logf("killed the leader, %s", c.killLeader(t))

	deadline := time.Now().Add(2 * patience)
	const history = "/v1/agents/silent/presence/history"
	for got := c.at(2).get(t, history); !strings.Contains(string(got.raw), `"reason":"lease_expired"`); {
		got = c.at(2).get(t, history+"?wait=5s&min_index="+got.header.Get("Rondo-Index"))
		if time.Now().After(deadline) {
			t.Fatalf("an agent of whom nobody hears is still there: %s", got.raw)
		}
	}
	stop()
	got := c.at(0).get(t, "/v1/agents/heard/presence/history")
	if n := strings.Count(string(got.raw), `"status"`); n != 1 {
		t.Errorf("she was there all the time: %s", got.raw)
	}
}

// sendHeartbeats sends those of an agent to one node after the other, once a
// second, whatever they answer, until stop is called.
func sendHeartbeats(t *testing.T, nodes []node, agent string) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		pulse := time.NewTicker(time.Second)
		defer pulse.Stop()
		for i := 0; ; i++ {
			url := fmt.Sprintf("%s/v1/agents/%s/heartbeat", nodes[i%len(nodes)].url, agent)
			if request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody); err == nil {
				if response, err := http.DefaultClient.Do(request); err == nil {
					_ = response.Body.Close()
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-pulse.C:
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}
