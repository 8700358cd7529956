package fsm

import (
	"errors"
	"slices"
	"time"
)

// The steps that do what a command does are carried out by that command, in the
// name of the rule: there is one way to tag, to close, to follow. What is so already
// is no failure of a step.

type (
	addTag     struct{ *TagStep }
	removeTag  struct{ *TagStep }
	closing    struct{}
	reopening  struct{}
	requeueing struct{}
)

func (closing) decides()     {}
func (reopening) decides()   {}
func (requeueing) decides()  {}
func (*SnoozeStep) decides() {}
func (*MoveStep) decides()   {}
func (*AssignStep) decides() {}

// perform carries out a command. That it is so already, by one of these reasons, is
// no failure.
func perform(tx *Tx, c Command, already ...Reason) error {
	_, err := c.apply(tx)
	var r *Rejection
	if errors.As(err, &r) && slices.Contains(already, r.Reason) {
		return nil
	}
	return err
}

// subject returns the conversation that a step is about, or why there is none.
func (co *course) subject(tx *Tx) (Conversation, error) {
	c, ok := co.conversation(tx)
	if !ok {
		return c, reject(NotFound, "the run is about a contact, and there is no conversation at hand")
	}
	return c, nil
}

// customer returns the contact that a step is about, or why there is none.
func (co *course) customer(tx *Tx) (Contact, error) {
	contact, ok := co.contact(tx)
	if !ok {
		return contact, reject(NotFound, "the contact is there no more")
	}
	return contact, nil
}

// ofContact says whether a tag is that of the contact: it says so, or there is no
// conversation.
func (s *TagStep) ofContact(co *course) bool {
	return s.Of == ofTheContact || s.Of == "" && co.run.Conversation == 0
}

func (s addTag) do(tx *Tx, co *course, _ instruction) error {
	if s.ofContact(co) {
		contact, err := co.customer(tx)
		if err != nil {
			return err
		}
		return perform(tx, PutContactTag{contact.ID, s.Tag})
	}
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, PutTag{c.ID, s.Tag})
}

func (s removeTag) do(tx *Tx, co *course, _ instruction) error {
	if s.ofContact(co) {
		contact, err := co.customer(tx)
		if err != nil {
			return err
		}
		return perform(tx, DeleteContactTag{contact.ID, s.Tag}, NotFound)
	}
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, DeleteTag{c.ID, s.Tag}, NotFound)
}

func (s *FieldStep) do(tx *Tx, co *course, _ instruction) error {
	contact, err := co.customer(tx)
	if err != nil {
		return err
	}
	return setFields(tx, contact, []Attribute{{s.Field, s.Value}})
}

// setFields sets fields of a contact; one without a value is taken away.
func setFields(tx *Tx, contact Contact, fields []Attribute) error {
	row := contact
	row.Fields = slices.Clone(contact.Fields)
	for _, field := range fields {
		at := slices.IndexFunc(row.Fields, func(have Attribute) bool { return have.Name == field.Name })
		switch {
		case at >= 0 && field.Value == "":
			row.Fields = slices.Delete(row.Fields, at, at+1)
		case at >= 0:
			row.Fields[at].Value = field.Value
		case field.Value != "":
			row.Fields = append(row.Fields, field)
		}
	}
	if len(row.Fields) > MaxAttributes {
		return reject(ListFull, "contact %q has %d fields, at most %d are allowed; take some away first", row.ID, len(contact.Fields), MaxAttributes)
	}
	row.Fields = orNil(row.Fields)
	sortAttributes(row.Fields)
	putContact(tx, row, contact)
	return nil
}

func (s *PriorityStep) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	if c.RankedSeq > co.run.BegunSeq && c.Priority != s.Priority {
		return reject(DecidedByPerson, "a person has set the priority since the run began")
	}
	return perform(tx, PutPriority{c.ID, &s.Priority})
}

func (s *FollowStep) do(tx *Tx, co *course, _ instruction) error {
	contact, err := co.customer(tx)
	if err != nil {
		return err
	}
	return perform(tx, FollowContact{contact.ID, s.Agent})
}

func (closing) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, CloseConversation{c.ID}, AlreadyClosed)
}

func (reopening) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, ReopenConversation{c.ID}, AlreadyOpen)
}

func (requeueing) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, RequeueConversation{Conversation: c.ID}, AlreadyWaiting)
}

func (s *SnoozeStep) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	if c.Rounds >= MaxRounds {
		co.outcome = OutcomeTooManyRounds
		return nil
	}
	until := time.UnixMilli(tx.NowMs + int64(s.Seconds)*1000).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	return perform(tx, SnoozeConversation{c.ID, until})
}

func (s *CommentStep) do(tx *Tx, co *course, _ instruction) error {
	c, err := co.subject(tx)
	if err != nil {
		return err
	}
	return perform(tx, NoteConversation{c.ID, s.Note})
}
