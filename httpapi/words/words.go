// Package words says in plain English what the cluster decided and why: the
// `explanation` of decisions, previews and differences between revisions.
//
// It is for people. It decides nothing, formats no JSON, and asks no clock: the
// same state and record give the same text. Programs read the fields of a
// decision, which never change; sentences may be written better at any time.
//
// Read decision.go first (the order of the sentences), then sentences.go (what
// there is to say of every word of the API), parts.go (what is put into them),
// occasion.go (what the trigger was about), ruled.go (which rule answered), turn.go,
// fallback.go, passed.go (who was passed over), moment.go (what is no decision) and
// diff.go.
package words

import (
	"strings"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Clock times are in UTC, as everywhere in the API; seconds matter where two
// decisions are compared.
const (
	dayLayout  = "2006-01-02"
	timeLayout = "15:04:05"
)

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// Time is a time in full, as it stands before the sentences of a story.
func Time(ms int64) string { return moment(ms) }

// moment is a time in full.
func moment(ms int64) string { return at(ms).Format(dayLayout+" "+timeLayout) + " UTC" }

// since is a time that people compare with now: on the same day its hours do.
func since(ms, nowMs int64) string {
	t := at(ms)
	if t.Format(dayLayout) == at(nowMs).Format(dayLayout) {
		return t.Format("15:04")
	}
	return t.Format(dayLayout + " 15:04")
}

// list joins as people do: a, b and c.
func list(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// agent names an agent, with the id where another one has the same name.
func agent(v *fsm.State, h fsm.AgentHandle) string {
	row, ok := v.Agents.Get(h)
	if !ok {
		return "nobody"
	}
	for other := range v.Agents.ByName(string(row.SortKey), 0, false) {
		if other.SortKey != row.SortKey {
			break
		}
		if other.Handle != row.Handle && other.Name == row.Name {
			return row.Name + " (" + string(row.ID) + ")"
		}
	}
	return row.Name
}

// Actor names who did something, as a part of a sentence; begins says that it is
// the first. Names of agents are written as they are.
func Actor(v *fsm.State, principal string, begins bool) string {
	kind, name, _ := strings.Cut(principal, ":")
	said := kind + " " + name
	switch {
	case kind == "agent":
		if row, ok := v.Agents.ByID(fsm.AgentID(name)); ok {
			return agent(v, row.Handle)
		}
		said = "agent " + name
	case kind == "rule":
		said = ruleName(v, fsm.RuleID(name))
	case principal == "system:anonymous":
		said = "a caller without a name"
	case principal == "system:timer":
		said = "the cluster itself"
	case principal == "":
		said = "somebody"
	}
	if begins {
		said = capital(said)
	}
	return said
}

// capital begins a sentence with a word of ours.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// plain says a word of the API that has no sentence yet: a newer version wrote it.
func plain(word string) string { return strings.ReplaceAll(word, "_", " ") }
