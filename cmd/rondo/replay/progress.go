package replay

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
)

// How often progress is shown: a bar is repainted, lines are added.
const (
	repaintEvery = 200 * time.Millisecond
	lineEvery    = 5 * time.Second
	barWidth     = 30
)

// counters are what the workers count and others read meanwhile.
type counters struct {
	total    int
	pace     func(logMs int64) time.Duration // time left by the clock; nil when not paced
	done     atomic.Int64
	logMs    atomic.Int64 // log time of the newest step
	retries  atomic.Int64 // attempts beyond the first
	replayed atomic.Int64 // answers to calls that had been done before
}

func newCounters(steps []Step, speed float64) *counters {
	c := &counters{total: len(steps)}
	if speed > 0 && len(steps) > 0 {
		c.logMs.Store(steps[0].At.UnixMilli())
		endMs := steps[len(steps)-1].At.UnixMilli()
		c.pace = func(logMs int64) time.Duration {
			return time.Duration(float64(endMs-logMs) / speed * float64(time.Millisecond))
		}
	}
	return c
}

func (c *counters) step(s Step) {
	c.logMs.Store(s.At.UnixMilli())
	c.done.Add(1)
}

// A progress shows counters until it is stopped.
type progress struct {
	quit, gone chan struct{}
}

// startProgress shows a bar on a terminal, a plain line now and then elsewhere. The
// caller stops it before writing anything else to w.
func startProgress(w io.Writer, c *counters) *progress {
	p := &progress{quit: make(chan struct{}), gone: make(chan struct{})}
	every, bar := lineEvery, isTerminal(w)
	if bar {
		every = repaintEvery
	}
	go p.show(w, c, time.NewTicker(every), bar)
	return p
}

func (p *progress) stop() {
	close(p.quit)
	<-p.gone
}

func (p *progress) show(w io.Writer, c *counters, ticker *time.Ticker, bar bool) {
	defer close(p.gone)
	defer ticker.Stop()
	meter := meter{started: time.Now()}
	for {
		select {
		case now := <-ticker.C:
			writeProgress(w, meter.read(c, now), bar)
		case <-p.quit:
			writeProgress(w, meter.read(c, time.Now()), bar)
			if bar {
				fmt.Fprintln(w)
			}
			return
		}
	}
}

func writeProgress(w io.Writer, r reading, bar bool) {
	if bar {
		fmt.Fprintf(w, "\r%s\x1b[K", r.bar())
	} else {
		fmt.Fprintf(w, "replay: %s\n", r.line())
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd()) && os.Getenv("TERM") != "dumb"
}

// A meter turns counts into rates. The rate is that of the last seconds, so that a
// cluster without a leader shows as what it is.
type meter struct {
	started, last time.Time
	lastDone      int64
	perSecond     float64
}

// A reading is what is shown at one moment.
type reading struct {
	done, total int64
	perSecond   float64
	elapsed     time.Duration
	left        time.Duration // negative: not known
}

func (m *meter) read(c *counters, now time.Time) reading {
	done, total := c.done.Load(), int64(c.total)
	if m.last.IsZero() {
		m.last = m.started
	}
	if span := now.Sub(m.last).Seconds(); span > 0 {
		rate := float64(done-m.lastDone) / span
		weight := min(1, span/3) // about three seconds of memory
		if m.lastDone == 0 {
			weight = 1
		}
		m.perSecond += (rate - m.perSecond) * weight
		m.last, m.lastDone = now, done
	}
	r := reading{done: done, total: total, perSecond: m.perSecond, elapsed: now.Sub(m.started), left: -1}
	switch {
	case done == total:
		r.left = 0
	case c.pace != nil:
		r.left = c.pace(c.logMs.Load())
	case m.perSecond >= 0.1:
		r.left = time.Duration(float64(total-done) / m.perSecond * float64(time.Second))
	}
	return r
}

func (r reading) bar() string {
	filled := 0
	if r.total > 0 {
		filled = int(r.done * barWidth / r.total)
	}
	return "[" + strings.Repeat("=", filled) + strings.Repeat(" ", barWidth-filled) + "] " + r.line()
}

func (r reading) line() string {
	percent := int64(100)
	if r.total > 0 {
		percent = r.done * 100 / r.total
	}
	line := fmt.Sprintf("%s/%s steps  %d%%  %s/s", thousands(r.done), thousands(r.total), percent, thousands(int64(r.perSecond+0.5)))
	switch {
	case r.done == r.total:
		return line + "  done in " + r.elapsed.Round(100*time.Millisecond).String()
	case r.left < 0:
		return line + "  time left unknown"
	default:
		return line + "  " + r.left.Round(time.Second).String() + " left"
	}
}
