package nouncmd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

var passedOverColumns = []noun.Column{
	noun.Moment("AT", "/at"), noun.Plain("REASON", "/reason"), noun.Plain("CONVERSATION", "/conversation"),
	noun.Plain("TEAM", "/team"), noun.Plain("PICKED", "/assignee"), noun.Plain("DECISION", "/decision"),
}

// showPassedOver tells how often an agent was passed over, the commonest reason
// first, and the last decisions.
func showPassedOver(p *cli.Printer, raw []byte) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	var decisions []cli.Doc
	for _, item := range listOf(doc, "/items") {
		if d, ok := item.(cli.Doc); ok {
			decisions = append(decisions, d)
		}
	}
	if p.Form == cli.FormName {
		for _, d := range decisions {
			if err := p.Line("%s", cli.Text(d["decision"])); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s was passed over: %s\n", cli.Text(doc["agent"]), cli.Text(doc["total"]))
	if len(decisions) > 0 {
		fmt.Fprintf(&b, "    from %s to %s\n", local(doc, "first"), local(doc, "last"))
		fmt.Fprintf(&b, "    why: %s\n", tally(doc["by_reason"]))
		fmt.Fprintf(&b, "    in:  %s\n", tally(doc["by_team"]))
	}
	if doc["truncated"] == true {
		b.WriteString("    older decisions are no longer kept\n")
	}
	if token := doc["next_page_token"]; token != nil {
		fmt.Fprintf(&b, "    this is not all; go on with --page-token %s\n", cli.Text(token))
	}
	if err := p.Text(cli.Printable(b.String())); err != nil || len(decisions) == 0 {
		return err
	}
	return table(p, passedOverColumns, decisions)
}

// tally writes counts by name, the highest first.
func tally(v any) string {
	counts, _ := v.(cli.Doc)
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	number := func(name string) int {
		n, _ := strconv.Atoi(cli.Text(counts[name]))
		return n
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(number(b), number(a)), cmp.Compare(a, b)) })
	parts := make([]string, 0, len(names))
	for _, name := range names {
		parts = append(parts, name+" "+cli.Text(counts[name]))
	}
	return strings.Join(parts, ", ")
}
