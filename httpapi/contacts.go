package httpapi

import (
	"fmt"
	"math"
	"strconv"

	"github.com/rondohq/rondo/fsm"
)

var (
	contactTagShape    = shapeOf[fsm.PutContactTag]()
	assignContactShape = shapeOf[fsm.AssignContact]()
	mergeShape         = shapeOf[fsm.MergeContacts]()
	eraseShape         = shapeOf[fsm.EraseContact]()
)

// contactTraits is what is known of a contact besides.
type contactTraits struct {
	Tags     []string          `json:"tags"`
	Fields   map[string]string `json:"fields"`
	Language *string           `json:"language"`
	Region   *string           `json:"region"`
	Blocked  bool              `json:"blocked"`
	ErasedAt moment            `json:"erased_at"`

	QualifiedAt moment `json:"qualified_at"` // when it first met the criteria, or was said to be qualified
}

func viewTraits(row fsm.Contact) contactTraits {
	return contactTraits{orEmpty(row.Tags), viewFields(row.Fields), orNull(row.Language), orNull(row.Region), row.Blocked, moment(row.ErasedMs), moment(row.QualifiedMs)}
}

func viewFields(list []fsm.Attribute) map[string]string {
	fields := make(map[string]string, len(list))
	for _, a := range list {
		fields[a.Name] = a.Value
	}
	return fields
}

// An openedView is the answer to who opens a conversation.
type openedView struct {
	Opened  bool `json:"opened"`
	Blocked bool `json:"blocked"`
	actionView
}

// blocked says whether a command did nothing since its contact is blocked.
func blocked(d done) bool { return d.Warnings&fsm.WarnContactBlocked != 0 }

func putContactTag(a *api, c *call) (answer, error) {
	command, err := decode(c, contactTagShape, func(p *fsm.PutContactTag) {
		fromPath(c, &p.Contact, "id", "/contact")
		fromPath(c, &p.Tag, "tag", "/tag")
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func deleteContactTag(a *api, c *call) (answer, error) {
	command, err := decode(c, contactTagShape, func(p *fsm.DeleteContactTag) {
		fromPath(c, &p.Contact, "id", "/contact")
		fromPath(c, &p.Tag, "tag", "/tag")
	})
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func mergeContacts(a *api, c *call) (answer, error) {
	command, err := decode(c, mergeShape, func(p *fsm.MergeContacts) { fromPath(c, &p.Contact, "id", "/contact") })
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

func eraseContact(a *api, c *call) (answer, error) {
	command, err := decode(c, eraseShape, func(p *fsm.EraseContact) { fromPath(c, &p.Contact, "id", "/contact") })
	if err != nil {
		return answer{}, err
	}
	return changeContact(a, c, command)
}

// A leadView is the answer to who asks for an owner of a contact.
type leadView struct {
	Contact contactView `json:"contact"`
	actionView
}

func assignContact(a *api, c *call) (answer, error) {
	id, _, err := mint()
	if err != nil {
		return answer{}, err
	}
	command, err := decode(c, assignContactShape, func(p *fsm.AssignContact) {
		fromPath(c, &p.Contact, "id", "/contact")
		p.MintedID = id
	})
	if err != nil {
		return answer{}, err
	}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	what, _, err := viewAction(d)
	if err != nil {
		return answer{}, err
	}
	lead, _ := d.view.Conversations.Get(fsm.ConversationHandle(d.Subject.Handle))
	contact, _ := d.view.Contacts.Get(lead.Contact)
	return d.answer(leadView{viewContact(d.view, contact), what}), nil
}

// absentContact is the answer to who asks for a contact that is not there, or that
// has become part of another one.
func absentContact(v *fsm.State, id string) error {
	row, ever := v.Contacts.EverByID(fsm.ContactID(id))
	if !ever {
		return absent(v, "contact", id)
	}
	p := refused(fsm.MergedRefusal(v, row), fsm.Key{})
	p.index = v.Index
	return p
}

// readContactFilter reads what a list of contacts is asked for, besides an address.
func readContactFilter(v *fsm.State, q query) (w fsm.ContactsWhere, filtered bool, err error) {
	var faults []fault
	flag := func(name string) *bool {
		text, given := q[name]
		if !given {
			return nil
		}
		filtered = true
		value, err := strconv.ParseBool(text)
		if err != nil || text != "true" && text != "false" {
			faults = append(faults, inQuery(name, "unknown_value", fmt.Sprintf("%q is neither true nor false", clip(text))))
		}
		return &value
	}
	word := func(name string) string {
		text, given := q[name]
		filtered = filtered || given
		if given && text == "" {
			faults = append(faults, inQuery(name, "required", "give a value, or leave it out"))
		}
		return text
	}
	w = fsm.ContactsWhere{Known: flag("known"), Blocked: flag("blocked"), Tag: word("tag"), Language: word("language"), Region: word("region")}
	if len(faults) > 0 {
		return w, filtered, invalid(faults...)
	}
	if id, given := q["owner"]; given {
		row, ok := v.Agents.ByID(fsm.AgentID(id))
		if !ok {
			return w, true, unknownFilter(v, "owner", "agent", id)
		}
		w.Owner, filtered = row.Handle, true
	}
	return w, filtered, nil
}

// listContacts lists contacts in the order of their ids or, where they are filtered
// or sorted by it, as they were made: along the indexes of what is asked.
func listContacts(a *api, c *call) (answer, error) {
	l, v, err := listed(a, c, 1)
	if err != nil {
		return answer{}, err
	}
	where, filtered, err := readContactFilter(v, c.query)
	if err != nil {
		return answer{}, err
	}
	view := func(row fsm.Contact) (any, int) { return viewContact(v, row), 0 }
	if address, given := c.query["address"]; given {
		// No two have the same address. Nobody is no slip: who has not written yet
		// is not there.
		list := listView{Items: []any{}}
		if row, found := v.Contacts.ByAddress(address); found && l.after == nil && where.Matches(row) {
			list.Items = append(list.Items, viewContact(v, row))
		}
		return show(v, list)
	}
	switch {
	case !filtered && l.by != sortCreatedAt:
		return byID(v, l, v.Contacts, func(row fsm.Contact) fsm.ContactID { return row.ID }, view)
	case l.by == sortID:
		return answer{}, invalid(inQuery("sort", "unexpected", "what is filtered comes in the order in which it was made: leave sort out, or give created_at or -created_at"))
	}
	after, err := l.afterNumbers()
	if err != nil {
		return answer{}, err
	}
	start := fsm.ContactHandle(0)
	if l.falling {
		start = math.MaxUint64
	}
	if after != nil {
		start = fsm.ContactHandle(after[0])
	}
	return show(v, page(l.limit, rowsOf[fsm.Contact]{
		rows: v.Contacts.Walk(where, start, l.falling), keep: where.Matches,
		token: func(row fsm.Contact) pageToken { return l.numbers(uint64(row.Handle)) }, view: view,
	}))
}
