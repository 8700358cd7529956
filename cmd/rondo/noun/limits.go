package noun

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/rondohq/rondo/cmd/rondo/cli"
)

// What limits on open conversations, rates and weights add to the descriptions.

// entry reads an entry of a roster with its weight: "ana=3", "group:night=2".
func (f Field) entry(word string) (cli.Doc, error) {
	id, weight, weighs := strings.Cut(word, "=")
	entry := Entry(id)
	if !weighs {
		return entry, nil
	}
	if _, err := strconv.ParseUint(weight, 10, 32); err != nil || f.Kind != Roster {
		return nil, cli.Usage("--%s is %q: %s", f.Flag, word, f.entryUsage())
	}
	entry["weight"] = json.Number(weight)
	return entry, nil
}

func (f Field) entryUsage() string {
	if f.Kind == Roster {
		return "behind = stands the weight, a whole number: ana=3"
	}
	return "write ids of agents, with commas"
}

// parseCounts reads "ana=3,bob=5".
func parseCounts(flag string, pairs []string) (any, error) {
	doc := cli.Doc{}
	for _, pair := range pairs {
		id, n, ok := strings.Cut(pair, "=")
		if _, err := strconv.ParseUint(n, 10, 32); !ok || err != nil || id == "" {
			return nil, cli.Usage("--%s is %q: write AGENT=NUMBER, such as ana=3", flag, pair)
		}
		doc[id] = json.Number(n)
	}
	return doc, nil
}

func checkCounts(pointer string, value any, wrong func(at, says string)) {
	counts, ok := value.(cli.Doc)
	if !ok {
		wrong(pointer, "must be an object of whole numbers by the ids of agents")
	}
	for _, id := range Names(counts) {
		if !whole(counts[id]) {
			wrong(pointer+"/"+id, "must be a whole number, 0 or more")
		}
	}
}

// rateColumn shows a rate as "20 in 3600 s"; "-" is none.
var rateColumn = Column{"RATE", func(d cli.Doc) cli.Cell {
	limit, _ := cli.Get(d, "/rate/limit")
	window, _ := cli.Get(d, "/rate/window_seconds")
	if limit == nil || window == nil {
		return cli.Cell{Text: "-"}
	}
	return cli.Cell{Text: fmt.Sprintf("%v in %v s", limit, window)}
}}
