package nouncmd

import (
	"context"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// noteAction says that there is a note. Its text is kept where it was written.
var noteAction = action{
	use: "note CONVERSATION", short: "There is a note on it, whose text is kept elsewhere", args: []string{"conversations"}, call: "POST /v1/conversations/{0}/notes",
	fields: []noun.Field{{Pointer: "/id", Kind: noun.Text, Flag: "id", Help: "your id of the note; default: a new one"}},
	fill:   mintMessage, show: showAction,
}

// submitFormAction is a form as a page would send it. Like the id of a message its id
// is what keeps it from being taken twice.
var submitFormAction = action{
	use: "submit-form INBOX FORM", short: "Let a form arrive in an inbox: its sender becomes a contact", args: []string{"inboxes", ""}, call: "POST /v1/inboxes/{0}/forms",
	fields: []noun.Field{
		fromArg(1, "/form"), fromAddress, fromName,
		{Pointer: "/id", Kind: noun.Text, Flag: "id", Help: "the page's id of what was sent; default: a new one"},
		{Pointer: "/fields", Kind: noun.Mapping, Flag: "field", Help: "what was filled in, NAME=VALUE; repeat it"},
		{Pointer: "/language", Kind: noun.Text, Flag: "language", Help: "the language it is answered in"},
		{Pointer: "/region", Kind: noun.Text, Flag: "region", Help: "where it is"},
		tagsField,
	}, fill: mintMessage, show: showSubmitted,
}

// showSubmitted says who the contact is, and what a rule has decided at once.
func showSubmitted(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		contact, _ := doc["contact"].(cli.Doc)
		if p.Form == cli.FormName {
			return names(p, []cli.Doc{contact})
		}
		p.Warn(contact)
		says := "contact " + nameOf(contact)
		switch {
		case doc["blocked"] == true:
			says += " is blocked: nothing happens"
		case contact["owner"] != nil:
			says += " is " + p.Paint(cli.Green, cli.Text(contact["owner"])) + "'s"
		default:
			says += " has no owner"
		}
		if id, _ := cli.Get(doc, "/decision/id"); id != nil {
			says += "; decision " + cli.Text(id)
		}
		return p.Line("%s", says)
	})
}

// ofContacts puts what needs a document below the commands of contacts.
func ofContacts(o *cli.Options, cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.Name() == "criteria" {
			sub.AddCommand(setCriteriaCommand(o))
		}
	}
}

// setCriteriaCommand is rondo contact criteria set.
func setCriteriaCommand(o *cli.Options) *cobra.Command {
	file := ""
	cmd := &cobra.Command{Use: "set -f FILE", Short: "Say when a contact counts as qualified", Args: cobra.NoArgs,
		Long: "Set reads a condition, as rules have it: qualified: {field: contact.field.plan, op: is,\nvalue: pro}. With qualified: null only who is said to be qualified is. Contacts that\nmeet it already become qualified when they are changed next."}
	cmd.Flags().StringVarP(&file, "file", "f", "", "a JSON or YAML document; -: standard input")
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if file == "" {
			return cli.Usage("name a document with -f")
		}
		doc, err := readDocument(cmd.InOrStdin(), file)
		if err != nil {
			return err
		}
		return change(cmd, o, showThing, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			return c.Do(ctx, http.MethodPut, "/v1/criteria", doc, raw, o.Keyed()...)
		})
	}
	return cmd
}
