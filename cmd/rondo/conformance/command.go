package conformance

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

const commandHelp = `Conformance runs the cases that a Rondo cluster must pass against a live one, and
prints a line for each: its name, pass or fail, how long it took, what it is about.
Below a failure stand the step, what was expected, what was seen and what the
cluster decided. Cases that have nothing to run say why.

Everything is made under names of its own and put away afterwards, so the cluster
may have work in it. (Conversations, contacts and decisions stay: closed, and out of
everybody's way.)

The exit status is 0 if no case failed, 1 if one did or the cluster did not answer,
2 if the command was not understood.`

const commandExamples = `  rondo conformance                                  # all cases, on rondo dev's nodes
  rondo conformance --addr http://10.0.0.1:4600 --addr http://10.0.0.2:4600 --case K7,K8
  rondo conformance --preset chatwoot                # its cases, under its settings
  rondo conformance --list
  rondo conformance --show K7`

// An exitError is an error that says with which status to end.
type exitError struct {
	error
	code int
}

// ExitCode is the status for the process.
func (e exitError) ExitCode() int { return e.code }

// Unwrap lets errors.Is see the cause.
func (e exitError) Unwrap() error { return e.error }

// exitUsage is the status of a command that was not understood.
const exitUsage = 2

// ErrFailed says that cases have failed; each has been reported.
var ErrFailed = errors.New("the cluster does not conform: cases have failed")

func usage(err error) error { return exitError{err, exitUsage} }

// A request is what the flags say.
type request struct {
	options Options
	cases   []string
	list    bool
	show    string
	form    string
	preset  string
	presets func(name string) (Preset, error)
}

// Command returns `rondo conformance`. defaults are the servers when none is named,
// presets finds the preset of a name.
// Errors of usage have an ExitCode of 2.
func Command(defaults []string, presets func(name string) (Preset, error)) *cobra.Command {
	r := request{presets: presets}
	cmd := &cobra.Command{
		Use:     "conformance",
		Short:   "Run the cases that a cluster must pass against a live one",
		Long:    commandHelp,
		Example: commandExamples,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usage(err)
			}
			return nil
		},
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	f := cmd.Flags()
	f.StringArrayVar(&r.options.Servers, "addr", defaults, "a node's HTTP address; repeat it for each node")
	f.StringSliceVar(&r.cases, "case", nil, "only these cases, with commas (default all)")
	f.StringVar(&r.preset, "preset", "", "let teams and inboxes begin with the settings and rules of this preset; without --case, the cases that it names")
	f.BoolVar(&r.list, "list", false, "print the cases and what becomes of each, and run none")
	f.StringVar(&r.show, "show", "", "print the file of one case, and run none")
	f.StringVarP(&r.form, "output", "o", "text", "text or json")
	f.BoolVar(&r.options.Keep, "keep", false, "leave what the cases make, to look at it")
	f.IntVar(&r.options.Parallel, "parallel", 1, fmt.Sprintf("cases at once, 1 to %d", ParallelMax))
	f.DurationVar(&r.options.Reach, "reach", DefaultReach, "how long the cluster is looked for before the first case")
	f.DurationVar(&r.options.Timeout, "timeout", DefaultCaseTimeout, "how long one case may take")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return r.run(cmd) }
	return cmd
}

func (r *request) run(cmd *cobra.Command) error {
	out := cmd.OutOrStdout()
	if r.form != "text" && r.form != "json" {
		return usage(fmt.Errorf("--output is %q: use text or json", r.form))
	}
	if r.options.Parallel < 1 || r.options.Parallel > ParallelMax {
		return usage(fmt.Errorf("--parallel is %d: choose 1 to %d", r.options.Parallel, ParallelMax))
	}
	all, err := Catalogue()
	if err != nil {
		return err
	}
	if r.show != "" {
		return show(out, all, r.show)
	}
	if err := r.stand(); err != nil {
		return usage(err)
	}
	cases, err := Pick(all, r.cases)
	if err != nil {
		return usage(err)
	}
	if r.list {
		return list(out, r.form, cases)
	}
	if _, err := client.New(client.Options{Servers: r.options.Servers}); err != nil {
		return usage(err)
	}
	results, err := r.play(cmd, cases)
	if err != nil {
		return err
	}
	if count(results)[Failed] > 0 {
		return ErrFailed
	}
	return nil
}

// stand reads the preset, and picks its cases if none are named.
func (r *request) stand() error {
	if r.preset == "" {
		return nil
	}
	p, err := r.presets(r.preset)
	if err != nil {
		return err
	}
	r.options.Under = &p
	if len(r.cases) == 0 {
		r.cases = p.Cases
	}
	return nil
}

// play runs the cases and prints their lines while they end.
func (r *request) play(cmd *cobra.Command, cases []*Case) ([]Result, error) {
	out, o := cmd.OutOrStdout(), r.options
	shown := newProgress(cmd.ErrOrStderr(), len(cases))
	var broken error
	o.Begun = shown.show
	o.Done = func(result Result) {
		shown.hide()
		if r.form == "text" && broken == nil {
			_, broken = io.WriteString(out, result.line())
		}
	}
	results, err := Run(cmd.Context(), o, cases)
	shown.hide()
	switch {
	case err != nil:
	case r.form == "json":
		err = writeJSON(out, results)
	case broken == nil:
		_, err = io.WriteString(out, countLine(results))
	}
	return results, errors.Join(err, broken)
}

func show(out io.Writer, all []*Case, name string) error {
	picked, err := Pick(all, []string{name})
	if err != nil {
		return usage(err)
	}
	c := picked[0]
	text := c.Text
	if text == "" {
		text = fmt.Sprintf("%s  %s\nverdict %s\n", c.ID, c.Title, c.why())
	}
	_, err = io.WriteString(out, text)
	return err
}

// list prints a line for each case: what runs, and why the others do not.
func list(out io.Writer, form string, cases []*Case) error {
	var results []Result
	for _, c := range cases {
		results = append(results, Result{Case: c, Outcome: NotRun})
	}
	if form == "json" {
		return writeJSON(out, results)
	}
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "%-5s %-10s %s", c.ID, c.Verdict, c.Title)
		if c.Reason != "" {
			fmt.Fprintf(&b, " (%s)", c.Reason)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(out, b.String())
	return err
}
