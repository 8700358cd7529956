package httpapi

import (
	"encoding/base64"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/fsm/collation"
)

// listAgents lists agents in the order of their ids or, when they are searched or
// sorted by it, of their names.
func listAgents(a *api, c *call) (answer, error) {
	q, searched := c.query["q"]
	named := searched || strings.TrimPrefix(c.query["sort"], "-") == sortName
	parts := 1
	if named {
		parts = 2
	}
	l, err := c.list(parts)
	switch {
	case err != nil:
		return answer{}, err
	case searched && (q == "" || utf8.RuneCountInString(q) > fsm.MaxNameRunes || !utf8.ValidString(q)):
		return answer{}, invalid(inQuery("q", "out_of_range", "give what the name begins with, from 1 to "+strconv.Itoa(fsm.MaxNameRunes)+" characters"))
	case searched && l.by == sortID:
		return answer{}, invalid(inQuery("sort", "unexpected", "what is found by q comes in the order of the names: leave sort out, or give name or -name"))
	}
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	if !named {
		return byID(v, l, v.Agents, func(row fsm.Agent) fsm.AgentID { return row.ID },
			func(row fsm.Agent) (any, int) { return viewAgent(v, row) })
	}
	rows, err := agentsByName(v, l, newSearch(q))
	if err != nil {
		return answer{}, err
	}
	return show(v, page(l.limit, rows))
}

// A search is for the names that begin with a text.
type search struct {
	prefix string // of the sort keys; "": all
	digits string // the whole text in lower case, if it ends with digits
}

// newSearch cuts off digits at the end: for the collation 1 is no beginning of 10,
// and for somebody who types it is.
func newSearch(q string) search {
	if stem := strings.TrimRight(q, "0123456789"); stem != q {
		return search{string(collation.Prefix(stem)), strings.ToLower(q)}
	}
	return search{prefix: string(collation.Prefix(q))}
}

func (s search) keep(row fsm.Agent) bool {
	return s.digits == "" || strings.HasPrefix(strings.ToLower(row.Name), s.digits)
}

// within ends a walk where the names begin otherwise.
func (s search) within(rows iter.Seq[fsm.Agent]) iter.Seq[fsm.Agent] {
	return func(yield func(fsm.Agent) bool) {
		for row := range rows {
			if !strings.HasPrefix(string(row.SortKey), s.prefix) || !yield(row) {
				return
			}
		}
	}
}

// beyond is behind every key with the prefix: no weight begins so.
const beyond = "\xff\xff\xff"

// agentsByName walks the names that a search finds. A token holds the sort key
// and the number of the last agent, so it stands where it stood when she is
// renamed.
func agentsByName(v *fsm.State, l listQuery, s search) (rowsOf[fsm.Agent], error) {
	key, handle := s.prefix, fsm.AgentHandle(0)
	if l.falling && s.prefix != "" {
		key, handle = s.prefix+beyond, 1
	}
	if l.after != nil {
		text, err := base64.RawURLEncoding.DecodeString(l.after[0])
		number, errNumber := strconv.ParseUint(l.after[1], 10, 32)
		if err != nil || errNumber != nil || number == 0 {
			return rowsOf[fsm.Agent]{}, badToken()
		}
		key, handle = string(text), fsm.AgentHandle(number)
	}
	return rowsOf[fsm.Agent]{
		rows: s.within(v.Agents.ByName(key, handle, l.falling)),
		keep: s.keep,
		token: func(row fsm.Agent) pageToken {
			return l.token(base64.RawURLEncoding.EncodeToString([]byte(row.SortKey)), strconv.FormatUint(uint64(row.Handle), 10))
		},
		view: func(row fsm.Agent) (any, int) { return viewAgent(v, row) },
	}, nil
}
