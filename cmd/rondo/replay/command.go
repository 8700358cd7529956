package replay

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// DevServers are the nodes of `rondo dev`.
var DevServers = []string{"http://127.0.0.1:4600", "http://127.0.0.1:4610", "http://127.0.0.1:4620"}

const commandHelp = `Replay reads the event log of a help desk, plays it against a cluster and proves
from what the cluster decided that every ticket was decided exactly once, in one
strict order, by the ring, and fairly.

The log is a CSV file with a line for each event: case, activity, resource, time.
Its resources become agents, available from their first to their last event of each
day; its cases become conversations, opened at their first event and closed at their
last "Closed". Everything is created under a prefix, in a team and an inbox of its
own, and stays in the cluster afterwards.

With --capacity an agent has at most so many open conversations: what finds nobody
with a place waits in the queue, and is served as conversations are closed. The log is
then played in its own order, one step after another, once for each --strategy, and
the report shows side by side how long customers waited in the log's time. In the
weighted rotation an agent's weight, 1 to 10, is her share of what was really taken.

The exit status is 0 if all checks hold. With any other, stderr says why.`

const commandExamples = `  # in one terminal: three nodes; in another: four years of a help desk
  rondo dev
  rondo replay helpdesk.csv

  # nobody has more than 40 open: which strategy lets customers wait least?
  rondo replay helpdesk.csv --capacity 40

  # the same for two of them, with work that ends when a ticket is resolved
  rondo replay helpdesk.csv --capacity 5 --closed-activity "Resolve ticket" --strategy round_robin --strategy least_open

  # another cluster, a thousand times as fast as it was, for machines
  rondo replay helpdesk.csv --server http://10.0.0.1:4600 --server http://10.0.0.2:4600 --speed 1000x --format json

  # a log with other names for its columns
  rondo replay log.csv --case-column ticket --resource-column agent --time-column at --time-layout "2006-01-02T15:04:05Z07:00"`

// Command returns `rondo replay`. Its error is ErrChecksFailed or says what went
// wrong; the caller prints it and exits with 1.
func Command() *cobra.Command {
	o := Options{Log: DefaultFormat()}
	cmd := &cobra.Command{
		Use:           "replay FILE.csv",
		Short:         "Play a help desk's event log against a cluster and check every decision",
		Long:          commandHelp,
		Example:       commandExamples,
		Args:          cobra.ExactArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	f := cmd.Flags()
	var attributes []string
	f.StringArrayVar(&o.Servers, "server", DevServers, "a node's HTTP address; repeat it for each node")
	f.StringVar(&o.Actor, "actor", "system:replay", "in whose name the calls are made")
	f.StringVar(&o.Prefix, "prefix", "", fmt.Sprintf("of all ids, at most %d characters (default a fresh one)", PrefixMaxChars))
	f.Var((*speed)(&o.Speed), "speed", `how many times as fast as the log ("1000x"), or "max"`)
	f.IntVar(&o.Parallel, "parallel", DefaultParallel, fmt.Sprintf("arrivals and closings in flight, 1 to %d", ParallelMax))
	f.DurationVar(&o.GiveUpAfter, "give-up-after", DefaultGiveUpAfter, "how long one call is retried before the replay ends")
	f.StringVarP(&o.Form, "format", "o", FormText, "of the report: text or json")
	f.IntVar(&o.Compare.Capacity, "capacity", 0, "open conversations an agent may have; compares strategies by how long customers wait")
	f.StringArrayVar(&o.Compare.Strategies, "strategy", nil, "to compare: round_robin, least_open, weighted or all (default with --capacity); repeat it")
	f.StringVar(&o.Log.Case, "case-column", o.Log.Case, "the column that names the case")
	f.StringVar(&o.Log.Activity, "activity-column", o.Log.Activity, "the column that names the activity")
	f.StringVar(&o.Log.Resource, "resource-column", o.Log.Resource, "the column that names who did it")
	f.StringVar(&o.Log.Time, "time-column", o.Log.Time, "the column with the time")
	f.StringVar(&o.Log.TimeLayout, "time-layout", o.Log.TimeLayout, "how times are written, in Go's notation")
	f.StringVar(&o.Log.Closed, "closed-activity", o.Log.Closed, "the activity that closes a case")
	f.StringVar(&o.Log.Taken, "taken-activity", o.Log.Taken, "the activity by which a person takes a case")
	f.StringArrayVar(&attributes, "attribute-column", nil, "a column to keep as an attribute; repeat it (default those of seriousness, customer, product that exist)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Path = args[0]
		if f.Changed("attribute-column") {
			o.Log.Attributes = attributes
		}
		if f.Changed("capacity") && o.Compare.Capacity == 0 {
			return fmt.Errorf("--capacity 0: nobody would ever get anything, write 1 to %d", CapacityMax)
		}
		if o.Compare.on() && !f.Changed("parallel") {
			o.Parallel = 0
		}
		return Run(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

// speed is the flag: "max" (0) or a number, with or without an x behind it.
type speed float64

func (s *speed) String() string {
	if *s == 0 {
		return "max"
	}
	return strconv.FormatFloat(float64(*s), 'g', -1, 64) + "x"
}

func (s *speed) Type() string { return "speed" }

func (s *speed) Set(text string) error {
	if text == "max" {
		*s = 0
		return nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "x"), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return fmt.Errorf(`%q: write a number above 0 such as 1000x, or "max"`, text)
	}
	*s = speed(n)
	return nil
}
