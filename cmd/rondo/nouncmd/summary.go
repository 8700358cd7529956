package nouncmd

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// showSummary tells somebody who comes back what was missed.
func showSummary(p *cli.Printer, raw []byte) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	since, _ := cli.Get(doc, "/since")
	var b strings.Builder
	fmt.Fprintf(&b, "Since %s:\n", noun.Local(since))
	if offer, _ := cli.Get(doc, "/offer"); offer != nil {
		at := at(offer)
		fmt.Fprintf(&b, "offered to you: %s  %s s left  rondo offer accept %s\n", at("conversation"), at("seconds_left"), at("id"))
	}
	part(&b, doc, "yours", "still yours", cli.Text)
	part(&b, doc, "taken", "no longer yours", func(v any) string {
		at := at(v)
		return fmt.Sprintf("%s  %s now  %s by %s  %s", at("conversation"), whose(at("assignee")), at("event"), at("by"), local(v, "at"))
	})
	part(&b, doc, "wrote", "wrote to you", func(v any) string {
		at := at(v)
		return fmt.Sprintf("%s  from %s  messages: %s  %s", at("conversation"), at("contact"), at("messages"), local(v, "at"))
	})
	for _, v := range listOf(doc, "/rings/items") {
		at := at(v)
		where := at("team")
		if inbox := at("inbox"); inbox != "-" {
			where += "  in " + inbox
		}
		if reason := at("reason"); reason != "-" {
			fmt.Fprintf(&b, "%s  not in the running: %s\n", where, reason)
		} else {
			fmt.Fprintf(&b, "%s  turns before yours: %s, of %s\n", where, at("ahead"), at("eligible"))
		}
	}
	return p.Text(cli.Printable(b.String()))
}

// at reads the fields of one item.
func at(v any) func(string) string {
	return func(name string) string {
		value, _ := cli.Get(v, "/"+name)
		return cli.Text(value)
	}
}

func local(v any, name string) string {
	value, _ := cli.Get(v, "/"+name)
	return noun.Local(value)
}

func whose(agent string) string {
	if agent == "-" {
		return "nobody's"
	}
	return agent + "'s"
}

// part writes one list of the summary: ids in a line, all else a line each.
func part(b *strings.Builder, doc cli.Doc, name, title string, line func(any) string) {
	count, _ := cli.Get(doc, "/"+name+"/count")
	fmt.Fprintf(b, "%s: %s\n", title, cli.Text(count))
	var lines []string
	for _, item := range listOf(doc, "/"+name+"/items") {
		lines = append(lines, line(item))
	}
	if cut, _ := cli.Get(doc, "/"+name+"/cut"); cut == true {
		lines = append(lines, "...")
	}
	if len(lines) == 0 {
		return
	}
	between := "\n    "
	if name == "yours" {
		between = ", "
	}
	fmt.Fprintf(b, "    %s\n", strings.Join(lines, between))
}
