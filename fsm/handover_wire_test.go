package fsm

import "maps"

// lostRejection has what a lost race tells.
var lostRejection = Rejection{Reason: DecidedByPerson, Detail: "no", Assignee: "uk", Decision: RecordID{7, 1}, SinceMs: 9, By: "agent:uk"}

func init() {
	samples = append(samples,
		TransferConversation{Conversation: "c1", Team: "support", IfTeam: TeamExpectation{Set: true, Team: "sales"},
			IfAssignee: Expectation{Set: true, Agent: "uk"}, IfDecision: "1042.0", Reason: "wrong_team"},
		RemoveFromTeam{Conversation: "c1", IfTeam: TeamExpectation{Set: true, Team: "sales"},
			IfAssignee: Expectation{Set: true, Agent: "uk"}, IfDecision: "1042.0", Reason: "wrong_team"},
		UndoDecision{"1042.0", "mistake"},
	)
	maps.Copy(laterSamples, map[string]Command{
		"entry with conversation.assign, handover": AssignConversation{Conversation: "c1", Agent: "uk", IfDecision: "1042.0", Team: "sales", Reason: "vip"},
		"entry with conversation.unassign, beliefs": UnassignConversation{Conversation: "c1", IfAssignee: Belief{Set: true, Agent: "uk"},
			IfDecision: "1042.0", Reason: "vip"},
		"entry with conversation.requeue, beliefs": RequeueConversation{Conversation: "c1", IfAssignee: Belief{Set: true, Agent: "uk"},
			IfDecision: "1042.0", Reason: "vip"},
		"entry with conversation.claim, beliefs": ClaimConversation{Conversation: "c1", Agent: "uk", IfDecision: "1042.0"},
		"entry with team.put, handover":          PutTeam{ID: "sales", Name: "Sales", AutoAssign: new(bool), HeldAlertSeconds: new(uint32(60))},
		"entry with inbox.put, reassign":         PutInbox{ID: "sms", Name: "SMS", Assignment: InboxAssignment{Mode: "rotation", Team: "sales", Reassign: "supervisors"}},
	})
	laterRecords["record of an undo"] = Record{ID: RecordID{7, 1}, Actor: "agent:boss", Event: DecisionUndone, Conversation: 3,
		Decision: &Decision{Kind: DecidedUndo, Trigger: DecisionUndone, Assignee: 1, Before: 2, Was: &Was{State: StateWaiting, Cause: NoOneAvailable,
			SinceMs: 4, Team: 5, QueueSeq: 6, For: 7, Individual: true, Status: StatusPending, Home: 8}},
		Telling: Telling{Reason: "mistake", Undoes: RecordID{6, 0}}}
}
