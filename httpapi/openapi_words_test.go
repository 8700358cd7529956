package httpapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rondohq/rondo/fsm"
	"github.com/rondohq/rondo/rotation"
)

// vocabulary are the words of an answer's fields, asked from the enumerations
// behind them.
var vocabulary = map[string][]string{
	"httpapi.agentView.kind":                    wordsOf(fsm.AgentKind.String),
	"httpapi.profileView.role":                  wordsOf(fsm.AgentRole.String),
	"httpapi.presenceView.status":               wordsOf(rotation.Status.String),
	"httpapi.assigningView.mode":                wordsOf(fsm.Mode.String),
	"httpapi.conversationProgress.direction":    wordsOf(fsm.Direction.String),
	"httpapi.conversationProgress.status":       wordsOf(fsm.ConversationStatus.String),
	"httpapi.assignmentView.state":              wordsOf(fsm.AssignmentState.String),
	"httpapi.assignmentView.reason":             wordsOf(fsm.Cause.String),
	"httpapi.decisionSubject.event":             wordsOf(fsm.Event.String),
	"httpapi.decisionSubject.trigger":           wordsOf(fsm.Event.String),
	"httpapi.decisionSubject.kind":              wordsOf(fsm.DecisionKind.String),
	"httpapi.decisionSubject.reason":            wordsOf(fsm.Cause.String),
	"httpapi.decisionView.notes":                wordsOf(fsm.Note.String),
	"httpapi.passedView.reason":                 wordsOf(rotation.Verdict.String)[1:], // never eligible
	"httpapi.seatView.reason":                   wordsOf(rotation.Verdict.String)[1:],
	"httpapi.rotationConfig.strategy":           wordsOf(fsm.Strategy.String),
	"httpapi.rotationConfig.order":              wordsOf(fsm.Order.String),
	"httpapi.rotationConfig.assign_to":          wordsOf(rotation.Policy.String),
	"httpapi.rotationConfig.per":                wordsOf(fsm.Per.String),
	"httpapi.fallbackView.to":                   wordsOf(fsm.FallbackTo.String),
	"httpapi.rotationView.strategy":             wordsOf(fsm.Strategy.String),
	"httpapi.rotationView.order":                wordsOf(fsm.Order.String),
	"httpapi.rotationView.per":                  wordsOf(fsm.Per.String),
	"httpapi.retrial.outcome":                   {outcomeCommitted, outcomeRejected, outcomeUnknown},
	"httpapi.NodeStatus.role":                   {"voter", "nonvoter"},
	"httpapi.operationView.outcome":             {outcomeCommitted, outcomeRejected, outcomePending},
	"httpapi.subjectView.noun":                  slices.Sorted(maps.Keys(plurals)),
	"httpapi.eventView.type":                    fsm.EventNames(),
	"httpapi.eventThings.status":                wordsOf(rotation.Status.String),
	"httpapi.resetView.reason":                  {"too_old", "unknown"},
	"httpapi.positionLine.type":                 {"stream.position", "stream.comment"},
	"httpapi.assigningView.known_without_owner": wordsOf(fsm.KnownWithoutOwner.String),
	"httpapi.assigningView.when_owner_absent":   wordsOf(fsm.WhenOwnerAbsent.String),
	"httpapi.rotationConfig.on_return":          wordsOf(fsm.OnReturn.String),
	"httpapi.creditView.reason":                 {creditRefund, creditReturned},
}

// always are the fields that could be null by their type and never are.
var always = map[string]bool{
	"httpapi.presenceView.since":             true,
	"httpapi.conversationProgress.opened_at": true,
	"httpapi.assignmentView.since":           true,
	"httpapi.decisionView.at":                true,
	"httpapi.previewView.at":                 true,
	"httpapi.passedView.agent":               true,
	"httpapi.listedView.agent":               true,
	"httpapi.teamView.seats":                 true,
	"httpapi.seatView.agent":                 true,
	"httpapi.rotationTurns.next":             true,
	"httpapi.creditView.agent":               true,
	"httpapi.creditView.expires_at":          true,
	"httpapi.clusterView.now":                true,
	"httpapi.eventView.time":                 true,
}

// componentNames are those that do not follow from the name of the type.
var componentNames = map[string]string{
	"httpapi.actionView":      "ConversationChange",
	"httpapi.receivedView":    "ReceivedMessage",
	"httpapi.channelView":     "InboxChannel",
	"httpapi.assigningView":   "InboxAssignment",
	"httpapi.assignmentView":  "ConversationAssignment",
	"httpapi.participantView": "Participant",
	"httpapi.listedView":      "ListedAgent",
	"httpapi.profileView":     "Profile",
	"fsm.RosterEntry":         "ParticipantInput",
	"fsm.ListedAgent":         "ListedAgentInput",
	"httpapi.rotationConfig":  "RotationSettings",
	"httpapi.fallbackView":    "FallbackSettings",
	"httpapi.seatView":        "Member",
	"httpapi.waitingView":     "Waiting",
	"httpapi.passedView":      "PassedOver",
	"httpapi.problemBody":     "Problem",
	"httpapi.fault":           "Fault",
	"httpapi.NodeStatus":      "Node",
	"httpapi.nodeChangeView":  "NodeChange",
	"httpapi.transferView":    "LeadershipTransfer",
	"httpapi.addNodeBody":     "AddNode",
	"httpapi.transferBody":    "TransferLeadership",
	"httpapi.emptyBody":       "Nothing",
	"httpapi.positionLine":    "StreamNote",
	"httpapi.eventView":       "Event",
	"httpapi.eventData":       "EventData",
	"httpapi.messageView":     "EventMessage",
	"httpapi.subjectView":     "OperationSubject",
	"fsm.Channel":             "InboxChannelInput",
	"fsm.RotationSettings":    "RotationSettingsInput",
	"fsm.FallbackSettings":    "FallbackSettingsInput",
	"fsm.InboxAssignment":     "InboxAssignmentInput",
	"httpapi.previewBody":     "PreviewConversation",
	"httpapi.revisionDetail":  "RevisionDetail",
	"httpapi.deskView":        "ReplyDesk",
	"fsm.ReplyDesk":           "ReplyDeskInput",
}

func (g *generator) viewName(t reflect.Type) string {
	if name, ok := componentNames[t.String()]; ok {
		return name
	}
	name := strings.TrimSuffix(t.Name(), "View")
	return strings.ToUpper(name[:1]) + name[1:]
}

// inputName returns the name of what a client sends. A command is called as it is.
func (g *generator) inputName(typ string) string {
	if name, ok := componentNames[typ]; ok {
		return name
	}
	return strings.TrimPrefix(typ, "fsm.")
}

// about returns the description of a type, or of a field of it: that of the table
// below or, where the code's own comment suits readers of the API, this one.
func (g *generator) about(typ, field, comment string) string {
	key := typ
	if field != "" {
		key += "." + field
	}
	if text, ok := abouts[key]; ok {
		g.told[key] = true
		return text
	}
	if base, ok := defined[typ]; ok && field != "" {
		return g.about(base, field, comment)
	}
	return comment
}

// defined are types that are others under a name of their own: their fields are
// described there.
var defined = map[string]string{"httpapi.previewBody": "fsm.OpenConversation"}

// abouts are descriptions of types and fields for the readers of the API.
var abouts = map[string]string{
	"httpapi.previewBody.id":                      "Whatever it is: nothing is opened under it, and it may be taken.",
	"fsm.OpenConversation":                        "Give either `contact` or `from`. Without an `id` one is minted.",
	"fsm.OpenConversation.id":                     "An id of your own. Sent again with an equal request it answers with the conversation that there is.",
	"fsm.OpenConversation.contact":                "The id of a contact; or give `from`.",
	"fsm.OpenConversation.from":                   "Who writes; the contact with this address, or a new one.",
	"fsm.OpenConversation.attributes":             "Notes of your own, kept and shown. The names follow the rules of ids.",
	"fsm.ReceiveMessage":                          "A message as its channel delivers it. Its text is not sent here: it would not be kept.",
	"fsm.ReceiveMessage.id":                       "The id that the channel gave it. A message that is delivered again gets the answer of the first time.",
	"fsm.ReceiveMessage.sent_at":                  "When the channel says it was sent, in RFC 3339: recorded, never decided on.",
	"fsm.PutAgent":                                "An agent as she should be.",
	"fsm.PutAgent.name":                           "What people call her. Rings by name go by it, as people sort: case and accents do not count, 2 comes before 10.",
	"fsm.PutAgent.kind":                           "A person (the default), an account that several share, or a program.",
	"fsm.PutPresence":                             "Whether she takes conversations now.",
	"fsm.PutPresence.reason":                      "Why, in your words.",
	"fsm.PutTeam":                                 "A team as it should be. Who stays keeps her place in the ring, who comes waits for her turn.",
	"fsm.PutTeam.members":                         "In a ring by list, in this order.",
	"fsm.PutTeam.rotation":                        "What is left out takes its default: by name over the available, and what nobody can take waits.",
	"fsm.PutInbox":                                "An inbox as it should be.",
	"fsm.PutContact":                              "A contact as it should be; known from then on.",
	"fsm.PutContact.addresses":                    "Where this contact writes from. No two contacts have the same address.",
	"fsm.ClaimConversation":                       "Who takes it.",
	"fsm.ClaimConversation.agent":                 "Her id.",
	"fsm.AssignConversation":                      "Who gets it.",
	"fsm.AssignConversation.agent":                "Her id.",
	"fsm.AssignConversation.if_assignee":          "Refuse with `assignee_changed` unless she has it now; null: unless nobody has.",
	"fsm.InboxAssignment":                         "How an inbox assigns: by hand, to one agent, or by a team's rotation. Setting one turns the others off.",
	"fsm.InboxAssignment.mode":                    "`manual` (the default): a person claims. `rotation`: whoever's turn it is in `team`. `default_assignee`: everything goes to `agent`, without a turn.",
	"fsm.InboxAssignment.team":                    "Needed for `rotation`; in the other modes, whose conversations they are.",
	"fsm.InboxAssignment.agent":                   "Needed for `default_assignee`. In another mode she is dropped, and a warning says so.",
	"fsm.InboxAssignment.assign_unknown":          assignUnknownText,
	"fsm.InboxAssignment.known_without_owner":     knownWithoutOwnerText,
	"fsm.InboxAssignment.when_owner_absent":       whenOwnerAbsentText,
	"fsm.InboxAssignment.last_assignee":           lastAssigneeText,
	"fsm.PutInbox.access":                         accessText,
	"fsm.PutInbox.members":                        inboxMembersText,
	"fsm.OpenConversation.replies_to":             "Of an outbound conversation: the reply takes the turn there, whoever owns the contact. Left out: it goes the way of its inbox.",
	"fsm.ReplyDesk":                               "Who gets the reply to an outbound conversation: a team or an inbox, one of the two.",
	"fsm.ReplyDesk.team":                          "The id of a team.",
	"fsm.ReplyDesk.inbox":                         "The id of an inbox, as whose it is assigned then.",
	"fsm.PutContact.owner":                        "The id of the agent who gets what the contact writes; left out or null: nobody in particular.",
	"fsm.PutContactOwner":                         "Who owns the contact.",
	"fsm.PutContactOwner.agent":                   "Her id.",
	"fsm.Channel.kind":                            "Such as sms or email. Needed if there is an address.",
	"fsm.Channel.address":                         "Where customers write to. No two inboxes have the same.",
	"fsm.RotationSettings.order":                  "By name (the default), or as the members are listed.",
	"fsm.RotationSettings.assign_to":              "Which presences take a turn: only `available` (the default), everybody but the away, or anyone.",
	"fsm.RotationSettings.per":                    "Whether the team has one ring (the default) or one for each inbox.",
	"fsm.RotationSettings.fallback":               "What happens when nobody may be picked.",
	"fsm.RotationSettings.drain_burst":            "How many of those that wait somebody who comes back takes at once, 3 by default; 0: no limit.",
	"fsm.RotationSettings.drain_interval_seconds": "How long until she may take so many again; 60 by default.",
	"fsm.RotationSettings.alert_after_seconds":    "How long the oldest may wait until `queue.alert`; 300 by default, 0: never.",
	"fsm.FallbackSettings.to":                     "`wait` (the default) in the queue, show it in the team's inbox, or give it to one `agent`.",
	"fsm.FallbackSettings.agent":                  "Needed for `agent`, and only for it.",
	"fsm.Sender":                                  "Who writes, as the channel knows them.",
	"fsm.Sender.address":                          "Such as a telephone number or an address of e-mail, as the channel writes it.",
	"fsm.Sender.name":                             "For a contact that is not there yet.",

	"httpapi.agentView":                             "Somebody or something that takes conversations.",
	"httpapi.agentView.teams":                       "The teams she is a member of, by id.",
	"httpapi.agentView.open":                        "How many open conversations she has.",
	"httpapi.agentView.revision":                    revisionText,
	"httpapi.presenceView":                          "Whether an agent takes conversations, in every team at once.",
	"httpapi.presenceView.since":                    "When it became so.",
	"httpapi.presenceView.by":                       "Who said so.",
	"httpapi.inboxView":                             "A channel address with a way to assign.",
	"httpapi.inboxView.revision":                    revisionText,
	"httpapi.channelView":                           "Where customers write to.",
	"httpapi.assigningView":                         "How an inbox assigns.",
	"httpapi.assigningView.team":                    "Whose rotation it is, or whose conversations they are.",
	"httpapi.assigningView.agent":                   "The default assignee.",
	"httpapi.assigningView.assign_unknown":          assignUnknownText,
	"httpapi.assigningView.known_without_owner":     knownWithoutOwnerText,
	"httpapi.assigningView.when_owner_absent":       whenOwnerAbsentText,
	"httpapi.assigningView.last_assignee":           lastAssigneeText,
	"httpapi.inboxView.access":                      accessText,
	"httpapi.inboxView.members":                     inboxMembersText,
	"httpapi.deskView":                              "Who gets the reply to an outbound conversation.",
	"httpapi.conversationProgress.replies_to":       "Who gets the reply to an outbound conversation; null: it goes the way of its inbox.",
	"httpapi.contactView":                           "A customer.",
	"httpapi.contactView.known":                     "Somebody has put it; it was not just made for a message.",
	"httpapi.contactView.owner":                     "The id of the agent who gets what the contact writes, without a turn.",
	"httpapi.contactView.revision":                  revisionText,
	"httpapi.conversationView":                      "What is assigned.",
	"httpapi.conversationView.contact":              "The id of the contact.",
	"httpapi.conversationView.revision":             revisionText,
	"httpapi.conversationProgress.team":             "The team whose rotation it went to.",
	"httpapi.conversationProgress.assignee":         "Who has it, or had it when it was closed.",
	"httpapi.conversationContent.attributes":        "As they were given when it was opened.",
	"httpapi.conversationContent.priority":          "Higher is served first; always 0 for now.",
	"httpapi.conversationContent.tags":              "Not used yet.",
	"httpapi.assignmentView":                        "Where the conversation stands with its assignment, and why.",
	"httpapi.assignmentView.state":                  "`manual`: somebody must claim it. `held`: a person took its assignee away. `outbound`: nobody has replied yet. null: closed without an assignee.",
	"httpapi.assignmentView.reason":                 "Why it is not assigned.",
	"httpapi.actionView":                            "The conversation as it is now, and what was decided.",
	"httpapi.actionView.decision":                   "null if nothing had to be decided.",
	"httpapi.actionView.warnings":                   "What may surprise about this success; left out if there is nothing.",
	"httpapi.receivedView":                          "What became of a message.",
	"httpapi.receivedView.opened":                   "A new conversation was opened.",
	"httpapi.receivedView.reopened":                 "One that was closed less than a week ago was opened again.",
	"httpapi.decisionView":                          "Who got a conversation, or that nobody did, and why.",
	"httpapi.decisionView.id":                       "Ids rise strictly: the Raft index of the entry and a number within it.",
	"httpapi.decisionView.actor":                    "Who asked for it.",
	"httpapi.decisionView.notes":                    "What a person may want to know about it.",
	"httpapi.decisionSubject.event":                 "What happened.",
	"httpapi.decisionSubject.trigger":               "What led to it.",
	"httpapi.decisionSubject.kind":                  "How it was decided.",
	"httpapi.decisionRule.rule":                     "The rule that decided, or to which it was left; null: none did.",
	"httpapi.decisionRule.rule_revision":            "Its edition: what was in force then.",
	"httpapi.decisionRule.restriction":              "Not used yet.",
	"httpapi.decisionTurn.assignee":                 "Who got it; null: nobody.",
	"httpapi.decisionTurn.cursor_before":            "Who had taken the last turn.",
	"httpapi.decisionTurn.cursor_after":             "Who has taken the last turn now.",
	"httpapi.decisionTurn.consumed_turn":            "It counts as a turn of the one who got it.",
	"httpapi.decisionPassed.passed_over":            "The first 32 whose turn came before, and the one reason why each did not get it.",
	"httpapi.decisionPassed.passed_over_counts":     "How many were passed over, by reason.",
	"httpapi.decisionPassed.fallback_step":          "Which step of the fallback it was.",
	"httpapi.passedView":                            "Somebody who was passed over.",
	"httpapi.teamView":                              "A team and how it shares its work.",
	"httpapi.teamView.revision":                     revisionText,
	"httpapi.rotationConfig":                        "How a team shares its work.",
	"httpapi.fallbackView":                          "What happens when nobody may be picked.",
	"httpapi.rotationView":                          "Whose turn it is in a team, and why not the others'.",
	"httpapi.rotationTurns.next":                    "Who takes the next turns, if nobody's presence changes. In a team with a ring for each inbox, only with the parameter `inbox`.",
	"httpapi.cursorView":                            "Who took the last turn in a ring.",
	"httpapi.seatView":                              "A member in the ring.",
	"httpapi.seatView.draining":                     "She is back and takes what waits in portions.",
	"httpapi.seatView.next_allowance_at":            "When she may take more of it.",
	"httpapi.waitingView":                           "What waits in the team's queue.",
	"httpapi.waitingView.alerted":                   "The oldest has waited for longer than `alert_after_seconds`.",
	"httpapi.warningView":                           "A success that may surprise.",
	"httpapi.clusterView":                           "The cluster as this node knows it.",
	"httpapi.clusterView.seq":                       "How many commands, timers and chores were carried out; refused ones count.",
	"httpapi.clusterView.index":                     "The Raft index that this node has applied.",
	"httpapi.clusterView.nodes":                     "How many nodes have announced themselves.",
	"httpapi.problemBody":                           "An answer that is a no (RFC 9457). Switch on `code`; `detail` is for people.",
	"httpapi.problemBody.type":                      "/errors/ and the code.",
	"httpapi.problemBody.errors":                    "What is wrong with the request, each thing at its place.",
	"httpapi.contest.assignee":                      "Who has the conversation.",
	"httpapi.contest.decision":                      "The decision by which she has it.",
	"httpapi.contest.differs":                       "With `id_taken`: the fields that are not equal.",
	"httpapi.retrial.outcome":                       "`rejected`: nothing happened and nothing will. `unknown`: it may have, or may still.",
	"httpapi.retrial.key":                           "Send the request again with this as its Idempotency-Key.",
	"httpapi.fault.pointer":                         "The field of the body (RFC 6901); empty: the whole body.",
	"httpapi.fault.parameter":                       "The parameter of the query.",
	"httpapi.passedView.reason":                     whyNot,
	"httpapi.seatView.reason":                       whyNot,
	"httpapi.seatView.eligible":                     "She may be picked now.",
	"httpapi.seatView.position":                     "Her place in the list of members.",
	"httpapi.rotationTurns.cursors":                 "Who took the last turn, in each ring of the team.",
	"httpapi.rotationView.order":                    "What the ring is ordered by.",
	"httpapi.rotationView.strategy":                 "How the next is found.",
	"httpapi.rotationView.per":                      "What has a ring of its own.",
	"httpapi.agentView.kind":                        "What takes the conversations.",
	"httpapi.assigningView.mode":                    "`manual`: a person claims. `rotation`: whoever's turn it is in the team. `default_assignee`: everything goes to one agent.",
	"httpapi.channelView.address":                   "Where customers write to.",
	"httpapi.channelView.kind":                      "Such as sms or email.",
	"httpapi.waitingView.count":                     "How many conversations wait.",
	"httpapi.waitingView.oldest_since":              "Since when the first of them waits.",
	"httpapi.presenceView.reason":                   "Why, in the words of who said so.",
	"httpapi.decisionTurn.previous_assignee":        "Who had it before.",
	"httpapi.decisionView.at":                       "When, in the cluster's time.",
	"httpapi.fallbackView.to":                       "What happens when nobody may be picked: wait in the queue, be shown in the team's inbox, go to one agent.",
	"httpapi.clusterView.term":                      "The term of Raft that was begun last.",
	"httpapi.clusterView.cluster_id":                "Minted when the cluster was made; it never changes.",
	"httpapi.NodeStatus.leader":                     "It leads now.",
	"httpapi.NodeStatus.pid":                        "The number of its process.",
	"httpapi.NodeStatus.applied_index":              "The Raft index that it has applied.",
	"fsm.RotationSettings.strategy":                 "How the next is found.",
	"httpapi.assignmentView.since":                  "When it came into this state.",
	"httpapi.rotationConfig.strategy":               "How the next is found.",
	"httpapi.rotationConfig.order":                  "By name, or as the members are listed.",
	"httpapi.rotationConfig.per":                    "Whether the team has one ring or one for each inbox.",
	"httpapi.rotationConfig.assign_to":              "Which presences take a turn.",
	"httpapi.rotationConfig.drain_burst":            "How many of those that wait somebody who comes back takes at once; 0: no limit.",
	"httpapi.rotationConfig.drain_interval_seconds": "How long until she may take so many again.",
	"httpapi.rotationConfig.alert_after_seconds":    "How long the oldest may wait until `queue.alert`; 0: never.",
	"httpapi.cursorView.restriction":                "Not used yet.",
	"httpapi.fault.header":                          "The header.",
}

// What operators and their programs read of.
func init() {
	maps.Copy(abouts, map[string]string{
		"httpapi.DiskRoom.disk_full":     "It refuses new work, since the volume of its data is full.",
		"httpapi.NodeCondition.healthy":  "It answers, and keeps up with the leader.",
		"httpapi.NodeCondition.zone":     "As its configuration says.",
		"httpapi.NodeCondition.region":   "As its configuration says.",
		"httpapi.addNodeBody":            "Which node.",
		"httpapi.addNodeBody.id":         "What the id of the node there must be; left out: whatever it is.",
		"httpapi.addNodeBody.address":    "host:port of its cluster port, such as 10.0.0.4:4601.",
		"httpapi.transferBody":           "To whom.",
		"httpapi.transferBody.to":        "The id of a node that votes; left out: the best.",
		"httpapi.transferView":           "Who leads now.",
		"httpapi.transferView.leader":    "The id of the node.",
		"httpapi.operationView":          "What became of a call.",
		"httpapi.operationView.key":      "That was asked for.",
		"httpapi.operationView.at":       "When it was carried out or rejected, in the cluster's time; null while it is pending.",
		"httpapi.operationView.decision": "The id of the decision, if something was decided.",
		"httpapi.operationView.outcome":  "`pending`: the node that was asked still has the call under way.",
		"httpapi.subjectView":            "What a call was about.",
		"httpapi.subjectView.noun":       "What kind of thing it is.",
		"httpapi.subjectView.href":       "Where to look at it.",
		"httpapi.eventView":              "Something that happened: a CloudEvent, version 1.0. Ids and no personal data.",
		"httpapi.eventView.specversion":  "Of CloudEvents.",
		"httpapi.eventView.subject":      "What it is about, as a path below /v1, such as conversations/c1.",
		"httpapi.eventData":              "What is known of an event; null what it is not about.",
		"httpapi.eventData.actor":        "Who asked for it.",
		"httpapi.eventThings.contact":    "The id of the contact.",
		"httpapi.eventThings.node":       "The id of a machine of the cluster.",
		"httpapi.messageView":            "A message that arrived; its text is never kept.",
		"httpapi.resetView":              "Events are missing for good: read again what you show.",
		"httpapi.resetView.reason":       "`too_old`: they are no longer kept. `unknown`: this cluster has never come that far.",
		"httpapi.positionLine":           "Where a stream of lines has come to, or a word to whoever looks at it.",
		"httpapi.positionLine.type":      "`stream.position`: go on from `id`. `stream.comment`: ignore it.",
		"httpapi.positionLine.text":      "Of a comment.",
	})
}

const (
	assignUnknownText     = "Whether the rotation takes what comes from contacts whom nobody has put, as it does by default. If not, somebody claims it."
	knownWithoutOwnerText = "Where a contact goes whom somebody has put and who has no owner: the `rotation` (the default) or the `team_inbox`, where somebody claims it."
	whenOwnerAbsentText   = "Who gets what the contact of an absent owner writes: somebody else (`reassign`, the default), the owner all the same (`keep`), or the owner when she is back unless somebody claims it before (`wait`). The owner stays the owner."
	lastAssigneeText      = "Who had the contact's last conversation in this inbox gets the next one, without a turn, if she may be picked then."
	accessText            = "Who may read and claim what comes here; [] is everybody."
	inboxMembersText      = "Who of them the rotation may pick, if she is also a member of the team; [] is everybody with access."
)

const whyNot = "The one reason why she may not be picked now."

const revisionText = "Rises with every change of this thing."
