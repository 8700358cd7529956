package manifest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
)

const applyHelp = `Apply makes a cluster be as files say: agents, groups, teams, schedules, inboxes,
contacts, shared views and rules, by id, in the shapes of PUT.

  agents:
    ana: {name: Ana, languages: [es], role: supervisor}
  teams:
    sales:
      members: [{agent: ana}, {group: night}]
      rotation: {order: list, fallback: {to: agent, agent: ana}}
  schedules:
    office: {zone: Europe/Berlin, weekly: [{days: [mon, tue], from: "09:00", to: "17:30"}]}

What a file does not name stays as it is; null brings a default back. Only what
differs is sent, over the revision that was seen, in an order in which nothing is
named before it is there. Files are checked as a whole before anything is sent. It
is no transaction: should the cluster refuse something, what was done before stays
done, the message says how far it came, and the command may be repeated.

A rule also has a state: published puts what the file says in force, draft writes a
draft and leaves what is in force alone, paused takes the rule out of force. Without
a state only the draft is written.

With --prune what stands in no file is deleted, of those nouns that have a section
(an empty one, "groups: {}", counts); contacts and views of one agent never are.`

const applyExample = `  rondo export > desk.yaml
  rondo apply -f desk.yaml --dry-run      # what would change; exit code 5 if something would
  rondo apply -f people.yaml -f teams.yaml --prune`

// patience is how long a file of thousands of things may take.
const patience = 5 * time.Minute

// A Mode is how a plan is carried out.
type Mode struct {
	DryRun        bool
	Prune         bool
	Conversations string // of agents that are pruned: requeue or keep
}

// Commands returns `rondo apply` and `rondo export`.
func Commands(defaults []string) []*cobra.Command {
	return []*cobra.Command{applyCommand(defaults), exportCommand(defaults)}
}

func applyCommand(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	var names []string
	var mode Mode
	cmd := &cobra.Command{
		Use: "apply -f FILE", Short: "Make the cluster be as YAML files say, and show what differs",
		Long: applyHelp + "\n\n" + cli.ExitHelp, Example: applyExample, Args: cobra.NoArgs,
	}
	o.Attach(cmd)
	o.Patient(cmd, patience)
	f := cmd.Flags()
	f.StringArrayVarP(&names, "file", "f", nil, "a YAML file, - for standard input; repeat it")
	f.BoolVar(&mode.Prune, "prune", false, "delete what stands in no file")
	f.StringVar(&mode.Conversations, "conversations", "requeue", "what happens to the open conversations of agents that are pruned: requeue or keep")
	f.BoolVar(&o.Wait, "wait", false, "wait until every node has it")
	mode.Attach(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case len(names) == 0:
			return cli.Usage("name a file with -f")
		case mode.Conversations != "requeue" && mode.Conversations != "keep":
			return cli.Usage("--conversations is %q: use requeue or keep", mode.Conversations)
		}
		files, err := Read(cmd.InOrStdin(), names)
		if err != nil {
			return err
		}
		return Run(cmd, o, files, mode)
	}
	cli.Strict(cmd)
	return cmd
}

// Attach puts the flag --dry-run on a command.
func (m *Mode) Attach(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&m.DryRun, "dry-run", false, "only show what would change; exit code 5 if something would")
}

// Run compares files with the cluster and shows and does what differs. Its error
// is cli.ErrChanges after a dry run that found something.
func Run(cmd *cobra.Command, o *cli.Options, files Files, mode Mode) error {
	out := o.Printer(cmd)
	return o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		plan, err := Compare(ctx, c, files, mode.Prune)
		if err != nil {
			return err
		}
		if mode.DryRun {
			if err := plan.Show(out); err != nil || len(plan.Steps) == 0 {
				return err
			}
			return cli.ErrChanges
		}
		return carryAndTell(ctx, c, o, out, plan, mode)
	})
}

func carryAndTell(ctx context.Context, c *client.Client, o *cli.Options, out *cli.Printer, plan *Plan, mode Mode) error {
	var written error
	asText := slices.Contains([]string{cli.FormTable, cli.FormName}, out.Form)
	index, err := plan.Carry(ctx, c, mode.Conversations, func(step Step, answer cli.Doc) {
		if asText && written == nil {
			written = step.show(out, marks[step.Act].past)
		}
		out.Warn(answer)
	})
	if err != nil {
		return errors.Join(err, written)
	}
	if written != nil {
		return written
	}
	if asText {
		err = out.Text(plan.sum(""))
	} else {
		err = plan.Show(out)
	}
	if err != nil || !o.Wait || index == 0 {
		return err
	}
	return cli.EveryNode(ctx, c, index)
}
