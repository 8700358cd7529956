package nouncmd

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	ruleHelp = `A rule answers to something that happens, if what must hold does, with steps. Set
writes a draft, which has no effect; publish puts it in force. Rules are asked by
their places, and the first whose conditions hold runs.`
	ruleExamples = `  rondo rule put vip -f vip.yaml
  rondo rule diff vip                # what publishing would change
  rondo rule diff vip --explain      # likewise, in plain words
  rondo rule publish vip
  rondo rule rollback vip 17
  rondo rule order vip night
  rondo rule runs list vip           # what is under way and waits`
)

var ruleActions = []action{
	{use: "publish RULE", short: "Put the draft in force", args: []string{"rules"}, call: "POST /v1/rules/{0}/publish", show: showRuleState},
	{use: "pause RULE", short: "Take it out of force; what is under way goes on", args: []string{"rules"}, call: "POST /v1/rules/{0}/pause", show: showRuleState},
	{use: "resume RULE", short: "Put in force again what was when it was paused", args: []string{"rules"}, call: "POST /v1/rules/{0}/resume", show: showRuleState},
	{use: "rollback RULE REVISION", short: "Bring back what it said at a revision, in force at once", args: []string{"rules", ""},
		fields: []noun.Field{{Pointer: "{1}/revision", Kind: noun.Number}}, call: "POST /v1/rules/{0}/rollback", show: showRuleState},
	{under: "runs", use: "show RUN", short: "What a run is about, and what it waits for", args: []string{""}, call: "GET /v1/runs/{0}", show: showRun},
	{under: "runs", use: "end RUN", short: "End a run where it is; what it has done stays done", args: []string{""}, call: "DELETE /v1/runs/{0}", show: showRunEnd},
	{use: "delete RULE", short: "Delete a rule; its runs end where they are", args: []string{"rules"}, call: "DELETE /v1/rules/{0}", show: showDeleted},
}

func ruleCommands(o *cli.Options) []*cobra.Command {
	return []*cobra.Command{orderRulesCommand(o), lintRuleCommand(o), ruleTemplateCommand(o)}
}

// ofRules puts what people want of rules into the commands that all nouns have.
func ofRules(o *cli.Options, cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		switch sub.Name() {
		case "show":
			showRuleCommand(o, sub)
		case "diff":
			diffRuleCommand(o, sub)
		case "runs":
			sub.AddCommand(listRunsCommand(o))
		}
	}
}

// showRuleState says in a line what became of a rule.
func showRuleState(p *cli.Printer, raw []byte) error {
	return showNamed(p, raw, func(doc cli.Doc) error {
		says := nameOf(doc) + " is " + p.Paint(cli.Bold, cli.Text(doc["state"]))
		if doc["edition"] != nil {
			says += ", edition " + cli.Text(doc["edition"])
		}
		if doc["changed"] == true {
			says += "; its draft says something else: rondo rule diff " + nameOf(doc)
		}
		return p.Line("%s", says)
	})
}

func orderRulesCommand(o *cli.Options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "order RULE...", Short: "Have these asked first, in this order", Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return idsOf(cmd.Context(), o, noun.Rule.Plural, begun), cobra.ShellCompDirectiveNoFileComp
		},
	}
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		list := make([]any, 0, len(args))
		for _, id := range args {
			list = append(list, id)
		}
		a := action{call: "PUT /v1/rules/order", show: showRuleOrder}
		return a.run(cmd, o, http.MethodPut, "/v1/rules/order", cli.Doc{"rules": list})
	}
	return cmd
}

func showRuleOrder(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		rules, _ := doc["rules"].([]any)
		for _, id := range rules {
			if err := p.Line("%s", cli.Text(id)); err != nil {
				return err
			}
		}
		return nil
	})
}

// diffRuleCommand is diff; with no revision it says what publishing would change.
func diffRuleCommand(o *cli.Options, cmd *cobra.Command) {
	revisions := cmd.RunE
	cmd.Use, cmd.Args = "diff RULE [REVISION [AGAINST]]", cobra.RangeArgs(1, 3)
	cmd.Short = "What publishing would change, or what a revision did"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return revisions(cmd, args)
		}
		explain, err := cmd.Flags().GetBool("explain")
		if err != nil {
			return fmt.Errorf("read --explain: %w", err)
		}
		return runDiff(cmd, o, "/v1/rules/"+url.PathEscape(args[0])+"/diff", url.Values{}, explain)
	}
}

// showRuleCommand is show, as people read a rule.
func showRuleCommand(o *cli.Options, cmd *cobra.Command) {
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		raw, err := get(cmd, o, "/v1/rules/"+url.PathEscape(args[0]))
		if err != nil {
			return err
		}
		p := o.Printer(cmd)
		return showNamed(p, raw, func(doc cli.Doc) error { return p.Text(cli.Printable(ruleText(doc))) })
	}
}
