package preset

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/manifest"
)

const help = `Preset sets up a team and its inboxes the way the users of another product know it.
A preset is a few settings and rules, shown by "show", compared and sent like a file by
apply: what it does not name stays as it is. What people may want otherwise are its
parameters, --set NAME=VALUE. Afterwards they are settings and rules like any others.`

const examples = `  rondo preset list
  rondo preset show saleshiker
  rondo preset apply saleshiker --team sales --inbox wa1 --members ana,ben,group:night --admin boss --dry-run
  rondo preset apply respond-io --team sales --inbox wa1 --set fewer_than=5 --set transfer_seconds=600`

// Command returns `rondo preset`.
func Command(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	cmd := &cobra.Command{Use: "preset", Short: "Set up a team the way another product does", Long: help + "\n\n" + cli.ExitHelp, Example: examples}
	o.Attach(cmd)
	cmd.AddCommand(listCommand(o), showCommand(o), applyCommand(o))
	cli.Strict(cmd)
	return cmd
}

func complete(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all, err := All()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []cobra.Completion
	for _, p := range all {
		names = append(names, cobra.CompletionWithDesc(p.Name, p.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func listCommand(o *cli.Options) *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the presets", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		if err := o.Check(); err != nil {
			return err
		}
		all, err := All()
		if err != nil {
			return err
		}
		out := o.Printer(cmd)
		raw, err := json.Marshal(map[string]any{"items": all, "next_page_token": nil})
		if err != nil {
			return fmt.Errorf("write the presets: %w", err)
		}
		if done, err := out.Raw(raw); done {
			return err
		}
		var rows [][]cli.Cell
		for _, p := range all {
			if out.Form == cli.FormName {
				if err := out.Line("%s", p.Name); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, []cli.Cell{{Text: p.Name, Colour: cli.Bold}, {Text: p.Title}, {Text: strings.Join(p.CaseIDs(), " ")}})
		}
		if out.Form == cli.FormName {
			return nil
		}
		return out.Table([]string{"NAME", "WHAT", "CASES"}, rows)
	}}
}

// CaseIDs returns the conformance cases in the order of their numbers.
func (p Preset) CaseIDs() []string {
	number := func(id string) int {
		n, err := strconv.Atoi(strings.TrimPrefix(id, "K"))
		if err != nil {
			return 0
		}
		return n
	}
	return slices.SortedFunc(maps.Keys(p.Cases), func(a, b string) int { return cmp.Or(cmp.Compare(number(a), number(b)), strings.Compare(a, b)) })
}

func showCommand(o *cli.Options) *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show what a preset stands for, its settings and its cases", Args: cobra.ExactArgs(1), ValidArgsFunction: complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.Check(); err != nil {
				return err
			}
			p, err := Named(args[0])
			if err != nil {
				return err
			}
			out := o.Printer(cmd)
			settings, err := p.asJSON()
			if err != nil {
				return err
			}
			if done, err := out.Raw(settings); done {
				return err
			}
			text := out.Paint(cli.Bold, p.Title) + "\n\n" + p.Description + p.choices() + "\nSettings, as in a file for rondo apply:\n\n"
			for line := range strings.SplitSeq(strings.TrimSpace(p.Settings()), "\n") {
				text += "  " + line + "\n"
			}
			text += "\nConformance cases it passes (rondo conformance --preset " + p.Name + "):\n\n"
			for _, id := range p.CaseIDs() {
				text += fmt.Sprintf("  %-5s %s\n", id, p.Cases[id])
			}
			return out.Text(text + "\nFrom: " + strings.Join(p.Sources, ", ") + "\n")
		},
	}
}

// asJSON is the whole preset for programs.
func (p Preset) asJSON() ([]byte, error) {
	doc := cli.Doc{"name": p.Name, "title": p.Title, "description": p.Description, "sources": p.Sources, "cases": p.Cases,
		"parameters": slices.Concat([]Parameter{}, p.Parameters), "rules": slices.Concat([]Ruling{}, p.Rules)}
	var err error
	if doc["teams"], err = cli.ValueOf(&p.Teams); err != nil {
		return nil, fmt.Errorf("read preset %s: %w", p.Name, err)
	}
	if doc["inboxes"], err = cli.ValueOf(&p.Inboxes); err != nil {
		return nil, fmt.Errorf("read preset %s: %w", p.Name, err)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write preset %s: %w", p.Name, err)
	}
	return raw, nil
}

func applyCommand(o *cli.Options) *cobra.Command {
	var names Names
	var sets []string
	var mode manifest.Mode
	cmd := &cobra.Command{
		Use: "apply NAME --team TEAM [--inbox INBOX]...", Short: "Give a team and its inboxes these settings", Args: cobra.ExactArgs(1), ValidArgsFunction: complete,
		Long: "Apply gives a team, and the inboxes that are named, the settings of a preset, and\nshows what differs. What is not there is created, agents excepted. Without --members\nthe team keeps those it has.\n\nRules are put in force at once, and said at the end. A rule that cannot do what it\nsays is refused, with the reason; its draft is there then. Rules that another preset\nmade for the same team and inboxes, and that this one does not have, are paused.",
	}
	f := cmd.Flags()
	f.StringVar(&names.Team, "team", "", "the team (required)")
	f.StringArrayVar(&names.Inboxes, "inbox", nil, "an inbox that is to send to the team; repeat it")
	f.StringVar(&names.Members, "members", "", "the team's members: a,b,group:g")
	f.StringVar(&names.Admin, "admin", "", "the agent who gets what nobody can take, in presets that have one")
	f.StringArrayVar(&sets, "set", nil, "a parameter of the preset, NAME=VALUE; repeat it")
	f.BoolVar(&o.Wait, "wait", false, "wait until every node has it")
	mode.Attach(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p, err := Named(args[0])
		switch {
		case err != nil:
			return err
		case names.Team == "":
			return cli.Usage("name the team with --team")
		case p.NeedsAdmin() && names.Admin == "":
			return cli.Usage("preset %s gives what nobody can take to an admin: name one with --admin", p.Name)
		case !p.NeedsAdmin() && names.Admin != "":
			return cli.Usage("preset %s has no admin: leave --admin out", p.Name)
		}
		if names.Set, err = parametersOf(sets); err != nil {
			return err
		}
		files, err := p.Fill(names)
		if err != nil {
			return err
		}
		if err := manifest.Run(cmd, o, files, mode); err != nil || mode.DryRun {
			return err
		}
		rules, err := p.RulesOf(names)
		if err != nil {
			return err
		}
		return tell(o.Printer(cmd), rules)
	}
	return cmd
}
