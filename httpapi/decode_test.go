package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/rondohq/rondo/fsm"
)

// FuzzScan: what the scan takes for JSON is what encoding/json takes for JSON,
// and what it has no fault with is decoded without one.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` {"id":"c1","inbox":"sms","contact":"p","attributes":{"a":"b"},"from":{"address":"+1"}} `,
		`{"id":null,"from":null,"attributes":null}`, `{"id":"\ud83d\ude00\u0000\/"}`, `{"a":[1,-0.5e+7,true,false,null,"x",{}]}`,
		`{"id":"a","id":"b"}`, `{"ID":"a"}`, `[]`, `null`, `1e`, `{"a":01}`, `{"id":"` + "\xff" + `"}`, "{\"id\":\"\t\"}", `{"id":"\ud800"}`,
		`{"attributes":{"":"","\u0061":"1","a":"2"}}`, `{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, `{} {}`, "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var faults []fault
		readable := scan(data, openShape, &faults)
		object := bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
		if readable && !json.Valid(data) {
			t.Fatalf("%q is no JSON", data)
		}
		if !readable && len(faults) == 0 {
			t.Fatalf("%q was refused without a reason", data)
		}
		if !readable && object && json.Valid(data) && faults[0].Code != "too_deep" && faults[0].Code != "encoding" {
			t.Fatalf("%q is JSON, but: %v", data, faults[0])
		}
		if len(faults) > 0 {
			return
		}
		var command fsm.OpenConversation
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&command); err != nil {
			t.Fatalf("%q passed the scan, but: %v", data, err)
		}
	})
}

// FuzzDecode: no body makes the decoder panic, and what it accepts survives
// being written and read again.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"name":"T","members":[{"agent":"a"}],"rotation":{"fallback":{"to":"agent","agent":"b"},"drain_burst":0}}`))
	f.Add([]byte(`{"name":"T","rotation":null,"members":null}`))
	f.Add([]byte(`{"name":5,"members":[null,{"agent":1}],"rotation":{"drain_burst":4294967296}}`))
	f.Add([]byte(`{"name":"T","rotation":{"drain_interval_seconds":1e1}}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := func(data []byte) (fsm.PutTeam, error) {
			c := &call{route: &routes[0], path: map[string]string{"id": "t"}, body: data}
			return decode(c, putTeamShape, func(p *fsm.PutTeam) { fromPath(c, &p.ID, "id", "/id") })
		}
		command, err := read(data)
		if err != nil {
			return
		}
		written, err := json.Marshal(command)
		if err != nil {
			t.Fatal(err)
		}
		again, err := read(written)
		if err != nil {
			t.Fatalf("%q became %s, and that is refused: %v", data, written, err)
		}
		if len(command.Members) == 0 {
			command.Members, again.Members = nil, nil
		}
		if !reflect.DeepEqual(command, again) {
			t.Fatalf("%q became %+v and then %+v", data, command, again)
		}
	})
}

// TestScanAgreesOnSmallTexts tries every text of a few characters, where the
// corners of the grammar are.
func TestScanAgreesOnSmallTexts(t *testing.T) {
	alphabet := []string{`{`, `}`, `[`, `]`, `"`, `a`, `\`, `0`, `1`, `-`, `.`, `e`, `:`, `,`, ` `, `null`}
	var try func(prefix string, left int)
	texts := 0
	try = func(prefix string, left int) {
		text := `{"x":` + prefix + `}`
		var faults []fault
		readable := scan([]byte(text), openShape, &faults)
		if texts++; readable != json.Valid([]byte(text)) {
			t.Errorf("%s: readable is %v", text, readable)
		}
		if left > 0 {
			for _, next := range alphabet {
				try(prefix+next, left-1)
			}
		}
	}
	try("", 4)
	if texts < 50_000 {
		t.Errorf("only %d texts", texts)
	}
}

func TestFaultsHaveALine(t *testing.T) {
	for body, want := range map[string]string{
		"{\n  \"name\": \"Ännä\" \"x\"\n}": "line 2, column 18: a comma or } is needed here, not '\"'",
		"{\"name\":\"a\xffb\"}":            "line 1, column 11: this is not UTF-8",
		"{\"name\":\"a\nb\"}":              `line 1, column 11: a string may not hold the character '\n' as it is; write \u000a`,
		"{\"name\":\"a":                    "line 1, column 11: the quote that ends the string is missing: the body ends here",
		"":                                 "line 1, column 1: a value is missing: the body ends here",
	} {
		var faults []fault
		if scan([]byte(body), putAgentShape, &faults) || len(faults) != 1 {
			t.Errorf("%q: %v", body, faults)
			continue
		}
		if got := faults[0].Detail; got != want || *faults[0].Pointer != "" {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

// TestFaultsAreBounded: an answer names fifty faults and no more.
func TestFaultsAreBounded(t *testing.T) {
	var body strings.Builder
	for range 1000 {
		body.WriteString(`,"a":1`)
	}
	c := &call{route: &routes[0], path: map[string]string{"id": "a"}, body: []byte("{" + body.String()[1:] + "}")}
	_, err := decode(c, putAgentShape, func(p *fsm.PutAgent) { fromPath(c, &p.ID, "id", "/id") })
	p, ok := err.(*problem) //nolint:errorlint // decode returns it as it is
	if !ok || len(p.body.Errors) != maxFaults {
		t.Errorf("%v", err)
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"nmae": "name", "Name": "name", "members": "members", "member": "members", "agents": "", "rotaton": "rotation", "x": "", "ID": "id",
		strings.Repeat("name", 100): "",
	} {
		if got := putTeamShape.nearest(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestShapes: each command that a route reads can be described.
func TestShapes(t *testing.T) {
	for command, s := range map[string]*shape{
		"agent.put": putAgentShape, "agent.presence": putPresenceShape, "team.put": putTeamShape, "team.member_put": putMemberShape,
		"inbox.put": putInboxShape, "contact.put": putContactShape, "conversation.open": openShape, "message.receive": messageShape,
		"conversation.claim": claimShape, "conversation.assign": assignShape, "conversation.close": plainShape,
		// These two are read with the shape of another.
		"team.member_delete": delMemberShape, "conversation.reopen": plainShape, "conversation.requeue": requeueShape, "conversation.unassign": unassignShape,
		"conversation.transfer": passOnShape, "conversation.leave_team": leaveTeamShape, "decision.undo": undoShape,
	} {
		zero, ok := fsm.ZeroCommand(command)
		if !ok {
			t.Errorf("there is no command %s", command)
			continue
		}
		if own := shapeOfType(reflect.TypeOf(zero).Elem()); !reflect.DeepEqual(own.known(), s.known()) {
			t.Errorf("%s has the fields %v and is read as %v", command, own.known(), s.known())
		}
	}
}

// TestHostileBodies: a body within the limit costs little, whatever is in it.
func TestHostileBodies(t *testing.T) {
	list := func(open, item, end string) []byte {
		return []byte(open + strings.Repeat(item+",", (maxBodyBytes-100)/(len(item)+1)) + item + end)
	}
	for name, body := range map[string][]byte{
		"unknown fields": list(`{`, `"aaaaaaaaaaaaaaaaaaaaaaaaaaaa":1`, `}`),
		"attributes":     list(`{"attributes":{`, `"a":"b"`, `}}`),
		"wrong elements": list(`{"attributes":[`, `1`, `]}`),
		"deep":           []byte(`{"x":` + strings.Repeat("[", maxBodyBytes-10)),
		"quotes":         []byte(`{"id":"` + strings.Repeat(`\"`, maxBodyBytes/2-10)),
	} {
		c := &call{route: &routes[0], body: body}
		if _, err := decode(c, openShape, func(*fsm.OpenConversation) {}); err == nil || len(c.faults) > 2*maxFaults {
			t.Errorf("%s: %v, %d faults", name, err, len(c.faults))
		}
	}
}

// BenchmarkHostileBody is the most expensive body known.
func BenchmarkHostileBody(b *testing.B) {
	body := []byte(`{` + strings.Repeat(`"aaaaaaaaaaaaaaaaaaaaaaaaaaaa":1,`, 3900) + `"id":1}`)
	for b.Loop() {
		c := &call{route: &routes[0], body: body}
		if _, err := decode(c, openShape, func(*fsm.OpenConversation) {}); err == nil {
			b.Fatal("accepted")
		}
	}
}
