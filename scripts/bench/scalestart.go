package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// startLimit is how long a server may take to serve.
const startLimit = 10 * time.Minute

// measureStart founds a cluster of one on the snapshot, as an operator does, and
// measures how long the real server takes from its start to its first assignment.
func measureStart(ctx context.Context, out io.Writer, dir, snapshot string, base, n int) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	binary := filepath.Join(dir, "rondo")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/rondohq/rondo/cmd/rondo").CombinedOutput(); err != nil {
		return fmt.Errorf("build rondo: %w\n%s", err, said)
	}
	api := fmt.Sprintf("127.0.0.1:%d", base)
	where := []string{"--node-id", "scale", "--data-dir", filepath.Join(dir, "data"), "--http-listen", api, "--cluster-listen", fmt.Sprintf("127.0.0.1:%d", base+1)}
	began := time.Now()
	if said, err := exec.CommandContext(ctx, binary, append([]string{"snapshot", "restore", snapshot}, where...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("rondo snapshot restore: %w\n%s", err, said)
	}
	fmt.Fprintf(out, "rondo snapshot restore\t%s\tread, verified, written and synced\n", seconds(time.Since(began)))

	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	server := exec.Command(binary, append([]string{"server"}, where...)...)
	server.Stderr = log
	began = time.Now()
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	ended := make(chan struct{})
	go func() { _ = server.Wait(); close(ended) }()
	alive, ready, err := awaitServing(ctx, api, ended, began)
	if err == nil {
		err = assignOne(ctx, api, n)
	}
	first := time.Since(began)
	if err == nil {
		fmt.Fprintf(out, "rondo server, from start to /livez\t%s\t\n", seconds(alive))
		fmt.Fprintf(out, "rondo server, from start to ready\t%s\tfirst assignment acknowledged after %s\n", seconds(ready), seconds(first))
		fmt.Fprintf(out, "rondo server, memory\t%s\tat most %s\n", statusOf(server.Process.Pid, "VmRSS"), statusOf(server.Process.Pid, "VmHWM"))
	}
	_ = server.Process.Signal(os.Interrupt) // it may have ended by itself
	<-ended
	if err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w\n%s", err, said[max(0, len(said)-4096):])
	}
	return nil
}

// awaitServing returns how long after its start the server first said that it is
// alive, and that it is ready.
func awaitServing(ctx context.Context, api string, ended <-chan struct{}, began time.Time) (alive, ready time.Duration, _ error) {
	for {
		if alive == 0 && answers(ctx, "http://"+api+"/livez") {
			alive = time.Since(began)
		}
		if alive > 0 && answers(ctx, "http://"+api+"/readyz") {
			return alive, time.Since(began), nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ended:
			return 0, 0, errors.New("the server ended")
		case <-ctx.Done():
			return 0, 0, fmt.Errorf("wait until the server is ready: %w", ctx.Err())
		}
	}
}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func assignOne(ctx context.Context, api string, n int) error {
	c, err := client.New(client.Options{Servers: []string{"http://" + api}})
	if err != nil {
		return err
	}
	defer c.Close()
	body := map[string]any{"id": fmt.Sprint("after-", n), "inbox": "bench", "from": map[string]any{"address": "scale"}}
	var decided struct {
		Decision struct {
			Turn bool `json:"consumed_turn"`
		} `json:"decision"`
	}
	if _, err := c.Do(ctx, "POST", "/v1/conversations", body, &decided); err != nil {
		return fmt.Errorf("assign after the start: %w", err)
	}
	if !decided.Decision.Turn {
		return errors.New("assign after the start: nobody's turn was taken")
	}
	return nil
}

// statusOf returns a line of /proc/PID/status, where there is one.
func statusOf(pid int, name string) string {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(data), "\n") {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			var kib int64
			if _, err := fmt.Sscan(value, &kib); err == nil {
				return mib(kib << 10)
			}
		}
	}
	return "not known on this system"
}
