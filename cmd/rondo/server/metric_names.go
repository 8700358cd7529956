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

// counted are summaries of numbers; those of all other names measure milliseconds.
var counted = []string{"_num_logs", "_batch_num", "_size", "_per_batch", "_capacity", "_saturation", "_queue_depth", "_bytes", "_logs"}

func rename(family *dto.MetricFamily, old string) {
	name := snakeCase(old)
	help := "As the library calls it: " + old + "."
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		if !strings.HasSuffix(name, "_total") {
			name += "_total"
		}
	case dto.MetricType_SUMMARY:
		if isCount(name) {
			break
		}
		name += "_seconds"
		help = "As the library calls it: " + old + ", here in seconds."
		const msPerSecond = 1000
		for _, m := range family.GetMetric() {
			sum := m.GetSummary().GetSampleSum() / msPerSecond
			m.Summary.SampleSum = &sum
			for _, q := range m.GetSummary().GetQuantile() {
				value := q.GetValue() / msPerSecond
				q.Value = &value
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

func isCount(name string) bool {
	for _, ending := range counted {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
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
