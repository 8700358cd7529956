package words

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestCompare: what came and what went, and nothing else.
func TestCompare(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{`{"a":1}`, `{"a":1}`, ""},
		{`{"a":1,"b":{"c":"x"}}`, `{"a":1,"b":{"c":"y","d~/":true}}`, `/b/c "x">"y" /b/d~0~1 null>true`},
		{`{"m":["b","c"]}`, `{"m":["a","b","c"]}`, `/m/0 null>"a"`},
		{`{"m":["a","b","c"]}`, `{"m":["b","c","a"]}`, `/m/0 "a">null /m/2 null>"a"`},
		{`{"m":["a","b","c","d"]}`, `{"m":["a","x","d"]}`, `/m/1 "b">null /m/2 "c">null /m/1 null>"x"`},
		{`{"m":["a","a"]}`, `{"m":["a"]}`, `/m/1 "a">null`},
		{`{"m":[1]}`, `{"m":null}`, `/m [1]>null`},
	} {
		var before, after any
		if err := json.Unmarshal([]byte(c.before), &before); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(c.after), &after); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, change := range Compare(before, after) {
			b, _ := json.Marshal(change.Before)
			a, _ := json.Marshal(change.After)
			got = append(got, fmt.Sprintf("%s %s>%s", change.Pointer, b, a))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s against %s: %v, want %s", c.after, c.before, got, c.want)
		}
	}
}

// TestCompareLongLists: one that goes from a long list is found; another order of
// it is told as a whole.
func TestCompareLongLists(t *testing.T) {
	var list []any
	for i := range 2000 {
		list = append(list, fmt.Sprint(i))
	}
	if got := Compare(list, slices.Delete(slices.Clone(list), 1000, 1001)); len(got) != 1 || got[0].Pointer != "/1000" {
		t.Errorf("%d changes, want that /1000 went", len(got))
	}
	turned := slices.Clone(list)
	slices.Reverse(turned)
	if got := Compare(list, turned); len(got) != 1 || got[0].Pointer != "" {
		t.Errorf("%d changes, want the list as a whole", len(got))
	}
}
