package nouncmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	offerHelp = `Offer shows what agents are asked to take, and answers for them. A team offers when
its setting --offer-seconds says how long; who declines, or does not answer in time,
is not asked again before the others were. List shows the offers that are open; show
also tells what became of one that has ended, for a day.`
	offerExamples = `  rondo team set sales --offer-seconds 30
  rondo offer list --agent mallory
  rondo offer accept 42
  rondo offer decline 42 --reason phone`
)

var offerActions = []action{
	{use: "accept OFFER", short: "Take the conversation", args: []string{"offers"}, call: "POST /v1/offers/{0}/accept", show: showAction},
	{use: "decline OFFER", short: "Leave the conversation to the next", args: []string{"offers"}, call: "POST /v1/offers/{0}/decline", fields: []noun.Field{reasonField}, show: showAction},
}

// offers reads what the agent is asked to take, with whom it is about. A node of an
// older version knows none.
func (w *watcher) offers(ctx context.Context) ([]cli.Doc, error) {
	list, err := getDoc(ctx, w.client, "/v1/offers?agent="+url.QueryEscape(w.agent))
	if notThere(err) {
		return []cli.Doc{}, nil
	}
	docs := docsOf(list)
	for _, d := range docs {
		about, err := getDoc(ctx, w.client, "/v1/conversations/"+url.PathEscape(cli.Text(d["conversation"])))
		if err != nil && !notThere(err) {
			return docs, err
		}
		d["contact"], d["inbox"] = about["contact"], about["inbox"]
	}
	return docs, err
}

func notThere(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusNotFound
}

// offered says in a line what somebody is asked to take.
func offered(d cli.Doc) string {
	return fmt.Sprintf("is offered %s of %s, %s s left: rondo offer accept %s", cli.Text(d["conversation"]), cli.Text(d["customer"]),
		cli.Text(d["seconds_left"]), nameOf(d))
}
