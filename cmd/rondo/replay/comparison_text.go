package replay

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

const barMostWidth = 16

// writeText writes a comparison for people, 100 columns wide with three strategies.
func (r *Comparison) writeText(w io.Writer) error {
	var b strings.Builder
	limit := "no limit on what an agent has open"
	if r.Capacity != nil {
		limit = fmt.Sprintf("at most %s open of an agent", thousands(int64(*r.Capacity)))
	}
	fmt.Fprintf(&b, "\nReplay %s: %s of %s to %s, %s\n", r.Prefix, count(r.Log.Tickets, "conversation"),
		r.Log.First.Format(time.DateOnly), r.Log.Last.Format(time.DateOnly), limit)
	fmt.Fprintf(&b, "played in the log's own order in %s; %s sent again after no or a lost answer\n\n",
		(time.Duration(r.Run.Seconds * float64(time.Second))).Round(100*time.Millisecond), count(int(r.Run.Retries), "call was", "calls were"))
	r.writeOutcomes(&b)
	b.WriteString("\nWaiting times are of the log, from arrival to assignment; percentiles by the nearest rank.\n\n")
	r.writeBars(&b)
	b.WriteByte('\n')
	r.writeAgents(&b)
	b.WriteString("  (open: the most at once)\n")
	for _, s := range r.Strategies {
		fmt.Fprintf(&b, "\n%s\n", s.Strategy)
		for _, c := range s.Checks {
			writeCheck(&b, c)
		}
	}
	if r.LeftOut != "" {
		fmt.Fprintf(&b, "\n%s\n", r.LeftOut)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// grid writes a table whose first column stands left and the others right.
func grid(b *strings.Builder, rows [][]string) {
	width := 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row[0]))
	}
	table := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		pad := strings.Repeat(" ", width-utf8.RuneCountInString(row[0]))
		fmt.Fprintf(table, "%s%s\t%s\t\n", row[0], pad, strings.Join(row[1:], "\t"))
	}
	_ = table.Flush() // a strings.Builder takes everything
}

func (r *Comparison) writeOutcomes(b *strings.Builder) {
	rows := [][]string{{""}}
	for _, s := range r.Strategies {
		rows[0] = append(rows[0], s.Strategy)
	}
	add := func(what string, of func(s StrategyReport) string) {
		row := []string{what}
		for _, s := range r.Strategies {
			row = append(row, of(s))
		}
		rows = append(rows, row)
	}
	number := func(what string, of func(s StrategyReport) int) {
		add(what, func(s StrategyReport) string { return thousands(int64(of(s))) })
	}
	times := func(what string, of func(s StrategyReport) Waits) {
		add(what+": median", func(s StrategyReport) string { return waitText(of(s), of(s).MedianSeconds) })
		add("  95th percentile", func(s StrategyReport) string { return waitText(of(s), of(s).P95Seconds) })
		add("  longest", func(s StrategyReport) string { return waitText(of(s), of(s).LongestSeconds) })
	}
	spread := func(what string, of func(AgentOfDesk) int) {
		add(what, func(s StrategyReport) string {
			x := spreadOf(s.Agents, of)
			return fmt.Sprintf("%s / %s / %s", thousands(x.least), thousands(x.median), thousands(x.most))
		})
	}
	number("conversations", func(s StrategyReport) int { return s.Conversations })
	number("assigned at once", func(s StrategyReport) int { return s.AssignedAtOnce })
	number("waited, then assigned", func(s StrategyReport) int { return s.Waited })
	number("closed while they waited", func(s StrategyReport) int { return s.ClosedWaiting })
	number("still waiting at the end", func(s StrategyReport) int { return s.StillWaiting })
	number("found all who were there full", func(s StrategyReport) int { return s.FoundAllFull })
	times("wait of all who were assigned", func(s StrategyReport) Waits { return s.WaitOfAll })
	times("wait of those who waited", func(s StrategyReport) Waits { return s.WaitOfWaited })
	if r.any(func(s StrategyReport) bool { return s.InVain.Count > 0 }) {
		times("wait in vain", func(s StrategyReport) Waits { return s.InVain })
	}
	number("most open at once of an agent", func(s StrategyReport) int { return s.MostOpen })
	spread("  least / median / most of agents", func(a AgentOfDesk) int { return a.MostOpen })
	spread("assigned: least / median / most", func(a AgentOfDesk) int { return a.Assigned })
	grid(b, rows)
}

func (r *Comparison) any(is func(StrategyReport) bool) bool {
	for _, s := range r.Strategies {
		if is(s) {
			return true
		}
	}
	return false
}

// writeBars draws how long they waited, for those who would rather look than read.
func (r *Comparison) writeBars(b *strings.Builder) {
	most := 1
	for _, s := range r.Strategies {
		for _, bar := range s.Bars {
			most = max(most, bar.Count)
		}
	}
	line := func(what string, cells []string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-16s%s", what, strings.Join(cells, "")), " ") + "\n")
	}
	var heads []string
	for _, s := range r.Strategies {
		heads = append(heads, fmt.Sprintf("%-28s", s.Strategy))
	}
	line("waited", heads)
	for i := range r.Strategies[0].Bars {
		var cells []string
		for _, s := range r.Strategies {
			n := s.Bars[i].Count
			// Whoever is few is still seen.
			width := (n*barMostWidth + most - 1) / most
			cells = append(cells, fmt.Sprintf("%-28s", strings.TrimLeft(strings.Repeat("█", width)+" "+thousands(int64(n)), " ")))
		}
		line(r.Strategies[0].Bars[i].Waited, cells)
	}
}

// writeAgents shows what each agent was given, and the most she had open at once.
func (r *Comparison) writeAgents(b *strings.Builder) {
	rows, weighted := [][]string{{"agent", "took in the log"}}, -1
	for i, s := range r.Strategies {
		if s.Strategy == Weighted {
			weighted = i
			rows[0] = append(rows[0], "weight")
		}
	}
	for _, s := range r.Strategies {
		rows[0] = append(rows[0], s.Strategy, "open")
	}
	for i, a := range r.Strategies[0].Agents {
		took := "-"
		if a.ReallyTaken != nil {
			took = thousands(int64(*a.ReallyTaken))
		}
		row := []string{shorten(a.Name, nameMaxWidth), took}
		if weighted >= 0 {
			row = append(row, thousands(int64(*r.Strategies[weighted].Agents[i].Weight)))
		}
		for _, s := range r.Strategies {
			row = append(row, thousands(int64(s.Agents[i].Assigned)), thousands(int64(s.Agents[i].MostOpen)))
		}
		rows = append(rows, row)
	}
	grid(b, rows)
}

// waitText writes one of the times of waits.
func waitText(w Waits, seconds int64) string {
	switch {
	case w.Count == 0:
		return "-"
	case seconds > 0 && seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	default:
		return hours(seconds)
	}
}
