package nouncmd

import (
	"context"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// numberArg makes an argument a number of the body.
func numberArg(n int, pointer string) noun.Field {
	f := fromArg(n, pointer)
	f.Kind = noun.Number
	return f
}

func conversationCommands(o *cli.Options) []*cobra.Command {
	return []*cobra.Command{countCommand(o, noun.Conversation), undoCommand(o)}
}

// undoCommand takes back the newest decision about a conversation. Should there be
// a newer one by then, the cluster refuses it.
func undoCommand(o *cli.Options) *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: "undo CONVERSATION", Short: "Take the newest decision about it back", Args: cobra.ExactArgs(1),
		ValidArgsFunction: completeArgs(o, "conversations"),
	}
	cmd.Flags().StringVar(&reason, reasonField.Flag, "", reasonField.Help)
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return change(cmd, o, showAction, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			id, err := newestDecision(ctx, c, args[0])
			if err != nil {
				return &client.Meta{}, err
			}
			body := cli.Doc{}
			if reason != "" {
				body["reason"] = reason
			}
			return c.Do(ctx, http.MethodPost, "/v1/decisions/"+url.PathEscape(id)+"/undo", body, raw, o.Keyed()...)
		})
	}
	return cmd
}

func newestDecision(ctx context.Context, c *client.Client, conversation string) (string, error) {
	list, err := getDoc(ctx, c, "/v1/conversations/"+url.PathEscape(conversation)+"/decisions?limit=1&sort=-id")
	if err != nil {
		return "", err
	}
	items, _ := list["items"].([]any)
	if len(items) == 0 {
		return "", cli.Usage("nothing was decided about %s", conversation)
	}
	id, _ := cli.Get(items[0], "/id")
	return cli.Text(id), nil
}
