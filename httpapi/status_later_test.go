package httpapi

// Rows of what came with contacts, handing over, bots, following and views. They go
// on behind those of status_test.go, of which they use nothing but the set-up.
func init() {
	a, crm := []string{actorHeader, "agent:a"}, []string{actorHeader, "system:crm"}
	statuses = append(statuses,
		statusRow{201, "", "PUT", "/v1/contacts/owned", `{"name":"O","owner":"a"}`, nil, `"owner":"a"`},
		statusRow{409, "already_owned", "POST", "/v1/contacts/owned/assign", `{"team":"t"}`, nil, `"assignee":"a"`},
		statusRow{201, "", "PUT", "/v1/contacts/free", `{"name":"F"}`, nil, `"owner":null`},
		statusRow{201, "", "PUT", "/v1/teams/empty", `{"name":"E"}`, nil, `"members":[]`},
		statusRow{201, "", "POST", "/v1/contacts/free/assign", `{"team":"empty"}`, nil, `"kind":"lead"`},
		statusRow{409, "already_waiting", "POST", "/v1/contacts/free/assign", `{"team":"empty"}`, nil, "free"},
		statusRow{201, "", "PUT", "/v1/contacts/bad", `{"name":"B","blocked":true}`, nil, `"blocked":true`},
		statusRow{409, "contact_blocked", "POST", "/v1/contacts/bad/assign", `{"team":"t"}`, nil, "bad"},
		statusRow{200, "", "POST", "/v1/conversations", `{"id":"b1","inbox":"m","contact":"bad"}`, nil, `"blocked":true`},
		statusRow{201, "", "PUT", "/v1/contacts/twin", `{"name":"T"}`, nil, `"id":"twin"`},
		statusRow{200, "", "POST", "/v1/contacts/owned/merge", `{"from":"twin"}`, nil, `"id":"owned"`},
		statusRow{404, "merged", "GET", "/v1/contacts/twin", "", nil, `"contact":"owned"`},
		statusRow{200, "", "POST", "/v1/contacts/owned/erase", "", nil, `"erased_at":"`},
		statusRow{409, "contact_erased", "PUT", "/v1/contacts/owned", `{"name":"Again"}`, nil, "erased"},

		statusRow{201, "", "POST", "/v1/conversations", `{"id":"h1","inbox":"i","contact":"p","status":"pending"}`, nil, `"status":"pending"`},
		statusRow{409, "conversation_pending", "POST", "/v1/conversations/h1/snooze", `{"until":"2026-12-01T00:00:00Z"}`, nil, "h1"},
		statusRow{200, "", "POST", "/v1/conversations/h1/handoff", "", nil, `"status":"open"`},
		statusRow{409, "not_pending", "POST", "/v1/conversations/h1/handoff", "", nil, "h1"},
		statusRow{409, "team_changed", "PUT", "/v1/conversations/h1/team", `{"team":"empty","if_team":"empty"}`, nil, `"decision":"`},
		statusRow{409, "decision_changed", "PUT", "/v1/conversations/h1/team", `{"team":"empty","if_decision":"1.0"}`, nil, `"decision":"`},
		statusRow{200, "", "PUT", "/v1/conversations/h1/assignee", `{"agent":"b"}`, a, `"assignee":"b"`},
		statusRow{409, "decided_by_person", "PUT", "/v1/conversations/h1/assignee", `{"agent":"a"}`, crm, `"assignee":"b"`},
		statusRow{409, "decided_by_person", "DELETE", "/v1/conversations/h1/assignee", "", crm, `"decision":"`},
		statusRow{409, "decided_by_person", "PUT", "/v1/conversations/h1/team", `{"team":"empty"}`, crm, `"since":"`},
		statusRow{200, "", "PUT", "/v1/conversations/h1/assignee", `{"agent":"a","if_assignee":"b"}`, crm, `"assignee":"a"`},

		statusRow{400, "invalid", "POST", "/v1/conversations", `{"id":"count","inbox":"m","contact":"p"}`, nil, `"code":"reserved"`},
		statusRow{400, "invalid", "PUT", "/v1/views/mine", `{"name":"M"}`, nil, `"code":"reserved"`},
		statusRow{400, "invalid", "PUT", "/v1/views/x", `{"name":"X","filter":"colour=blue"}`, nil, `"pointer":"/filter"`},
		statusRow{422, "unknown_reference", "GET", "/v1/conversations?assignee=nobody-knows", "", nil, `"parameter":"assignee"`},
		statusRow{403, "not_permitted", "GET", "/v1/agents/b/notifications", "", a, "a"},
		statusRow{403, "not_permitted", "PUT", "/v1/agents/b/preferences", `{"notifications":{}}`, a, "a"},
		statusRow{403, "not_permitted", "POST", "/v1/contacts/free/erase", "", a, "a"},
	)
}
