package fsm

import (
	"fmt"
	"maps"
	"strings"
)

func init() {
	samples = append(samples, AcceptOffer{Offer: 9}, DeclineOffer{Offer: 9, Reason: "busy"})
	maps.Copy(laterSamples, map[string]Command{
		"later entry of team.put, offers": PutTeam{ID: "sales", Name: "Sales", Rotation: &RotationSettings{OfferSeconds: new(uint32(30)), OfferPauseSeconds: new(uint32(90))}},
	})
	maps.Copy(laterRecords, map[string]Record{
		"record of an offer": {ID: RecordID{8, 3}, Actor: "agent:ann", Event: OfferDeclined, Conversation: 9, Agent: 3, Telling: Telling{Reason: "busy", Offering: Offering{7}}},
	})
	maps.Copy(laterRows, map[string]any{
		"conversations, after a lap": Conversation{Handle: 1, ID: "c1", Asked: []AgentHandle{2}, Assignment: Assignment{State: StateWaiting, Cause: CauseDeclined, AgainMs: 3}},
		"offers, to be withdrawn":    Offer{Handle: 1, Conversation: 2, Team: 3, Agent: 4, MadeMs: 5, DueMs: 6, Because: WithdrawnAccess, Made: RecordID{9, 1}},
		"teams, offers":              Team{Handle: 1, ID: "sales", Rotation: Rotation{OfferMs: 30_000, OfferPauseMs: 90_000}},
	})
}

// describeOffer names the offer that a record tells of.
func describeOffer(b *strings.Builder, rec Record) {
	if rec.Offer != 0 {
		fmt.Fprintf(b, " offer %d", rec.Offer)
	}
}
