package fsm

import "testing"

// TestWhoMaySendHeartbeats: a view says what Apply says.
func TestWhoMaySendHeartbeats(t *testing.T) {
	l := newLab(t)
	l.accept(putAgent(0), putAgent(1), PutAgent{ID: agentID(2), Name: "Boss", Role: "supervisor", Collation: l.state.Collation})
	l.accept(putAgent(3), DeleteAgent{ID: agentID(3)})
	for actor, may := range map[string]bool{
		"agent:" + string(agentID(0)): false, "agent:" + string(agentID(2)): true, "agent:" + string(agentID(3)): false,
		"agent:unknown": true, "system:heartbeat": true, "connector:gateway": true,
	} {
		for _, c := range []Command{RenewPresence{Agents: []AgentID{agentID(0), agentID(1)}}, RenewPresence{Agents: []AgentID{agentID(1)}}} {
			it := l.item(c)
			it.Principal = actor
			seen := Permitted(l.state, actor, c)
			if o := l.apply(it)[0]; (o.Rejection == nil) != may || (seen == nil) != may || !may && o.Rejection.Reason != NotPermitted {
				t.Errorf("%s sends %+v: %+v, and a view says %v", actor, c, o.Rejection, seen)
			}
		}
	}
	own := l.item(RenewPresence{Agents: []AgentID{agentID(0)}})
	own.Principal = "agent:" + string(agentID(0))
	if o := l.apply(own)[0]; o.Rejection != nil {
		t.Errorf("her own: %v", o.Rejection)
	}
}
