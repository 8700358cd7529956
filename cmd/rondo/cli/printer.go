package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// The forms of --output.
const (
	FormTable = "table"
	FormJSON  = "json"
	FormYAML  = "yaml"
	FormName  = "name"
)

// A Printer shows answers in the form that was asked for. One goroutine uses it.
type Printer struct {
	Out      io.Writer
	Err      io.Writer
	Form     string
	Coloured bool
	Columns  int // of the terminal; 0: it is none, nothing is cut
}

// Printer returns how the command shows its answers.
func (o *Options) Printer(cmd *cobra.Command) *Printer {
	p := &Printer{Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr(), Form: o.Output, Coloured: o.Color == "always"}
	if f, ok := p.Out.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		p.Columns = terminalColumns(f)
		p.Coloured = p.Coloured || o.Color == "auto" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return p
}

// Raw shows an answer as JSON or YAML; done says whether that was asked for.
func (p *Printer) Raw(raw []byte) (done bool, err error) {
	text := raw
	switch p.Form {
	case FormJSON:
		var b bytes.Buffer
		if err := json.Indent(&b, bytes.TrimSpace(raw), "", "  "); err != nil {
			return true, fmt.Errorf("read the answer: %w", err)
		}
		b.WriteByte('\n')
		text = b.Bytes()
	case FormYAML:
		if text, err = yamlOf(raw); err != nil {
			return true, err
		}
	default:
		return false, nil
	}
	return true, p.Text(string(text))
}

// Text writes text as it is.
func (p *Printer) Text(text string) error {
	if _, err := io.WriteString(p.Out, text); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// Line writes one line without what could speak to the terminal.
func (p *Printer) Line(format string, args ...any) error {
	return p.Text(oneLine(fmt.Sprintf(format, args...)) + "\n")
}

// Paint colours a text where colours are wanted.
func (p *Printer) Paint(c Colour, text string) string {
	if !p.Coloured || c == Plain {
		return text
	}
	return string(c) + text + reset
}

// Table writes a table.
func (p *Printer) Table(head []string, rows [][]Cell) error {
	return WriteTable(p.Out, head, rows, p.Columns, p.Coloured)
}

// Warn writes the warnings of an answer, and nothing if it has none.
func (p *Printer) Warn(answer Doc) {
	list, _ := answer["warnings"].([]any)
	for _, item := range list {
		if w, ok := item.(Doc); ok {
			// Best effort: the answer itself goes the other way.
			fmt.Fprintf(p.Err, "%s %s (%s)\n", p.Paint(Yellow, "warning:"), oneLine(Text(w["detail"])), oneLine(Text(w["code"])))
		}
	}
}

// Fields shows an object as lines of name and value, objects below with dots.
func (p *Printer) Fields(raw []byte) error {
	flat, err := flatten(raw)
	if err != nil {
		return err
	}
	rows := make([][]Cell, 0, len(flat))
	for _, f := range flat {
		rows = append(rows, []Cell{{f.name, Dim}, {f.value, Plain}})
	}
	return p.Table([]string{"", ""}, rows)
}

type flatField struct{ name, value string }

// flatten keeps the order of the answer.
func flatten(raw []byte) ([]flatField, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, fmt.Errorf("read the answer: it is no JSON object: %.80s", raw)
	}
	var list []flatField
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		name := fmt.Sprint(key)
		if name == "warnings" {
			continue // Warn tells them
		}
		if trimmed := bytes.TrimSpace(value); trimmed[0] == '{' && len(trimmed) > 2 {
			below, err := flatten(trimmed)
			if err != nil {
				return nil, err
			}
			for _, f := range below {
				list = append(list, flatField{name + "." + f.name, f.value})
			}
			continue
		}
		v, err := Decode(value)
		if err != nil {
			return nil, err
		}
		if empty, ok := v.(Doc); ok && len(empty) == 0 {
			v = nil
		}
		list = append(list, flatField{name, strings.TrimSpace(Text(v))})
	}
	return list, nil
}

// Change returns a line of a diff: a field, what it was and what it is.
func (p *Printer) Change(pointer, before, after string) string {
	return fmt.Sprintf("    %s: %s -> %s\n", oneLine(Dotted(pointer)),
		p.Paint(Red, oneLine(before)), p.Paint(Green, oneLine(after)))
}

// Dotted shows a JSON pointer as people write it: rotation.order.
func Dotted(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}
