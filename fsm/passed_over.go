package fsm

import (
	"encoding/binary"
	"slices"
)

// A PassedOverSearch says which decisions are looked for: those that passed over
// an agent by name.
type PassedOverSearch struct {
	Agent   AgentHandle
	SinceMs int64    // the first moment of the search
	UntilMs int64    // the first moment behind it; 0: there is none
	From    RecordID // goes on at this record; zero: at the first since SinceMs
	Most    int      // how many records are looked at
}

// Each calls found with each decision that passed over the agent, in the order in
// which they were made, and returns where to go on: the zero id if there is
// nothing more to look at. Only what found gets is unpacked: a hundred thousand
// records take 20 ms, and 200 ms if all of them passed her over.
func (q PassedOverSearch) Each(s *State, found func(rec Record, passed PassedOver)) (next RecordID) {
	r := &s.Records
	looked := 0
	for i := q.segment(r); i <= len(r.full); i++ {
		for data := r.kept(uint64(i)).data; len(data) > 0; {
			packed, rest, ok := cutFrame(data)
			if !ok {
				return RecordID{}
			}
			frame := data
			data = rest
			p, ok := peekRecord(packed)
			switch {
			case !ok || p.id.Compare(s.Forgotten.Last) <= 0 || p.id.Compare(q.From) < 0 || p.timeMs < q.SinceMs:
				continue
			case q.UntilMs > 0 && p.timeMs >= q.UntilMs:
				return RecordID{}
			case looked == q.Most:
				return p.id
			}
			looked++
			if !p.passes(q.Agent) {
				continue
			}
			if rec, _, err := unpack(frame); err == nil && rec.Decision != nil {
				if at := slices.IndexFunc(rec.Decision.Passed, func(p PassedOver) bool { return p.Agent == q.Agent }); at >= 0 {
					found(rec, rec.Decision.Passed[at])
				}
			}
		}
	}
	return RecordID{}
}

// segment returns the segment in which the search begins: the last one that
// begins before it, since the first record may stand in there.
func (q PassedOverSearch) segment(r *Records) int {
	i, _ := slices.BinarySearchFunc(r.full, q, func(s segment, q PassedOverSearch) int {
		if s.firstMs >= q.SinceMs && s.first.Compare(q.From) >= 0 {
			return 1
		}
		return -1
	})
	return max(i-1, 0)
}

// cutFrame cuts the first record off data, without its length.
func cutFrame(data []byte) (packed, rest []byte, ok bool) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return nil, nil, false
	}
	end := n + int(length)
	return data[n:end], data[end:], true
}

// A peekedRecord is what can be seen of a packed record without unpacking it.
type peekedRecord struct {
	id       RecordID
	timeMs   int64
	decision []byte // packed; nil: none
}

// The keys of the fields that are peeked at; a test compares them with the tags.
const (
	recordTimeKey     = 3
	recordDecisionKey = 13
	decisionPassedKey = 8
)

// peekRecord sees the time of a record and its decision. Deterministic CBOR puts
// small keys in rising order.
func peekRecord(packed []byte) (p peekedRecord, ok bool) {
	if p.id, ok = peekID(packed); !ok {
		return p, false
	}
	eachField(packed, func(key uint64, value []byte) bool {
		switch key {
		case recordTimeKey:
			ms, _, known := peekUint(value)
			p.timeMs, ok = int64(ms), known
		case recordDecisionKey:
			p.decision = value
		}
		return key < recordDecisionKey
	})
	return p, ok
}

// passes says whether the decision names an agent among those it passed over.
func (p peekedRecord) passes(agent AgentHandle) (named bool) {
	eachField(p.decision, func(key uint64, list []byte) bool {
		if key != decisionPassedKey {
			return key < decisionPassedKey
		}
		_, n, rest, ok := peekHead(list)
		for ; ok && n > 0; n-- {
			if _, _, rest, ok = peekHead(rest); !ok { // of the pair
				return false
			}
			handle, _, isNumber := peekUint(rest)
			named = named || isNumber && AgentHandle(handle) == agent
			for range 2 {
				if rest, ok = skipValue(rest); !ok {
					return false
				}
			}
		}
		return false
	})
	return named
}

// eachField walks the fields of a packed map with numbers as keys, until do has
// seen enough.
func eachField(packed []byte, do func(key uint64, value []byte) bool) {
	major, n, data, ok := peekHead(packed)
	for ; ok && major == majorMap && n > 0; n-- {
		key, value, isNumber := peekUint(data)
		if !isNumber {
			return
		}
		rest, whole := skipValue(value)
		if !whole || !do(key, value[:len(value)-len(rest)]) {
			return
		}
		data = rest
	}
}

// The major types of CBOR.
const (
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

// peekHead reads the head of a value: its major type and its number, which is its
// value, its length, or how many it holds.
func peekHead(data []byte) (major byte, n uint64, rest []byte, ok bool) {
	if len(data) == 0 {
		return 0, 0, nil, false
	}
	const low = 1<<5 - 1
	short := data[0] & low
	if short < 24 {
		return data[0] >> 5, uint64(short), data[1:], true
	}
	size := 1 << (short - 24)
	if short > 27 || len(data) <= size {
		return 0, 0, nil, false
	}
	for _, b := range data[1 : 1+size] {
		n = n<<8 | uint64(b)
	}
	return data[0] >> 5, n, data[1+size:], true
}

// skipValue returns what stands behind a value.
func skipValue(data []byte) (rest []byte, ok bool) {
	for open := uint64(1); open > 0; open-- {
		major, n, behind, whole := peekHead(data)
		if !whole {
			return nil, false
		}
		data = behind
		switch major {
		case majorBytes, majorText:
			if n > uint64(len(data)) {
				return nil, false
			}
			data = data[n:]
		case majorArray, majorMap:
			if n > uint64(len(data)) { // each takes a byte at least
				return nil, false
			}
			open += n * uint64(major-majorArray+1)
		}
	}
	return data, true
}
