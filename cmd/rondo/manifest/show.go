package manifest

import (
	"encoding/json"
	"fmt"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// marks say at a glance what a step does.
var marks = map[Act]struct {
	sign   string
	colour cli.Colour
	past   string
}{
	Create: {"+", cli.Green, "created"},
	Change: {"~", cli.Yellow, "changed"},
	Delete: {"-", cli.Red, "deleted"},
}

// show writes a step and its fields.
func (s Step) show(p *cli.Printer, verb string) error {
	mark := marks[s.Act]
	text := p.Paint(mark.colour, mark.sign+" "+s.Noun+" "+s.ID+" "+verb) + "\n"
	for _, f := range s.Fields {
		if s.Act == Create {
			text += fmt.Sprintf("    %s: %s\n", cli.Dotted(f.Pointer), cli.Printable(f.After))
			continue
		}
		text += p.Change(f.Pointer, f.Before, f.After)
	}
	return p.Text(text)
}

// Show writes what a plan would do.
func (p *Plan) Show(out *cli.Printer) error {
	if out.Form != cli.FormTable && out.Form != cli.FormName {
		raw, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("write the plan: %w", err)
		}
		_, err = out.Raw(raw)
		return err
	}
	for _, step := range p.Steps {
		if err := step.show(out, "would be "+marks[step.Act].past); err != nil {
			return err
		}
	}
	return out.Text(p.sum("would be "))
}

// sum is the last line.
func (p *Plan) sum(verb string) string {
	n := map[Act]int{}
	for _, step := range p.Steps {
		n[step.Act]++
	}
	says := ""
	for _, note := range p.Notes {
		says += note + "\n"
	}
	if len(p.Steps) == 0 {
		return says + fmt.Sprintf("Nothing to do: %d unchanged.\n", p.Unchanged)
	}
	return says + fmt.Sprintf("%d %screated, %d changed, %d deleted; %d unchanged.\n", n[Create], verb, n[Change], n[Delete], p.Unchanged)
}
