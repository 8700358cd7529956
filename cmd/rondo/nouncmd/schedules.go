package nouncmd

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

const (
	scheduleHelp = `A schedule says in a time zone when something is open, on which dates something
else holds, and who is on which shift. Inboxes go by one (--hours), and rules ask for
it, wait for it and assign by its shifts. Show draws the week to come.`
	scheduleExamples = `  rondo schedule put office --zone Europe/Berlin --weekly 'mon-fri 09:00-17:30, sat 10:00-14:00'
  rondo schedule put office -f office.yaml   # with exceptions and shifts
  rondo schedule holidays office bavaria.ics
  rondo schedule show office
  rondo schedule state office --at 2026-12-24T08:00:00Z`
)

var scheduleActions = []action{
	{use: "state SCHEDULE", short: "Whether it is open, who is on shift, and what comes next", args: []string{"schedules"},
		fields: []noun.Field{{Pointer: "?at", Kind: noun.Time, Flag: "at", Help: "at another moment: a time, or 2h for in two hours"}},
		call:   "GET /v1/schedules/{0}/state", show: showThing},
	{use: "delete SCHEDULE", short: "Delete a schedule; refused while something goes by it", args: []string{"schedules"}, call: "DELETE /v1/schedules/{0}", show: showDeleted},
}

func scheduleCommands(o *cli.Options) []*cobra.Command {
	return []*cobra.Command{holidaysCommand(o)}
}

// ofSchedules puts what people want of schedules into the commands that all nouns
// have.
func ofSchedules(o *cli.Options, cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		if sub.Name() == "show" {
			sub.RunE = func(cmd *cobra.Command, args []string) error { return showSchedule(cmd, o, args[0]) }
		}
	}
}

func holidaysCommand(o *cli.Options) *cobra.Command {
	cmd := &cobra.Command{Use: "holidays SCHEDULE FILE.ics", Short: "Close on the whole days of a calendar file", Args: cobra.ExactArgs(2),
		Long: "Holidays closes a schedule on the whole days of an iCalendar file (- is standard\ninput), from today on for two years. A date that has hours of its own keeps them, and\na file may be taken again."}
	ids := completeArgs(o, noun.Schedule.Plural)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return []cobra.Completion{"ics"}, cobra.ShellCompDirectiveFilterFileExt
		}
		return ids(cmd, args, begun)
	}
	o.AttachChanges(cmd, "every node has it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		calendar, err := readText(cmd.InOrStdin(), args[1])
		if err != nil {
			return err
		}
		return change(cmd, o, showHolidays, func(ctx context.Context, c *client.Client, raw *[]byte) (*client.Meta, error) {
			return c.Do(ctx, http.MethodPost, noun.Schedule.Path()+"/"+url.PathEscape(args[0])+"/holidays", cli.Doc{"ics": calendar}, raw, o.Keyed()...)
		})
	}
	return cmd
}

// showHolidays says what became of a calendar file, with every event that was left
// out: a holiday that is missed is a day on which somebody waits.
func showHolidays(p *cli.Printer, raw []byte) error {
	return showDoc(p, raw, func(doc cli.Doc) error {
		schedule, _ := doc["schedule"].(cli.Doc)
		if p.Form == cli.FormName {
			return names(p, []cli.Doc{schedule})
		}
		says := nameOf(schedule) + " is closed on " + cli.Text(doc["imported"]) + " holidays of the file"
		if kept := cli.Text(doc["kept"]); kept != "0" {
			says += "; hours of their own stay on " + kept
		}
		if err := p.Line("%s", says); err != nil {
			return err
		}
		for _, item := range listOf(doc, "/skipped") {
			line, _ := cli.Get(item, "/line")
			reason, _ := cli.Get(item, "/reason")
			if err := p.Line("%s line %s: %s", p.Paint(cli.Yellow, "skipped"), cli.Text(line), cli.Text(reason)); err != nil {
				return err
			}
		}
		return nil
	})
}

func showSchedule(cmd *cobra.Command, o *cli.Options, id string) error {
	path := noun.Schedule.Path() + "/" + url.PathEscape(id)
	raw, err := get(cmd, o, path)
	if err != nil {
		return err
	}
	p := o.Printer(cmd)
	return showNamed(p, raw, func(doc cli.Doc) error {
		week, err := weekOf(cmd, o, path, doc)
		if err != nil {
			return err
		}
		return p.Text(cli.Printable(scheduleText(doc, week)))
	})
}

// scheduleText says what a schedule is, and draws its week.
func scheduleText(doc cli.Doc, week week) string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line(nameOf(doc), ": ", cli.Text(doc["name"]), " (", cli.Text(doc["zone"]), ", revision ", cli.Text(doc["revision"]), ")")
	now := "closed now"
	if doc["open"] == true {
		now = "open now"
	}
	if on := cli.Text(doc["on_shift"]); on != "-" {
		now += ", on shift: " + on
	}
	if doc["presence"] == true {
		now += "; the presence of its agents follows their shifts"
	}
	line(now)
	exceptions, _ := noun.Schedule.Field("/exceptions")
	if parts := exceptions.Parts(doc["exceptions"]); len(parts) > 0 {
		line("exceptions:")
		for _, part := range parts {
			line("  ", part.Name, " ", part.Says)
		}
	}
	week.draw(&b)
	return b.String()
}
