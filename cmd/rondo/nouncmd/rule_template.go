package nouncmd

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const templatesPath = "/v1/rules/templates"

const templateExamples = `  rondo rule template list
  rondo rule template show language-teams
  rondo rule template use language-teams --id languages --set team=care --set languages=de=care-de,fr=care-fr --publish`

var templateColumns = []noun.Column{noun.Plain("NAME", "/name"), noun.Plain("TITLE", "/title"), noun.Plain("WHAT", "/sentence")}

// ruleTemplateCommand returns `rondo rule template`.
func ruleTemplateCommand(o *cli.Options) *cobra.Command {
	cmd := &cobra.Command{Use: "template", Aliases: []string{"templates"}, Short: "Rules that are of use at once", Example: templateExamples,
		Long: "A template is a rule with places to fill in, such as which team. What comes out is a\nrule like any other, as a draft until it is published."}
	list := &cobra.Command{Use: "list", Aliases: []string{"ls"}, Short: "List the templates", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return showList(cmd, o, listing{path: templatesPath, query: url.Values{}, whole: true}, templateColumns)
		}}
	show := &cobra.Command{Use: "show NAME", Short: "What a template does, needs and asks for", Args: cobra.ExactArgs(1), ValidArgsFunction: completeTemplates(o),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := get(cmd, o, templatesPath+"/"+url.PathEscape(args[0]))
			if err != nil {
				return err
			}
			return showTemplate(o.Printer(cmd), raw)
		}}
	cmd.AddCommand(list, show, useTemplateCommand(o))
	return cmd
}

func completeTemplates(o *cli.Options) completion {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var got page
		err := o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) (err error) {
			got, err = fetch(ctx, c, listing{path: templatesPath, query: url.Values{}, whole: true})
			return err
		})
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, item := range got.Items {
			if doc, err := cli.DecodeDoc(item); err == nil {
				names = append(names, cli.Text(doc["name"]))
			}
		}
		return startingWith(names, begun), cobra.ShellCompDirectiveNoFileComp
	}
}

func showTemplate(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		if p.Form == cli.FormName {
			return p.Line("%s", cli.Text(doc["name"]))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s\n\n%s\n", p.Paint(cli.Bold, cli.Text(doc["title"])), cli.Text(doc["sentence"]))
		for _, need := range listOf(doc, "/needs") {
			fmt.Fprintf(&b, "It needs: %s\n", cli.Text(need))
		}
		b.WriteString("\nGive, with --set NAME=VALUE:\n")
		for _, item := range listOf(doc, "/parameters") {
			parameter, _ := item.(cli.Doc)
			says := "if wanted"
			switch {
			case parameter["required"] == true:
				says = "required"
			case parameter["default"] != nil:
				says = "default " + cli.Text(parameter["default"])
			}
			fmt.Fprintf(&b, "  %-12s %s (%s; %s)\n", cli.Text(parameter["name"]), cli.Text(parameter["about"]), cli.Text(parameter["kind"]), says)
		}
		return p.Text(cli.Printable(b.String()))
	})
}

// A templateUse is what `rondo rule template use` is told.
type templateUse struct {
	id, name         string
	set              []string
	publish, replace bool
}

func useTemplateCommand(o *cli.Options) *cobra.Command {
	var use templateUse
	cmd := &cobra.Command{Use: "use NAME --id RULE --set NAME=VALUE...", Short: "Write a rule from a template", Args: cobra.ExactArgs(1), ValidArgsFunction: completeTemplates(o),
		Long: "Use writes the draft of a rule from a template. With --publish it is put in force in a\nsecond call, unless it has errors; then the draft is there all the same."}
	f := cmd.Flags()
	f.StringVar(&use.id, "id", "", "id of the rule (required)")
	f.StringVar(&use.name, "name", "", "name of the rule; default: the template's title")
	f.StringArrayVar(&use.set, "set", nil, "a place to fill in, NAME=VALUE; repeat it")
	f.BoolVar(&use.publish, "publish", false, "put it in force, too")
	f.BoolVar(&use.replace, "replace", false, "replace the draft of a rule that is there")
	f.BoolVar(&o.Wait, "wait", false, "wait until every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if use.id == "" {
			return cli.Usage("name the rule with --id")
		}
		query, err := use.query()
		if err != nil {
			return err
		}
		raw, err := use.run(cmd, o, templatesPath+"/"+url.PathEscape(args[0])+"?"+query.Encode())
		if err != nil {
			return err
		}
		return showThing(o.Printer(cmd), raw)
	}
	return cmd
}

func (u templateUse) query() (url.Values, error) {
	query := url.Values{}
	for _, text := range u.set {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || value == "" {
			return nil, cli.Usage("--set is %q: write it as team=sales", text)
		}
		if query.Has(name) {
			return nil, cli.Usage("--set gives %q twice", name)
		}
		query.Set(name, value)
	}
	return query, nil
}

// run fills in the template, writes the rule and, if wanted, publishes it.
func (u templateUse) run(cmd *cobra.Command, o *cli.Options, path string) (raw []byte, err error) {
	err = o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		var filled cli.Doc
		if _, err := c.Do(ctx, http.MethodGet, strings.TrimSuffix(path, "?"), nil, &raw); err != nil {
			return err
		}
		if filled, err = cli.DecodeDoc(raw); err != nil {
			return err
		}
		rule, ok := filled["rule"].(cli.Doc)
		if !ok {
			return cli.Usage("give with --set: %s", strings.Join(requiredOf(filled), ", "))
		}
		rule = maps.Clone(rule)
		if u.name != "" {
			rule["name"] = u.name
		}
		var options []client.CallOption
		if !u.replace {
			options = append(options, client.IfMatch(0))
		}
		at := "/v1/rules/" + url.PathEscape(u.id)
		meta, err := c.Do(ctx, http.MethodPut, at, rule, &raw, options...)
		if err == nil && u.publish {
			meta, err = c.Do(ctx, http.MethodPost, at+"/publish", nil, &raw)
		}
		if err != nil || !o.Wait {
			return err
		}
		return cli.EveryNode(ctx, c, meta.Index)
	})
	return raw, err
}

func requiredOf(template cli.Doc) (names []string) {
	for _, item := range listOf(template, "/parameters") {
		if parameter, _ := item.(cli.Doc); parameter["required"] == true {
			names = append(names, cli.Text(parameter["name"])+"=...")
		}
	}
	return slices.Clip(names)
}
