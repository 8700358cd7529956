package nouncmd

import (
	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	contactHelp = `Contact keeps who writes. A contact that somebody has put is known; its owner gets
its conversations before any rotation.`
	contactExamples = `  rondo contact create p1 --name Ann --addresses +15550111
  rondo contact owner set p1 mallory                  # and what is open of it goes to her
  rondo contact assign p1 sales                       # its owner by whose turn it is
  rondo contact merge p1 p2                           # p2 becomes a part of p1
  rondo contact submit-form site landing-1 --from ann@example.org --field plan=pro
  rondo contact qualify p1
  rondo contact criteria set -f qualified.yaml        # qualified: {field: contact.field.plan, op: is, value: pro}
  rondo contact erase p1 --yes                        # for ever
  rondo contact list --filter 'owner=mallory tag=vip'`
)

var (
	ownedConversations = []string{"all", "none"}

	contactConversations = noun.Field{Kind: noun.Choice, Flag: "conversations", Choices: ownedConversations,
		Help: "whether its conversations that nobody has given away go along; default all"}
	yesField = noun.Field{Pointer: confirmed, Kind: noun.Bool, Flag: "yes", Help: "there is no way back, so it must be said"}
)

// standing returns a field at a pointer.
func standing(f noun.Field, pointer string) noun.Field {
	f.Pointer = pointer
	return f
}

var contactActions = []action{
	submitFormAction,
	{use: "qualify CONTACT", short: "Say that it is qualified, whatever the criteria are", args: []string{"contacts"}, call: "POST /v1/contacts/{0}/qualify", show: showThing},
	{under: "criteria", use: "show", short: "What must hold of a contact that counts as qualified", call: "GET /v1/criteria", show: showThing},
	{under: "owner", use: "set CONTACT AGENT", short: "Give the contact to an agent", args: []string{"contacts", "agents"}, call: "PUT /v1/contacts/{0}/owner",
		fields: []noun.Field{fromArg(1, "/agent"), standing(contactConversations, "/conversations")}, show: showThing},
	{under: "owner", use: "clear CONTACT", short: "Take the owner away", args: []string{"contacts"}, call: "DELETE /v1/contacts/{0}/owner",
		fields: []noun.Field{standing(contactConversations, "?conversations")}, show: showThing},
	{use: "assign CONTACT TEAM", short: "Find an owner by the rotation of a team, without a conversation", args: []string{"contacts", "teams"}, call: "POST /v1/contacts/{0}/assign",
		fields: []noun.Field{fromArg(1, "/team")}, show: showAction, waits: true},
	{use: "merge CONTACT OTHER", short: "Make another contact a part of this one", args: []string{"contacts", "contacts"}, call: "POST /v1/contacts/{0}/merge",
		fields: []noun.Field{fromArg(1, "/from")}, show: showThing},
	{use: "erase CONTACT", short: "Erase the person for ever: name, addresses, tags, fields", args: []string{"contacts"}, call: "POST /v1/contacts/{0}/erase",
		fields: []noun.Field{yesField}, show: showThing},
	{use: "tag CONTACT TAG", short: "Put a tag on it", args: []string{"contacts", ""}, call: "PUT /v1/contacts/{0}/tags/{1}", show: showThing},
	{use: "untag CONTACT TAG", short: "Take a tag off it", args: []string{"contacts", ""}, call: "DELETE /v1/contacts/{0}/tags/{1}", show: showThing},
	{use: "follow CONTACT AGENT", short: "Tell an agent of what it writes", args: []string{"contacts", "agents"}, call: "PUT /v1/contacts/{0}/followers/{1}", show: showThing},
	{use: "unfollow CONTACT AGENT", short: "Tell an agent no more", args: []string{"contacts", "agents"}, call: "DELETE /v1/contacts/{0}/followers/{1}", show: showThing},
	{use: "followers CONTACT", short: "Who follows it", args: []string{"contacts"}, call: "GET /v1/contacts/{0}/followers", show: showFollowers},
	{use: "block CONTACT", short: "Let what it writes open nothing", args: []string{"contacts"}, call: "PATCH /v1/contacts/{0}", body: cli.Doc{"blocked": true}, show: showThing},
	{use: "unblock CONTACT", short: "Let it be heard again", args: []string{"contacts"}, call: "PATCH /v1/contacts/{0}", body: cli.Doc{"blocked": false}, show: showThing},
}

// showFollowers shows a list of agents, whether they come as ids or as objects.
func showFollowers(p *cli.Printer, raw []byte) error {
	if done, err := p.Raw(raw); done {
		return err
	}
	doc, err := cli.DecodeDoc(raw)
	if err != nil {
		return err
	}
	for _, name := range []string{"items", "followers"} {
		list, _ := doc[name].([]any)
		for _, item := range list {
			agent := item
			if object, ok := item.(cli.Doc); ok {
				if agent = object["agent"]; agent == nil {
					agent = object["id"]
				}
			}
			if err := p.Line("%s", cli.Text(agent)); err != nil {
				return err
			}
		}
	}
	return nil
}
