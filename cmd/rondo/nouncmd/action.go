package nouncmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// An action is a command that makes one call. It is a row of a table.
type action struct {
	under string // the command it stands below, such as "members"; "": the noun itself
	use   string // "assign CONVERSATION AGENT"
	short string
	args  []string // the nouns of the arguments, in plural; "": free words
	call  string   // "PUT /v1/agents/{0}/presence", with {0} and {1} for arguments
	// Fields of the body behind flags. Their pointers may begin with ? for a
	// parameter of the query, or be {1}/pointer for an argument.
	fields []noun.Field
	body   cli.Doc             // what the body says besides
	fill   func(cli.Doc) error // completes the body; nil: nothing to do
	show   func(*cli.Printer, []byte) error
	waits  bool // --wait waits for the conversation's assignee
}

// confirmed is the pointer of a flag that must be given and is not sent.
const confirmed = "!"

// fromArg makes an argument a field of the body.
func fromArg(n int, pointer string) noun.Field {
	return noun.Field{Pointer: fmt.Sprintf("{%d}%s", n, pointer)}
}

// add puts an action below a command, with the command in between that it names.
func add(cmd *cobra.Command, o *cli.Options, a action) {
	if a.under == "" {
		cmd.AddCommand(a.command(o))
		return
	}
	for _, sub := range cmd.Commands() {
		if sub.Name() == a.under {
			sub.AddCommand(a.command(o))
			return
		}
	}
	between := &cobra.Command{Use: a.under, Short: betweenShort[a.under]}
	between.AddCommand(a.command(o))
	cmd.AddCommand(between)
}

var betweenShort = map[string]string{
	"members": "Add and remove single members", "access": "Add and remove who may use it",
	"runs": "Rules under way, for as long as they wait", "criteria": "When a contact counts as qualified",
	"owner": "Set and take away the owner", "team": "Take it out of its team",
}

func (a action) command(o *cli.Options) *cobra.Command {
	cmd := &cobra.Command{Use: a.use, Short: a.short, Args: cobra.ExactArgs(len(a.args)), ValidArgsFunction: completeArgs(o, a.args...)}
	texts, lists := map[string]*string{}, map[string]*[]string{}
	for _, f := range a.fields {
		if f.Flag == "" {
			continue
		}
		help := f.Help
		if f.Choices != nil {
			help += ": " + strings.Join(f.Choices, ", ")
		}
		if f.Kind == noun.Mapping {
			lists[f.Flag] = cmd.Flags().StringArray(f.Flag, nil, help)
			continue
		}
		texts[f.Flag] = cmd.Flags().String(f.Flag, "", help)
		if f.Kind == noun.Bool {
			cmd.Flags().Lookup(f.Flag).NoOptDefVal = "true"
		}
		completeField(cmd, o, f)
	}
	if a.changes() {
		what := "every node has it"
		if a.waits {
			what = "the conversation has an assignee (1 if only a person can give it one, 4 when --timeout is over)"
		}
		o.AttachChanges(cmd, what)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		body, query, err := a.said(cmd, args, texts, lists)
		if err != nil {
			return err
		}
		if a.fill != nil {
			if err := a.fill(body); err != nil {
				return err
			}
		}
		method, path := a.request(args, query)
		return a.run(cmd, o, method, path, body)
	}
	return cmd
}

func (a action) changes() bool {
	return !strings.HasPrefix(a.call, http.MethodGet) && !strings.HasSuffix(a.call, "/preview")
}

// request returns what to call with these arguments.
func (a action) request(args []string, query url.Values) (method, path string) {
	method, path, _ = strings.Cut(a.call, " ")
	for i, arg := range args {
		path = strings.ReplaceAll(path, fmt.Sprintf("{%d}", i), url.PathEscape(arg))
	}
	if len(query) > 0 {
		mark := "?"
		if strings.Contains(path, mark) {
			mark = "&"
		}
		path += mark + query.Encode()
	}
	return method, path
}

// said collects the body and the query from arguments and flags.
func (a action) said(cmd *cobra.Command, args []string, texts map[string]*string, lists map[string]*[]string) (cli.Doc, url.Values, error) {
	body, query := cli.Doc{}, url.Values{}
	for name, value := range a.body {
		body[name] = value
	}
	for _, f := range a.fields {
		if f.Flag == "" {
			if err := setArg(body, f, args); err != nil {
				return nil, nil, err
			}
			continue
		}
		text := ""
		switch list := lists[f.Flag]; {
		case list != nil:
			text = strings.Join(*list, ",")
		default:
			text = *texts[f.Flag]
		}
		if text == "" && f.Default != nil {
			text = cli.Text(f.Default)
		}
		if f.Pointer == confirmed {
			if text != "true" {
				return nil, nil, cli.Usage("--%s is missing: %s", f.Flag, f.Help)
			}
			continue
		}
		if !cmd.Flags().Changed(f.Flag) && text == "" {
			continue
		}
		value, err := f.Parse(text)
		if err != nil {
			return nil, nil, err
		}
		if len(f.Choices) > 0 && value != nil && !contains(f.Choices, text) {
			return nil, nil, cli.Usage("--%s is %q: use %s", f.Flag, text, strings.Join(f.Choices, ", "))
		}
		if name, ok := strings.CutPrefix(f.Pointer, "?"); ok {
			query.Set(name, cli.Text(value))
		} else {
			cli.Set(body, f.Pointer, value)
		}
	}
	return body, query, nil
}

// setArg puts an argument into the body.
func setArg(body cli.Doc, f noun.Field, args []string) error {
	text := args[int(f.Pointer[1]-'0')]
	if f.Kind != noun.Number {
		cli.Set(body, f.Pointer[3:], text)
		return nil
	}
	value, err := f.Parse(text)
	if err != nil || value == nil {
		return cli.Usage("%q is no whole number, 0 or more", text)
	}
	cli.Set(body, f.Pointer[3:], value)
	return nil
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func (a action) run(cmd *cobra.Command, o *cli.Options, method, path string, body cli.Doc) error {
	var raw []byte
	err := o.Call(cmd.Context(), func(ctx context.Context, c *client.Client) error {
		var sent any
		if len(body) > 0 {
			sent = body
		}
		meta, err := c.Do(ctx, method, path, sent, &raw, o.Keyed()...)
		if err != nil || !o.Wait || !a.changes() {
			return err
		}
		if a.waits {
			return awaitAssignee(ctx, c, meta, &raw)
		}
		return cli.EveryNode(ctx, c, meta.Index)
	})
	var late *cli.LateError
	if err != nil && !errors.As(err, &late) && !errors.Is(err, cli.ErrByHand) {
		return err
	}
	if shown := a.show(o.Printer(cmd), raw); shown != nil {
		return shown
	}
	return err
}

// awaitAssignee waits until the conversation of an answer has an assignee, and puts
// the conversation as it is then into the answer.
func awaitAssignee(ctx context.Context, c *client.Client, meta *client.Meta, raw *[]byte) error {
	doc, err := cli.DecodeDoc(*raw)
	if err != nil {
		return err
	}
	id, _ := cli.Get(doc, "/conversation/id")
	if assignee, _ := cli.Get(doc, "/conversation/assignee"); assignee != nil {
		return nil
	}
	now, err := cli.Assigned(ctx, c, cli.Text(id), meta.Index)
	if now == nil {
		return err
	}
	replaced, errEncode := replaceField(*raw, "conversation", now)
	if errEncode != nil {
		return errEncode
	}
	*raw = replaced
	return err
}

// showAction shows the answer to what was done with a conversation.
func showAction(p *cli.Printer, raw []byte) error {
	return showNamed(p, raw, func(doc cli.Doc) error { return p.Text(inWords(p, doc)) })
}

// inWords says in a line what became of a conversation.
func inWords(p *cli.Printer, doc cli.Doc) string {
	field := func(pointer string) string {
		v, _ := cli.Get(doc, pointer)
		return cli.Text(v)
	}
	says := field("/conversation/id") + " " + besides(doc)
	switch assignee := field("/conversation/assignee"); {
	case ofContact(p, doc) != "":
		says = ofContact(p, doc)
	case field("/conversation/status") == "closed":
		says += "is closed"
	case assignee != "-":
		says += "is " + p.Paint(cli.Green, assignee) + "'s"
	case field("/conversation/assignment/state") == "offered":
		says += "is offered to " + p.Paint(cli.Yellow, field("/conversation/assignment/offer/agent"))
	default:
		says += "has no assignee: " + p.Paint(cli.Yellow, field("/conversation/assignment/state"))
		if reason := field("/conversation/assignment/reason"); reason != "-" {
			says += " (" + reason + ")"
		}
	}
	if team := field("/conversation/team"); team != "-" {
		says += ", team " + team
	}
	if doc["decision"] != nil {
		says += fmt.Sprintf("; decision %s (%s)", field("/decision/id"), field("/decision/kind"))
	}
	return says + "\n"
}

// showNothing is for answers that say nothing beside being a success.
func showNothing(p *cli.Printer, raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	return showThing(p, raw)
}

// showDeleted says that a thing is gone; programs get it as it was.
func showDeleted(p *cli.Printer, raw []byte) error {
	doc := cli.Doc{}
	if len(bytes.TrimSpace(raw)) > 0 {
		if done, err := p.Raw(raw); done {
			return err
		}
		if v, err := cli.DecodeDoc(raw); err == nil { // it is done, whatever the answer says
			doc = v
		}
	}
	p.Warn(doc)
	if doc["id"] == nil {
		return p.Line("deleted")
	}
	return p.Line("%s is deleted", nameOf(doc))
}

// showItems shows a list that comes in one page.
func showItems(columns []noun.Column) func(*cli.Printer, []byte) error {
	return func(p *cli.Printer, raw []byte) error {
		if done, err := p.Raw(raw); done {
			return err
		}
		doc, err := cli.DecodeDoc(raw)
		if err != nil {
			return err
		}
		items, _ := doc["items"].([]any)
		docs := make([]cli.Doc, 0, len(items))
		for _, item := range items {
			if d, ok := item.(cli.Doc); ok {
				docs = append(docs, d)
			}
		}
		if p.Form == cli.FormName {
			return names(p, docs)
		}
		return table(p, columns, docs)
	}
}

// showExplained shows plain words: the answer itself, or its field explanation.
func showExplained(p *cli.Printer, raw []byte) error {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return p.Text(cli.Printable(string(trimmed)) + "\n")
	}
	return showDoc(p, raw, func(doc cli.Doc) error {
		if text, ok := doc["explanation"].(string); ok {
			return p.Text(cli.Printable(text) + "\n")
		}
		items, ok := doc["items"].([]any)
		if !ok {
			return p.Fields(raw)
		}
		for _, item := range items {
			text, _ := cli.Get(item, "/explanation")
			if err := p.Text(cli.Printable(cli.Text(text)) + "\n"); err != nil {
				return err
			}
		}
		return nil
	})
}
