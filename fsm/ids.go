package fsm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Clients name things by id; the state refers to them by handle, which is small
// and never used twice.
type (
	AgentID        string
	GroupID        string
	TeamID         string
	InboxID        string
	ContactID      string
	ConversationID string
	NodeID         string
	ScheduleID     string

	AgentHandle        uint32
	GroupHandle        uint32
	TeamHandle         uint32
	InboxHandle        uint32
	ContactHandle      uint64
	ConversationHandle uint64
	OfferHandle        uint64
	ScheduleHandle     uint32
)

// A Noun is a kind of thing. Numbers stand in key rows and are for ever.
type Noun uint8

// The nouns a Subject may be.
const (
	NounNone Noun = iota
	NounAgent
	NounTeam
	NounInbox
	NounContact
	NounConversation
	NounNode
	NounGroup
	NounView
	NounSchedule
	NounRule
	NounRun
	NounOffer
)

// A Subject is the thing a command was about, so that a repeated request can be
// answered with that thing as it is now.
type Subject struct {
	Noun   Noun   `cbor:"1,keyasint"`
	Handle uint64 `cbor:"2,keyasint"`
}

// A RecordID names a record: the Raft index of its entry, and its number among
// the records of that entry. It is "1042.0" to clients. Ids rise strictly.
type RecordID struct {
	Index uint64 `cbor:"1,keyasint"`
	N     uint32 `cbor:"2,keyasint"`
}

// String returns the form clients see, or "" for no record.
func (id RecordID) String() string {
	if id.IsZero() {
		return ""
	}
	return strconv.FormatUint(id.Index, 10) + "." + strconv.FormatUint(uint64(id.N), 10)
}

// IsZero says whether id names no record.
func (id RecordID) IsZero() bool { return id.Index == 0 }

// Compare orders ids as the records were written.
func (id RecordID) Compare(other RecordID) int {
	switch {
	case id == other:
		return 0
	case id.Index < other.Index, id.Index == other.Index && id.N < other.N:
		return -1
	default:
		return 1
	}
}

// ErrRecordID is returned for a text that is not "INDEX.N".
var ErrRecordID = errors.New(`not an id of the form "1042.0"`)

// ParseRecordID is the inverse of RecordID.String.
func ParseRecordID(s string) (RecordID, error) {
	before, after, ok := strings.Cut(s, ".")
	if !ok {
		return RecordID{}, ErrRecordID
	}
	index, err := strconv.ParseUint(before, 10, 64)
	if err != nil {
		return RecordID{}, fmt.Errorf("%w: %w", ErrRecordID, err)
	}
	n, err := strconv.ParseUint(after, 10, 32)
	if err != nil {
		return RecordID{}, fmt.Errorf("%w: %w", ErrRecordID, err)
	}
	return RecordID{index, uint32(n)}, nil
}
