package nouncmd

import (
	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	agentHelp = `Agent sets up the people (and shared accounts and bots) who take conversations,
says who is away, and takes their work from them when they are sick or leave.`
	agentExamples = `  rondo agent create mallory --name "Mallory P" --languages en,es --role supervisor
  rondo agent away mallory --reason lunch --until 13:30
  rondo agent available mallory
  rondo agent release mallory --reason sick            # today: her conversations go to others
  rondo agent passed-over mallory --since 2026-03-01T00:00:00Z
  rondo agent list --sort name -o json`

	groupHelp     = `Group keeps lists of agents. A team or an inbox may name a group; it follows its changes.`
	groupExamples = `  rondo group create night --members ana,ben
  rondo group members add night cleo`

	presenceHelp = `Presence says who may be picked now. Away is away everywhere, in all teams.`
)

var (
	conversationsChoice = []string{"keep", "requeue"}

	reasonField = noun.Field{Pointer: "/reason", Kind: noun.Text, Flag: "reason", Help: "why, for those who look later"}
	fromField   = noun.Field{Pointer: "/from", Kind: noun.Time, Flag: "from", Help: "when it begins: a time, 17:30, or 2h; default now"}
	untilField  = noun.Field{Pointer: "/until", Kind: noun.Time, Flag: "until", Help: "when it ends by itself: a time, 17:30, or 2h"}
	leaseField  = noun.Field{Pointer: "/lease_seconds", Kind: noun.Number, Flag: "lease", Help: "seconds it holds without a heartbeat"}
	sinceField  = noun.Field{Pointer: "?since", Kind: noun.Time, Flag: "since", Help: "from this time on"}
	toField     = noun.Field{Pointer: "/to", Kind: noun.Choice, Flag: "to", Choices: []string{"requeue", "keep"}, Default: "requeue", Help: "what happens to open conversations"}
)

// open is what happens to the open conversations of who is removed.
func openField(pointer string) noun.Field {
	return noun.Field{Pointer: pointer, Kind: noun.Choice, Flag: "conversations", Choices: conversationsChoice, Help: "what happens to open conversations"}
}

func setPresence(use, short, status string) action {
	return action{
		use: use, short: short, args: []string{"agents"}, call: "PUT /v1/agents/{0}/presence",
		body: cli.Doc{"status": status}, fields: []noun.Field{reasonField, fromField, untilField, leaseField}, show: showThing,
	}
}

var agentActions = []action{
	{use: "delete AGENT", short: "Remove an agent from the company", args: []string{"agents"}, call: "DELETE /v1/agents/{0}",
		fields: []noun.Field{openField("?conversations")}, show: showDeleted},
	{use: "release AGENT", short: "Take open conversations away for today, and set unavailable", args: []string{"agents"}, call: "POST /v1/agents/{0}/release", fields: []noun.Field{toField, reasonField, untilField}, show: showThing},
	setPresence("available AGENT", "Available: may be picked", "available"),
	setPresence("away AGENT", "Away, in all teams; open conversations stay or go as each team says", "away"),
	setPresence("break AGENT", "In a break", "in_break"),
	setPresence("unavailable AGENT", "Not at work", "unavailable"),
	{use: "summary AGENT", short: "What an agent missed: still yours, taken, who wrote, place in the rings", args: []string{"agents"}, call: "GET /v1/agents/{0}/inbox-summary", fields: []noun.Field{sinceField}, show: showSummary},
	{use: "passed-over AGENT", short: "How often, and why, others were picked instead", args: []string{"agents"}, call: "GET /v1/agents/{0}/passed-over", fields: []noun.Field{sinceField, {Pointer: "?until", Kind: noun.Time, Flag: "until", Help: "up to this time"},
		{Pointer: "?page_token", Kind: noun.Text, Flag: "page-token", Help: "go on where the answer before ended"}}, show: showPassedOver},
	historyAction,
}

var historyAction = action{
	use: "history AGENT", short: "Presence so far, newest first", args: []string{"agents"}, call: "GET /v1/agents/{0}/presence/history", fields: []noun.Field{
		{Pointer: "?limit", Kind: noun.Number, Flag: "limit", Help: "how many, at most 200"},
	}, show: showItems(historyColumns),
}

var historyColumns = []noun.Column{
	noun.Plain("STATUS", "/status"), noun.Moment("FROM", "/from"), noun.Moment("TO", "/to"), noun.Moment("UNTIL", "/until"),
	noun.Plain("REASON", "/reason"), noun.Plain("BY", "/by"), noun.Plain("ID", "/id"),
}

var groupActions = []action{
	{use: "delete GROUP", short: "Delete a group that nothing names", args: []string{"groups"}, call: "DELETE /v1/groups/{0}", show: showDeleted},
	{under: "members", use: "add GROUP AGENT", short: "Add one agent", args: []string{"groups", "agents"}, call: "PUT /v1/groups/{0}/members/{1}", show: showThing},
	{under: "members", use: "remove GROUP AGENT", short: "Remove one agent", args: []string{"groups", "agents"}, call: "DELETE /v1/groups/{0}/members/{1}", show: showThing},
}

// presenceCommand is `rondo presence`: the same calls as of `rondo agent`, by
// status, and what a program that keeps a lease needs.
func presenceCommand(defaults []string) *cobra.Command {
	o := cli.New(defaults)
	cmd := &cobra.Command{
		Use: "presence", Short: "Presence: set, show, history, heartbeat", Long: presenceHelp + "\n\n" + cli.ExitHelp,
		Example: "  rondo presence set mallory --status away --reason dentist --from 14:00 --until 16:00\n  rondo presence list",
	}
	o.Attach(cmd)
	listed := listCommand(o, noun.Agent)
	listed.Short = "List agents with their presence"
	cmd.AddCommand(listed)
	for _, a := range []action{
		{use: "set AGENT", short: "Set a status, now or from a time on", args: []string{"agents"}, call: "PUT /v1/agents/{0}/presence",
			fields: []noun.Field{{Pointer: "/status", Kind: noun.Choice, Flag: "status", Choices: []string{"available", "away", "unavailable", "in_break"}, Help: "the status"},
				reasonField, fromField, untilField, leaseField}, show: showThing},
		{use: "show AGENT", short: "Show an agent with the presence", args: []string{"agents"}, call: "GET /v1/agents/{0}", show: showThing},
		{use: "heartbeat AGENT", short: "Renew the lease of an agent once", args: []string{"agents"}, call: "POST /v1/agents/{0}/heartbeat", show: showThing},
		{use: "unplan AGENT", short: "Drop a planned status", args: []string{"agents"}, call: "DELETE /v1/agents/{0}/presence/plan", show: showNothing},
		historyAction,
	} {
		add(cmd, o, a)
	}
	return cmd
}
