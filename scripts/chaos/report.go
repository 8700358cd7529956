package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rondohq/rondo/scripts/chaos/check"
	"github.com/rondohq/rondo/scripts/chaos/history"
	"github.com/rondohq/rondo/scripts/chaos/nemesis"
)

const microseconds = 1e6

// printSummary shows a run in tables.
func printSummary(run *history.Run) {
	outcomes := []string{history.OK, history.Refused, history.Unknown, history.Unsent}
	counts := map[string]map[string]int{}
	sent, retried, replayed := 0, 0, 0
	for _, op := range run.Ops {
		if counts[op.Kind] == nil {
			counts[op.Kind] = map[string]int{}
		}
		counts[op.Kind][op.Outcome]++
		sent += op.Tries.Sent
		if op.Tries.Unknown > 0 && op.Writes() {
			retried++
		}
		if op.Tries.Replayed {
			replayed++
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\noperation\t%s\t\n", strings.Join(outcomes, "\t"))
	for _, kind := range []string{history.Open, history.Message, history.Claim, history.Close, history.Assign, history.Requeue, history.Presence, history.Read, history.Stale} {
		fmt.Fprintf(w, "%s\t", kind)
		for _, outcome := range outcomes {
			fmt.Fprintf(w, "%d\t", counts[kind][outcome])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // standard output
	fmt.Printf("%d requests; %d writes had a try of unknown outcome; %d answers were replays\n", sent, retried, replayed)
	for _, kind := range nemesis.Kinds {
		whats := map[string]int{}
		for _, f := range run.Faults {
			if f.Kind == kind {
				whats[f.What]++
			}
		}
		var list []string
		for what, n := range whats {
			list = append(list, fmt.Sprintf("%d %s", n, what))
		}
		if len(list) > 0 {
			slices.Sort(list)
			fmt.Printf("%-10s %s\n", kind, strings.Join(list, "; "))
		}
	}
	fmt.Printf("%d leader changes, %d servers ended by themselves; longest time without an acknowledged write %.1f s, recovered in %.1f s\n",
		check.LeaderChanges(run), len(run.Exits), float64(run.End.GapUs)/microseconds, float64(run.End.RecoveredUs)/microseconds)
}

func printFindings(v check.Verdict) {
	for _, c := range v.Checks {
		mark := "ok"
		switch {
		case c.Off != "":
			mark = "OFF"
		case c.Violations > 0:
			mark = fmt.Sprintf("%d VIOLATIONS", c.Violations)
		}
		fmt.Printf("%-10s %-14s %s %s\n", c.Name, mark, c.Examined, c.Off)
		for _, detail := range c.First {
			fmt.Printf("    %s\n", detail)
		}
	}
	for _, why := range v.Void {
		fmt.Printf("void: %s\n", why)
	}
}

// printVerdict is the last line.
func printVerdict(run *history.Run, v check.Verdict, dir string) {
	fmt.Printf("verdict: %s (seed %d, %.0f op/s, %d faults, %d leader changes)", v, run.Config.Seed, check.Rate(run), len(run.Faults), check.LeaderChanges(run))
	if dir != "" {
		fmt.Printf(" %s", dir)
	}
	fmt.Println()
}

const tableHead = `| seed | verdict | op/s | operations | unknown tries | faults | leader changes | longest gap, s | recovered, s |
|---|---|---|---|---|---|---|---|---|`

func tableRow(run *history.Run, v check.Verdict) string {
	unknown := 0
	for _, op := range run.Ops {
		unknown += op.Tries.Unknown
	}
	return fmt.Sprintf("| %d | %s | %.0f | %d | %d | %d | %d | %.1f | %.1f |", run.Config.Seed, v, check.Rate(run), len(run.Ops), unknown,
		len(run.Faults), check.LeaderChanges(run), float64(run.End.GapUs)/microseconds, float64(run.End.RecoveredUs)/microseconds)
}
