package nouncmd

import (
	"fmt"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// A ruleTeller writes a rule as people read it: what it answers to, its conditions
// as a tree, its steps by numbers.
type ruleTeller struct{ strings.Builder }

func ruleText(doc cli.Doc) string {
	var b ruleTeller
	fmt.Fprintf(&b, "%s: %s (place %s, %s", nameOf(doc), cli.Text(doc["name"]), cli.Text(doc["place"]), cli.Text(doc["state"]))
	if doc["edition"] != nil {
		fmt.Fprintf(&b, ", edition %s", cli.Text(doc["edition"]))
	}
	fmt.Fprintf(&b, ", revision %s)\n", cli.Text(doc["revision"]))
	live, _ := doc["live"].(cli.Doc)
	switch {
	case live == nil:
		b.WriteString("A draft: it has no effect.\n")
	case doc["changed"] == true:
		b.WriteString("What is " + map[bool]string{true: "in force", false: "paused"}[doc["state"] == "published"] + ":\n")
		b.body(live)
		b.WriteString("Its draft:\n")
	}
	b.body(doc)
	return b.String()
}

func (b *ruleTeller) body(doc cli.Doc) {
	on, _ := doc["on"].(cli.Doc)
	fmt.Fprintf(b, "on %s%s\n", cli.Text(on["on"]), members(on, "on"))
	if when, ok := doc["when"].(cli.Doc); ok {
		b.WriteString("when\n")
		b.condition(when, "  ")
	}
	if doc["even_if_owned"] == true {
		b.WriteString("even if the contact has an owner\n")
	}
	b.WriteString("do\n")
	b.steps(doc["steps"], "  ", "", 1)
}

func (b *ruleTeller) condition(c cli.Doc, indent string) {
	for _, word := range []string{"all", "any"} {
		if list, ok := c[word].([]any); ok {
			b.WriteString(indent + word + " of\n")
			for _, item := range list {
				if below, ok := item.(cli.Doc); ok {
					b.condition(below, indent+"  ")
				}
			}
			return
		}
	}
	if below, ok := c["not"].(cli.Doc); ok {
		b.WriteString(indent + "not\n")
		b.condition(below, indent+"  ")
		return
	}
	says := cli.Text(c["field"])
	if c["of"] != nil {
		says += " of " + cli.Text(c["of"])
	}
	says += " " + strings.ReplaceAll(cli.Text(c["op"]), "_", " ")
	for _, name := range []string{"value", "values"} {
		if c[name] != nil {
			says += " " + cli.Text(c[name])
		}
	}
	b.WriteString(indent + says + "\n")
}

// steps numbers steps as 1, 2, 2.1, from next on: those below a step carry its
// number. It returns the number behind the last.
func (b *ruleTeller) steps(v any, indent, number string, next int) int {
	list, _ := v.([]any)
	for _, item := range list {
		step, _ := item.(cli.Doc)
		b.step(step, indent, fmt.Sprintf("%s%d", number, next))
		next++
	}
	return next
}

func (b *ruleTeller) step(step cli.Doc, indent, number string) {
	label := ""
	if step["label"] != nil {
		label = " [" + cli.Text(step["label"]) + "]"
	}
	for _, name := range noun.Names(step) {
		what, _ := step[name].(cli.Doc)
		if name == "label" || what == nil {
			continue
		}
		fmt.Fprintf(b, "%s%s.%s %s%s\n", indent, number, label, strings.ReplaceAll(name, "_", " "), members(what, "if", "then", "else", "otherwise"))
		below := indent + "   "
		if condition, ok := what["if"].(cli.Doc); ok {
			b.WriteString(below + "if\n")
			b.condition(condition, below+"  ")
		}
		next := 1
		for _, part := range []string{"then", "else", "otherwise"} {
			if what[part] != nil {
				b.WriteString(below + part + "\n")
				next = b.steps(what[part], below+"  ", number+".", next)
			}
		}
	}
}

// members are the plain members of an object, but for some.
func members(doc cli.Doc, but ...string) string {
	var parts []string
	for _, name := range noun.Names(doc) {
		if contains(but, name) || doc[name] == nil {
			continue
		}
		switch word := strings.ReplaceAll(name, "_", " "); v := doc[name].(type) {
		case bool:
			if v {
				parts = append(parts, word)
			}
		case cli.Doc:
			parts = append(parts, word+" ("+strings.TrimPrefix(members(v), " ")+")")
		default:
			parts = append(parts, word+" "+cli.Text(v))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}
