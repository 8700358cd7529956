package nouncmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/client"
	"github.com/rondohq/rondo/cmd/rondo/events"
)

const watchHelp = `Watch shows what an agent has to do, and keeps it up to date: what she is offered, with
the seconds left, her open conversations with their unread messages, what waits for her
teams, and her newest notifications.
On a terminal it fills the screen; elsewhere it writes a line for each change, and
with -o json an object a line. When the node it listens to dies it says so and goes
on through the next one. Ctrl-C ends it.`

// Limits of what is watched.
const (
	watchedMost   = 50                     // conversations, and waiting ones, and notifications
	teamsWatched  = 8                      // whose events are followed; the others show at the next look
	refreshPause  = 250 * time.Millisecond // between two looks at the cluster
	refreshEvery  = 10 * time.Second       // if nothing is heard
	refreshWithin = 5 * time.Second        // one look, before it is called trouble
)

func inboxCommands(o *cli.Options) []*cobra.Command {
	cmd := &cobra.Command{
		Use: "watch AGENT", Short: "What an agent has to do, live", Long: watchHelp, Args: cobra.ExactArgs(1),
		ValidArgsFunction: completeArgs(o, "agents"), Example: "  rondo inbox watch mallory",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if o.Output == cli.FormYAML || o.Output == cli.FormName {
			return cli.Usage("--output is %q: what is live is shown as a table or as json", o.Output)
		}
		c, err := o.Client()
		if err != nil {
			return err
		}
		defer c.Close()
		w := &watcher{agent: args[0], servers: o.Addresses(), client: c, called: customers{client: c}, show: shower(o.Printer(cmd))}
		defer w.show.end()
		return w.run(cmd.Context())
	}
	return []*cobra.Command{cmd}
}

// A desk is what an agent has before her at one moment.
type desk struct {
	Agent    string   `json:"agent"`
	Presence string   `json:"presence"`
	Teams    []string `json:"teams"`
	Open     string   `json:"open"`   // how many she has, as people read it
	Unread   string   `json:"unread"` // how many of them have unread messages
	deskOffers
	Conversations []cli.Doc `json:"conversations"`
	deskQueue
	Told    string    `json:"unread_notifications"`
	Notices []cli.Doc `json:"notifications"` // the newest first
}

// deskOffers are what she may accept.
type deskOffers struct {
	Offers []cli.Doc `json:"offers"`
	read   time.Time // when, by the clock of this machine
}

// A deskQueue is what waits for her teams.
type deskQueue struct {
	Waiting string    `json:"waiting"` // how many
	Queue   []cli.Doc `json:"queue"`   // the oldest of them
}

// A surface shows desks, one after another. One goroutine uses it.
type surface interface {
	desk(d desk) error
	trouble(says string) // what is the matter; "": nothing any more
	again() error        // the terminal may have another size
	end()
}

// A watcher follows one agent. Its goroutine is the one of run.
type watcher struct {
	agent   string
	servers []string
	client  *client.Client
	called  customers
	show    surface
}

// run shows the desk until ctx ends, which is no error, or the agent is gone.
func (w *watcher) run(ctx context.Context) error {
	first, err := w.look(ctx)
	if err != nil {
		return endless(ctx, err)
	}
	if err := w.show.desk(first); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	news, trouble := make(chan struct{}, 1), make(chan string, 1)
	w.listen(ctx, first.Teams, news, trouble)
	size, late := time.NewTicker(time.Second), time.NewTicker(refreshEvery)
	defer size.Stop()
	defer late.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case says := <-trouble:
			w.show.trouble(says)
			continue
		case <-size.C:
			if err := w.show.again(); err != nil {
				return err
			}
			continue
		case <-late.C:
		case <-news:
		}
		if err := w.refresh(ctx); err != nil {
			return endless(ctx, err)
		}
		pause(ctx, refreshPause)
		late.Reset(refreshEvery)
	}
}

// endless makes an error of what ended because ctx did none.
func endless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// refresh looks again. Only a final answer ends the watch: that the agent is gone,
// say. All else is shown, and tried again.
func (w *watcher) refresh(ctx context.Context) error {
	now, err := w.look(ctx)
	var problem *client.Problem
	switch {
	case err == nil:
		w.show.trouble("")
		return w.show.desk(now)
	case errors.As(err, &problem) && problem.Status < http.StatusInternalServerError && problem.Status != http.StatusTooManyRequests:
		return err
	case ctx.Err() == nil:
		w.show.trouble("no answer, trying again: " + err.Error())
	}
	return nil
}

// listen follows what happens to the agent and in her teams, and says that there is
// news. The first stream tells of nodes that die, for all.
func (w *watcher) listen(ctx context.Context, teams []string, news chan<- struct{}, trouble chan<- string) {
	filters := []url.Values{{"agent": {w.agent}}, {"notify": {w.agent}}}
	for _, team := range teams[:min(len(teams), teamsWatched)] {
		filters = append(filters, url.Values{"team": {team}})
	}
	say := func(says string) {
		select {
		case trouble <- says:
		default: // one is told of already
		}
	}
	for i, filter := range filters {
		o := events.Options{Servers: w.servers, Filter: filter}
		if i == 0 {
			o.Trouble = func(err error) { say(err.Error() + "; going on through the next node") }
		}
		go func() {
			err := events.Follow(ctx, o, func(events.Event) error {
				select {
				case news <- struct{}{}:
				default: // a look is due already
				}
				return nil
			})
			if err != nil && ctx.Err() == nil {
				say(fmt.Sprintf("no events with %s, looking every %s instead: %v", filter.Encode(), refreshEvery, err))
			}
		}()
	}
}

// look reads all that the desk shows.
func (w *watcher) look(ctx context.Context) (desk, error) {
	ctx, cancel := context.WithTimeout(ctx, refreshWithin)
	defer cancel()
	d := desk{Agent: w.agent, Teams: []string{}, deskQueue: deskQueue{"0", []cli.Doc{}}}
	agent, err := getDoc(ctx, w.client, "/v1/agents/"+url.PathEscape(w.agent))
	if err != nil {
		return d, err
	}
	presence, _ := cli.Get(agent, "/presence/status")
	d.Presence = cli.Text(presence)
	if teams, ok := agent["teams"].([]any); ok {
		for _, team := range teams {
			d.Teams = append(d.Teams, cli.Text(team))
		}
	}
	if d.Offers, err = w.offers(ctx); err != nil {
		return d, err
	}
	d.read = time.Now()
	mine := url.Values{"assignee": {w.agent}, "status": {"open"}}
	if d.Conversations, err = w.conversations(ctx, mine, "-activity"); err != nil {
		return d, err
	}
	if d.Open, err = w.count(ctx, mine); err != nil {
		return d, err
	}
	mine.Set("unread", "true")
	if d.Unread, err = w.count(ctx, mine); err != nil {
		return d, err
	}
	if err := w.queue(ctx, &d); err != nil {
		return d, err
	}
	w.called.name(ctx, d.Offers, d.Conversations, d.Queue)
	told, err := getDoc(ctx, w.client, fmt.Sprintf("%s?limit=%d", noticesPath(w.agent), watchedMost))
	d.Notices, d.Told = docsOf(told), cli.Text(told["unread"])
	return d, err
}

// queue reads what waits for the agent's teams.
func (w *watcher) queue(ctx context.Context, d *desk) (err error) {
	if len(d.Teams) == 0 {
		return nil
	}
	waits := url.Values{"team": {strings.Join(d.Teams, ",")}, "state": {"waiting,manual"}, "status": {"open"}}
	if d.Queue, err = w.conversations(ctx, waits, "opened_at"); err != nil {
		return err
	}
	d.Waiting, err = w.count(ctx, waits)
	return err
}

func (w *watcher) conversations(ctx context.Context, filter url.Values, order string) ([]cli.Doc, error) {
	query := fmt.Sprintf("%s&sort=%s&limit=%d", filter.Encode(), order, watchedMost)
	list, err := getDoc(ctx, w.client, "/v1/conversations?"+query)
	return docsOf(list), err
}

func (w *watcher) count(ctx context.Context, filter url.Values) (string, error) {
	doc, err := getDoc(ctx, w.client, "/v1/conversations/count?"+filter.Encode())
	return counted(doc), err
}

func docsOf(list cli.Doc) []cli.Doc {
	items, _ := list["items"].([]any)
	docs := make([]cli.Doc, 0, len(items))
	for _, item := range items {
		if d, ok := item.(cli.Doc); ok {
			docs = append(docs, d)
		}
	}
	return docs
}

// shower returns how a printer shows desks.
func shower(p *cli.Printer) surface {
	switch {
	case p.Form == cli.FormJSON:
		return &jsonLines{printer: p}
	case p.Columns > 0:
		return newScreen(p)
	default:
		return &plainLines{printer: p, seen: map[string]bool{}}
	}
}

// jsonLines are an object a line, of what has changed.
type jsonLines struct {
	printer *cli.Printer
	last    string
}

func (j *jsonLines) desk(d desk) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write the desk: %w", err)
	}
	if string(text) == j.last {
		return nil
	}
	j.last = string(text)
	return j.printer.Text(j.last + "\n")
}

func (j *jsonLines) trouble(says string) { tell(j.printer, says) }
func (j *jsonLines) again() error        { return nil }
func (j *jsonLines) end()                {}

// tell writes what is the matter beside the output.
func tell(p *cli.Printer, says string) {
	if says != "" {
		fmt.Fprintf(p.Err, "%s\n", cli.Printable(says))
	}
}
