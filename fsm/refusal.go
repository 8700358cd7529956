package fsm

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Reason is why a command was refused, in a word a client can switch on. It is
// the `code` of the problem body. Reasons are part of the API: never renamed.
type Reason string

// The reasons, by the status that httpapi answers with.
const (
	Invalid Reason = "invalid" // 400; Fields says where

	NotPermitted Reason = "not_permitted" // 403
	NoAccess     Reason = "no_access"     // 403

	NotFound   Reason = "not_found" // 404
	MergedAway Reason = "merged"    // 404 of a contact; Contact says of which one it has become part

	AlreadyAssigned    Reason = "already_assigned" // 409 from here on
	AssigneeChanged    Reason = "assignee_changed"
	IDTaken            Reason = "id_taken"
	AddressTaken       Reason = "address_taken"
	ConversationClosed Reason = "conversation_closed"
	AlreadyClosed      Reason = "already_closed"
	AlreadyOpen        Reason = "already_open"
	AlreadyWaiting     Reason = "already_waiting"
	NoRotation         Reason = "no_rotation"
	NodeRemoved        Reason = "node_removed"
	ThroughGroup       Reason = "through_group"
	InUse              Reason = "in_use"
	InboxRemoved       Reason = "inbox_removed"
	LastEntry          Reason = "last_entry"
	NoTurn             Reason = "no_turn"
	AlreadyRefunded    Reason = "already_refunded"
	RefundTooLate      Reason = "refund_too_late"
	NotAMember         Reason = "not_a_member"
	AlreadyOwned       Reason = "already_owned"
	ErasedContact      Reason = "contact_erased"
	BlockedContact     Reason = "contact_blocked"
	NotForLeads        Reason = "not_for_leads"
	Outdated           Reason = "outdated" // of an Amendment; it leaves no key
	InAnotherTeam      Reason = "team_changed"
	DecisionChanged    Reason = "decision_changed"
	DecidedByPerson    Reason = "decided_by_person"
	Superseded         Reason = "superseded"
	UndoTooLate        Reason = "undo_too_late"
	NothingToUndo      Reason = "nothing_to_undo"

	ConversationPending Reason = "conversation_pending" // 409, too
	NotPending          Reason = "not_pending"
	NotPublished        Reason = "not_published"
	OfferEnded          Reason = "offer_ended"

	RevisionMismatch Reason = "revision_mismatch" // 412

	UnknownReference Reason = "unknown_reference" // 422 from here on; Fields says where
	KeyReused        Reason = "idempotency_key_reused"
	CollationVersion Reason = "collation_version"
	TooManyTeams     Reason = "too_many_teams"
	TeamFull         Reason = "team_full"
	TooManyGroups    Reason = "too_many_groups"
	ListFull         Reason = "list_full"
	FallbackCycle    Reason = "fallback_cycle"
	TooManyTags      Reason = "too_many_tags"
	TooManyRefunds   Reason = "too_many_refunds"
	TooManyFollowers Reason = "too_many_followers"
	TooManyViews     Reason = "too_many_views"
	TooManySchedules Reason = "too_many_schedules"
	TooManyRules     Reason = "too_many_rules"
	UnknownRevision  Reason = "unknown_revision"

	TooManyKeys Reason = "too_many_keys" // 429

	Expired      Reason = "expired" // 503, rejected
	OtherCluster Reason = "other_cluster"
)

// A FieldError names one faulty field and the fix.
type FieldError struct {
	Pointer string `cbor:"1,keyasint" json:"pointer"` // RFC 6901, into the request body
	Code    string `cbor:"2,keyasint" json:"code"`
	Detail  string `cbor:"3,keyasint" json:"detail"`
}

// A Rejection is the cluster's answer "no". It is an outcome, not a failure: the
// same on every node, and kept with the key. It names things by id and never
// holds personal data, since it outlives the rows.
type Rejection struct {
	Reason Reason       `cbor:"1,keyasint"`
	Detail string       `cbor:"2,keyasint"`
	Fields []FieldError `cbor:"3,keyasint,omitempty"`

	Assignee AgentID  `cbor:"4,keyasint,omitempty"` // who has it: already_assigned, assignee_changed
	Decision RecordID `cbor:"5,keyasint,omitzero"`  // by which decision
	Differs  []string `cbor:"6,keyasint,omitempty"` // id_taken: the fields that are not equal
	Revision uint64   `cbor:"7,keyasint,omitempty"` // revision_mismatch: what it is now; 0: there is none
	SinceMs  int64    `cbor:"8,keyasint,omitempty"` // of a lost race: since when it stands as it does
	By       string   `cbor:"9,keyasint,omitempty"` // decided_by_person: principal who decided

	Contact ContactID `cbor:"10,keyasint,omitempty"` // merged: the contact to ask for
}

func (r *Rejection) Error() string { return r.Detail }

func reject(reason Reason, format string, args ...any) *Rejection {
	return &Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// asRejection returns the Rejection in err. Any other error is a bug in a
// command, the same on every node; it is returned as an error and stops them.
func asRejection(err error) (*Rejection, error) {
	var r *Rejection
	if errors.As(err, &r) {
		return r, nil
	}
	return nil, fmt.Errorf("a command failed without a reason: %w", err)
}

// Limits of what a client may send; each is tested.
const (
	MaxIDBytes        = 64  // agents, teams, inboxes, contacts, nodes
	MaxLongIDBytes    = 128 // conversations and messages
	MaxNameRunes      = 200
	MaxReasonRunes    = 200
	MaxAddressBytes   = 200
	MaxAddresses      = 16 // a contact
	MaxMembers        = 2000
	MaxTeamsOfAgent   = 256
	MaxGroupsOfAgent  = 256
	MaxTeamsOfGroup   = 200
	MaxSupervisors    = 100 // a team
	MaxAbilities      = 32  // languages, regions, skills: of each
	MaxEmailBytes     = 254
	MaxAttributes     = 32
	MaxAttributeRunes = 500
	MaxSeconds        = 30 * 24 * 3600 // any interval in a configuration
	MaxSortKeyBytes   = 2048
)

// A checker collects what is wrong with a command, so that a client learns of
// all its mistakes at once.
type checker struct{ fields []FieldError }

func (c *checker) add(pointer, code, format string, args ...any) {
	const enough = 50 // faults in one answer
	if len(c.fields) < enough {
		c.fields = append(c.fields, FieldError{pointer, code, fmt.Sprintf(format, args...)})
	}
}

// err returns nil or a Rejection that lists what was added.
func (c *checker) err() error { return c.as(Invalid) }

func (c *checker) as(reason Reason) error {
	if len(c.fields) == 0 {
		return nil
	}
	parts := make([]string, 0, len(c.fields))
	for _, f := range c.fields {
		parts = append(parts, strings.TrimPrefix(f.Pointer, "/")+": "+f.Detail)
	}
	return &Rejection{Reason: reason, Detail: strings.Join(parts, "; "), Fields: c.fields}
}

func (c *checker) id(pointer, id string) { c.idUpTo(pointer, id, MaxIDBytes) }

func (c *checker) idUpTo(pointer, id string, limit int) {
	switch {
	case id == "":
		c.add(pointer, "required", "an id is needed")
	case len(id) > limit:
		c.add(pointer, "too_long", "%d bytes, at most %d are allowed", len(id), limit)
	case strings.IndexFunc(id, func(r rune) bool { return !idRune(r) }) >= 0:
		c.add(pointer, "characters", "only letters, digits and . _ : @ + - are allowed")
	}
}

func idRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:@+-", r)
}

// text judges free text. Control characters are refused since they hide in logs
// and terminals.
func (c *checker) text(pointer, s string, limit int) {
	switch {
	case !utf8.ValidString(s):
		c.add(pointer, "encoding", "not valid UTF-8")
	case utf8.RuneCountInString(s) > limit:
		c.add(pointer, "too_long", "%d characters, at most %d are allowed", utf8.RuneCountInString(s), limit)
	case strings.IndexFunc(s, unicode.IsControl) >= 0:
		c.add(pointer, "characters", "control characters are not allowed")
	}
}

func (c *checker) name(pointer, s string) {
	if s == "" {
		c.add(pointer, "required", "a name is needed")
		return
	}
	c.text(pointer, s, MaxNameRunes)
}

func (c *checker) address(pointer, s string) {
	switch {
	case s == "":
		c.add(pointer, "required", "an address is needed, such as +15550111")
	case len(s) > MaxAddressBytes:
		c.add(pointer, "too_long", "%d bytes, at most %d are allowed", len(s), MaxAddressBytes)
	default:
		c.text(pointer, s, MaxAddressBytes)
	}
}

// oneOf judges an enumeration; "" stands for its default.
func (c *checker) oneOf(pointer, s string, allowed ...string) {
	if s == "" {
		return
	}
	for _, a := range allowed {
		if a == s {
			return
		}
	}
	c.add(pointer, "unknown_value", "%q is not one of %s", clip(s), strings.Join(allowed, ", "))
}

func clip(s string) string {
	const enough = 40
	if len(s) <= enough {
		return s
	}
	return strings.ToValidUTF8(s[:enough], "") + "..."
}
