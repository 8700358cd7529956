package words

// What there is to say of each word of the API. In braces stand parts that fill
// puts in; one with a capital letter begins a sentence, and an empty one leaves no
// gap.

// triggers say what made the cluster decide, by the name of the event.
var triggers = map[string]string{
	"":                        "",
	"term.begun":              "A new leader took over.",
	"node.announced":          "A node announced itself.",
	"node.forgotten":          "A node was removed.",
	"agent.changed":           "{Actor} changed {about}.",
	"agent.presence_changed":  "{Presence}",
	"team.changed":            "{Actor} changed {team}.",
	"inbox.changed":           "{Actor} changed {inbox}.",
	"contact.changed":         "{Actor} changed the contact.",
	"conversation.opened":     "{Conversation} came to {inbox}, {opener}.",
	"message.received":        "The customer wrote in {conversation}, in {inbox}.",
	"conversation.assigned":   "{Actor} assigned {conversation}.",
	"conversation.unassigned": "{Actor} took {conversation} away from its agent.",
	"conversation.requeued":   "{Actor} gave {conversation} back to the rotation.",
	"conversation.closed":     "{Actor} closed {conversation}.",
	"conversation.reopened":   "{Conversation} in {inbox} was opened again {again}.",
	"queue.waiting":           "The queue of {team} began to fill.",
	"queue.alert":             "The oldest in the queue of {team} had waited too long.",
	"allowance.due":           "It was time for somebody to take one more from the queue.",
	"queue.resumed":           "The cluster went on with a long queue.",
	"members.joined":          "Somebody joined {team}.",
	"group.changed":           "{Actor} changed a group.",
	"group.removed":           "{Actor} removed a group.",
	"team.removed":            "{Actor} removed a team.",
	"team.member_removed":     "{Actor} took {had} out of a team.",
	"agent.removed":           "{Actor} removed {had}.",
	"agent.released":          "{Actor} released {had} from work.",
	"agent.presence_planned":  "{Actor} planned when somebody is available.",

	"agent.presence_plan_cancelled": "{Actor} cancelled what was planned for somebody.",

	"conversation.returned": "{Conversation} in {inbox} came back, since {had} is not available.",
	"conversation.tagged":   "{Actor} tagged {conversation}, in {inbox}.",
	"conversation.untagged": "{Actor} took a tag away from {conversation}, in {inbox}.",
	"rotation.resorted":     "{Actor} sorted the rotation of a team anew.",
	"fallback.due":          "It was time for the next step of a fallback.",
	"turn.refunded":         "{Actor} gave a turn back.",

	"conversation.snoozed":          "{Actor} put {conversation} off until later.",
	"conversation.handed_off":       "{Actor} handed {conversation}, in {inbox}, over to people.",
	"conversation.priority_changed": "{Actor} changed the priority of {conversation}.",
	"conversation.transferred":      "{Actor} passed {conversation}, in {inbox}, on to {team}.",
	"conversation.read":             "{Actor} read {conversation}.",
	"conversation.held_alert":       "{Conversation} had been held for a while.",
	"message.sent":                  "{Actor} wrote to the customer in {conversation}.",
	"decision.undone":               "{Actor} undid decision {undone}.",
	"contact.followed":              "Somebody follows the contact.",
	"contact.unfollowed":            "Somebody does not follow the contact any more.",
	"contact.merged":                "{Actor} made two contacts one.",
	"contact.erased":                "{Actor} erased the contact.",
	"assignment.message_due":        "The customer was to be told who has {conversation}.",
	"notifications.read":            "Somebody read what there was to be told.",
	"agent.preferences_changed":     "Somebody chose what to be told.",
	"view.changed":                  "{Actor} changed a view.",
	"view.removed":                  "{Actor} removed a view.",
	"window.passed":                 "Somebody could take one more again, since time had passed.",
	"schedule.changed":              "{Actor} changed a schedule.",
	"schedule.removed":              "{Actor} removed a schedule.",
	"schedule.opened":               "A schedule opened.",
	"schedule.closed":               "A schedule closed.",
	"shift.began":                   "A shift began.",
	"shift.ended":                   "A shift ended.",
	"rule.changed":                  "{Actor} changed a rule.",
	"rule.removed":                  "{Actor} removed a rule.",
	"rule.published":                "{Actor} published a rule.",
	"rule.paused":                   "{Actor} paused a rule.",
	"rules.ordered":                 "{Actor} put the rules into another order.",
	"rule.waits":                    "A rule had begun, and went on later.",
	"rule.ran":                      "A rule had run.",
	"contact.qualified":             "The contact was qualified.",
	"criteria.changed":              "{Actor} changed what makes a contact qualified.",
	"form.submitted":                "The contact submitted a form.",
	"conversation.noted":            "{Actor} left a note on {conversation}.",
	"conversation.moved":            "{Actor} moved {conversation} to another inbox.",
	"webhook.due":                   "A rule had a webhook called.",
	"webhook.answered":              "A webhook had answered a rule.",
	"rule.notified":                 "A rule had somebody told.",
	"offer.made":                    "{Conversation} was offered.",
	"offer.accepted":                "{Answer}",
	"offer.declined":                "{Answer}",
	"offer.timed_out":               "{Answer}",
	"offer.withdrawn":               "{Answer}",
	"conversation.escalated":        "It had taken too long with {conversation}.",
}

// arrivals are the triggers that bring the conversation itself. After any other it
// had waited.
var arrivals = map[string]bool{
	"conversation.opened": true, "message.received": true, "conversation.requeued": true, "conversation.reopened": true,
	"conversation.assigned": true, "conversation.unassigned": true, "conversation.closed": true,
	"conversation.returned": true, "conversation.untagged": true,
	"conversation.handed_off": true,
	"offer.declined":          true, "offer.timed_out": true, "offer.withdrawn": true,
}

// A kindText is what there is to say of a kind of decision.
type kindText struct {
	text  string
	alone bool // it says what triggered it

	say func(story) string // the text, where it differs from story to story
}

// kinds say how it was decided, by the name of the kind.
var kinds = map[string]kindText{
	"":                 {text: "{Assignee} has it now."},
	"rotation":         {text: "{Step} {Team} shares by rotation, {order}{ring}. {Only} {Last} {Passed} {Next} and got it, which took a turn."},
	"least_open":       {text: "{Step} {Team} gives to whoever has the fewest open conversations; between equals the rotation decides, {order}{ring}. {Only} {Last} {Passed} {Chosen} and got it, which took a turn."},
	"owner":            {say: owning},
	"last_assignee":    {text: "{Assignee} had {lastHad} last and may take it, so it went there without a turn."},
	"default_assignee": {text: "{Inbox} gives everything to {assignee}, who got it without a turn."},
	"rule":             {text: "{Assignee} got it, as the rule says, without a turn."},
	"fallback":         {say: fallingBack},
	"offer":            {text: "{Step} {Asks} {Only} {Last} {Passed} {Next} and was offered it, with {answerTime} to accept."},
	kindAccepted:       {say: accepting, alone: true},
	"claim":            {text: "{Assignee} claimed {conversation}{asked}. No turn was taken.", alone: true},
	"manual":           {text: "{Actor} gave {conversation} to {assignee}. No turn was taken.", alone: true},
	"transfer":         {say: passing, alone: true},
	"requeue":          {text: "{Conversation} went back to the queue of {team}.", alone: true},
	"escalation":       {say: escalating, alone: true},
	"unassign":         {say: unassigning, alone: true},
	"waiting":          {text: "{Step} {cause} {Only} {Absent} {Place} {Later}"},
	"undo":             {say: undoing, alone: true},
	"bot":              {text: "{Inbox} lets a bot begin: {assignee} has it first, without a turn."},
}

// causes say why nobody has it, by the name of the reason.
var causes = map[string]string{
	"":                 "",
	"no_one_available": "Nobody in {team} could take it, so it waits in the queue of {team}.",
	"no_members":       "{Team} has no members, so it waits in the queue of {team}.",
	"queue_ahead":      "Others wait in {team} already, and nothing overtakes, so it waits in the queue behind them.",
	"mode":             "{Inbox} leaves it to people: it waits until somebody claims it.",
	"fallback":         "It went to the team inbox, where it waits until somebody claims it.",
	"outbound":         "The conversation was begun from this side: nobody has it until the customer replies.",
	"unassigned":       "It is held: nobody gets it by itself until somebody claims it, is given it, or it is queued again.",

	"unknown_sender":      "{Inbox} leaves those it does not know to people: it waits until somebody claims it.",
	"known_without_owner": "{Inbox} leaves contacts without an owner to people: it waits until somebody claims it.",
	"owner_absent":        "The contact's owner was not available, and {inbox} keeps it for the owner: it waits until {owner} is there again, unless somebody claims it before.",
	"excluded":            "It has {tag}, which {team} leaves to people: it waits until somebody claims it.",

	"pending":     "It is pending: nobody gets it before it is handed off.",
	"transferred": "{Team} leaves what is passed on to it to people: it waits until somebody claims it.",
	"closed":      "It is closed, and its agent was let go.",

	"outside_hours": "Its inbox is closed: it waits until that opens, or somebody claims it.",
	"rule":          "Nobody has it before the rule has said who gets it, unless somebody claims it.",
	"after_hours":   "It came while its inbox was closed: it waits until somebody claims it.",
	"declined":      "Everybody in {team} who can take it was asked, and nobody accepted. {Again}",
}

// orders say in which order a ring goes round, by the name of the order.
var orders = map[string]string{
	"name": "in the order of names",
	"list": "in the order of its list",

	"least_recently_assigned": "whoever has waited longest for a turn first",
}

// verdicts say why somebody was passed over, by the name of the reason: what she
// is, in brackets behind her name. Those of a presence go with since when.
var verdicts = map[string]string{
	"eligible":        "free to take one",
	"away":            "away",
	"in_break":        "on a break",
	"unavailable":     "unavailable",
	"at_capacity":     "full",
	"rate_limited":    "had enough in this time",
	"no_access":       "not on the lists of the inbox",
	"not_onboarded":   "not onboarded yet",
	"declined":        "was asked already",
	"off_shift":       "off shift",
	"drain_allowance": "had a share of the queue for now",
	"excluded":        "not for this one",
	"settling":        "back only a moment ago",
	"requirement":     "not with what it asks for",
	"busier":          "had more open conversations",
	"offered":         "has an offer to answer first",
}

// statuses are the verdicts that a status of the same name makes.
var statuses = map[string]bool{"away": true, "in_break": true, "unavailable": true}

// notes say what one would want to know besides, by the name of the note.
var notes = map[string]string{
	"":                "",
	"assignee_absent": "{Assignee} was not available at that time and got it all the same.",

	"owner_absent":         "The contact's owner was not available, so it did not go there.",
	"owner_no_access":      "The contact's owner may not take what comes to {inbox}, so it did not go there.",
	"last_assignee_absent": "Who had this contact last could not take it, so it did not go there.",
	"turn_refunded":        "A turn of {assignee} had been given back, which lets one go first, once; the order of the others stays as it was.",
	"returned":             "Who comes back to {team} goes first, once; the order of the others stays as it was.",
	"over_capacity":        "{Assignee} had as many as the limits allow and got it all the same.",
	"bot_absent":           "The bot of {inbox} was not available, so it went to people at once.",
	"rule_gave_nobody":     "The rule that answered gave it to nobody, so it went the usual way.",
}
