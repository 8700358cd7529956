package workload

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/rondohq/rondo/scripts/chaos/history"
)

// Watch follows the event stream of one node until ctx ends, connecting again
// where it left off, and tells every event. It begins at the oldest record.
func Watch(ctx context.Context, server string, see func(history.Event, []byte)) {
	after := "0"
	for ctx.Err() == nil {
		_ = follow(ctx, server, after, func(e history.Event, data []byte) bool {
			after = e.ID
			see(e, data)
			return true
		})
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// silence is how long a stream may say nothing, heartbeats included, before it is
// taken for dead.
const silence = 20 * time.Second

// follow reads one stream. Positions without an event are left out.
func follow(ctx context.Context, server, after string, see func(history.Event, []byte) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/v1/events?after="+url.QueryEscape(after), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	resp, err := streams.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", server, resp.Status)
	}
	in := bufio.NewReaderSize(resp.Body, 64<<10)
	var id, kind string
	var data []byte
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return err
		}
		watchdog.Reset(silence)
		name, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "id":
			id = string(value)
		case "event":
			kind = string(value)
		case "data":
			data = append(data, value...)
		case "":
			if len(line) <= 2 && len(data) > 0 {
				if !see(history.Event{ID: id, Sum: sum(data), Reset: kind == "reset"}, data) {
					return io.EOF
				}
			}
			if len(line) <= 2 {
				kind, data = "", nil
			}
		}
	}
}

func sum(data []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(data)
	return h.Sum64()
}

// streams has no timeouts: a stream has a watchdog instead.
var streams = &http.Client{Transport: &http.Transport{DisableCompression: true}}
