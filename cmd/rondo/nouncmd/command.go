package nouncmd

import (
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// A group of commands is what stands behind one noun.
type group struct {
	noun    *noun.Noun
	short   string
	long    string
	example string
	actions []action
	more    func(o *cli.Options) []*cobra.Command
}

var groups = []group{
	{noun.Agent, "People who take conversations: set up, away, release", agentHelp, agentExamples, agentActions, nil},
	{noun.Group, "Groups of agents, who stand in teams and inboxes by one name", groupHelp, groupExamples, groupActions, nil},
	{noun.Team, "Teams, their members and whose turn it is", teamHelp, teamExamples, teamActions, teamCommands},
	{noun.Inbox, "Inboxes: channels, access, how conversations are assigned", inboxHelp, inboxExamples, inboxActions, inboxCommands},
	{noun.Contact, "Contacts: who writes, and who owns them", contactHelp, contactExamples, contactActions, nil},
	{noun.Conversation, "Conversations: open, claim, assign, close, and why", conversationHelp, conversationExamples, conversationActions, conversationCommands},
	{noun.View, "Views: lists with a name, of one agent or for all", viewHelp, viewExamples, viewActions, viewCommands},
	{noun.Offer, "Offers: what agents are asked to take, and what they say", offerHelp, offerExamples, offerActions, nil},
	{noun.Rule, "Rules: what happens with conversations, and when", ruleHelp, ruleExamples, ruleActions, ruleCommands},
	{noun.Schedule, "Schedules: opening hours, holidays, and who is on shift", scheduleHelp, scheduleExamples, scheduleActions, scheduleCommands},
	{noun.Decision, "Decisions: what was decided, and why, in words", decisionHelp, decisionExamples, decisionActions, nil},
}

// Commands returns a command for each noun. defaults are the servers when none is
// named.
func Commands(defaults []string) []*cobra.Command {
	var list []*cobra.Command
	for _, g := range groups {
		list = append(list, g.command(defaults))
	}
	list = append(list, presenceCommand(defaults), notificationCommand(defaults))
	list = append(list, explainCommand(defaults))
	for _, cmd := range list {
		cli.Strict(cmd)
	}
	return list
}

func (g group) command(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	cmd := &cobra.Command{Use: g.noun.Name, Aliases: []string{g.noun.Plural}, Short: g.short, Long: g.long + "\n\n" + cli.ExitHelp, Example: g.example}
	o.Attach(cmd)
	cmd.AddCommand(listCommand(o, g.noun), showCommand(o, g.noun))
	if g.noun.Configured() {
		cmd.AddCommand(writeCommand(o, g.noun, true), writeCommand(o, g.noun, false), editCommand(o, g.noun),
			revisionsCommand(o, g.noun), diffCommand(o, g.noun))
	}
	for _, a := range g.actions {
		add(cmd, o, a)
	}
	switch g.noun {
	case noun.Rule:
		ofRules(o, cmd)
	case noun.Contact:
		ofContacts(o, cmd)
	case noun.Schedule:
		ofSchedules(o, cmd)
	}
	if g.more != nil {
		cmd.AddCommand(g.more(o)...)
	}
	return cmd
}
