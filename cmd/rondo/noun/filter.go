package noun

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/httpapi/filter"
)

// ParseFilter reads the filter language, "assignee=ann,bob status=open tag=vip",
// with blanks or & between, and refuses words that are none of these. A word may
// stand twice: then both hold.
func ParseFilter(text string, known []string) (url.Values, error) {
	query := url.Values{}
	for _, pair := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '&' }) {
		name, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || value == "":
			return nil, cli.Usage("the filter has %q: write NAME=VALUE, such as status=open", pair)
		case !slices.Contains(known, name):
			return nil, cli.Usage("the filter has %q; there are %s", name, strings.Join(known, ", "))
		}
		plain, err := url.PathUnescape(value) // unlike a query's, it keeps the + of an id
		if err != nil {
			return nil, cli.Usage("the filter has %q: %w", pair, err)
		}
		query.Add(name, plain)
	}
	return query, nil
}

// AgoOr reads what an age says, "2h" for two hours ago, as the time it means, and
// returns all else as it is.
func AgoOr(text string, now time.Time) string {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return text
	}
	return now.Add(-d).UTC().Format(time.RFC3339)
}

// stored is how a filter stands in a view, which is one text for all filters that
// mean the same. On the command line blanks may stand for &, and a plus is one: in
// an address it would be a blank.
func stored(text string) (string, error) {
	pairs := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '&' })
	f, err := filter.Parse(strings.ReplaceAll(strings.Join(pairs, "&"), "+", "%2B"))
	if err != nil {
		return "", cli.Usage("the filter is not right: %w", err)
	}
	return f.String(), nil
}
