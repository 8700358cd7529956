package fsm

import (
	"slices"
	"strings"
)

// A fieldNumber stands for a field inside one binary; the log has its name.
type fieldNumber uint8

const (
	fieldNone fieldNumber = iota
	contactKnown
	contactNew
	contactReturning
	contactOwnerField
	contactTagsField
	contactLanguage
	contactRegion
	contactCountry
	contactQualifiedField
	contactVIP
	contactFieldNamed
	conversationInbox
	conversationChannel
	conversationDirection
	conversationPriority
	conversationTagsField
	conversationAge
	conversationStatusField
	conversationState
	conversationTeam
	conversationAssignee
	conversationUnread
	conversationAttribute
	conversationSource
	conversationAd
	conversationLandingPage
	teamEligible
	teamQueueLength
	teamLongestWait
	agentStatus
	agentOpen
	scheduleOpenField
	scheduleShift
	formField
)

// A FieldType says what the values of a field are, and so by which operators it
// is compared.
type FieldType string

// The types of fields.
const (
	FieldText   FieldType = "text"
	FieldSet    FieldType = "set" // of texts
	FieldNumber FieldType = "number"
	FieldYesNo  FieldType = "yes_no"
)

// What the value of a field must look like, besides its type.
type fieldForm uint8

const (
	formID      fieldForm = iota // as an id
	formLong                     // as a long id
	formFree                     // any text
	formCountry                  // as an id without a dash
)

// A ConditionField is a field that a condition may ask about. Names, and what they
// mean, are for ever.
type ConditionField struct {
	Name   string    // one that ends in a dot is followed by a name of the client's own
	Type   FieldType //
	Of     string    // what "of" names: team, agent or schedule; "": there is none
	OfNeed bool      // "of" may not be left out
	Values []string  // all that it may be; nil: anything
	Max    uint64    // of a number; 0: any
	Says   string    // one sentence

	number fieldNumber
	form   fieldForm
	names  Noun // what a value is the id of
}

const (
	vipTag           = "vip"
	fieldPrefix      = "contact.field."
	attributePrefix  = "conversation.attribute."
	maxConditionTime = 10 * 365 * 24 * 3600 // seconds
)

// conditionFields is the one table of fields: in the order in which people are
// shown them.
var conditionFields = []ConditionField{
	yesNo(contactKnown, "contact.known", "Whether somebody has entered the contact, rather than a first message."),
	yesNo(contactNew, "contact.new", "Whether the contact has had no conversation before this one."),
	yesNo(contactReturning, "contact.returning", "Whether the contact has had a conversation before this one."),
	{Name: "contact.owner", Type: FieldText, number: contactOwnerField, names: NounAgent, Says: "Id of the agent who owns the contact."},
	{Name: "contact.tags", Type: FieldSet, number: contactTagsField, Says: "The tags of the contact."},
	yesNo(contactVIP, "contact.vip", `Whether the contact has the tag "vip".`),
	yesNo(contactQualifiedField, "contact.qualified", "Whether the contact has met the criteria for being qualified."),
	{Name: "contact.language", Type: FieldText, number: contactLanguage, Says: "Language of the contact, as it was entered."},
	{Name: "contact.region", Type: FieldText, number: contactRegion, Says: "Region of the contact, as it was entered."},
	{Name: "contact.country", Type: FieldText, number: contactCountry, form: formCountry, Says: `The part of the contact's region before the first "-".`},
	{Name: fieldPrefix, Type: FieldText, number: contactFieldNamed, form: formFree, Says: "A field of the contact, by its name."},

	{Name: "conversation.inbox", Type: FieldText, number: conversationInbox, names: NounInbox, Says: "Id of the inbox that the conversation is in."},
	{Name: "conversation.channel", Type: FieldText, number: conversationChannel, Says: "Kind of the inbox's channel."},
	{Name: "conversation.direction", Type: FieldText, number: conversationDirection, Values: directions, Says: "Who began the conversation."},
	{Name: "conversation.priority", Type: FieldNumber, number: conversationPriority, Max: MaxPriority, Says: "How urgent the conversation is; 0 is normal."},
	{Name: "conversation.tags", Type: FieldSet, number: conversationTagsField, Says: "The tags of the conversation."},
	{Name: "conversation.age_seconds", Type: FieldNumber, number: conversationAge, Max: maxConditionTime, Says: "How long ago the conversation was opened."},
	{Name: "conversation.status", Type: FieldText, number: conversationStatusField, Values: conversationStatuses, Says: "Where the conversation is in its life."},
	{Name: "conversation.state", Type: FieldText, number: conversationState,
		Values: assignmentStates[StateAssigned : StateOutbound+1], Says: "Who has the conversation, or what it waits for."},
	{Name: "conversation.team", Type: FieldText, number: conversationTeam, names: NounTeam, Says: "Id of the team that the conversation is with."},
	{Name: "conversation.assignee", Type: FieldText, number: conversationAssignee, names: NounAgent, Says: "Id of the agent who has the conversation."},
	{Name: "conversation.unread", Type: FieldNumber, number: conversationUnread, Says: "How many messages of the customer nobody has read or answered."},
	{Name: attributePrefix, Type: FieldText, number: conversationAttribute, form: formFree, Says: "An attribute of the conversation, by its name."},
	{Name: "conversation.source", Type: FieldText, number: conversationSource, form: formFree, Says: "The attribute source: where the customer came from."},
	{Name: "conversation.ad", Type: FieldText, number: conversationAd, form: formFree, Says: "The attribute ad: the advertisement that brought the customer."},
	{Name: "conversation.landing_page", Type: FieldText, number: conversationLandingPage, form: formFree, Says: "The attribute landing_page: the page on which the customer began."},

	ofTeam(FieldYesNo, teamEligible, "team.eligible", "Whether the team's rotation may pick anybody now."),
	ofTeam(FieldNumber, teamQueueLength, "team.queue_length", "How many conversations wait in the team."),
	ofTeam(FieldNumber, teamLongestWait, "team.longest_wait_seconds", "How long the oldest of them has waited; 0 if none does."),
	{Name: "agent.status", Type: FieldText, Of: "agent", number: agentStatus, Values: presenceStatuses, Says: "Presence of the agent."},
	{Name: "agent.open", Type: FieldNumber, Of: "agent", number: agentOpen, Says: "How many open conversations the agent has."},
	{Name: "schedule.open", Type: FieldYesNo, Of: "schedule", OfNeed: true, number: scheduleOpenField, Says: "Whether the schedule is open now."},
	{Name: "schedule.shift", Type: FieldSet, Of: "schedule", OfNeed: true, number: scheduleShift, form: formFree, Says: "The shifts of the schedule that are on now."},
	{Name: "form", Type: FieldText, number: formField, Says: "The form that was submitted, in a rule on form_submitted."},
}

var presenceStatuses = []string{"available", "away", "unavailable", "in_break"}

func yesNo(number fieldNumber, name, says string) ConditionField {
	return ConditionField{Name: name, Type: FieldYesNo, number: number, Says: says}
}

func ofTeam(is FieldType, number fieldNumber, name, says string) ConditionField {
	return ConditionField{Name: name, Type: is, Of: "team", number: number, Says: says}
}

// ConditionFields returns all fields that a condition may ask about, in the order in
// which people are shown them. The caller may keep the list.
func ConditionFields() []ConditionField { return slices.Clone(conditionFields) }

// Operators returns what a field is compared by.
func (f ConditionField) Operators() []string { return slices.Clone(operatorsOf[f.Type]) }

var conditionFieldsByName = func() map[string]*ConditionField {
	byName := make(map[string]*ConditionField, len(conditionFields))
	for i := range conditionFields {
		byName[conditionFields[i].Name] = &conditionFields[i]
	}
	return byName
}()

// conditionFieldOf returns the field of a name, and, of one that the client has
// named, how; nil: there is none.
func conditionFieldOf(name string) (field *ConditionField, own string) {
	for _, prefix := range [...]string{fieldPrefix, attributePrefix} {
		if strings.HasPrefix(name, prefix) {
			return conditionFieldsByName[prefix], name[len(prefix):]
		}
	}
	return conditionFieldsByName[name], ""
}
