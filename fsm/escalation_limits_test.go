package fsm

// escalationLimits are those of the escalations of a team.
func escalationLimits() []limit {
	put := func(list ...EscalationSettings) Command {
		return PutTeam{ID: "t-escalations", Name: "T", Escalations: list}
	}
	many := func(n int) Command {
		list := []EscalationSettings{}
		for range n {
			list = append(list, EscalationSettings{When: "no_reply", AfterSeconds: MinEscalationSeconds, Do: "next"})
		}
		return put(list...)
	}
	after := func(n int) Command {
		return put(EscalationSettings{When: "no_reply", AfterSeconds: uint32(n), Do: "next"})
	}
	priority := func(n int) Command {
		return put(EscalationSettings{When: "no_reply", AfterSeconds: MinEscalationSeconds, Do: "priority", Priority: new(uint8(n))})
	}
	return []limit{
		sized("escalations", MaxEscalations, many, "/escalations", "too_many"),
		sized("escalation seconds", MaxSeconds, after, "/escalations/0/after_seconds", "out_of_range"),
		{"no escalation seconds", after(MinEscalationSeconds), after(MinEscalationSeconds - 1), "/escalations/0/after_seconds", "out_of_range"},
		sized("escalation priority", MaxPriority, priority, "/escalations/0/priority", "out_of_range"),
	}
}
