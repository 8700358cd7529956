package manifest

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const exportHelp = `Export writes the configuration of a cluster as a file for rondo apply: agents,
groups, teams, schedules, inboxes, shared views and rules, and contacts if they are
asked for (those that somebody has put; the others come from messages, and a file is
no place for who wrote). Of a rule in force it writes what is in force, and not a draft beside it.

The criteria by which a contact counts as qualified are not in it (rondo contact
criteria show), nor are presence, conversations and the state of the rings: for all
of a cluster use rondo snapshot save. What is changed meanwhile may be in it or not.`

func exportCommand(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	words, match := "agents,groups,teams,schedules,inboxes,views,rules", "*"
	cmd := &cobra.Command{
		Use: "export", Short: "Write the configuration as a file for apply", Long: exportHelp + "\n\n" + cli.ExitHelp, Args: cobra.NoArgs,
		Example: "  rondo export > desk.yaml\n  rondo export --nouns teams,inboxes --match 'sales-*'",
	}
	o.Attach(cmd)
	o.Patient(cmd, patience)
	if f := cmd.PersistentFlags().Lookup("output"); f != nil {
		f.Hidden = true // it is a YAML file
	}
	cmd.Flags().StringVar(&words, "nouns", words, "which, with commas; contacts are left out unless they are named")
	cmd.Flags().StringVar(&match, "match", match, "only ids like this, with * and ?")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, err := path.Match(match, ""); err != nil {
			return cli.Usage("--match is %q: %w", match, err)
		}
		var nouns []*noun.Noun
		for _, word := range strings.Split(words, ",") {
			n := sectionNamed(word)
			if n == nil {
				return cli.Usage("--nouns has %q: use agents, groups, teams, schedules, inboxes, contacts, views, rules", word)
			}
			nouns = append(nouns, n)
		}
		out := o.Printer(cmd)
		return o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
			file, err := Export(ctx, c, nouns, match, func(note string) { fmt.Fprintln(out.Err, note) })
			if err != nil {
				return err
			}
			return out.Text(string(file))
		})
	}
	cli.Strict(cmd)
	return cmd
}

// Export returns a file of the things of these nouns whose ids are like match (as
// in path.Match). note is told what could not
// be asked for, because the node is of an older version.
func Export(ctx context.Context, c *client.Client, nouns []*noun.Noun, match string, note func(string)) ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode, HeadComment: "Written by rondo export; rondo apply -f brings it back."}
	for _, n := range nouns {
		views, err := ListAll(ctx, c, n)
		var problem *client.Problem
		if errors.As(err, &problem) && problem.Code == "no_route" {
			note(n.Plural + " are not known to this node and left out")
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", n.Plural, err)
		}
		section := &yaml.Node{Kind: yaml.MappingNode}
		for _, view := range views {
			fits, err := path.Match(match, cli.Text(view["id"]))
			if err != nil {
				return nil, fmt.Errorf("match ids: %w", err)
			}
			if !fits || n == noun.Contact && view["known"] == false || personal(n, view) {
				continue
			}
			section.Content = append(section.Content, cli.Scalar(view["id"]), fieldsNode(n, inQuestion(Thing{Noun: n, Doc: view}, view)))
		}
		root.Content = append(root.Content, cli.Scalar(n.Plural), section)
	}
	return cli.EncodeYAML(root)
}

// fieldsNode writes the fields of a thing in the order of its description. What is
// empty is left out.
func fieldsNode(n *noun.Noun, view cli.Doc) *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range n.Fields {
		value, ok := cli.Get(n.Writable(view), f.Pointer)
		if f.Apart {
			value, ok = cli.Get(view, f.Pointer)
		}
		if ok && !empty(value) {
			put(node, strings.Split(f.Pointer[1:], "/"), valueNode(value))
		}
	}
	return node
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case cli.Doc:
		return len(v) == 0
	}
	return false
}

// put puts a value into a mapping, below the mappings its path names.
func put(node *yaml.Node, path []string, value *yaml.Node) {
	if len(path) == 1 {
		node.Content = append(node.Content, cli.Scalar(path[0]), value)
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == path[0] {
			put(node.Content[i+1], path[1:], value)
			return
		}
	}
	below := &yaml.Node{Kind: yaml.MappingNode}
	node.Content = append(node.Content, cli.Scalar(path[0]), below)
	put(below, path[1:], value)
}

// chainOrder is how the fields of small objects are written.
var chainOrder = []string{"date", "closed", "name", "days", "from", "to", "agent", "group", "team", "after_seconds", "then"}

func valueNode(value any) *yaml.Node {
	switch v := value.(type) {
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for _, item := range v {
			node.Content = append(node.Content, valueNode(item))
			if _, object := item.(cli.Doc); object {
				node.Style = 0 // a line for each member
			}
		}
		return node
	case cli.Doc:
		node := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		for _, name := range chainOrder {
			if below, ok := v[name]; ok {
				node.Content = append(node.Content, cli.Scalar(name), valueNode(below))
			}
		}
		for _, name := range noun.Names(v) {
			if !slices.Contains(chainOrder, name) {
				node.Content = append(node.Content, cli.Scalar(name), valueNode(v[name]))
			}
		}
		return node
	default:
		return cli.Scalar(v)
	}
}
