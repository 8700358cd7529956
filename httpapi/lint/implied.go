package lint

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/fsm"
)

// What one condition says about another. Both questions are answered with yes only
// where it is certain, whatever the operators do with capital letters.

// maxSteps bounds one question; beyond, the answer is no.
const maxSteps = 10_000

type logic struct{ steps int }

// implies says whether a holds whenever b does. Nil always holds.
func implies(b, a *fsm.Condition) bool { return (&logic{}).implies(b, a) }

// contradict says whether two conditions never hold together.
func contradict(x, y *fsm.Condition) bool { return (&logic{}).contradict(x, y) }

func (l *logic) implies(b, a *fsm.Condition) bool {
	if l.steps++; l.steps > maxSteps || a == nil || b == nil {
		return l.steps <= maxSteps && a == nil
	}
	from := func(c *fsm.Condition) func(fsm.Condition) bool {
		return func(b fsm.Condition) bool { return l.implies(&b, c) }
	}
	to := func(a fsm.Condition) bool { return l.implies(b, &a) }
	not := func(f func(fsm.Condition) bool) func(fsm.Condition) bool {
		return func(c fsm.Condition) bool { return !f(c) }
	}
	switch {
	case len(a.All) > 0:
		return !slices.ContainsFunc(a.All, not(to))
	case len(b.Any) > 0:
		return !slices.ContainsFunc(b.Any, not(from(a)))
	case slices.ContainsFunc(a.Any, to), slices.ContainsFunc(b.All, from(a)):
		return true
	case a.Not != nil && b.Not != nil:
		return l.implies(a.Not, b.Not)
	case a.Not != nil:
		return l.contradict(b, a.Not)
	default:
		return leafImplies(b, a)
	}
}

func (l *logic) contradict(x, y *fsm.Condition) bool {
	if l.steps++; l.steps > maxSteps || x == nil || y == nil {
		return false
	}
	with := func(other *fsm.Condition) func(fsm.Condition) bool {
		return func(c fsm.Condition) bool { return l.contradict(&c, other) }
	}
	without := func(other *fsm.Condition) func(fsm.Condition) bool {
		return func(c fsm.Condition) bool { return !l.contradict(&c, other) }
	}
	switch {
	case slices.ContainsFunc(x.All, with(y)), slices.ContainsFunc(y.All, with(x)):
		return true
	case len(x.Any) > 0:
		return !slices.ContainsFunc(x.Any, without(y))
	case len(y.Any) > 0:
		return !slices.ContainsFunc(y.Any, without(x))
	case y.Not != nil:
		return l.implies(x, y.Not)
	case x.Not != nil:
		return l.implies(y, x.Not)
	default:
		return leafContradict(x, y) || leafContradict(y, x)
	}
}

func sameField(b, a *fsm.Condition) bool { return a.Field != "" && a.Field == b.Field && a.Of == b.Of }

// values returns what a comparison compares with.
func values(c *fsm.Condition) []string {
	if c.Value == "" {
		return c.Values
	}
	return append([]string{c.Value}, c.Values...)
}

func isOneOf(op string) bool { return op == fsm.OpIs || op == fsm.OpIn }

// presupposes says whether a comparison holds only where the field has something.
func presupposes(c *fsm.Condition) bool {
	switch c.Op {
	case fsm.OpSet, fsm.OpStartsWith, fsm.OpContains, fsm.OpHas, fsm.OpHasAny, fsm.OpHasAll, fsm.OpAtLeast, fsm.OpMoreThan, fsm.OpAtMost, fsm.OpLessThan:
		return true
	default:
		return isOneOf(c.Op) && len(values(c)) > 0
	}
}

// plain returns a comparison as it would be without short names.
func plain(c *fsm.Condition) *fsm.Condition {
	as := *c
	switch c.Field {
	case "contact.vip":
		if c.Op == fsm.OpIs {
			as.Field, as.Op, as.Value = "contact.tags", fsm.OpHasNot, "vip"
			if c.Value == yes {
				as.Op = fsm.OpHas
			}
		}
	case "conversation.source", "conversation.ad", "conversation.landing_page":
		as.Field = strings.Replace(c.Field, ".", ".attribute.", 1)
	}
	return &as
}

func leafImplies(b, a *fsm.Condition) bool {
	a, b = plain(a), plain(b)
	if !sameField(b, a) {
		return false
	}
	vb, va := values(b), values(a)
	if a.Op == b.Op && slices.Equal(va, vb) {
		return true
	}
	in := func(list []string) func(string) bool {
		return func(v string) bool { return slices.Contains(list, v) }
	}
	switch {
	case a.Op == fsm.OpSet:
		return presupposes(b)
	case isOneOf(a.Op) && isOneOf(b.Op):
		return within(vb, in(va))
	case (a.Op == fsm.OpIsNot || a.Op == fsm.OpNotIn) && isOneOf(b.Op):
		return len(vb) > 0 && apart(vb, va)
	case a.Op == fsm.OpIsNot && b.Op == fsm.OpNotIn, a.Op == fsm.OpNotIn && b.Op == fsm.OpNotIn:
		return within(va, in(vb))
	case (a.Op == fsm.OpHas || a.Op == fsm.OpHasAny) && (b.Op == fsm.OpHas || b.Op == fsm.OpHasAny):
		return within(vb, in(va))
	case (a.Op == fsm.OpHas || a.Op == fsm.OpHasAny) && b.Op == fsm.OpHasAll:
		return slices.ContainsFunc(vb, in(va))
	case a.Op == fsm.OpHasAll && (b.Op == fsm.OpHasAll || b.Op == fsm.OpHas):
		return len(va) > 0 && within(va, in(vb))
	}
	lowA, highA, okA := span(a)
	lowB, highB, okB := span(b)
	return okA && okB && lowA <= lowB && highB <= highA
}

// within says whether all of a list, which is not empty, are what ok says.
func within(list []string, ok func(string) bool) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v string) bool { return !ok(v) })
}

// apart says whether no value of one list can be equal to one of the other.
func apart(x, y []string) bool {
	for _, a := range x {
		for _, b := range y {
			m, errM := strconv.ParseInt(a, 10, 64)
			n, errN := strconv.ParseInt(b, 10, 64)
			if strings.EqualFold(a, b) || errM == nil && errN == nil && m == n {
				return false
			}
		}
	}
	return true
}

// leafContradict is asked both ways round.
func leafContradict(x, y *fsm.Condition) bool {
	x, y = plain(x), plain(y)
	if !sameField(x, y) {
		return onlyOneOf(x, y)
	}
	vx, vy := values(x), values(y)
	in := func(v string) bool { return slices.Contains(vy, v) }
	switch {
	case isOneOf(x.Op) && isOneOf(y.Op):
		return len(vx) > 0 && len(vy) > 0 && apart(vx, vy)
	case isOneOf(x.Op) && (y.Op == fsm.OpIsNot || y.Op == fsm.OpNotIn):
		return within(vx, in)
	case y.Op == fsm.OpNotSet:
		return presupposes(x)
	case x.Op == fsm.OpHas && y.Op == fsm.OpHasNot, x.Op == fsm.OpHasAll && y.Op == fsm.OpHasNot:
		return slices.ContainsFunc(vx, in)
	case isOneOf(x.Op) && y.Op == fsm.OpStartsWith:
		return within(vx, func(v string) bool { return !strings.HasPrefix(strings.ToLower(v), strings.ToLower(y.Value)) })
	}
	lowX, highX, okX := span(x)
	lowY, highY, okY := span(y)
	return okX && okY && (highX < lowY || highY < lowX)
}

// onlyOneOf knows two fields of which one is true at most.
func onlyOneOf(x, y *fsm.Condition) bool {
	return x.Field == fieldNew && y.Field == fieldReturning && x.Op == fsm.OpIs && y.Op == fsm.OpIs && x.Value == yes && y.Value == yes
}

// span returns the whole numbers that a comparison lets through.
func span(c *fsm.Condition) (low, high int64, ok bool) {
	n, err := strconv.ParseInt(c.Value, 10, 64)
	low, high = math.MinInt64, math.MaxInt64
	if err != nil || len(c.Values) > 0 || n == low || n == high {
		return 0, 0, false
	}
	switch c.Op {
	case fsm.OpIs:
		return n, n, true
	case fsm.OpAtLeast:
		return n, high, true
	case fsm.OpMoreThan:
		return n + 1, high, true
	case fsm.OpAtMost:
		return low, n, true
	case fsm.OpLessThan:
		return low, n - 1, true
	default:
		return 0, 0, false
	}
}

// cutField takes a field's name apart: contact, field, plan.
func cutField(field string) (noun, name, rest string) {
	noun, name, _ = strings.Cut(field, ".")
	name, rest, _ = strings.Cut(name, ".")
	return noun, name, rest
}
