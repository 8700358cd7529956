package webhook

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/fsm"
)

// A meter counts tries. It has no series for hosts or rules: there is no end to
// them.
type meter struct {
	calls    prometheus.Counter
	failures *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// newMeter registers what is measured, unless registry is nil.
func newMeter(registry *prometheus.Registry, underWay func() float64) (*meter, error) {
	m := &meter{
		calls: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "rondo_webhook_calls_total", Help: "Tries to call the server of a webhook step, by this node.",
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rondo_webhook_failures_total", Help: "Tries that failed, by reason: " + reasons() + ".",
		}, []string{"reason"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "rondo_webhook_call_duration_seconds",
			Help:    "How long a try took, to the end of its answer or to its failure.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
	}
	if registry == nil {
		return m, nil
	}
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "rondo_webhook_calls_under_way", Help: "Tries that this node has under way."}, underWay)
	for _, c := range []prometheus.Collector{m.calls, m.failures, m.seconds, gauge} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of webhooks: %w", err)
		}
	}
	return m, nil
}

func reasons() string {
	text := ""
	for i, f := range fsm.WebhookFailures() {
		if i > 0 {
			text += ", "
		}
		text += string(f)
	}
	return text
}

func (m *meter) called(answer fsm.AnswerRun, took time.Duration) {
	m.calls.Inc()
	m.seconds.Observe(took.Seconds())
	if !answer.OK {
		m.failures.WithLabelValues(string(answer.Failure)).Inc()
	}
}
