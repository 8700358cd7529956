package lossyfs

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// orderPatience bounds how long a disk may take to obey.
const orderPatience = time.Minute

// A Client gives orders to the process that serves a disk. Its methods may be
// called from any goroutine.
type Client struct {
	mu   sync.Mutex
	conn net.Conn
}

// Dial connects to the Control path of a disk that is being served.
func Dial(control string) (*Client, error) {
	conn, err := net.Dial("unix", control)
	if err != nil {
		return nil, fmt.Errorf("reach the process of a disk: %w", err)
	}
	return &Client{conn: conn}, nil
}

// Close ends the connection, not the disk.
func (c *Client) Close() error { return c.conn.Close() }

// Set puts these faults in the place of those there are.
func (c *Client) Set(f Faults) error {
	_, err := c.send(order{Faults: &f})
	return err
}

// Cut takes the power away: what was not synced is rolled back, or, if torn, a
// random part of it. Kill the database first. Nothing works afterwards: end the
// process, and serve the backing directory with a new one.
func (c *Client) Cut(seed uint64, torn bool) (Counts, error) {
	return c.send(order{Cut: &cut{seed, torn}})
}

func (c *Client) send(o order) (Counts, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.conn.SetDeadline(time.Now().Add(orderPatience)); err != nil {
		return Counts{}, err
	}
	var r reply
	if err := json.NewEncoder(c.conn).Encode(o); err != nil {
		return r.Counts, fmt.Errorf("tell a disk: %w", err)
	}
	if err := json.NewDecoder(c.conn).Decode(&r); err != nil {
		return r.Counts, fmt.Errorf("hear from a disk: %w", err)
	}
	if r.Error != "" {
		return r.Counts, errors.New("a disk could not obey: " + r.Error)
	}
	return r.Counts, nil
}
