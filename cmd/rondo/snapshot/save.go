package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/fsm"
)

const (
	answerPatience = 30 * time.Second // until a node begins to answer, and between pieces
	progressEvery  = 2 * time.Second
)

type saveOptions struct {
	path    string
	servers []string
	stale   bool
	force   bool
}

// save asks one server after the other until one has sent a whole snapshot.
func save(ctx context.Context, o saveOptions, out, progress io.Writer) error {
	if _, err := os.Stat(o.path); err == nil && !o.force {
		return fmt.Errorf("%s exists: choose another name, or replace it with --force", o.path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for %s: %w", o.path, err)
	}
	var failures []error
	for _, s := range o.servers {
		err := saveFrom(ctx, s, o, out, progress)
		if err == nil || ctx.Err() != nil {
			return err
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func saveFrom(ctx context.Context, server string, o saveOptions, out, progress io.Writer) error {
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	url := strings.TrimSuffix(server, "/") + "/v1/cluster/snapshot"
	if o.stale {
		url += "?consistency=stale"
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(answerPatience, func() { cancel(fmt.Errorf("nothing came for %s", answerPatience)) })
	defer watchdog.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", server, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask %s: %w", server, why(ctx, err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", server, said(response))
	}
	fmt.Fprintf(progress, "saving from %s\n", server)
	m := &meter{in: response.Body, sum: sha256.New(), moved: func() { watchdog.Reset(answerPatience) }}
	stop := m.report(progress)
	defer stop()
	var h archive.Header
	var sizes []fsm.TableSize
	err = place(o.path, func(file io.Writer) error {
		h, sizes, err = archive.Check(io.TeeReader(m, file))
		return err
	})
	if err != nil {
		return fmt.Errorf("save from %s: %w; %s was not written", server, why(ctx, err), o.path)
	}
	stop()
	describe(out, h, sizes, m.bytes.Load())
	_, err = fmt.Fprintf(out, "sha256         %s\nsaved to       %s\n", hex.EncodeToString(m.sum.Sum(nil)), o.path)
	return err
}

// why prefers our own reason for ending a call to what the call made of it.
func why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// said is what a node answered instead of a snapshot.
func said(r *http.Response) string {
	var problem struct{ Code, Detail string }
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, &problem) != nil || problem.Code == "" {
		return r.Status + " (is it a Rondo node of this version?)"
	}
	return fmt.Sprintf("%d %s: %s", r.StatusCode, problem.Code, problem.Detail)
}

// place puts a file in its place whole and durably, or leaves no trace.
func place(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.partial")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close(), f.Close())
}

// A meter counts and hashes what is read through it.
type meter struct {
	in    io.Reader
	sum   hash.Hash
	moved func()
	bytes atomic.Int64
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	m.sum.Write(p[:n])
	m.bytes.Add(int64(n))
	m.moved()
	return n, err
}

// report tells a person how far it is, until stop is called, which may be twice.
// How much there will be nobody knows: it is compressed on its way.
func (m *meter) report(w io.Writer) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	began := time.Now()
	go func() {
		defer close(done)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				n := m.bytes.Load()
				fmt.Fprintf(w, "%s, %s/s\n", size(n), size(int64(float64(n)/time.Since(began).Seconds())))
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}
