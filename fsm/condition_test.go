package fsm

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func whenOf(t testing.TB, text string) *Condition {
	t.Helper()
	var c Condition
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &c
}

// deskOfRules is a state in which each field of a condition has something to find.
func deskOfRules(t testing.TB) *lab {
	l := newLab(t)
	l.accept(
		PutAgent{ID: "ana", Name: "Ana"}, PutAgent{ID: "ben", Name: "Ben"}, PutPresence{Agent: "ana", Status: "available"},
		PutTeam{ID: "sales", Name: "Sales", Members: []TeamMember{{Agent: "ana"}}}, PutTeam{ID: "night", Name: "Night", Members: []TeamMember{{Agent: "ben"}}},
		PutInbox{ID: "sms", Name: "SMS", Channel: Channel{Kind: "sms", Address: "+1"}, Assignment: InboxAssignment{Mode: "rotation", Team: "sales"}},
		PutInbox{ID: "late", Name: "Late", Assignment: InboxAssignment{Mode: "rotation", Team: "night"}},
		PutContact{ID: "p1", Tags: []string{"gold", "vip"}, Fields: map[string]string{"plan": "pro", "note": ""}, Language: "es", Region: "US-CA", Owner: "ben"},
		PutContact{ID: "p2", Region: "DE"},
		OpenConversation{ID: "c1", Inbox: "sms", Contact: "p2"},
		OpenConversation{ID: "c2", Inbox: "sms", Contact: "p1", Tags: []string{"billing"}, Priority: 5, Attributes: map[string]string{"source": "ads", "page": "x"}},
	)
	l.nowMs += 60_000
	l.accept(OpenConversation{ID: "w1", Inbox: "late", Contact: "p2"}, OpenConversation{ID: "w2", Inbox: "late", Contact: "p1", Priority: 2})
	l.nowMs += 30_000
	l.accept(PutTag{"c1", "seen"})
	return l
}

// about returns the facts about a conversation.
func (l *lab) about(id ConversationID) facts {
	c, _ := l.state.Conversations.ByID(id)
	return firing{conversation: c.Handle}.facts(l.state)
}

// TestConditionsHold says of each condition whether it holds about c2, and which
// node fails.
func TestConditionsHold(t *testing.T) {
	l := deskOfRules(t)
	about := l.about("c2")
	for _, test := range []struct{ condition, failed string }{
		{`{"field":"contact.tags","op":"has","value":"vip"}`, "met"},
		{`{"field":"contact.tags","op":"has_not","value":"vip"}`, ""},
		{`{"field":"contact.tags","op":"has_all","values":["vip","gold"]}`, "met"},
		{`{"field":"contact.tags","op":"has_all","values":["vip","lead"]}`, ""},
		{`{"field":"contact.tags","op":"has_any","values":["lead","gold"]}`, "met"},
		{`{"field":"contact.vip","op":"is","value":"true"}`, "met"},
		{`{"field":"contact.known","op":"is","value":"false"}`, ""},
		{`{"field":"contact.owner","op":"is","value":"ben"}`, "met"},
		{`{"field":"contact.language","op":"in","values":["en","es"]}`, "met"},
		{`{"field":"contact.country","op":"is","value":"US"}`, "met"},
		{`{"field":"contact.region","op":"starts_with","value":"US-"}`, "met"},
		{`{"field":"contact.field.plan","op":"contains","value":"ro"}`, "met"},
		{`{"field":"contact.field.note","op":"not_set"}`, "met"},
		{`{"field":"contact.field.none","op":"is_not","value":"x"}`, "met"},
		{`{"field":"contact.new","op":"is","value":"true"}`, "met"},
		{`{"field":"contact.returning","op":"is","value":"true"}`, ""},
		{`{"field":"conversation.inbox","op":"is","value":"sms"}`, "met"},
		{`{"field":"conversation.channel","op":"is","value":"sms"}`, "met"},
		{`{"field":"conversation.source","op":"is","value":"ads"}`, "met"},
		{`{"field":"conversation.attribute.page","op":"is","value":"x"}`, "met"},
		{`{"field":"conversation.priority","op":"at_least","value":"5"}`, "met"},
		{`{"field":"conversation.priority","op":"more_than","value":"5"}`, ""},
		{`{"field":"conversation.age_seconds","op":"is","value":"90"}`, "met"},
		{`{"field":"conversation.state","op":"is","value":"assigned"}`, "met"},
		{`{"field":"team.queue_length","of":"night","op":"is","value":"2"}`, "met"},
		{`{"field":"team.longest_wait_seconds","of":"night","op":"at_most","value":"30"}`, "met"},
		{`{"field":"team.eligible","of":"night","op":"is","value":"false"}`, "met"},
		{`{"field":"team.eligible","op":"is","value":"true"}`, "met"},
		{`{"field":"agent.status","of":"ben","op":"is","value":"unavailable"}`, "met"},
		{`{"field":"agent.open","of":"ana","op":"less_than","value":"3"}`, "met"},
		// What is not at hand meets nothing, and so its denial holds.
		{`{"field":"team.queue_length","of":"gone","op":"at_least","value":"0"}`, ""},
		{`{"not":{"field":"agent.status","of":"gone","op":"not_set"}}`, "met"},
		{`{"field":"form","op":"is_not","value":"landing"}`, ""},
		// Which node failed.
		{`{"all":[{"field":"contact.vip","op":"is","value":"true"},{"field":"contact.tags","op":"has","value":"none"}]}`, "/all/1"},
		{`{"all":[{"any":[{"field":"contact.vip","op":"is","value":"false"},{"field":"contact.tags","op":"has","value":"none"}]}]}`, "/all/0"},
		{`{"all":[{"field":"contact.vip","op":"is","value":"true"},{"all":[{"not":{"field":"contact.vip","op":"is","value":"true"}}]}]}`, "/all/1/all/0"},
		{`{"any":[{"field":"contact.vip","op":"is","value":"false"},{"field":"contact.tags","op":"has","value":"gold"}]}`, "met"},
		// What a newer binary has checked, and this one does not know.
		{`{"field":"contact.shoe_size","op":"is","value":"43"}`, ""},
		{`{"field":"contact.tags","op":"resembles","value":"vip"}`, ""},
	} {
		met, failed := whenOf(t, test.condition).holds(about)
		if met {
			failed = "met"
		}
		if failed != test.failed {
			t.Errorf("%s: %q, want %q", test.condition, failed, test.failed)
		}
	}
	if met, _ := (*Condition)(nil).holds(facts{}); !met {
		t.Error("no condition always holds")
	}
	if met, _ := whenOf(t, `{"field":"contact.returning","op":"is","value":"true"}`).holds(l.about("w2")); !met {
		t.Error("w2 is not the first conversation of p1")
	}
}

// TestConditionFaults: each fault is named at the pointer of its node.
func TestConditionFaults(t *testing.T) {
	deep := strings.Repeat(`{"not":`, MaxConditionDepth) + `{"field":"form","op":"set"}` + strings.Repeat("}", MaxConditionDepth)
	for _, test := range []struct{ condition, faults string }{
		{`{}`, " required"},
		{`{"all":[]}`, "/all required"},
		{`{"all":[{"field":"form","op":"set"}],"not":{"field":"form","op":"set"}}`, " ambiguous"},
		{`{"any":[{"field":"form","op":"set"}],"value":"x"}`, " ambiguous"},
		{`{"op":"is","value":"x"}`, "/field required"},
		{`{"all":[{"field":"form","op":"set"},{"field":"contact.tag","op":"has","value":"x"}]}`, "/all/1/field unknown_field"},
		{`{"field":"contact.field.","op":"set"}`, "/field required"},
		{`{"field":"contact.field.a b","op":"set"}`, "/field characters"},
		{`{"field":"contact.tags","op":"is","value":"vip"}`, "/op operator"},
		{`{"field":"contact.tags","op":"hass","value":"vip"}`, "/op unknown_value"},
		{`{"field":"contact.tags","value":"vip"}`, "/op required"},
		{`{"field":"contact.tags","op":"has"}`, "/value required"},
		{`{"field":"contact.tags","op":"has","values":["vip"]}`, "/value required /values unexpected"},
		{`{"field":"contact.tags","op":"has_any","value":"vip"}`, "/value unexpected /values required"},
		{`{"field":"contact.tags","op":"set","value":"vip"}`, "/value unexpected"},
		{`{"field":"contact.tags","op":"has_any","values":["vip","","vip"]}`, "/values/1 required /values/2 duplicate"},
		{`{"field":"contact.vip","op":"is","value":"yes"}`, "/value type"},
		{`{"field":"contact.country","op":"is","value":"US-CA"}`, "/value impossible"},
		{`{"field":"conversation.priority","op":"is","value":"high"}`, "/value type"},
		{`{"field":"conversation.priority","op":"is","value":"05"}`, "/value type"},
		{`{"field":"conversation.priority","op":"is","value":"10"}`, "/value out_of_range"},
		{`{"field":"conversation.status","op":"is","value":"done"}`, "/value unknown_value"},
		{`{"field":"conversation.team","of":"x","op":"is","value":"a b"}`, "/of unexpected /value characters"},
		{`{"field":"schedule.open","op":"is","value":"true"}`, "/of required"},
		{`{"field":"team.eligible","of":"a b","op":"is","value":"true"}`, "/of characters"},
		{deep, strings.Repeat("/not", MaxConditionDepth) + " too_deep"},
	} {
		var check checker
		whenOf(t, test.condition).check(&check, "")
		var faults []string
		for _, f := range check.fields {
			faults = append(faults, f.Pointer+" "+f.Code)
		}
		if got := strings.Join(faults, " "); got != test.faults {
			t.Errorf("%s: %q, want %q", test.condition, got, test.faults)
		}
	}
	var check checker
	whenOf(t, `{"field":"contact.tag","op":"has","value":"x"}`).check(&check, "/when")
	if detail := check.fields[0].Detail; !strings.Contains(detail, `did you mean "contact.tags"?`) {
		t.Errorf("no hint: %s", detail)
	}
}

func TestConditionLimits(t *testing.T) {
	leaf := Condition{Field: "form", Op: "set"}
	list := func(n int) (values []string) {
		for i := range n {
			values = append(values, strconv.Itoa(i))
		}
		return values
	}
	for _, test := range []struct {
		name  string
		limit int
		of    func(n int) Condition
	}{
		{"nodes", MaxConditionNodes, func(n int) Condition { return Condition{All: slices.Repeat([]Condition{leaf}, n-1)} }},
		{"depth", MaxConditionDepth, func(n int) Condition {
			c := leaf
			for range n - 1 {
				c = Condition{Any: []Condition{c}}
			}
			return c
		}},
		{"values", MaxConditionValues, func(n int) Condition { return Condition{Field: "contact.language", Op: "in", Values: list(n)} }},
		{"bytes", MaxConditionBytes, func(n int) Condition {
			return Condition{Field: "contact.field.a", Op: "is", Value: strings.Repeat("x", n)}
		}},
	} {
		for n, want := range map[int]int{test.limit: 0, test.limit + 1: 1} {
			var check checker
			c := test.of(n)
			if c.check(&check, ""); len(check.fields) != want {
				t.Errorf("%s: %d: %v", test.name, n, check.fields)
			}
		}
	}
	huge := leaf
	for range 100_000 {
		huge = Condition{Not: &[]Condition{huge}[0]}
	}
	var check checker
	if huge.check(&check, ""); len(check.fields) != 1 {
		t.Errorf("a tree without end: %v", check.fields)
	}
}

// TestConditionFieldsAreForEver: what stands in old logs keeps its name, type and
// operators.
func TestConditionFieldsAreForEver(t *testing.T) {
	const golden = "testdata/conditions.golden"
	var b strings.Builder
	for _, f := range ConditionFields() {
		fmt.Fprintf(&b, "%s %s of=%s %s values=%s max=%d\n", f.Name, f.Type, f.Of, strings.Join(f.Operators(), ","), strings.Join(f.Values, ","), f.Max)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || b.String() != string(want) {
		t.Errorf("the fields are not those of %s (%v):\n%s", golden, err, b.String())
	}
	for i := range conditionFields {
		f := &conditionFields[i]
		name := f.Name
		if strings.HasSuffix(name, ".") {
			name += "x"
		}
		if found, _ := conditionFieldOf(name); found != f || f.Says == "" || f.number == fieldNone {
			t.Errorf("%s: it cannot be found, or says nothing", f.Name)
		}
	}
}

// TestQualifiedIsAsked: once a contact knows when it was qualified, conditions must.
func TestQualifiedIsAsked(t *testing.T) {
	var c Contact
	row := map[string]any{}
	data, _ := json.Marshal(c)
	if err := json.Unmarshal(data, &row); err != nil {
		t.Fatal(err)
	}
	if _, there := row["QualifiedMs"]; !there {
		return // nothing says so yet
	}
	if err := json.Unmarshal([]byte(`{"QualifiedMs":1}`), &c); err != nil || !isQualified(&c) {
		t.Errorf("isQualified does not know it (%v)", err)
	}
}

// BenchmarkCondition is a tree of ten nodes that holds, so that all are looked at.
func BenchmarkCondition(b *testing.B) {
	l := deskOfRules(b)
	about := l.about("c2")
	c := whenOf(b, `{"all":[{"field":"contact.vip","op":"is","value":"true"},{"field":"contact.tags","op":"has_any","values":["lead","gold"]},
		{"not":{"field":"contact.language","op":"in","values":["en","fr"]}},{"any":[{"field":"conversation.inbox","op":"is","value":"chat"},
		{"field":"conversation.priority","op":"at_least","value":"5"}]},{"field":"team.queue_length","of":"night","op":"more_than","value":"1"},
		{"field":"contact.field.plan","op":"is","value":"pro"},{"field":"contact.new","op":"is","value":"true"}]}`)
	b.ReportAllocs()
	for b.Loop() {
		if met, failed := c.holds(about); !met {
			b.Fatal(failed)
		}
	}
}

// TestConditionsAllocateNothing: rules are asked for each message. Only the search
// in an index allocates.
func TestConditionsAllocateNothing(t *testing.T) {
	l := deskOfRules(t)
	about := l.about("c2")
	for i := range conditionFields {
		f := conditionFields[i]
		c := &Condition{Field: f.Name, Op: f.Operators()[0], Value: "1"}
		if f.Of != "" {
			c.Of = map[string]string{"team": "night", "agent": "ana", "schedule": "hours"}[f.Of]
		}
		most := 0.0
		if f.Of != "" || f.number == contactNew || f.number == contactReturning {
			most = 16 // a search in an index or two
		}
		if n := testing.AllocsPerRun(100, func() { c.met(&about) }); n > most {
			t.Errorf("%s: %v allocations", f.Name, n)
		}
	}
}
