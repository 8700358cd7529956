package noun

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// Parse makes the value of a field from what stands behind its flag. An empty text
// is null, which means the default; an empty list is [].
func (f Field) Parse(text string) (any, error) {
	if text == "" && f.Kind != List && f.Kind != Roster && f.Kind != Agents && f.Kind != Mapping && f.Kind != Weekly && f.Kind != Counts && f.Kind != Escalations {
		return nil, nil
	}
	switch f.Kind {
	case Bool:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return nil, cli.Usage("--%s is %q: use true or false", f.Flag, text)
		}
		return value, nil
	case Number:
		if _, err := strconv.ParseUint(text, 10, 32); err != nil {
			return nil, cli.Usage("--%s is %q: use a whole number, 0 or more", f.Flag, text)
		}
		return json.Number(text), nil
	case List:
		list := []any{}
		for _, word := range words(text) {
			list = append(list, word)
		}
		return list, nil
	case Roster, Agents:
		list := []any{}
		for _, word := range words(text) {
			entry, err := f.entry(word)
			if err != nil {
				return nil, err
			}
			list = append(list, entry)
		}
		return list, nil
	case Mapping:
		return parsePairs(f.Flag, words(text))
	case Counts:
		return parseCounts(f.Flag, words(text))
	case Escalations:
		return parseEscalations(f.Flag, text)
	case Chain:
		return parseChain(strings.Split(text, ">"))
	case Time:
		return parseTime(f.Flag, text, time.Now())
	case Weekly:
		return parseWeekly(f.Flag, text)
	case Filter:
		kept, err := stored(text)
		if err != nil {
			return nil, cli.Usage("--%s: %w", f.Flag, err)
		}
		return kept, nil
	default:
		return text, nil
	}
}

// Entry reads "ana", "agent:ana" or "group:night" as an entry of a roster.
func Entry(word string) cli.Doc {
	if id, ok := strings.CutPrefix(word, "group:"); ok {
		return cli.Doc{"group": id}
	}
	return cli.Doc{"agent": strings.TrimPrefix(word, "agent:")}
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func parsePairs(flag string, pairs []string) (any, error) {
	doc := cli.Doc{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, cli.Usage("--%s is %q: write NAME=VALUE", flag, pair)
		}
		doc[name] = value
	}
	return doc, nil
}

// parseTime reads a time, a duration from now, or the next time of a day.
func parseTime(flag, text string, now time.Time) (any, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC().Format(time.RFC3339Nano), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(d).UTC().Format(time.RFC3339), nil
	}
	clock, err := time.ParseInLocation("15:04", text, now.Location())
	if err != nil {
		return nil, cli.Usage("--%s is %q: use a time such as 2026-03-01T09:00:00Z, 17:30 (the next) or 2h (from now)", flag, text)
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), clock.Hour(), clock.Minute(), 0, 0, now.Location())
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at.UTC().Format(time.RFC3339), nil
}

// parseChain reads steps such as "agent:boss", "wait" and "team:night@300", where
// the number is after_seconds.
func parseChain(steps []string) (any, error) {
	if len(steps) > MaxFallbackSteps {
		return nil, cli.Usage("--fallback has %d steps, at most %d are possible", len(steps), MaxFallbackSteps)
	}
	word, after, timed := strings.Cut(strings.TrimSpace(steps[0]), "@")
	to, id, _ := strings.Cut(word, ":")
	doc := cli.Doc{"to": to}
	switch {
	case (to == "agent" || to == "team") && id != "":
		doc[to] = id
	case (to == "wait" || to == "team_inbox") && id == "":
	default:
		return nil, cli.Usage("--fallback has the step %q: write wait, team_inbox, agent:ID or team:ID", steps[0])
	}
	if timed {
		if _, err := strconv.ParseUint(after, 10, 32); err != nil {
			return nil, cli.Usage("--fallback has the step %q: behind @ stand whole seconds", steps[0])
		}
		doc["after_seconds"] = json.Number(after)
	}
	if len(steps) > 1 {
		then, err := parseChain(steps[1:])
		if err != nil {
			return nil, err
		}
		doc["then"] = then
	}
	return doc, nil
}

// Same says whether two values of a field mean the same to the cluster: null is the
// default, and a field left out of a step is null.
func (f Field) Same(a, b any) bool {
	return reflect.DeepEqual(f.settled(a), f.settled(b))
}

// settled returns the value with its default put in.
func (f Field) settled(v any) any {
	if v == nil {
		v = f.Default
	}
	v = withoutNulls(v)
	switch f.Kind {
	case List, Roster, Agents:
		list, ok := v.([]any)
		if !ok || len(list) == 0 {
			return nil
		}
		if f.Kind == Roster {
			return lightly(list)
		}
	case Mapping, Counts:
		if doc, ok := v.(cli.Doc); !ok || len(doc) == 0 {
			return nil
		}
	case Text:
		if v == "" {
			return nil
		}
	case Filter:
		if text, _ := v.(string); text != "" {
			if settled, err := stored(text); err == nil {
				return settled
			}
		}
		return nil
	case Escalations:
		return settledEscalations(v)
	case Chain:
		return settledChain(v)
	case Weekly, Dated, Shifts:
		return showParts(f.Parts(v))
	}
	return v
}

// lightly returns a roster in which weights of 1, the default, are left out.
func lightly(list []any) []any {
	plain := make([]any, 0, len(list))
	for _, item := range list {
		if entry, ok := item.(cli.Doc); ok && fmt.Sprint(entry["weight"]) == "1" {
			item = unweighed(entry)
		}
		plain = append(plain, item)
	}
	return plain
}

func unweighed(entry cli.Doc) cli.Doc {
	plain := cli.Doc{}
	for name, value := range entry {
		if name != "weight" {
			plain[name] = value
		}
	}
	return plain
}

func settledChain(v any) any {
	doc, ok := v.(cli.Doc)
	if !ok {
		doc = cli.Doc{}
	}
	step := cli.Doc{"to": "wait", "after_seconds": json.Number("0")}
	for name, value := range doc {
		if name == "then" {
			value = settledChain(value)
		}
		step[name] = value
	}
	return step
}

// Show is how a value is read in a diff and a table.
func (f Field) Show(v any) string {
	switch f.Kind {
	case Escalations:
		return ShowEscalations(v)
	case Chain:
		return ShowChain(v)
	case Weekly, Dated, Shifts:
		return showParts(f.Parts(v))
	default:
		return cli.Text(v)
	}
}

// ShowChain shows a fallback as its flag is written: agent:boss>wait.
func ShowChain(v any) string {
	doc, ok := v.(cli.Doc)
	if !ok {
		return "wait"
	}
	to := cli.Text(doc["to"])
	if to == "-" {
		to = "wait"
	}
	says := to
	if id, ok := doc[to].(string); ok {
		says += ":" + id
	}
	if after := fmt.Sprint(doc["after_seconds"]); doc["after_seconds"] != nil && after != "0" {
		says += "@" + after
	}
	if doc["then"] != nil {
		says += ">" + ShowChain(doc["then"])
	}
	return says
}
