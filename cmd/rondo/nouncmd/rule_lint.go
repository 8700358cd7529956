package nouncmd

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// lintRuleCommand returns `rondo rule lint`. It fails if there are errors, so that
// scripts can stop there.
func lintRuleCommand(o *cli.Options) *cobra.Command {
	live := false
	cmd := &cobra.Command{Use: "lint RULE", Short: "What is wrong with a rule before it is published", Args: cobra.ExactArgs(1), ValidArgsFunction: completeArgs(o, "rules"),
		Long: "Lint judges the draft of a rule, or what is in force: whether what it names is there,\nwhether anybody can take what it assigns, whether it is ever reached. It fails if\nthere are errors, which keep the rule from being published."}
	cmd.Flags().BoolVar(&live, "live", false, "judge what is in force")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := "/v1/rules/" + url.PathEscape(args[0]) + "/lint"
		if live {
			path += "?of=live"
		}
		raw, err := get(cmd, o, path)
		if err != nil {
			return err
		}
		return showLint(o.Printer(cmd), raw)
	}
	return cmd
}

func showLint(p *cli.Printer, raw []byte) error {
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	findings, errors := listOf(doc, "/findings"), 0
	done, err := p.Raw(raw)
	if err != nil {
		return err
	}
	for _, item := range findings {
		finding, _ := item.(cli.Doc)
		severity, colour := cli.Text(finding["severity"]), cli.Yellow
		if severity == "error" {
			errors, colour = errors+1, cli.Red
		}
		if done {
			continue
		}
		if err := p.Line("%s %s: %s (%s)", p.Paint(colour, severity), cli.Text(finding["pointer"]), cli.Text(finding["detail"]), cli.Text(finding["code"])); err != nil {
			return err
		}
	}
	if errors > 0 {
		return fmt.Errorf("rule %s has %d errors", cli.Text(doc["rule"]), errors)
	}
	if !done && len(findings) == 0 {
		return p.Line("nothing is wrong with rule %s", cli.Text(doc["rule"]))
	}
	return nil
}
