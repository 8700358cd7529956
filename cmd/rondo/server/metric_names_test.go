package server

import (
	"errors"
	"math"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

func family(name string, kind dto.MetricType, value float64) *dto.MetricFamily {
	label, count, quantile := "peerID", uint64(3), 0.5
	m := &dto.Metric{Label: []*dto.LabelPair{{Name: &label, Value: &name}}}
	switch kind {
	case dto.MetricType_COUNTER:
		m.Counter = &dto.Counter{Value: &value}
	case dto.MetricType_GAUGE:
		m.Gauge = &dto.Gauge{Value: &value}
	default:
		m.Summary = &dto.Summary{SampleSum: &value, SampleCount: &count, Quantile: []*dto.Quantile{{Quantile: &quantile, Value: &value}}}
	}
	help := name
	return &dto.MetricFamily{Name: &name, Help: &help, Type: &kind, Metric: []*dto.Metric{m}}
}

func valueOf(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.GetCounter().GetValue()
	case m.Gauge != nil:
		return m.GetGauge().GetValue()
	default:
		return m.GetSummary().GetSampleSum()
	}
}

// TestRenamed: what the libraries measure in milliseconds is shown in seconds,
// under a name that says so; what they count is left as it is.
func TestRenamed(t *testing.T) {
	const counter, gauge, summary = dto.MetricType_COUNTER, dto.MetricType_GAUGE, dto.MetricType_SUMMARY
	for _, c := range []struct {
		old   string
		kind  dto.MetricType
		name  string
		value float64 // of 1500
	}{
		{"raft_commitTime", summary, "raft_commit_time_seconds", 1.5},
		{"raft_boltdb_storeLogs", summary, "raft_boltdb_store_logs_seconds", 1.5},
		{"raft_rpc_appendEntries_processLogs", summary, "raft_rpc_append_entries_process_logs_seconds", 1.5},
		{"raft_compactLogs", summary, "raft_compact_logs_seconds", 1.5},
		{"raft_boltdb_txstats_writeTime", summary, "raft_boltdb_txstats_write_time_seconds", 1.5},
		{"memberlist_gossip", summary, "memberlist_gossip_seconds", 1.5},
		{"raft_fsm_applyBatchNum", summary, "raft_fsm_apply_batch_num", 1500},
		{"raft_thread_main_saturation", summary, "raft_thread_main_saturation", 1500},
		{"raft_thread_fsm_saturation", summary, "raft_thread_fsm_saturation", 1500},
		{"raft_boltdb_logSize", summary, "raft_boltdb_log_size", 1500},
		{"raft_boltdb_logsPerBatch", summary, "raft_boltdb_logs_per_batch", 1500},
		{"raft_boltdb_logBatchSize", summary, "raft_boltdb_log_batch_size", 1500},
		{"raft_boltdb_writeCapacity", summary, "raft_boltdb_write_capacity", 1500},
		{"memberlist_queue_broadcasts", summary, "memberlist_queue_broadcasts", 1500},
		{"memberlist_size_remote", summary, "memberlist_size_remote", 1500},
		{"raft_fsm_lastRestoreDuration", gauge, "raft_fsm_last_restore_duration_seconds", 1.5},
		{"raft_leader_oldestLogAge", gauge, "raft_leader_oldest_log_age_seconds", 1.5},
		{"raft_peers", gauge, "raft_peers", 1500},
		{"raft_state_leader", counter, "raft_state_leader_total", 1500},
		{"rondo_applied_index", gauge, "rondo_applied_index", 1500},
	} {
		before := family(c.old, c.kind, 1500)
		kept := before.GetMetric()[0].GetSummary() // the library's own
		got, err := renamed(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
			return []*dto.MetricFamily{before}, nil
		})).Gather()
		if err != nil {
			t.Fatal(err)
		}
		m := got[0].GetMetric()[0]
		if got[0].GetName() != c.name || math.Abs(valueOf(m)-c.value) > 1e-9 {
			t.Errorf("%s: %s %v, want %s %v", c.old, got[0].GetName(), valueOf(m), c.name, c.value)
		}
		if c.kind != summary {
			continue
		}
		if q := m.GetSummary(); q.GetSampleCount() != 3 || q.GetQuantile()[0].GetQuantile() != 0.5 || math.Abs(q.GetQuantile()[0].GetValue()-c.value) > 1e-9 {
			t.Errorf("%s: %v", c.old, q)
		}
		if kept.GetSampleSum() != 1500 || kept.GetQuantile()[0].GetValue() != 1500 {
			t.Errorf("%s: what was gathered has been changed: %v", c.old, kept)
		}
		if label := m.GetLabel()[0]; label.GetName() != "peer_id" || label.GetValue() != c.old {
			t.Errorf("%s: %v", c.old, label)
		}
	}
}

// TestRenamedFailure: what could be gathered is shown in spite of an error.
func TestRenamedFailure(t *testing.T) {
	wrong := errors.New("one collector failed")
	got, err := renamed(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{family("raft_commitTime", dto.MetricType_SUMMARY, 5)}, wrong
	})).Gather()
	if !errors.Is(err, wrong) || len(got) != 1 || got[0].GetName() != "raft_commit_time_seconds" {
		t.Errorf("%v %v", got, err)
	}
}
