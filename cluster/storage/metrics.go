package storage

import (
	"strings"
	"time"

	metrics "github.com/hashicorp/go-metrics/compat"
)

// measure tells the sink of the process how long the disk took. Operations are
// named by us, but for the keys of the stable store, of which Raft has three.
func measure(op string, took time.Duration) {
	metrics.AddSampleWithLabels([]string{"rondo", "disk", "operation_seconds"}, float32(took.Seconds()),
		[]metrics.Label{{Name: "operation", Value: strings.ReplaceAll(op, " ", "_")}})
}
