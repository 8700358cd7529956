package nouncmd

import (
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const explainHelp = `Explain tells the story of a conversation, with times: what came, which rule answered
and why the rules before it did not, whose turn it was, who was passed over and why,
and who has decided what since.`

// explainCommand is rondo explain CONVERSATION.
func explainCommand(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	story := action{use: "explain CONVERSATION", short: "The story of a conversation: what came, who got it, and why",
		args: []string{"conversations"}, call: "GET /v1/conversations/{0}/story", show: showStory}
	cmd := story.command(o)
	cmd.Long, cmd.Example = explainHelp+"\n\n"+cli.ExitHelp, "  rondo explain c1\n  rondo explain c1 -o json"
	o.Attach(cmd)
	return cmd
}

// showStory shows a line for each moment of a story.
func showStory(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		moments, _ := doc["moments"].([]any)
		if p.Form == cli.FormName {
			for _, m := range moments {
				id, _ := cli.Get(m, "/id")
				if err := p.Line("%s", cli.Text(id)); err != nil {
					return err
				}
			}
			return nil
		}
		if err := p.Line("Conversation %s", cli.Text(doc["conversation"])); err != nil {
			return err
		}
		if doc["truncated"] == true {
			if err := p.Line("There was more before; what follows is the newest."); err != nil {
				return err
			}
		}
		for _, m := range moments {
			at, _ := cli.Get(m, "/at")
			sentence, _ := cli.Get(m, "/sentence")
			if err := p.Line("%s  %s", cli.Text(at), cli.Printable(cli.Text(sentence))); err != nil {
				return err
			}
		}
		return nil
	})
}
