package replay

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

const (
	nameMaxWidth   = 28
	detailMaxWidth = 200
)

// writeText writes a report for people, 100 columns wide.
func (r *Report) writeText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nReplay %s: %s of %s to %s, played in %s (%s tickets/s, %s steps/s)\n",
		r.Prefix, count(r.Log.Tickets, "ticket"), r.Log.First.Format(time.DateOnly), r.Log.Last.Format(time.DateOnly),
		(time.Duration(r.Run.Seconds * float64(time.Second))).Round(100*time.Millisecond),
		thousands(int64(r.Run.TicketsPerSecond+0.5)), thousands(int64(r.Run.StepsPerSecond+0.5)))
	fmt.Fprintf(&b, "%s sent again after no or a lost answer; %s had been done already\n\n",
		count(int(r.Run.Retries), "call was", "calls were"), thousands(r.Run.Replayed))
	r.writeTable(&b)
	b.WriteByte('\n')
	for _, c := range r.Checks {
		writeCheck(&b, c)
	}
	writeIDs(&b, "still waiting", r.Waiting)
	writeIDs(&b, "closed while waiting", r.ClosedWaiting)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeTable(b *strings.Builder) {
	width := len("total")
	for _, a := range r.Agents {
		width = max(width, utf8.RuneCountInString(shorten(a.Name, nameMaxWidth)))
	}
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, cells ...string) {
		name = shorten(name, nameMaxWidth)
		name += strings.Repeat(" ", width-utf8.RuneCountInString(name))
		fmt.Fprintf(table, "%s\t%s\t\n", name, strings.Join(cells, "\t"))
	}
	row("agent", "took in the log", "Rondo assigned", "fair share", "eligible")
	for _, a := range r.Agents {
		took := "-"
		if a.ReallyTaken != nil {
			took = thousands(int64(*a.ReallyTaken))
		}
		row(a.Name, took, thousands(int64(a.Assigned)), fmt.Sprintf("%.1f", a.FairShare), hours(a.EligibleSeconds))
	}
	row("total", thousands(int64(r.Totals.ReallyTaken)), thousands(int64(r.Totals.Assigned)),
		fmt.Sprintf("%.1f", r.Totals.FairShare), hours(r.Totals.EligibleSeconds))
	_ = table.Flush() // a strings.Builder takes everything
}

func writeCheck(b *strings.Builder, c *Check) {
	mark := "✓"
	if !c.OK {
		mark = "✗"
	}
	fmt.Fprintf(b, "%s %-36s %s\n", mark, c.Promise, c.Examined)
	for _, v := range c.First {
		where := strings.Join(strings.Fields(v.Decision+" "+v.Ticket), ", ")
		if where != "" {
			where += ": "
		}
		fmt.Fprintf(b, "    %s\n", shorten(where+v.Detail, detailMaxWidth))
	}
	if more := c.Violations - len(c.First); more > 0 {
		fmt.Fprintf(b, "    and %s\n", count(more, "more violation"))
	}
}

// writeIDs lists a few tickets and counts the others.
func writeIDs(b *strings.Builder, what string, ids []string) {
	if len(ids) == 0 {
		return
	}
	shown := ids[:min(len(ids), ViolationsShown)]
	fmt.Fprintf(b, "  %s: %s", what, strings.Join(shown, " "))
	if more := len(ids) - len(shown); more > 0 {
		fmt.Fprintf(b, " and %s more", thousands(int64(more)))
	}
	b.WriteByte('\n')
}

// count writes a number with its noun; the plural is the noun and s, or as given.
func count(n int, noun string, plural ...string) string {
	switch {
	case n == 1:
	case len(plural) > 0:
		noun = plural[0]
	default:
		noun += "s"
	}
	return thousands(int64(n)) + " " + noun
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func hours(seconds int64) string {
	minutes := seconds / 60
	switch {
	case seconds == 0:
		return "0"
	case minutes < 60:
		return fmt.Sprintf("%dm", minutes)
	case minutes < 24*60:
		return fmt.Sprintf("%dh %02dm", minutes/60, minutes%60)
	default:
		return fmt.Sprintf("%dd %02dh", minutes/60/24, minutes/60%24)
	}
}

func shorten(s string, width int) string {
	if runes := []rune(s); len(runes) > width {
		return string(runes[:width-3]) + "..."
	}
	return s
}
