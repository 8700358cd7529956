package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/rondohq/rondo/cluster/archive"
	"github.com/rondohq/rondo/fsm"
)

// scale measures one big state: what it weighs, and how long a snapshot and a
// start take with it.
func scale(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("scale", flag.ExitOnError)
	n := flags.Int("conversations", 1_000_000, "how many are open")
	portBase := flags.Int("port-base", 14600, "first port of the server")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *n < 1 || *n > 5_000_000 {
		return fmt.Errorf("--conversations: %d is not a number from 1 to 5,000,000 (more needs more records than are kept)", *n)
	}
	dir, err := os.MkdirTemp("", "rondo-scale-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("%d processors, %s, %s/%s. The state is filled by fsm.State.Apply, %d conversations an entry, without a log and without a cluster:\n"+
		"%d open, assigned conversations of %d contacts, all of the last 23 hours, so that the key of each call is remembered.\n\n",
		runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, perEntry, *n, (*n+contactShare-1)/contactShare)

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	path := filepath.Join(dir, "big.snapshot")
	if err := measureState(ctx, out, *n, path); err != nil {
		return err
	}
	runtime.GC() // the server gets the machine for itself
	if err := measureStart(ctx, out, dir, path, *portBase, *n); err != nil {
		return err
	}
	return out.Flush()
}

// measureState fills a state, weighs it, and writes and reads its snapshot.
func measureState(ctx context.Context, out io.Writer, n int, path string) error {
	before, began := heap(), time.Now()
	f, err := fill(ctx, n)
	if err != nil {
		return fmt.Errorf("fill the state: %w", err)
	}
	fmt.Fprintf(out, "filled in\t%s\t%.1f us a conversation\n", seconds(time.Since(began)), time.Since(began).Seconds()*1e6/float64(n))
	if err := measureWrite(out, f, n, path); err != nil {
		return err
	}
	full, keys, all := heap()-before, f.state.Keys.Len(), f.state.Conversations.Len()
	fmt.Fprintf(out, "memory, with %d keys\t%s\t%.0f bytes a conversation\n", keys, mib(full), float64(full)/float64(all))
	if err := f.forgetKeys(); err != nil {
		return err
	}
	bare := heap() - before
	fmt.Fprintf(out, "memory, keys forgotten\t%s\t%.0f bytes a conversation, so %.0f a key\n", mib(bare), float64(bare)/float64(all), float64(full-bare)/float64(keys))
	runtime.KeepAlive(f)
	f.state = nil
	return measureRead(out, n, path)
}

// measureWrite writes a snapshot while the state goes on, as a node does.
func measureWrite(out io.Writer, f *filler, n int, path string) error {
	const decisions = 2000
	quiet, err := f.decide(decisions, n, n)
	if err != nil {
		return err
	}
	began := time.Now()
	clone := f.state.Clone()
	pause := time.Since(began)
	written := make(chan error, 1)
	began = time.Now()
	var took time.Duration
	go func() {
		err := writeSnapshot(path, clone)
		took = time.Since(began)
		written <- err
	}()
	busy, err := f.decide(decisions, n+decisions, n)
	if err != nil {
		return err
	}
	if err := <-written; err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Apply held up by a snapshot\t%.3f ms\tthe clone that Raft waits for\n", ms(pause))
	fmt.Fprintf(out, "one decision, quiet\tp50 %.3f ms\tp99 %.3f ms, longest %.3f ms\n", ms(at(quiet, 0.5)), ms(at(quiet, 0.99)), ms(at(quiet, 1)))
	fmt.Fprintf(out, "one decision, as a snapshot is written\tp50 %.3f ms\tp99 %.3f ms, longest %.3f ms\n", ms(at(busy, 0.5)), ms(at(busy, 0.99)), ms(at(busy, 1)))
	fmt.Fprintf(out, "snapshot\t%s\t%.0f bytes a conversation, its key included\n", mib(info.Size()), float64(info.Size())/float64(n))
	fmt.Fprintf(out, "snapshot written and synced in\t%s\t\n", seconds(took))
	return nil
}

// decide opens conversations of contacts that have some of the n already, each in an
// entry of its own, a millisecond apart, and returns how long Apply took, sorted.
func (f *filler) decide(count, first, n int) ([]time.Duration, error) {
	took := make([]time.Duration, 0, count)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := range count {
		<-tick.C
		f.nowMs++
		began := time.Now()
		if err := f.apply(openOf(first+i, contactOf(i%n))); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took, nil
}

func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func writeSnapshot(path string, s *fsm.State) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := archive.Write(file, s); err != nil {
		return err
	}
	return file.Sync()
}

func measureRead(out io.Writer, n int, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	began := time.Now()
	s, err := archive.Read(file)
	if err != nil {
		return err
	}
	took := time.Since(began)
	if s.Conversations.Len() < n {
		return fmt.Errorf("%d conversations were restored, want %d", s.Conversations.Len(), n)
	}
	fmt.Fprintf(out, "snapshot restored and verified in\t%s\t\n", seconds(took))
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
