package httpapi

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sorts are the orders in which a list can be walked by an index, its own first.
// A minus turns one round.
var sorts = map[string][]string{
	"/v1/conversations": conversationSorts,
	"/v1/views":         {sortID, "-" + sortID},
	"/v1/rules":         {sortPlace, sortID, "-" + sortID},
	"/v1/agents":        {sortID, "-" + sortID, sortName, "-" + sortName},
	"/v1/teams":         {sortID, "-" + sortID},
	"/v1/groups":        {sortID, "-" + sortID},
	"/v1/inboxes":       {sortID, "-" + sortID},
	"/v1/contacts":      {sortID, "-" + sortID, sortCreatedAt, "-" + sortCreatedAt},
	"/v1/schedules":     {sortID, "-" + sortID},
	"/v1/decisions":     {sortID, "-" + sortID},

	"/v1/conversations/{id}/decisions": {sortID, "-" + sortID},
	"/v1/views/{id}/conversations":     conversationSorts,
}

var conversationSorts = []string{sortOpenedAt, "-" + sortOpenedAt, sortActivity, "-" + sortActivity, "-" + sortPriority, sortQueue}

const (
	sortID       = "id"
	sortName     = "name"
	sortOpenedAt = "opened_at"
	sortQueue    = "queue" // as it will be served

	sortCreatedAt = "created_at"
	sortActivity  = "activity"
	sortPriority  = "priority"
	sortPlace     = "place" // as rules are asked
)

// A listQuery is what every list is asked for.
type listQuery struct {
	limit   int
	by      string // "": not said
	falling bool
	after   []string // what the token of the page before says; nil: this is the first
	mark    string   // of the tokens of this query
}

// list reads what every list is asked for. Its tokens have n parts.
func (c *call) list(n int) (l listQuery, err error) {
	if l.limit, err = c.query.limit(); err != nil {
		return l, err
	}
	if text, given := c.query["sort"]; given {
		known := sorts[c.route.path]
		if !slices.Contains(known, text) {
			return l, invalid(inQuery("sort", "unknown_value", fmt.Sprintf("%q is not one of %s", clip(text), strings.Join(known, ", "))))
		}
		l.by, l.falling = strings.TrimPrefix(text, "-"), strings.HasPrefix(text, "-")
	}
	l.mark = c.mark()
	l.after, err = c.query.after(l.mark, n)
	return l, err
}

// perPage are the parameters that may differ from page to page.
var perPage = slices.Concat(readParameters, []string{"limit", "page_token"})

// mark tells the tokens of a query from those of all others: a token that is
// given with other filters would skip what they let through.
func (c *call) mark() string {
	h := fnv.New64a()
	add := func(text string) { _, _ = h.Write([]byte(text + "\x00")) } // never fails
	add(c.route.path)
	for _, part := range []map[string]string{c.path, c.query} {
		for _, name := range slices.Sorted(maps.Keys(part)) {
			if !slices.Contains(perPage, name) {
				add(name)
				add(part[name])
			}
		}
		add("")
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// token says that a page of this query ended with a row.
func (l listQuery) token(parts ...string) pageToken { return pageToken{l.mark, parts} }

// numbers is token for numbers.
func (l listQuery) numbers(numbers ...uint64) pageToken {
	t := pageToken{mark: l.mark}
	for _, n := range numbers {
		t.parts = append(t.parts, strconv.FormatUint(n, 10))
	}
	return t
}

// afterNumbers returns the parts of the token as numbers.
func (l listQuery) afterNumbers() ([]uint64, error) {
	var numbers []uint64
	for _, part := range l.after {
		n, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, badToken()
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
