package server

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rondohq/rondo/cluster"
)

// watchGroup adds what is asked of the group whenever somebody looks.
func watchGroup(registry *prometheus.Registry, g *cluster.Group) error {
	ofSnapshot := func(value func(cluster.StoredSnapshot) float64) func() float64 {
		return func() float64 {
			s, ok := cluster.NewestSnapshot(g)
			if !ok {
				return 0
			}
			return value(s)
		}
	}
	for _, gauge := range []struct {
		name, help string
		value      func() float64
	}{
		{"rondo_queue_length", "Calls of this node that wait to be carried to the leader.", func() float64 { return float64(cluster.Queued(g)) }},
		{"rondo_snapshot_age_seconds", "Time since the newest snapshot on disk was written; 0 if there is none.",
			ofSnapshot(func(s cluster.StoredSnapshot) float64 { return time.Since(s.At).Seconds() })},
		{"rondo_snapshot_size_bytes", "Size of the newest snapshot on disk; 0 if there is none.",
			ofSnapshot(func(s cluster.StoredSnapshot) float64 { return float64(s.Bytes) })},
	} {
		if err := registry.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: gauge.name, Help: gauge.help}, gauge.value)); err != nil {
			return fmt.Errorf("register the metrics of the node: %w", err)
		}
	}
	return nil
}
