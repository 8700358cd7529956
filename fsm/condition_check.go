package fsm

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// check judges the form of a condition, by itself: each fault at the pointer of its
// node, with the fix. Whether what it names is there, refer says.
func (c *Condition) check(check *checker, pointer string) {
	if c != nil {
		walk := conditionWalk{check: check, root: pointer}
		walk.node(c, pointer, 1)
	}
}

// A conditionWalk is one way through a tree that may be of any size.
type conditionWalk struct {
	check *checker
	root  string
	nodes int
	full  bool // it has said that there are too many
}

func (w *conditionWalk) node(c *Condition, pointer string, depth int) {
	if w.nodes++; w.nodes > MaxConditionNodes {
		if !w.full {
			w.check.add(w.root, "too_many", "more than %d nodes; make two rules of it, or use in, has_any or has_all for many values", MaxConditionNodes)
		}
		w.full = true
		return
	}
	if depth > MaxConditionDepth {
		w.check.add(pointer, "too_deep", "conditions are nested more than %d deep; all inside of all, and any inside of any, may be one list", MaxConditionDepth)
		return
	}
	if !w.oneKind(c, pointer) {
		return
	}
	switch {
	case c.All != nil:
		w.list(c.All, pointer+"/all", depth)
	case c.Any != nil:
		w.list(c.Any, pointer+"/any", depth)
	case c.Not != nil:
		w.node(c.Not, pointer+"/not", depth+1)
	default:
		c.checkComparison(w.check, pointer)
	}
}

func (w *conditionWalk) list(nodes []Condition, pointer string, depth int) {
	if len(nodes) == 0 {
		w.check.add(pointer, "required", "an empty list says nothing; name a condition, or leave the list out")
	}
	for i := range nodes {
		if w.full {
			return
		}
		w.node(&nodes[i], pointer+"/"+strconv.Itoa(i), depth+1)
	}
}

// oneKind refuses a node that is nothing, or two things at once.
func (w *conditionWalk) oneKind(c *Condition, pointer string) bool {
	kinds := make([]string, 0, 4)
	for _, kind := range []struct {
		name string
		is   bool
	}{{"all", c.All != nil}, {"any", c.Any != nil}, {"not", c.Not != nil}, {"field", c.Field != ""}} {
		if kind.is {
			kinds = append(kinds, kind.name)
		}
	}
	compared := c.Op != "" || c.Of != "" || c.Value != "" || c.Values != nil
	switch {
	case len(kinds) > 1:
		w.check.add(pointer, "ambiguous", "a condition has one of all, any, not and field, and this has %s; put them into one all", strings.Join(kinds, " and "))
	case len(kinds) == 0 && compared:
		w.check.add(pointer+"/field", "required", "say what is compared, such as contact.tags")
	case len(kinds) == 0:
		w.check.add(pointer, "required", "a condition has one of all, any, not and field")
	case c.Field == "" && compared:
		w.check.add(pointer, "ambiguous", "op, of, value and values go with a field, not with %s", kinds[0])
	default:
		return true
	}
	return false
}

// checkComparison judges a node that compares a field.
func (c *Condition) checkComparison(check *checker, pointer string) {
	field, own := conditionFieldOf(c.Field)
	if field == nil {
		check.add(pointer+"/field", "unknown_field", "there is no field %q; %s", clip(c.Field), meant(c.Field, conditionFieldNames()))
		return
	}
	if strings.HasSuffix(field.Name, ".") {
		check.id(pointer+"/field", own)
	}
	field.checkOf(check, pointer+"/of", c.Of)
	if !field.checkOperator(check, pointer+"/op", c.Op) {
		return
	}
	one, list := pointer+"/value", pointer+"/values"
	takes := operatorTakes(c.Op)
	switch {
	case takes == takesNone && c.Value != "":
		check.add(one, "unexpected", "%q is compared with nothing; leave the value out", c.Op)
	case takes != takesOne && c.Value != "":
		check.add(one, "unexpected", `%q is compared with a list; use "values"`, c.Op)
	case takes == takesOne && c.Value == "":
		check.add(one, "required", "say what it is compared with%s", field.example())
	case takes == takesOne:
		field.checkValue(check, one, c.Op, c.Value)
	}
	switch {
	case takes == takesNone && c.Values != nil:
		check.add(list, "unexpected", "%q is compared with nothing; leave the values out", c.Op)
	case takes == takesOne && c.Values != nil:
		check.add(list, "unexpected", `%q is compared with one thing; use "value"`, c.Op)
	case takes == takesList && len(c.Values) == 0:
		check.add(list, "required", "say what it is compared with: a list")
	case takes == takesList && len(c.Values) > MaxConditionValues:
		check.add(list, "too_many", "%d, at most %d are allowed", len(c.Values), MaxConditionValues)
	case takes == takesList:
		for i, value := range c.Values {
			at := list + "/" + strconv.Itoa(i)
			if field.checkValue(check, at, c.Op, value); slices.Contains(c.Values[:i], value) {
				check.add(at, "duplicate", "%q is listed twice", clip(value))
			}
		}
	}
}

func conditionFieldNames() []string {
	names := make([]string, 0, len(conditionFields))
	for i := range conditionFields {
		name := conditionFields[i].Name
		if strings.HasSuffix(name, ".") {
			name += "NAME"
		}
		names = append(names, name)
	}
	return names
}

func (f *ConditionField) checkOf(check *checker, pointer, of string) {
	switch {
	case f.Of == "" && of != "":
		check.add(pointer, "unexpected", `%s is of the thing at hand; leave "of" out`, f.Name)
	case f.OfNeed && of == "":
		check.add(pointer, "required", "give the id of the %s that %s is of", f.Of, f.Name)
	case of != "":
		check.id(pointer, of)
	}
}

func (f *ConditionField) checkOperator(check *checker, pointer, op string) bool {
	allowed := operatorsOf[f.Type]
	switch {
	case op == "":
		check.add(pointer, "required", "say how it is compared: %s is compared by %s", f.Name, strings.Join(allowed, ", "))
	case slices.Contains(allowed, op):
		return true
	case slices.ContainsFunc([]FieldType{FieldText, FieldSet, FieldNumber, FieldYesNo}, func(other FieldType) bool { return slices.Contains(operatorsOf[other], op) }):
		check.add(pointer, "operator", "%s is a %s and not compared by %q; use one of %s", f.Name, f.Type.word(), op, strings.Join(allowed, ", "))
	default:
		check.add(pointer, "unknown_value", "there is no operator %q; %s", clip(op), meant(op, allowed))
	}
	return false
}

func (t FieldType) word() string {
	switch t {
	case FieldSet:
		return "list"
	case FieldYesNo:
		return "yes or no"
	default:
		return string(t)
	}
}

// example completes "say what it is compared with".
func (f *ConditionField) example() string {
	switch {
	case f.Type == FieldYesNo:
		return `: "true" or "false"`
	case f.Type == FieldNumber:
		return `: a whole number, such as "5"`
	case f.Values != nil:
		return ": one of " + strings.Join(f.Values, ", ")
	default:
		return `; for what is empty there are "set" and "not_set"`
	}
}

// checkValue refuses what the field can never be.
func (f *ConditionField) checkValue(check *checker, pointer, op, value string) {
	part := op == OpStartsWith || op == OpContains
	switch {
	case value == "":
		check.add(pointer, "required", "it is empty%s", f.example())
	case f.Type == FieldNumber:
		f.checkNumber(check, pointer, value)
	case f.Type == FieldYesNo:
		if value != yesOrNo(true) && value != yesOrNo(false) {
			check.add(pointer, "type", `%s is "true" or "false", not %q`, f.Name, clip(value))
		}
	case f.Values != nil && !part:
		if !slices.Contains(f.Values, value) {
			check.add(pointer, "unknown_value", "%s is never %q; %s", f.Name, clip(value), meant(value, f.Values))
		}
	case len(value) > MaxConditionBytes:
		check.add(pointer, "too_long", "%d bytes, at most %d are allowed", len(value), MaxConditionBytes)
	case f.form == formFree:
		check.text(pointer, value, MaxConditionBytes)
	case f.form == formCountry && strings.Contains(value, "-"):
		check.add(pointer, "impossible", `a country is what stands before the "-" of a region, such as US; for %q use contact.region`, clip(value))
	default:
		check.id(pointer, value)
	}
}

func (f *ConditionField) checkNumber(check *checker, pointer, value string) {
	number, err := strconv.ParseUint(value, 10, 53)
	switch {
	case err != nil || strconv.FormatUint(number, 10) != value:
		check.add(pointer, "type", "%s is a whole number, not %q", f.Name, clip(printable(value)))
	case f.Max > 0 && number > f.Max:
		check.add(pointer, "out_of_range", "%s is from 0 to %d, not %s", f.Name, f.Max, value)
	}
}

// printable is text as it may stand in a sentence.
func printable(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) {
			return '?'
		}
		return r
	}, s)
}

// refer finds what a condition looks at, and what it compares with.
func (c *Condition) refer(refs references, pointer string) {
	switch {
	case c == nil:
	case c.Field != "":
		c.referComparison(refs, pointer)
	default:
		for i := range c.All {
			c.All[i].refer(refs, pointer+"/all/"+strconv.Itoa(i))
		}
		for i := range c.Any {
			c.Any[i].refer(refs, pointer+"/any/"+strconv.Itoa(i))
		}
		c.Not.refer(refs, pointer+"/not")
	}
}

func (c *Condition) referComparison(refs references, pointer string) {
	field, _ := conditionFieldOf(c.Field)
	if field == nil {
		return
	}
	switch field.Of {
	case "team":
		refs.team(pointer+"/of", TeamID(c.Of))
	case "agent":
		refs.agent(pointer+"/of", AgentID(c.Of))
	case "schedule":
		refs.schedule(pointer+"/of", ScheduleID(c.Of))
	}
	if !refs.compared || c.Op == OpStartsWith || c.Op == OpContains {
		return
	}
	refs.named(field.names, pointer+"/value", c.Value)
	for i, value := range c.Values {
		refs.named(field.names, pointer+"/values/"+strconv.Itoa(i), value)
	}
}
