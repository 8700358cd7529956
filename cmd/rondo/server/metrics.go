package server

import (
	"fmt"
	"net/http"
	"time"

	metrics "github.com/hashicorp/go-metrics/compat"
	bridge "github.com/hashicorp/go-metrics/compat/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// openMetrics makes the registry of this process, with what Raft, memberlist and
// the Go runtime say of themselves. The libraries speak to one global sink, so it
// is called once a process.
func openMetrics() (*prometheus.Registry, http.Handler, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	sink, err := bridge.NewPrometheusSinkFrom(bridge.PrometheusOpts{Registerer: registry, Expiration: time.Hour})
	if err != nil {
		return nil, nil, fmt.Errorf("open metrics: %w", err)
	}
	config := metrics.DefaultConfig("")
	config.EnableHostname = false
	config.EnableServiceLabel = false
	config.EnableRuntimeMetrics = false
	if _, err := metrics.NewGlobal(config, sink); err != nil {
		return nil, nil, fmt.Errorf("open metrics: %w", err)
	}
	return registry, promhttp.HandlerFor(renamed(registry), promhttp.HandlerOpts{}), nil
}
