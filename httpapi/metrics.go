package httpapi

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A meter counts requests by route, never by path: paths hold ids, and there is
// no end to them. A nil meter counts nothing.
type meter struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	streams   *prometheus.CounterVec
	unknown   prometheus.Counter
	replays   prometheus.Counter
}

// A gauge is asked whenever somebody looks.
type gauge func() float64

// newMeter registers what is measured; it fails if registry has it already. The
// numbers of requests under way and of open streams are those of the gauges.
func newMeter(registry *prometheus.Registry, inFlight, openStreams gauge) (*meter, error) {
	m := &meter{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rondo_http_requests_total",
			Help: "Requests answered, by route and class of status (2xx to 5xx).",
		}, []string{"method", "route", "class"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "rondo_http_request_duration_seconds",
			Help:    "From the end of a request's header to its answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
	}
	m.streams = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "rondo_event_streams_ended_total",
		Help: "Streams of events that have ended, by reason: client_gone, client_slow, stopping, out_of_touch.",
	}, []string{"reason"})
	m.unknown = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "rondo_unknown_outcomes_total",
		Help: "Changes that were answered without knowing whether they were carried out.",
	})
	m.replays = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "rondo_replays_total",
		Help: "Changes whose key was known: they were answered as the first time, and not carried out again.",
	})
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rondo_event_streams_open",
		Help: "Streams of events that are open.",
	}, openStreams)
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rondo_http_requests_in_flight",
		Help: "Requests under way, those for operators excepted.",
	}, inFlight)
	for _, c := range []prometheus.Collector{m.requests, m.durations, m.streams, m.unknown, m.replays, streams, gauge} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the metrics of the API: %w", err)
		}
	}
	return m, nil
}

// answered counts one request.
func (m *meter) answered(rt *route, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.requests.WithLabelValues(rt.method, rt.path, strconv.Itoa(status/100)+"xx").Inc()
	m.durations.WithLabelValues(rt.method, rt.path).Observe(took.Seconds())
}

// resolved counts what became of a change.
func (m *meter) resolved(got answer) {
	if m == nil {
		return
	}
	if got.outcome == outcomeUnknown {
		m.unknown.Inc()
	}
	if got.replayed {
		m.replays.Inc()
	}
}

// streamEnded counts a stream of events.
func (m *meter) streamEnded(why string) {
	if m != nil {
		m.streams.WithLabelValues(why).Inc()
	}
}
