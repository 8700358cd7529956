package fsm

import "maps"

func init() {
	maps.Copy(laterSamples, map[string]Command{
		"later entry of team.put, escalations": PutTeam{ID: "sales", Name: "Sales", Escalations: []EscalationSettings{
			{When: "no_reply", AfterSeconds: 300, Do: "next", OnlyFirst: true}, {When: "waiting", AfterSeconds: 60, Do: "team", Team: "night"},
			{When: "no_acceptance", AfterSeconds: 30, Do: "agent", Agent: "boss"}, {When: "no_first_reply", AfterSeconds: 30, Do: "priority", Priority: new(uint8(3))}}},
	})
	maps.Copy(laterRecords, map[string]Record{
		"record of an escalation": {ID: RecordID{8, 3}, Actor: "system:timer", Event: ConversationEscalated, Conversation: 9, Agent: 3,
			Telling: Telling{Escalation: 2, Ruling: Ruling{Outcome: "nobody_else"}}},
	})
}
