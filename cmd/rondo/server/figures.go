package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/fsm"
)

// maxTeamSeries bounds the series with a team's id; further teams are added up
// under the id "other teams", which no team can have.
const maxTeamSeries = 200

// figures are the metrics that are asked for when somebody looks: the state and
// the group know them anyway. It is registered once a process.
type figures struct{ group *cluster.Group }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("rondo_"+name, help, labels, nil)
}

var (
	appliedIndex    = describe("applied_index", "Raft index that this node has applied.")
	committedIndex  = describe("committed_index", "Raft index that this node knows to be committed.")
	lastLogIndex    = describe("last_log_index", "Raft index of the last entry of this node's log.")
	isLeader        = describe("leader", "1 if this node leads.")
	termNumber      = describe("term", "Raft term of the last leader that this node knows of.")
	sinceContact    = describe("last_contact_seconds", "How long ago this node heard from a leader; 0 on the leader, no series before the first.")
	clockSkew       = describe("clock_skew_seconds", "By how much this node's clock is ahead of the median of all nodes.")
	sinceSnapshot   = describe("snapshot_pending_commands", "Commands applied since the last snapshot.")
	bytesToSnapshot = describe("snapshot_pending_bytes", "Bytes of log applied since the last snapshot.")
	conversations   = describe("conversations", "Conversations in the state.")
	contacts        = describe("contacts", "Contacts in the state.")
	agents          = describe("agents", "Agents in the state.")
	keys            = describe("keys", "Keys that are remembered, so that nothing happens twice.")
	keysMax         = describe("keys_limit", "How many keys may be remembered; then changes are refused with too_many_keys.")
	recordBytes     = describe("record_bytes", "Size of the log of decisions and events.")
	timers          = describe("timers", "Timers that are set.")
	waitingIn       = describe("waiting_conversations", "Conversations that wait, by team.", "team")
	oldestWaiting   = describe("waiting_oldest_seconds", "How long the queue of a team has not been empty, by team, in the cluster's time.", "team")
)

// Describe implements prometheus.Collector.
func (f *figures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{appliedIndex, committedIndex, lastLogIndex, isLeader, termNumber, sinceContact, clockSkew, sinceSnapshot,
		bytesToSnapshot, conversations, contacts, agents, keys, keysMax, recordBytes, timers, waitingIn, oldestWaiting} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	g, v := cluster.FiguresOf(f.group), f.group.Latest()
	gauge(appliedIndex, float64(g.Applied))
	gauge(committedIndex, float64(g.Committed))
	gauge(lastLogIndex, float64(g.LastLog))
	leads := 0.0
	if g.Leads {
		leads = 1
	}
	gauge(isLeader, leads)
	gauge(termNumber, float64(v.Term))
	if g.SinceContact >= 0 {
		gauge(sinceContact, g.SinceContact.Seconds())
	}
	gauge(clockSkew, g.ClockSkew.Seconds())
	gauge(sinceSnapshot, float64(g.CommandsSinceSnapshot))
	gauge(bytesToSnapshot, float64(g.BytesSinceSnapshot))
	gauge(conversations, float64(v.Conversations.Len()))
	gauge(contacts, float64(v.Contacts.Len()))
	gauge(agents, float64(v.Agents.Len()))
	gauge(keys, float64(v.Keys.Len()))
	gauge(keysMax, float64(v.Settings.MaxKeys))
	gauge(recordBytes, float64(v.Records.Bytes()))
	gauge(timers, float64(v.Timers.Len()))
	gaugeQueues(v, gauge)
}

// gaugeQueues tells of at most maxTeamSeries teams one by one.
func gaugeQueues(v *fsm.State, gauge func(d *prometheus.Desc, value float64, labels ...string)) {
	count, others := 0, uint64(0)
	for q := range v.Queues.All() {
		if count++; count > maxTeamSeries {
			others += uint64(q.Waiting)
			continue
		}
		team, _ := v.Teams.Get(q.Team)
		gauge(waitingIn, float64(q.Waiting), string(team.ID))
		gauge(oldestWaiting, float64(v.NowMs-q.SinceMs)/1000, string(team.ID))
	}
	if others > 0 {
		gauge(waitingIn, float64(others), "other teams")
	}
}
