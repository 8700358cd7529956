package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Routes for operators answer from what this node has: they are needed most when
// the others cannot be reached.

type clusterView struct {
	ClusterID *string `json:"cluster_id"`
	Leader    *string `json:"leader"` // who began the last term that this node knows of
	Term      uint64  `json:"term"`
	Index     uint64  `json:"index"`
	Seq       uint64  `json:"seq"`
	Now       moment  `json:"now"` // the cluster's time
	Nodes     int     `json:"nodes"`
	Version   string  `json:"version"` // of the node that answers
}

func getCluster(a *api, _ *call) (answer, error) {
	v := a.cluster.View(0)
	return show(v, clusterView{
		ClusterID: orNull(v.ClusterID), Leader: orNull(v.Leader), Term: v.Term, Index: v.Index, Seq: v.Seq,
		Now: moment(v.NowMs), Nodes: v.Nodes.CountKnown(), Version: a.version,
	})
}

func listNodes(a *api, c *call) (answer, error) {
	nodes, err := a.cluster.Nodes(c.ctx)
	if err != nil {
		return answer{}, fmt.Errorf("ask for the nodes: %w", err)
	}
	list := listView{Items: make([]any, 0, len(nodes))}
	for _, n := range nodes {
		list.Items = append(list.Items, n)
	}
	return answer{status: http.StatusOK, body: list}, nil
}

// getLivez says whether the process should go on; it asks nobody else.
func getLivez(a *api, _ *call) (answer, error) {
	if err := a.cluster.Alive(); err != nil {
		return answer{status: http.StatusServiceUnavailable, body: "dying: " + err.Error() + "\n", retryAfter: time.Second}, nil
	}
	return answer{status: http.StatusOK, body: "ok\n"}, nil
}

// line is a check as /readyz shows it.
func (c Check) line() string {
	mark, word := "[+]", " ok"
	if !c.OK {
		mark, word = "[-]", ""
	}
	return strings.TrimRight(mark+c.Name+word+" "+c.Detail, " ") + "\n"
}

// getReadyz says whether clients should be sent here. It lists what is wrong, and
// with ?verbose every check.
func getReadyz(a *api, c *call) (answer, error) {
	_, verbose := c.query["verbose"]
	var lines strings.Builder
	ready := true
	for _, check := range a.cluster.Health() {
		ready = ready && check.OK
		if verbose || !check.OK {
			lines.WriteString(check.line())
		}
	}
	if !ready {
		return answer{status: http.StatusServiceUnavailable, body: lines.String() + "not ready\n", retryAfter: time.Second}, nil
	}
	return answer{status: http.StatusOK, body: lines.String() + "ready\n"}, nil
}
