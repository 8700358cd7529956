package server

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// renamed gives what Raft and memberlist measure the names and units that
// Prometheus expects: raft_commitTime, in milliseconds, becomes
// raft_commit_time_seconds; counters end with _total.
func renamed(from prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		families, err := from.Gather()
		for _, family := range families {
			name := family.GetName()
			if strings.HasPrefix(name, "raft_") || strings.HasPrefix(name, "memberlist_") {
				rename(family, name)
			}
		}
		if err != nil {
			return families, fmt.Errorf("gather metrics: %w", err)
		}
		return families, nil
	})
}

// counted are the summaries of numbers and bytes, all there are: those of all other
// names measure milliseconds. It was read off hashicorp/raft v1.7.3, raft-boltdb
// v2.3.1 and memberlist v0.6.0 (AddSample; MeasureSince is always a time), and is
// to be read again with new versions of them.
var counted = map[string]bool{
	"raft_fsm_applyBatchNum":      true,
	"raft_thread_main_saturation": true,
	"raft_thread_fsm_saturation":  true,
	"raft_boltdb_logSize":         true,
	"raft_boltdb_logsPerBatch":    true,
	"raft_boltdb_logBatchSize":    true,
	"raft_boltdb_writeCapacity":   true, // logs a second
	"memberlist_queue_broadcasts": true,
	"memberlist_size_remote":      true, // bytes
}

// timed are the gauges that measure milliseconds; all others count.
var timed = map[string]bool{
	"raft_leader_oldestLogAge":     true,
	"raft_fsm_lastRestoreDuration": true,
}

const msPerSecond = 1000

func rename(family *dto.MetricFamily, old string) {
	name := snakeCase(old)
	help := "As the library calls it: " + old + "."
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		if !strings.HasSuffix(name, "_total") {
			name += "_total"
		}
	case dto.MetricType_SUMMARY:
		if !counted[old] {
			name, help = name+"_seconds", help+inSeconds
			summariesInSeconds(family)
		}
	case dto.MetricType_GAUGE:
		if timed[old] {
			name, help = name+"_seconds", help+inSeconds
			for _, m := range family.GetMetric() {
				value := m.GetGauge().GetValue() / msPerSecond
				m.Gauge = &dto.Gauge{Value: &value}
			}
		}
	}
	family.Name, family.Help = &name, &help
	for _, m := range family.GetMetric() {
		// The pairs belong to the metric, which other readers look at.
		labels := make([]*dto.LabelPair, 0, len(m.GetLabel()))
		for _, l := range m.GetLabel() {
			label, value := snakeCase(l.GetName()), l.GetValue()
			labels = append(labels, &dto.LabelPair{Name: &label, Value: &value})
		}
		m.Label = labels
	}
}

const inSeconds = " Here in seconds, there in milliseconds."

// summariesInSeconds makes new values: those that were gathered are not ours.
func summariesInSeconds(family *dto.MetricFamily) {
	for _, m := range family.GetMetric() {
		sum, count := m.GetSummary().GetSampleSum()/msPerSecond, m.GetSummary().GetSampleCount()
		fresh := &dto.Summary{SampleSum: &sum, SampleCount: &count}
		for _, q := range m.GetSummary().GetQuantile() {
			quantile, value := q.GetQuantile(), q.GetValue()/msPerSecond
			fresh.Quantile = append(fresh.Quantile, &dto.Quantile{Quantile: &quantile, Value: &value})
		}
		m.Summary = fresh
	}
}

func snakeCase(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
