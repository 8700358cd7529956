package preset

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// parametersOf reads what stands behind --set.
func parametersOf(sets []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range sets {
		name, value, ok := strings.Cut(text, "=")
		if _, twice := values[name]; twice {
			return nil, cli.Usage("--set gives %q twice", name)
		}
		if !ok || name == "" {
			return nil, cli.Usage("--set is %q: write it as max_open=5", text)
		}
		values[name] = value
	}
	return values, nil
}

// choices says what people may want otherwise, and which rules there are.
func (p Preset) choices() string {
	var b strings.Builder
	if len(p.Parameters) > 0 {
		b.WriteString("\nParameters, --set NAME=VALUE:\n\n")
	}
	for _, parameter := range p.Parameters {
		says := ""
		if parameter.Default != "" {
			says = " (default " + parameter.Default + ")"
		}
		fmt.Fprintf(&b, "  %-18s %s%s\n", parameter.Name, parameter.About, says)
	}
	if len(p.Rules) > 0 {
		b.WriteString("\nRules, from templates (rondo rule template show NAME); each is left out while a\nparameter that it needs is nothing:\n\n")
	}
	for _, ruling := range p.Rules {
		fmt.Fprintf(&b, "  %-24s %s\n", ruling.ID, ruling.Template)
	}
	return b.String()
}

// tell says to people which rules are in force now.
func tell(out *cli.Printer, rules []Rule) error {
	if out.Form != cli.FormTable {
		return nil
	}
	for _, rule := range rules {
		if err := out.Line("In force is rule %s: %s", out.Paint(cli.Bold, rule.ID), rule.Sentence); err != nil {
			return err
		}
	}
	return nil
}
