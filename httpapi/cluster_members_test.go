package httpapi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// A scriptedOperator answers as it is told and keeps what it was asked.
type scriptedOperator struct {
	err   error
	asked []string
}

func (o *scriptedOperator) note(parts ...string) (string, error) {
	o.asked = append(o.asked, strings.Join(parts, " "))
	return parts[len(parts)-1], o.err
}

func (o *scriptedOperator) AddNode(_ context.Context, id, address string) (string, error) {
	return o.note("add", address, id)
}

func (o *scriptedOperator) RemoveNode(_ context.Context, id string) error {
	_, err := o.note("remove", id)
	return err
}

func (o *scriptedOperator) Leave(context.Context) (string, error) { return o.note("leave", "n1") }

func (o *scriptedOperator) Transfer(_ context.Context, to string) (string, error) {
	return o.note("transfer", to)
}

func TestMembershipRoutes(t *testing.T) {
	o := &scriptedOperator{}
	h, err := New(Options{Cluster: newMachine(t), Operator: o})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		asked, answer      string
	}{
		{"POST", "/v1/cluster/nodes", `{"address":"h:1","id":"n4"}`, 200, "add h:1 n4", `{"id":"n4"}`},
		{"POST", "/v1/cluster/nodes", `{}`, 400, "", `"pointer":"/address"`},
		{"POST", "/v1/cluster/nodes", `{"address":"h:1","id":"a b"}`, 400, "", `"pointer":"/id"`},
		{"POST", "/v1/cluster/nodes", `{"adress":"h:1"}`, 400, "", `address`},
		{"DELETE", "/v1/cluster/nodes/n4", "", 200, "remove n4", `{"id":"n4"}`},
		{"DELETE", "/v1/cluster/nodes/a%20b", "", 404, "", `not_found`},
		{"POST", "/v1/cluster/leave", "", 200, "leave n1", `{"id":"n1"}`},
		{"POST", "/v1/cluster/leave", `{"id":"n2"}`, 400, "", `"pointer":"/id"`},
		{"POST", "/v1/cluster/transfer", `{"to":"n2"}`, 200, "transfer n2", `{"leader":"n2"}`},
		{"POST", "/v1/cluster/transfer", "", 200, "transfer ", `{"leader":""}`},
	} {
		o.asked = nil
		r := do(h, c.method, c.path, c.body)
		if r.status != c.status || strings.Join(o.asked, ";") != c.asked || !strings.Contains(r.body, c.answer) {
			t.Errorf("%s %s %s: %d %s %q", c.method, c.path, c.body, r.status, r.body, o.asked)
		}
	}
}

// TestMembershipRefusals: the cluster's no has its code, what is not known its
// outcome, and a node without a membership says so.
func TestMembershipRefusals(t *testing.T) {
	o := &scriptedOperator{}
	h, err := New(Options{Cluster: newMachine(t), Operator: o})
	if err != nil {
		t.Fatal(err)
	}
	for code, status := range map[string]int{"no_quorum": 409, "not_found": 404, "node_unreachable": 422, "other_cluster": 422, "brand_new": 409} {
		o.err = &MemberRefusal{code, "because"}
		if r := do(h, "DELETE", "/v1/cluster/nodes/n4", ""); r.status != status || !strings.Contains(r.body, `"code":"`+code+`"`) || !strings.Contains(r.body, "because") {
			t.Errorf("%s: %d %s", code, r.status, r.body)
		}
	}
	o.err = trouble{"deadline", outcomeUnknown, time.Second}
	if r := do(h, "DELETE", "/v1/cluster/nodes/n4", ""); r.status != 503 || r.header.Get("Rondo-Outcome") != outcomeUnknown {
		t.Errorf("unknown: %d %s %v", r.status, r.body, r.header)
	}
	o.err = errors.New("a fault")
	if r := do(h, "POST", "/v1/cluster/transfer", ""); r.status != 500 {
		t.Errorf("a fault: %d %s", r.status, r.body)
	}
	if r := do(newHandler(t, newMachine(t)), "POST", "/v1/cluster/leave", ""); r.status != 404 {
		t.Errorf("nobody to ask: %d %s", r.status, r.body)
	}
}
