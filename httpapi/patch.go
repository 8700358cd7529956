package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/rondohq/rondo/fsm"
)

// A PATCH changes some fields of a thing and leaves the others as they are
// (RFC 7396). It is a PUT of what GET shows, with the changes merged in, that
// counts only if the thing is still what was read (fsm.Amendment); otherwise it is
// made anew. What GET shows and PUT does not take is left out, by the shape of
// the PUT: so what a noun learns to take can be patched, too.

// mergePatch is the media type of RFC 7396. Plain JSON is taken for it, too.
const mergePatch = "application/merge-patch+json"

// maxAttempts is how often a PATCH is made anew because others were faster.
const maxAttempts = 5

// A patchable is a noun whose things can be changed field by field.
type patchable struct {
	noun fsm.Noun
	of   *shape // of its PUT

	view   func(v *fsm.State, id string) (versioned, bool)
	decode func(c *call) (fsm.Command, error) // what the body of c puts
	bare   func(id string) fsm.Command        // the same, without anything
	change func(a *api, c *call, command fsm.Command) (answer, error)
}

var (
	agentPatch = patchable{fsm.NounAgent, putAgentShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Agents.ByID(fsm.AgentID(id))
			if !ok {
				return nil, false
			}
			view, _ := viewAgent(v, row)
			return view, true
		},
		asCommand(decodeAgent), func(id string) fsm.Command { return fsm.PutAgent{ID: fsm.AgentID(id)} }, (*api).changeAgent}
	groupPatch = patchable{fsm.NounGroup, putGroupShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Groups.ByID(fsm.GroupID(id))
			return viewGroup(v, row), ok
		},
		asCommand(decodeGroup), func(id string) fsm.Command { return fsm.PutGroup{ID: fsm.GroupID(id)} }, changeGroup}
	teamPatch = patchable{fsm.NounTeam, putTeamShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Teams.ByID(fsm.TeamID(id))
			return viewTeam(v, row), ok
		},
		asCommand(decodeTeam), func(id string) fsm.Command { return fsm.PutTeam{ID: fsm.TeamID(id)} }, (*api).changeTeam}
	inboxPatch = patchable{fsm.NounInbox, putInboxShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Inboxes.ByID(fsm.InboxID(id))
			return viewInbox(v, row), ok
		},
		asCommand(decodeInbox), func(id string) fsm.Command { return fsm.PutInbox{ID: fsm.InboxID(id)} }, changeInbox}
	contactPatch = patchable{fsm.NounContact, putContactShape,
		func(v *fsm.State, id string) (versioned, bool) {
			row, ok := v.Contacts.ByID(fsm.ContactID(id))
			return viewContact(v, row), ok
		},
		asCommand(decodeContact), func(id string) fsm.Command { return fsm.PutContact{ID: fsm.ContactID(id)} }, changeContact}
)

func asCommand[C fsm.Command](decode func(*call) (C, error)) func(*call) (fsm.Command, error) {
	return func(c *call) (fsm.Command, error) { return decode(c) }
}

// patch is the handler of the noun.
func (n patchable) patch(a *api, c *call) (answer, error) {
	asked, err := n.read(c)
	if err != nil {
		return answer{}, err
	}
	canonical, err := json.Marshal(asked)
	if err != nil {
		return answer{}, fmt.Errorf("write a patch in one way: %w", err)
	}
	for attempt := 1; ; attempt++ {
		got, err := n.attempt(a, c, asked, canonical)
		var p *problem
		if attempt == maxAttempts || !errors.As(err, &p) || p.body.Code != string(fsm.Outdated) {
			return got, err
		}
	}
}

// read returns what a client asks to have changed. A null is allowed anywhere:
// what it stands for goes, or takes its default.
func (n patchable) read(c *call) (map[string]any, error) {
	c.faults = nil
	if !scanPatch(c.body, n.of, &c.faults) || len(c.faults) > 0 {
		return nil, invalid(c.faults[:min(len(c.faults), maxFaults)]...)
	}
	asked, err := decodeObject(c.body)
	if err != nil {
		return nil, invalid(inBody("", "malformed", clip(err.Error())))
	}
	return asked, nil
}

// attempt merges the patch into the thing as it is now, and proposes that. A
// request whose key is known was judged already: the key answers, whatever the
// thing has become since.
func (n patchable) attempt(a *api, c *call, asked map[string]any, canonical []byte) (answer, error) {
	id := c.path["id"]
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	if _, known := v.Keys.Operation(c.key, v.NowMs); known {
		c.amends = fsm.AmendmentOf(id, canonical, 0)
		return n.change(a, c, n.bare(id))
	}
	shown, ok := n.view(v, id)
	if !ok {
		return answer{}, absent(v, n.noun.String(), id)
	}
	if c.body, err = merged(n.of, shown, asked); err != nil {
		return answer{}, err
	}
	command, err := n.decode(c)
	if err != nil {
		return answer{}, err
	}
	c.amends = fsm.AmendmentOf(id, canonical, shown.version())
	return n.change(a, c, command)
}

// merged returns the body of a PUT: what is shown, as far as a PUT takes it, with
// the patch in it.
func merged(of *shape, shown versioned, asked map[string]any) ([]byte, error) {
	data, err := json.Marshal(shown)
	if err != nil {
		return nil, fmt.Errorf("show what is to be patched: %w", err)
	}
	now, err := decodeObject(data)
	if err != nil {
		return nil, fmt.Errorf("read what is to be patched: %w", err)
	}
	writable, _ := of.writable(now).(map[string]any)
	if data, err = json.Marshal(merge(writable, asked)); err != nil {
		return nil, fmt.Errorf("write what was patched: %w", err)
	}
	return data, nil
}

// writable returns what of a shown value can be sent back.
func (s *shape) writable(shown any) any {
	switch value := shown.(type) {
	case map[string]any:
		if s.kind != object {
			return value
		}
		kept := map[string]any{}
		for name, inner := range value {
			if f, known := s.fields[name]; known && inner != nil {
				kept[name] = f.shape.writable(inner)
			}
		}
		return kept
	case []any:
		list := make([]any, 0, len(value))
		for _, element := range value {
			list = append(list, s.of.writable(element))
		}
		return list
	default:
		return value
	}
}

// merge is MergePatch of RFC 7396, section 2, of two objects. It keeps target.
func merge(target, patch map[string]any) map[string]any {
	result := make(map[string]any, len(target)+len(patch))
	for name, value := range target {
		result[name] = value
	}
	for name, value := range patch {
		inner, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(result, name)
		case isObject:
			old, _ := result[name].(map[string]any)
			result[name] = merge(old, inner)
		default:
			result[name] = value
		}
	}
	return result
}

// decodeObject reads a JSON object and keeps its numbers as they are written.
func decodeObject(data []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value := map[string]any{}
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("decode an object: %w", err)
	}
	return value, nil
}

// refusePatch is for what is another kind of patch: taken for a merge patch, it
// would do something else than it says.
func refusePatch(r *http.Request) error {
	declared := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(declared)
	if declared == "" || err == nil && (media == mergePatch || media == "application/json") {
		return nil
	}
	return newProblem(http.StatusUnsupportedMediaType, "content_type", "Not a merge patch",
		fmt.Sprintf("the body is declared as %q; send a JSON merge patch (RFC 7396) in UTF-8, with the header Content-Type: %s", clip(declared), mergePatch))
}
