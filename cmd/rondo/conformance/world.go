package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// A world is what one case has made so far. One goroutine has it at a time.
type world struct {
	*calls
	naming
	talks
	bodies map[string]tree // what was put, by path: the next step changes it and puts it again
	made   []string        // paths of what exists, oldest first
	inbox  string          // where conversations arrive unless a step says where
	last   outcome
	under  *footing // nil: a case stands by itself
}

func newWorld(c *calls, prefix string) *world {
	return &world{calls: c, bodies: map[string]tree{}, naming: naming{prefix: prefix, ids: map[string]string{}, names: map[string]string{}}}
}

// body returns what was last put at a path, to be changed and put again.
func (w *world) body(path string, first tree) tree {
	if known, ok := w.bodies[path]; ok {
		return maps.Clone(known)
	}
	return w.under.begun(path, first)
}

// An outcome is what the last change was answered.
type outcome struct {
	body     tree
	status   int
	replayed bool
	refused  *client.Problem // until a step has looked at it: the next one must
	race     []attempt       // of a step that makes two calls at once
}

// An attempt is one of two calls made at once.
type attempt struct {
	who     string
	body    tree
	refused *client.Problem
}

// talks are the conversations of a case.
type talks struct {
	ids     []string // conversation 1 is at 0
	batch   []tree   // the answers that the last step to open some got
	open    int      // how many messages of the last burst opened one
	numbers int      // senders made up so far
}

// remember notes a conversation that an action answered with, once.
func (t *talks) remember(answer tree) {
	if id := answer.text("conversation.id"); id != "" && !slices.Contains(t.ids, id) {
		t.ids = append(t.ids, id)
	}
}

// received takes the answers to messages for the last batch.
func (t *talks) received(answers []tree) {
	t.batch, t.open = answers, 0
	for _, answer := range answers {
		t.remember(answer)
		if answer.at("opened") == true {
			t.open++
		}
	}
}

// talk says which conversation an id is, as people count.
func (t *talks) talk(id string) string {
	if i := slices.Index(t.ids, id); i >= 0 {
		return strconv.Itoa(i + 1)
	}
	return id
}

// conversation returns the id that "it" or "conversation 2" stands for.
func (t *talks) conversation(words string) (string, error) {
	at := len(t.ids)
	if word, digits, found := strings.Cut(words, " "); found && word == "conversation" {
		at = number(digits)
	}
	if at < 1 || at > len(t.ids) {
		return "", fmt.Errorf("there is no %s: %d have been opened", words, len(t.ids))
	}
	return t.ids[at-1], nil
}

// A naming knows the things of a case by the names that the case gives them and by
// the ids that the cluster knows.
type naming struct {
	prefix string            // of all ids
	ids    map[string]string // kind and name to id, as "agents/Ann"
	names  map[string]string // kind and id to name, for what people read
}

// id returns the id of a thing by its name in the case. Names that cannot stand in
// ids are cut down to what can.
func (w *naming) id(kind, name string) string {
	if id, known := w.ids[kind+"/"+name]; known {
		return id
	}
	return w.call(kind, name, name)
}

// call gives a thing an id of its own making.
func (w *naming) call(kind, name, short string) string {
	id := w.prefix + strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, short))
	w.ids[kind+"/"+name] = id
	w.names[kind+"/"+id] = name
	return id
}

func (w *naming) path(kind, name string) string { return "/v1/" + kind + "/" + w.id(kind, name) }

// agent says who an id is; nobody for none.
func (w *naming) agent(id string) string {
	if id == "" {
		return "nobody"
	}
	if name, known := w.names["agents/"+id]; known {
		return name
	}
	return strings.TrimPrefix(id, w.prefix)
}

// plain replaces ids by names in what a person will read.
func (w *naming) plain(text string) string {
	for key, name := range w.names {
		_, id, _ := strings.Cut(key, "/")
		text = strings.ReplaceAll(text, `"`+id+`"`, `"`+name+`"`)
	}
	return text
}

// agentActor is in whose name a person of the case acts.
func (w *naming) agentActor(name string) string { return "agent:" + w.id("agents", name) }

// actor is the inverse: a person by name, "the suite" for itself.
func (w *naming) actor(principal string) string {
	if id, ok := strings.CutPrefix(principal, "agent:"); ok {
		return w.agent(id)
	}
	if principal == runner {
		return "the suite"
	}
	return principal
}

// address is where somebody writes from; no other run has it.
func (w *naming) address(name string) string { return "conformance:" + w.id("contacts", name) }

// A tree is a JSON object.
type tree map[string]any

// at follows names with dots between; nil is what is not there.
func (t tree) at(path string) any {
	var v any = map[string]any(t)
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// text is at, as a text; "" for null.
func (t tree) text(path string) string {
	v := t.at(path)
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// each returns the objects of a list.
func (t tree) each(path string) []tree {
	list, _ := t.at(path).([]any)
	var all []tree
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

// texts returns one field of each object of a list.
func texts(list []tree, path string) []string {
	var all []string
	for _, item := range list {
		all = append(all, item.text(path))
	}
	return all
}
