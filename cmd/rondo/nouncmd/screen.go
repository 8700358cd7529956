package nouncmd

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// plainLines are for logs and pipes: a line for each change.
type plainLines struct {
	printer *cli.Printer
	last    string
	seen    map[string]bool // notifications by id
	offered string          // the offer that was told last, by id
}

func (l *plainLines) desk(d desk) error {
	first := l.last == ""
	clock := time.Now().Format(time.TimeOnly)
	if line := d.headline(); line != l.last {
		l.last = line
		if err := l.printer.Line("%s %s", clock, line); err != nil {
			return err
		}
	}
	for _, offer := range d.Offers { // one at most
		if l.offered == nameOf(offer) {
			break
		}
		l.offered = nameOf(offer)
		if err := l.printer.Line("%s %s %s", clock, d.Agent, offered(offer)); err != nil {
			return err
		}
	}
	seen := make(map[string]bool, len(d.Notices)) // no more than are listed
	for i := len(d.Notices) - 1; i >= 0; i-- {
		n := d.Notices[i]
		seen[nameOf(n)] = true
		if first || l.seen[nameOf(n)] {
			continue
		}
		if err := l.printer.Line("%s %s: %s %s", clock, d.Agent, cli.Text(n["kind"]), cli.Text(n["conversation"])); err != nil {
			return err
		}
	}
	l.seen = seen
	return nil
}

func (l *plainLines) trouble(says string) { tell(l.printer, says) }
func (l *plainLines) again() error        { return nil }
func (l *plainLines) end()                {}

// headline says the numbers in one line.
func (d *desk) headline() string {
	return fmt.Sprintf("%s is %s: %s open, %s of them unread; %s waiting; %s notifications unread",
		d.Agent, d.Presence, d.Open, d.Unread, d.Waiting, d.Told)
}

// What a terminal is told: the other screen and no cursor; back; the corner; the
// rest of a line, and of the screen, is empty.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	toCorner    = "\x1b[H"
	emptyRight  = "\x1b[K"
	emptyBelow  = "\x1b[J"
)

// A screen is a whole terminal. Each picture is written at once over the one
// before, and only if it is another one, so that nothing flickers.
type screen struct {
	printer *cli.Printer
	file    *os.File
	now     desk
	matter  string // what is the matter, until a look has an answer
	since   time.Time
	last    string
}

func newScreen(p *cli.Printer) *screen {
	s := &screen{printer: p}
	s.file, _ = p.Out.(*os.File)
	return s
}

func (s *screen) desk(d desk) error {
	s.now = d
	return s.again()
}

// troubleShown is how long a matter stands at least, so that it can be read.
const troubleShown = 5 * time.Second

func (s *screen) trouble(says string) {
	if says == "" && time.Since(s.since) < troubleShown {
		return
	}
	s.matter, s.since = says, time.Now()
	_ = s.again() // should the terminal be gone, the next picture says so
}

func (s *screen) again() error {
	columns, rows := s.printer.Columns, 0
	if s.file != nil {
		columns, rows = cli.TerminalSize(s.file)
	}
	columns-- // in the last column a terminal may not know where its cursor is
	picture := paint(s.now, s.matter, columns, max(rows, rowsLeast), s.printer.Coloured)
	if picture == s.last {
		return nil
	}
	begin := toCorner
	if s.last == "" {
		begin = enterScreen + toCorner
	}
	s.last = picture
	lines := strings.Split(strings.TrimSuffix(picture, "\n"), "\n")
	return s.printer.Text(begin + strings.Join(lines, emptyRight+"\r\n") + emptyRight + emptyBelow)
}

func (s *screen) end() {
	if s.last != "" {
		_ = s.printer.Text(leaveScreen) // the terminal is left as it was, if it is still there
	}
}

const (
	rowsLeast = 20 // a lower terminal shows the upper part
	rowsFixed = 11 // two titles, and of each list a line between, a head and how many more
)

// columnTight is what a column of a table takes at least: on a narrow terminal the
// last ones are left out.
const columnTight = 10

var deskColumns = []noun.Column{
	noun.Plain("CUSTOMER", "/customer"), noun.Plain("CONVERSATION", "/id"), noun.Plain("UNREAD", "/unread"),
	noun.Ago("THEY WROTE", "/last_inbound_at"), noun.Ago("WE WROTE", "/last_outbound_at"),
	noun.Plain("INBOX", "/inbox"), noun.Plain("PRIORITY", "/priority"), noun.Plain("TAGS", "/tags"),
}

var queueColumns = []noun.Column{
	noun.Plain("WAITING", "/customer"), noun.Plain("CONVERSATION", "/id"), noun.Plain("STATE", "/assignment/state"),
	noun.Ago("SINCE", "/assignment/since"), noun.Plain("TEAM", "/team"), noun.Plain("INBOX", "/inbox"),
}

var toldColumns = []noun.Column{
	noun.Plain("TOLD", "/kind"), noun.Plain("CONVERSATION", "/conversation"), noun.Ago("SINCE", "/at"), noun.Plain("READ", "/read"), noun.Plain("ID", "/id"),
}

// offeredColumns are those of what she may accept, as it was read at a time.
func offeredColumns(read time.Time) []noun.Column {
	return []noun.Column{
		noun.Plain("OFFERED", "/customer"), noun.Plain("CONVERSATION", "/conversation"), noun.Left("SECONDS LEFT", "/seconds_left", read),
		noun.Plain("OFFER", "/id"), noun.Plain("TEAM", "/team"), noun.Plain("INBOX", "/inbox"),
	}
}

// paint returns the picture of a desk: as many lines as the terminal has at most,
// none longer than it is wide. Half of what is free is for the conversations.
func paint(d desk, matter string, columns, rows int, coloured bool) string {
	var b bytes.Buffer
	line := func(text string, colour cli.Colour) {
		_ = cli.WriteTable(&b, []string{""}, [][]cli.Cell{{{Text: text, Colour: colour}}}, columns, coloured) // a buffer takes all
	}
	part := func(columnsOf []noun.Column, docs []cli.Doc, most int, none string) {
		line("", cli.Plain)
		if len(docs) == 0 {
			line(none, cli.Dim)
			return
		}
		columnsOf = columnsOf[:min(len(columnsOf), max(1, (columns+2)/columnTight))]
		p := cli.Printer{Out: &b, Coloured: coloured, Columns: columns}
		_ = table(&p, columnsOf, docs[:min(len(docs), most)])
		switch {
		case len(docs) >= watchedMost: // there may be any number
			line("... and more", cli.Dim)
		case len(docs) > most:
			line(fmt.Sprintf("... and %d more", len(docs)-most), cli.Dim)
		}
	}
	line(d.headline(), cli.Bold)
	line(matter, cli.Yellow)
	free := max(rows-rowsFixed, 4)
	if len(d.Offers) > 0 {
		part(offeredColumns(d.read), d.Offers, len(d.Offers), "")
		free -= len(d.Offers) + 2 // and a line between, and a head
	}
	part(deskColumns, d.Conversations, free/2, "Nothing is open.")
	part(queueColumns, d.Queue, free/4, "Nothing waits for "+or(strings.Join(d.Teams, ", "), "her: she is in no team")+".")
	part(toldColumns, d.Notices, free/4, "Nothing was told.")
	lines := strings.SplitAfter(b.String(), "\n")
	return strings.Join(lines[:min(len(lines), rows)], "")
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
