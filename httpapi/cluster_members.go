package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// An Operator changes who belongs to the cluster. Many goroutines call it at once.
// Its errors are a *MemberRefusal, an Unavailable, or a fault of this node. Every
// change may be repeated: one that is made already succeeds.
type Operator interface {
	// AddNode makes the node at a cluster address a member and returns its id; a
	// given id is what it must be.
	AddNode(ctx context.Context, id, address string) (string, error)

	// RemoveNode takes a node out for good.
	RemoveNode(ctx context.Context, id string) error

	// Leave takes out this very node, which stops soon after, and returns its id.
	Leave(ctx context.Context) (string, error)

	// Transfer makes a node the leader, the best if none is named, and returns its
	// id.
	Transfer(ctx context.Context, to string) (string, error)
}

// A MemberRefusal is the cluster's no to a change of membership.
type MemberRefusal struct{ Code, Detail string }

func (r *MemberRefusal) Error() string { return r.Detail }

// memberRefusals are the codes with a status other than 409.
var memberRefusals = map[string]int{
	"not_found":        http.StatusNotFound,
	"invalid":          http.StatusBadRequest,
	"node_unreachable": http.StatusUnprocessableEntity,
	"other_cluster":    http.StatusUnprocessableEntity,
	"node_has_state":   http.StatusUnprocessableEntity,
}

var memberRefusalTitles = map[string]string{
	"not_found":        "Not found",
	"invalid":          "The request is wrong",
	"node_unreachable": "Nobody answers there",
	"other_cluster":    "Of another cluster",
	"node_has_state":   "Not an empty node",
	"id_taken":         "The id is taken",
	"address_taken":    "The address is taken",
	"node_removed":     "The node was removed",
	"node_wiped":       "The node's disk is empty",
	"no_quorum":        "Too few healthy voters would remain",
	"last_voter":       "The last voter",
	"no_successor":     "Nobody can lead instead",
	"too_many_nodes":   "Too many nodes",
	"not_member":       "Not a member",
	"membership_moved": "The membership has changed",
}

// memberProblem turns an error of an Operator into a problem.
func memberProblem(err error) error {
	var no *MemberRefusal
	if !errors.As(err, &no) {
		return fmt.Errorf("change the membership: %w", err)
	}
	status, ok := memberRefusals[no.Code]
	if !ok {
		status = http.StatusConflict
	}
	title, ok := memberRefusalTitles[no.Code]
	if !ok {
		title = "Refused"
	}
	return newProblem(status, no.Code, title, no.Detail)
}

type addNodeBody struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

type transferBody struct {
	To string `json:"to"`
}

type emptyBody struct{}

var (
	addNodeShape  = shapeOf[addNodeBody]()
	transferShape = shapeOf[transferBody]()
	emptyShape    = shapeOf[emptyBody]()
)

// nodeChangeView is what a change of membership was about.
type nodeChangeView struct {
	ID string `json:"id"`
}

type transferView struct {
	Leader string `json:"leader"`
}

// read decodes a body that is no command.
func read[T any](c *call, s *shape) (body T, err error) {
	c.faults = nil
	if scan(c.body, s, &c.faults) {
		if err := json.Unmarshal(c.body, &body); err != nil && len(c.faults) == 0 {
			c.faults = append(c.faults, inBody("", "malformed", clip(err.Error())))
		}
	}
	if len(c.faults) > 0 {
		return body, invalid(c.faults[:min(len(c.faults), maxFaults)]...)
	}
	return body, nil
}

// operatorOf returns who changes the membership, if anybody can.
func operatorOf(a *api) (Operator, error) {
	if a.operator == nil {
		return nil, newProblem(http.StatusNotFound, "no_operator", "Not here", "this node was started without a membership to change")
	}
	return a.operator, nil
}

func addNode(a *api, c *call) (answer, error) {
	body, err := read[addNodeBody](c, addNodeShape)
	if err != nil {
		return answer{}, err
	}
	if body.Address == "" {
		return answer{}, invalid(inBody("/address", "required", "host:port of the node's cluster port is needed, such as 10.0.0.4:4601"))
	}
	if body.ID != "" && !isID(body.ID) {
		return answer{}, invalid(inBody("/id", "characters", "only letters, digits and . _ : @ + - are allowed, at most 64"))
	}
	return changeMember(a, func(o Operator) (string, error) { return o.AddNode(c.ctx, body.ID, body.Address) })
}

func removeNode(a *api, c *call) (answer, error) {
	if _, err := read[emptyBody](c, emptyShape); err != nil {
		return answer{}, err
	}
	id := c.path["id"]
	if !isID(id) {
		return answer{}, newProblem(http.StatusNotFound, "not_found", "Not found", fmt.Sprintf("there is no node %q in the cluster", clip(id)))
	}
	return changeMember(a, func(o Operator) (string, error) { return id, o.RemoveNode(c.ctx, id) })
}

func leaveCluster(a *api, c *call) (answer, error) {
	if _, err := read[emptyBody](c, emptyShape); err != nil {
		return answer{}, err
	}
	return changeMember(a, func(o Operator) (string, error) { return o.Leave(c.ctx) })
}

func changeMember(a *api, change func(Operator) (string, error)) (answer, error) {
	o, err := operatorOf(a)
	if err != nil {
		return answer{}, err
	}
	id, err := change(o)
	if err != nil {
		return answer{}, memberProblem(err)
	}
	return answer{status: http.StatusOK, body: nodeChangeView{id}, outcome: outcomeCommitted}, nil
}

func transferLeadership(a *api, c *call) (answer, error) {
	body, err := read[transferBody](c, transferShape)
	if err != nil {
		return answer{}, err
	}
	o, err := operatorOf(a)
	if err != nil {
		return answer{}, err
	}
	leader, err := o.Transfer(c.ctx, body.To)
	if err != nil {
		return answer{}, memberProblem(err)
	}
	return answer{status: http.StatusOK, body: transferView{leader}, outcome: outcomeCommitted}, nil
}
