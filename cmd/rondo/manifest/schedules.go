package manifest

import (
	"slices"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// differences are what people read of a field that differs: of lists of hours each
// item by itself, since nobody finds the day that moved in a line of fifty; of
// everything else the whole.
func differences(f noun.Field, have, want any) []Field {
	before, after := f.Parts(have), f.Parts(want)
	if before == nil && after == nil {
		return []Field{{f.Pointer, shown(f, have), shown(f, want)}}
	}
	var list []Field
	gone, come := without(before, after), without(after, before)
	for _, part := range gone {
		becomes := "-"
		i := slices.IndexFunc(come, func(p noun.Part) bool { return p.Name == part.Name && p.Name != "" })
		if i >= 0 {
			becomes = come[i].Says
			come = slices.Delete(come, i, i+1)
		}
		list = append(list, Field{itemPointer(f, part), part.Says, becomes})
	}
	for _, part := range come {
		list = append(list, Field{itemPointer(f, part), "-", part.Says})
	}
	return list
}

// without returns the parts of a list that another does not have, each as often as
// it is missing there.
func without(list, other []noun.Part) (rest []noun.Part) {
	other = slices.Clone(other)
	for _, part := range list {
		if i := slices.Index(other, part); i >= 0 {
			other = slices.Delete(other, i, i+1)
		} else {
			rest = append(rest, part)
		}
	}
	return rest
}

// created are what people read of a field of a new thing.
func created(f noun.Field, value any) []Field {
	parts := f.Parts(value)
	if parts == nil {
		return []Field{{f.Pointer, "", f.Show(value)}}
	}
	list := make([]Field, 0, len(parts))
	for _, part := range parts {
		list = append(list, Field{itemPointer(f, part), "", part.Says})
	}
	return list
}

// itemPointer names an item of a list by what people know it by.
func itemPointer(f noun.Field, part noun.Part) string {
	if part.Name == "" {
		return f.Pointer
	}
	return f.Pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(part.Name)
}
