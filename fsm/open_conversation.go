package fsm

import (
	"cmp"
	"slices"
	"strings"
)

var _ = register[OpenConversation](7, "conversation.open")

// OpenConversation opens a conversation and, if it is inbound, gives it to
// whoever's turn it is. With an id that exists it answers with that conversation
// if it is the same request, and is refused otherwise.
type OpenConversation struct {
	ID         ConversationID    `json:"id" cbor:"1,keyasint,omitempty"` // "": MintedID
	Inbox      InboxID           `json:"inbox" cbor:"2,keyasint"`
	Contact    ContactID         `json:"contact" cbor:"3,keyasint,omitempty"` // this or From
	From       *Sender           `json:"from" cbor:"4,keyasint,omitempty"`
	Direction  string            `json:"direction" cbor:"5,keyasint,omitempty"` // inbound (default), outbound
	Attributes map[string]string `json:"attributes" cbor:"6,keyasint,omitempty"`

	// Status is open (to people, whatever the inbox's bot) or pending (to nobody
	// before it is handed off); "" leaves it to the inbox.
	Status   string `json:"status" cbor:"18,keyasint,omitempty"`
	Priority uint8  `json:"priority" cbor:"19,keyasint,omitempty"`

	RepliesTo *ReplyDesk `json:"replies_to" cbor:"17,keyasint,omitempty"` // of an outbound one; nil: its inbox
	// Tags, and what is asked of whoever takes it: its languages and so on must be
	// among those of the agent.
	Tags     []string     `json:"tags" cbor:"15,keyasint,omitempty"`
	Requires *Requirement `json:"requires" cbor:"16,keyasint,omitempty"`

	MintedContact ContactID      `json:"-" cbor:"20,keyasint,omitempty"`
	MintedID      ConversationID `json:"-" cbor:"21,keyasint,omitempty"`
}

// ReplyDesk says who gets the reply to an outbound conversation: a team or an
// inbox, never both (S2.12). It comes before the contact's owner.
type ReplyDesk struct {
	Team  TeamID  `json:"team" cbor:"1,keyasint,omitempty"`
	Inbox InboxID `json:"inbox" cbor:"2,keyasint,omitempty"`
}

func (d *ReplyDesk) check(check *checker, direction string) {
	switch {
	case d == nil:
	case direction != Outbound.String():
		check.add("/replies_to", "unexpected", `only a conversation with "direction":"outbound" has replies to send somewhere`)
	case d.Team != "" && d.Inbox != "":
		check.add("/replies_to/inbox", "unexpected", `give either "team" or "inbox", not both`)
	case d.Inbox != "":
		check.id("/replies_to/inbox", string(d.Inbox))
	default:
		check.id("/replies_to/team", string(d.Team))
	}
}

// resolve refuses a desk that is not there.
func (d *ReplyDesk) resolve(tx *Tx) (Desk, error) {
	if d == nil {
		return Desk{}, nil
	}
	team, isTeam := tx.Teams.ByID(d.Team)
	inbox, isInbox := tx.Inboxes.ByID(d.Inbox)
	switch {
	case d.Inbox != "" && !isInbox:
		return Desk{}, unknown("/replies_to/inbox", "inbox", string(d.Inbox))
	case d.Inbox == "" && !isTeam:
		return Desk{}, unknown("/replies_to/team", "team", string(d.Team))
	default:
		return Desk{team.Handle, inbox.Handle}, nil
	}
}

// Check implements Command.
func (c OpenConversation) Check() error {
	var check checker
	check.idUpTo("/id", string(cmp.Or(c.ID, c.MintedID)), MaxLongIDBytes)
	check.id("/inbox", string(c.Inbox))
	check.oneOf("/direction", c.Direction, directions...)
	switch {
	case c.From != nil && c.Contact != "":
		check.add("/contact", "unexpected", `give either "contact" or "from", not both`)
	case c.From != nil:
		check.address("/from/address", c.From.Address)
		check.text("/from/name", c.From.Name, MaxNameRunes)
		check.id("/from", string(c.MintedContact))
	default:
		check.id("/contact", string(c.Contact))
	}
	checkFields(&check, "/attributes", c.Attributes)
	checkTags(&check, "/tags", c.Tags)
	c.Requires.check(&check)
	c.RepliesTo.check(&check, c.Direction)
	c.checkStatus(&check)
	checkPriority(&check, c.Priority)
	return check.err()
}

func (c OpenConversation) checkStatus(check *checker) {
	check.oneOf("/status", c.Status, StatusOpen.String(), StatusPending.String())
	if c.Status == StatusPending.String() && c.Direction == Outbound.String() {
		check.add("/status", "unexpected", "nobody has an outbound conversation before the reply; leave the status out")
	}
}

// checkFields judges names and values of the client's own.
func checkFields(check *checker, pointer string, fields map[string]string) {
	if len(fields) > MaxAttributes {
		check.add(pointer, "too_many", "%d, at most %d are allowed", len(fields), MaxAttributes)
		return
	}
	for _, a := range sortedAttributes(fields) {
		check.id(fieldPointer(pointer, a.Name), a.Name)
		check.text(fieldPointer(pointer, a.Name), a.Value, MaxAttributeRunes)
	}
}

func fieldPointer(pointer, name string) string {
	if len(name) > MaxIDBytes {
		name = clip(name)
	}
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name) // RFC 6901
}

func sortedAttributes(attributes map[string]string) []Attribute {
	var list []Attribute
	for name, value := range attributes { //tidy:ordered sorted below
		list = append(list, Attribute{name, value})
	}
	sortAttributes(list)
	return list
}

func sortAttributes(list []Attribute) {
	slices.SortFunc(list, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
}

func (c OpenConversation) withoutMinted() Command {
	c.MintedContact, c.MintedID = "", ""
	return c
}

func (c OpenConversation) apply(tx *Tx) (Result, error) {
	inbox, ok := tx.Inboxes.ByID(c.Inbox)
	if !ok {
		return Result{}, unknown("/inbox", "inbox", string(c.Inbox))
	}
	var contact Contact
	if c.From == nil {
		if contact, ok = tx.Contacts.everByID(c.Contact); !ok {
			return Result{}, unknown("/contact", "contact", string(c.Contact))
		}
		if err := refuseEnded(tx.State, contact); err != nil {
			return Result{}, err
		}
	} else {
		contact, _ = blockedSender(tx.State, *c.From)
	}
	desk, err := c.RepliesTo.resolve(tx)
	if err != nil {
		return Result{}, err
	}
	if old, taken := tx.Conversations.ByID(cmp.Or(c.ID, c.MintedID)); taken {
		return c.repeat(tx, old, desk)
	}

	if contact.Blocked {
		return turnedAway(tx, contact, inbox), nil
	}
	if c.From != nil {
		contact = contactOf(tx, *c.From, c.MintedContact)
	}
	direction, _ := numberOf(directions, c.Direction)
	row := openOne(tx, cmp.Or(c.ID, c.MintedID), inbox, contact)
	row.Direction, row.Attributes = Direction(direction), sortedAttributes(c.Attributes)
	row.RepliesTo, row.Priority = desk, c.Priority
	row.Tags, row.Requires = sortedTags(c.Tags), c.Requires.value()
	if row.Direction == Outbound {
		hold(tx, &row)
	} else {
		begin(tx, &row, inbox, c.Status)
	}
	result := tx.accept(true)
	result.Warnings = warnOfReplies(tx, row)
	return result, nil
}

// repeat answers a request for a conversation that exists (K107): the same one
// is answered with the original decision, another one names what differs.
func (c OpenConversation) repeat(tx *Tx, old Conversation, desk Desk) (Result, error) {
	var differs []string
	opening, known := tx.Records.At(old.Opening)
	if inbox, _ := tx.Inboxes.Get(old.Inbox); inbox.ID != c.Inbox {
		differs = append(differs, "inbox")
	}
	contact, _ := tx.Contacts.Get(old.Contact)
	if c.From != nil && !slices.Contains(contact.Addresses, c.From.Address) {
		differs = append(differs, "from")
	}
	if c.From == nil && contact.ID != c.Contact {
		differs = append(differs, "contact")
	}
	if direction, _ := numberOf(directions, c.Direction); Direction(direction) != old.Direction {
		differs = append(differs, "direction")
	}
	if !slices.Equal(sortedAttributes(c.Attributes), old.Attributes) {
		differs = append(differs, "attributes")
	}
	if desk != old.RepliesTo {
		differs = append(differs, "replies_to")
	}
	if c.Requires.value() != old.Requires { // tags may have been changed since
		differs = append(differs, "requires")
	}
	if c.Status != "" && (c.Status == StatusPending.String()) != beganPending(opening) && known {
		differs = append(differs, "status") // the priority may have been changed since
	}
	if len(differs) > 0 {
		r := reject(IDTaken, "conversation %q exists and is another one; choose a new id", old.ID)
		r.Differs = differs
		return Result{}, r
	}
	return Result{Subject: Subject{NounConversation, uint64(old.Handle)}, Decision: opening.ID}, nil
}

// beganPending says whether the record that opened a conversation put it aside.
func beganPending(opening Record) bool {
	d := opening.Decision
	return d != nil && (d.Kind == DecidedBot || d.Cause == CausePending)
}
