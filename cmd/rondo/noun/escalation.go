package noun

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

const escalationForm = `write "WHEN SECONDS DO", such as "no_reply 300 next", "waiting 60 team:night", "no_reply 600 priority:5" or "no_reply 300 next first"`

// Repeats says whether the flag of a field is given once for each of its parts.
func Repeats(f Field) bool { return f.Kind == Mapping || f.Kind == Escalations }

// parseEscalations reads steps such as "no_reply 300 next", one behind the other with
// commas; no text is no steps.
func parseEscalations(flag, text string) (any, error) {
	list := []any{}
	for _, step := range strings.Split(text, ",") {
		words := strings.Fields(step)
		if len(words) == 0 && strings.TrimSpace(text) == "" {
			continue
		}
		doc, ok := escalation(words)
		if !ok {
			return nil, cli.Usage("--%s is %q: %s", flag, step, escalationForm)
		}
		list = append(list, doc)
	}
	return list, nil
}

func escalation(words []string) (cli.Doc, bool) {
	doc := cli.Doc{}
	if len(words) == 4 && words[3] == "first" {
		doc["only_first"], words = true, words[:3]
	}
	if len(words) != 3 {
		return nil, false
	}
	if _, err := strconv.ParseUint(words[1], 10, 32); err != nil {
		return nil, false
	}
	do, of, named := strings.Cut(words[2], ":")
	doc["when"], doc["after_seconds"], doc["do"] = words[0], json.Number(words[1]), do
	switch {
	case slices.Contains([]string{"team", "agent", "priority"}, do) != (of != "") || named && of == "":
		return nil, false
	case do == "priority":
		if _, err := strconv.ParseUint(of, 10, 8); err != nil {
			return nil, false
		}
		doc[do] = json.Number(of)
	case named:
		doc[do] = of
	}
	return doc, true
}

// ShowEscalations shows steps as their flag is written, with commas; none is "-".
func ShowEscalations(v any) string {
	list, _ := v.([]any)
	says := []string{}
	for _, item := range list {
		doc, _ := item.(cli.Doc)
		do := cli.Text(doc["do"])
		if of := doc[do]; of != nil {
			do += ":" + cli.Text(of)
		}
		text := fmt.Sprintf("%s %s %s", cli.Text(doc["when"]), cli.Text(doc["after_seconds"]), do)
		if doc["only_first"] == true {
			text += " first"
		}
		says = append(says, text)
	}
	if len(says) == 0 {
		return "-"
	}
	return strings.Join(says, ", ")
}

// settledEscalations leaves out what is so by default; no steps are nil.
func settledEscalations(v any) any {
	list, _ := v.([]any)
	if len(list) == 0 {
		return nil
	}
	settled := make([]any, 0, len(list))
	for _, item := range list {
		doc, ok := item.(cli.Doc)
		if !ok {
			settled = append(settled, item)
			continue
		}
		plain := cli.Doc{}
		for name, value := range doc {
			if value != nil && !(name == "only_first" && value == false) {
				plain[name] = value
			}
		}
		settled = append(settled, plain)
	}
	return settled
}

// checkEscalations finds what cannot be read; the cluster judges the words.
func checkEscalations(pointer string, value any, wrong func(at, says string)) {
	list, ok := value.([]any)
	if !ok {
		wrong(pointer, "must be a list of steps")
	}
	known := []string{"when", "after_seconds", "do", "team", "agent", "priority", "only_first"}
	for i, item := range list {
		at := pointer + "/" + strconv.Itoa(i)
		doc, ok := item.(cli.Doc)
		if !ok {
			wrong(at, "must be a step: {when: no_reply, after_seconds: 300, do: next}")
			continue
		}
		for _, name := range Names(doc) {
			if !slices.Contains(known, name) {
				wrong(at+"/"+name, "is not known; there are "+strings.Join(known, ", "))
			}
		}
		if n := doc["after_seconds"]; n != nil && !whole(n) {
			wrong(at+"/after_seconds", "must be a whole number, 0 or more")
		}
	}
}
