package httpapi

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rondohq/rondo/fsm"
)

// Heartbeats say that an agent's client is still there. They stay on the node
// that gets them, which renews the leases of all its agents together (renewer);
// only who is awaited is told to the cluster at once.

// maxHeartbeats is how many agents one call may speak for.
const maxHeartbeats = 1000

// heartbeatsBody is what a gateway sends that holds many clients.
type heartbeatsBody struct {
	Agents []fsm.AgentID `json:"agents"`
}

var heartbeatsShape = shapeOf[heartbeatsBody]()

// A heartbeatView is what the client of an agent learns from its heartbeat.
type heartbeatView struct {
	Agent            fsm.AgentID   `json:"agent"`
	Presence         *presenceView `json:"presence"`          // null: there is no such agent
	HeartbeatSeconds *int64        `json:"heartbeat_seconds"` // null: she has no lease, and needs none
}

type heartbeatsView struct {
	Items []heartbeatView `json:"items"`
}

// beat is the heartbeat of one client.
func beat(a *api, c *call) (answer, error) {
	if _, err := read[emptyBody](c, emptyShape); err != nil {
		return answer{}, err
	}
	id := fsm.AgentID(c.path["id"])
	v, err := hear(a, c, []fsm.AgentID{id})
	if err != nil {
		return answer{}, err
	}
	view := viewHeartbeat(v, id)
	if view.Presence == nil {
		return answer{}, absent(v, "agent", string(id))
	}
	return show(v, view)
}

// beatAll is the heartbeat of many clients. One that nobody knows does no harm to
// the others: the answer shows it without a presence.
func beatAll(a *api, c *call) (answer, error) {
	body, err := read[heartbeatsBody](c, heartbeatsShape)
	switch {
	case err != nil:
		return answer{}, err
	case len(body.Agents) == 0:
		return answer{}, invalid(inBody("/agents", "required", "name one agent at least"))
	case len(body.Agents) > maxHeartbeats:
		return answer{}, invalid(inBody("/agents", "too_many", fmt.Sprintf("%d, at most %d are allowed", len(body.Agents), maxHeartbeats)))
	}
	v, err := hear(a, c, body.Agents)
	if err != nil {
		return answer{}, err
	}
	list := heartbeatsView{Items: []heartbeatView{}}
	for _, id := range body.Agents {
		list.Items = append(list.Items, viewHeartbeat(v, id))
	}
	return show(v, list)
}

// hear notes heartbeats and returns a view of what is known then. What this node
// has is enough where it shows a lease; otherwise it may have missed the news.
func hear(a *api, c *call, ids []fsm.AgentID) (*fsm.State, error) {
	v := a.cluster.View(0)
	for _, id := range ids {
		if row, _ := v.Agents.ByID(id); row.Presence.Lease.PeriodMs == 0 {
			var err error
			if v, err = a.view(c); err != nil {
				return nil, err
			}
			break
		}
	}
	if err := mayBeat(a, c, v, ids); err != nil {
		return nil, err
	}
	var awaited []fsm.AgentID
	for _, id := range ids {
		row, _ := v.Agents.ByID(id)
		lease := row.Presence.Lease
		if lease.PeriodMs == 0 {
			continue
		}
		if !a.renewer.note(id, time.Duration(lease.PeriodMs)*time.Millisecond) {
			return nil, tooManyHeld()
		}
		if lease.Awaiting {
			awaited = append(awaited, id)
		}
	}
	if len(awaited) == 0 {
		return v, nil
	}
	// If that fails, the renewer tries on: the answer shows her as she is, and the
	// next heartbeat as she will be.
	if index := a.renewer.renew(c.ctx, awaited, c.principal); index > 0 {
		return a.cluster.View(index), nil
	}
	return v, nil
}

// mayBeat refuses heartbeats that are not the caller's to send. Most of them never
// reach the log, so it is judged here; a node that has missed the news asks first.
func mayBeat(a *api, c *call, v *fsm.State, ids []fsm.AgentID) error {
	command := fsm.RenewPresence{Agents: ids}
	if fsm.Permitted(v, c.principal.Name, command) == nil {
		return nil
	}
	v, err := a.view(c)
	if err != nil {
		return err
	}
	if r := fsm.Permitted(v, c.principal.Name, command); r != nil {
		p := refused(r, c.key)
		p.index = v.Index
		return p
	}
	return nil
}

func tooManyHeld() *problem {
	p := newProblem(http.StatusTooManyRequests, codeTooBusy, unavailableTitle(codeTooBusy),
		fmt.Sprintf("this node holds the heartbeats of %d agents already; send them to another node", maxHeld))
	p.retryAfter = time.Second
	p.body.retrial = &retrial{Outcome: outcomeRejected}
	return p
}

func viewHeartbeat(v *fsm.State, id fsm.AgentID) heartbeatView {
	row, ok := v.Agents.ByID(id)
	if !ok {
		return heartbeatView{Agent: id}
	}
	presence := viewPresence(v, row)
	return heartbeatView{Agent: id, Presence: &presence, HeartbeatSeconds: seconds(row.Presence.Lease.PeriodMs / beatsPerLease)}
}
