package cli

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A Colour is how a cell stands out on a terminal.
type Colour string

// The colours there are.
const (
	Plain  Colour = ""
	Green  Colour = "\x1b[32m"
	Yellow Colour = "\x1b[33m"
	Red    Colour = "\x1b[31m"
	Dim    Colour = "\x1b[2m"
	Bold   Colour = "\x1b[1m"

	reset = "\x1b[0m"
)

// A Cell is one field of a table.
type Cell struct {
	Text   string
	Colour Colour
}

const (
	gap          = 2 // blanks between columns
	columnLeast  = 8 // a column is never cut below this width
	ellipsis     = "…"
	escapeBefore = ' '
)

// WriteTable writes rows below a head, aligned by what a terminal shows. columns
// is its width: wide columns are cut to it, the widest first; 0 cuts nothing.
func WriteTable(out io.Writer, head []string, rows [][]Cell, columns int, coloured bool) error {
	widths := make([]int, len(head))
	for i, h := range head {
		widths[i] = textWidth(h)
	}
	for _, row := range rows {
		for i, cell := range row {
			row[i].Text = oneLine(cell.Text)
			widths[i] = max(widths[i], textWidth(row[i].Text))
		}
	}
	if columns > 0 {
		shrink(widths, columns)
	}
	var b strings.Builder
	titles := make([]Cell, len(head))
	for i, h := range head {
		titles[i] = Cell{h, Dim}
	}
	if len(strings.Join(head, "")) > 0 {
		writeRow(&b, titles, widths, coloured)
	}
	for _, row := range rows {
		writeRow(&b, row, widths, coloured)
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// shrink takes from the widest column until all fit, but leaves each readable.
func shrink(widths []int, columns int) {
	total := gap * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	for total > columns {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= columnLeast {
			return
		}
		widths[widest]--
		total--
	}
}

func writeRow(b *strings.Builder, row []Cell, widths []int, coloured bool) {
	for len(row) > 1 && row[len(row)-1].Text == "" {
		row = row[:len(row)-1] // no blanks at the end of a line
	}
	for i, cell := range row {
		text := cut(cell.Text, widths[i])
		if coloured && cell.Colour != Plain {
			b.WriteString(string(cell.Colour) + text + reset)
		} else {
			b.WriteString(text)
		}
		if i < len(row)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-textWidth(text)+gap))
		}
	}
	b.WriteByte('\n')
}

// oneLine takes out what would break the table or speak to the terminal: names
// come from strangers.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return escapeBefore
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

func cut(s string, columns int) string {
	if textWidth(s) <= columns {
		return s
	}
	var b strings.Builder
	left := columns - 1
	for _, r := range s {
		if left -= runeWidth(r); left < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + ellipsis
}

func textWidth(s string) int {
	if len(s) == utf8.RuneCountInString(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is how many columns a terminal gives a rune.
func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Printable keeps the lines of a text and takes out everything else that a
// terminal could take for an order.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return escapeBefore
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
