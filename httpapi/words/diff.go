package words

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// A Change is one difference between two JSON values. Before is nil for what came,
// After for what went; the pointer (RFC 6901) of what went is that in the older
// value, of everything else that in the newer one.
type Change struct {
	Pointer string
	Before  any
	After   any
}

// Compare returns the differences of two values as encoding/json decodes them,
// objects in the order of their names. Of lists it says which elements came and
// went, so one that is put in front does not change all the others; one that moved
// went and came.
func Compare(before, after any) []Change { return comparison{}.compare(nil, "", before, after) }

// CompareDeep is Compare, and where an object in a list went and another came in
// its place, it says what of it is different: steps of a rule are seldom new as a
// whole.
func CompareDeep(before, after any) []Change {
	return comparison{deep: true}.compare(nil, "", before, after)
}

// A comparison is how two values are compared.
type comparison struct{ deep bool }

func (how comparison) compare(found []Change, at string, before, after any) []Change {
	if reflect.DeepEqual(before, after) {
		return found
	}
	objectBefore, isObject := before.(map[string]any)
	objectAfter, staysObject := after.(map[string]any)
	if isObject && staysObject {
		return how.compareObjects(found, at, objectBefore, objectAfter)
	}
	listBefore, isList := before.([]any)
	listAfter, staysList := after.([]any)
	if isList && staysList {
		return how.compareLists(found, at, listBefore, listAfter)
	}
	return append(found, Change{at, before, after})
}

func (how comparison) compareObjects(found []Change, at string, before, after map[string]any) []Change {
	both := maps.Clone(before)
	maps.Copy(both, after)
	for _, name := range slices.Sorted(maps.Keys(both)) {
		found = how.compare(found, at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), before[name], after[name])
	}
	return found
}

// maxCells bounds what the comparison of two lists costs. Where more is different,
// as when a team of hundreds is put into another order, they are shown as wholes.
const maxCells = 250_000

// compareLists walks both lists along what they have in common: a longest common
// subsequence of what is between their equal beginnings and ends.
func (how comparison) compareLists(found []Change, at string, before, after []any) []Change {
	b, a := printed(before), printed(after)
	skip := 0
	for skip < len(b) && skip < len(a) && b[skip] == a[skip] {
		skip++
	}
	b, a = b[skip:], a[skip:]
	for len(b) > 0 && len(a) > 0 && b[len(b)-1] == a[len(a)-1] {
		b, a = b[:len(b)-1], a[:len(a)-1]
	}
	if len(b)*len(a) > maxCells {
		return append(found, Change{at, before, after})
	}
	common := make([][]uint16, len(b)+1)
	for i := range common {
		common[i] = make([]uint16, len(a)+1)
	}
	for i := len(b) - 1; i >= 0; i-- {
		for j := len(a) - 1; j >= 0; j-- {
			if b[i] == a[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(b) || j < len(a) {
		switch {
		case i < len(b) && j < len(a) && b[i] == a[j]:
			i, j = i+1, j+1
		case how.deep && i < len(b) && j < len(a) && common[i+1][j+1] == common[i][j] && sameKind(before[skip+i], after[skip+j]):
			found = how.compare(found, at+"/"+strconv.Itoa(skip+j), before[skip+i], after[skip+j])
			i, j = i+1, j+1
		case j == len(a) || i < len(b) && common[i+1][j] >= common[i][j+1]:
			found = append(found, Change{at + "/" + strconv.Itoa(skip+i), before[skip+i], nil})
			i++
		default:
			found = append(found, Change{at + "/" + strconv.Itoa(skip+j), nil, after[skip+j]})
			j++
		}
	}
	return found
}

// sameKind says whether two objects have a field in common: one may have become the
// other.
func sameKind(before, after any) bool {
	one, _ := before.(map[string]any)
	other, _ := after.(map[string]any)
	for name := range one {
		if _, both := other[name]; both {
			return true
		}
	}
	return false
}

func printed(list []any) []string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		texts = append(texts, said(v))
	}
	return texts
}

// said is a value as people read it: a text with its quotes, a single field of an
// object by its name, everything else as JSON.
func said(v any) string {
	if object, ok := v.(map[string]any); ok && len(object) == 1 {
		for name, value := range object {
			if text, ok := value.(string); ok {
				return name + " " + text
			}
		}
	}
	if v == nil {
		return "nothing"
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// Changes says in plain words what a revision changed.
func Changes(state *fsm.State, r fsm.Revision, changes []Change) string {
	head := "It is not known when and by whom. "
	if r.TimeMs != 0 {
		head = fmt.Sprintf("%s, by %s. ", moment(r.TimeMs), Actor(state, r.Actor, false))
	}
	return head + Differences(changes)
}

// Differences says changes in plain words.
func Differences(changes []Change) string {
	if len(changes) == 0 {
		return "Nothing is different."
	}
	var parts []string
	for _, c := range changes {
		path := strings.Split(strings.TrimPrefix(c.Pointer, "/"), "/")
		where := strings.Join(path, ".")
		inList := ""
		if _, err := strconv.Atoi(path[len(path)-1]); err == nil && len(path) > 1 {
			inList = strings.Join(path[:len(path)-1], ".")
		}
		switch {
		case inList != "" && c.Before == nil:
			parts = append(parts, fmt.Sprintf("%s came to %s", said(c.After), inList))
		case inList != "" && c.After == nil:
			parts = append(parts, fmt.Sprintf("%s went from %s", said(c.Before), inList))
		default:
			parts = append(parts, fmt.Sprintf("%s was %s and is %s", where, said(c.Before), said(c.After)))
		}
	}
	return capital(strings.Join(parts, "; ")) + "."
}
