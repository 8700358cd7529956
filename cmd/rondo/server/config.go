package server

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/pelletier/go-toml/v2"

	"github.com/rondohq/rondo/cluster"
	"github.com/rondohq/rondo/httpapi"
)

// A Config is everything a node is told. The file, the environment and the flags
// set the same keys; settings.go lists them.
type Config struct {
	NodeID         string        `toml:"node_id"`
	DataDir        string        `toml:"data_dir"`
	LogLevel       string        `toml:"log_level"`
	InsecureListen bool          `toml:"insecure_listen"`
	HTTP           HTTPConfig    `toml:"http"`
	Cluster        ClusterConfig `toml:"cluster"`
	Gossip         GossipConfig  `toml:"gossip"`
	Raft           RaftConfig    `toml:"raft"`
	Disk           DiskConfig    `toml:"disk"`

	Surroundings
}

// Place is where the node stands.
type Place struct {
	Zone   string `toml:"zone"`
	Region string `toml:"region"`
}

// DiskConfig says when the volume of data_dir counts as full.
type DiskConfig struct {
	SoftFreeMiB     int `toml:"soft_free_mib"`     // new work is refused below this
	SoftFreePercent int `toml:"soft_free_percent"` // or below this, if it is less
	ReserveMiB      int `toml:"reserve_mib"`       // kept back, and given back then
}

// HTTPConfig is where clients come in.
type HTTPConfig struct {
	Listen    string `toml:"listen"`
	Advertise string `toml:"advertise"` // "" is Listen

	EventHeartbeatSeconds int `toml:"event_heartbeat_seconds"` // see httpapi.EventOptions
	MaxEventStreams       int `toml:"max_event_streams"`

	MaxConnections int `toml:"max_connections"` // a quarter more are answered, see front
}

// ClusterConfig is where other nodes come in, and how a new cluster begins.
type ClusterConfig struct {
	Listen          string        `toml:"listen"`
	Advertise       string        `toml:"advertise"` // "" is Listen
	InitialVoters   []VoterConfig `toml:"initial_voters"`
	BootstrapExpect int           `toml:"bootstrap_expect"`

	MaxVoters            int `toml:"max_voters"`
	StableMs             int `toml:"stable_ms"`
	RemoveDeadAfterHours int `toml:"remove_dead_after_hours"` // 0: never
}

// VoterConfig names a node of a new cluster.
type VoterConfig struct {
	ID      string `toml:"id"`
	Address string `toml:"address"`
}

// GossipConfig is how nodes find each other. Without Listen there is no gossip.
type GossipConfig struct {
	Listen    string   `toml:"listen"`
	Advertise string   `toml:"advertise"` // "" is Listen
	Join      []string `toml:"join"`
	Label     string   `toml:"label"`
	SecretKey string   `toml:"secret_key"` // base64 of 16, 24 or 32 bytes
}

// RaftConfig is how patient nodes are with their leader, and when they cut the log.
type RaftConfig struct {
	HeartbeatMs int `toml:"heartbeat_ms"`
	ElectionMs  int `toml:"election_ms"`
	LeaseMs     int `toml:"lease_ms"`
	CommitMs    int `toml:"commit_ms"`

	SnapshotCommands int `toml:"snapshot_commands"` // see cluster.SnapshotPolicy
	SnapshotMiB      int `toml:"snapshot_mib"`
}

// Defaults returns the configuration of a node that is told nothing.
func Defaults() Config {
	lan := cluster.LANTiming
	return Config{
		LogLevel: "info",
		HTTP: HTTPConfig{
			Listen:                "127.0.0.1:4600",
			EventHeartbeatSeconds: int(httpapi.DefaultHeartbeat.Seconds()), MaxEventStreams: httpapi.DefaultMaxStreams,
			MaxConnections: defaultConnections,
		},
		Cluster: ClusterConfig{Listen: "127.0.0.1:4601", MaxVoters: 5, StableMs: 10_000},
		Gossip:  GossipConfig{Label: "rondo"},
		Disk:    DiskConfig{SoftFreeMiB: 512, SoftFreePercent: 5, ReserveMiB: 64},
		Raft: RaftConfig{
			HeartbeatMs: int(lan.Heartbeat.Milliseconds()),
			ElectionMs:  int(lan.Election.Milliseconds()),
			LeaseMs:     int(lan.Lease.Milliseconds()),
			CommitMs:    int(lan.Commit.Milliseconds()),

			SnapshotCommands: cluster.DefaultSnapshotCommands, SnapshotMiB: cluster.DefaultSnapshotBytes >> 20,
		},
	}
}

// LoadFile sets what a TOML file says. A key that is not known is an error with
// its line, so that a spelling mistake is not a default in silence.
func (c *Config) LoadFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	d := toml.NewDecoder(strings.NewReader(string(data))).DisallowUnknownFields()
	err = d.Decode(c)
	var missing *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &missing):
		lines := make([]string, 0, len(missing.Errors))
		for _, e := range missing.Errors {
			row, column := e.Position()
			lines = append(lines, fmt.Sprintf("%s:%d:%d: unknown key %q", path, row, column, strings.Join(e.Key(), ".")))
		}
		return errors.New(strings.Join(lines, "\n"))
	case errors.As(err, &wrong):
		row, column := wrong.Position()
		return fmt.Errorf("%s:%d:%d: %s", path, row, column, plain(wrong))
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

var wrongType = regexp.MustCompile(`^cannot decode TOML (.+) into .*of type (\S+)$`)

// plain says what is wrong with a value in the words of the file instead of Go's.
func plain(wrong *toml.DecodeError) string {
	says := strings.TrimPrefix(wrong.Error(), "toml: ")
	if found := wrongType.FindStringSubmatch(says); found != nil {
		wanted, simple := map[string]string{"string": "a text in quotes", "int": "a whole number", "bool": "true or false"}[found[2]]
		switch {
		case simple:
		case strings.HasPrefix(found[2], "["):
			wanted = "an array"
		default:
			wanted = "a table"
		}
		says = fmt.Sprintf("%s is needed, not a TOML %s", wanted, found[1])
	}
	if key := strings.Join(wrong.Key(), "."); key != "" {
		says = key + ": " + says
	}
	return says
}

// Check returns everything that is wrong, naming each key and the fix.
func (c *Config) Check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.NodeID == "" {
		add("node_id is needed: a name for this machine that never changes, such as n1")
	}
	if c.DataDir == "" {
		add("data_dir is needed: a directory of this node alone")
	}
	if hclog.LevelFromString(c.LogLevel) == hclog.NoLevel {
		add("log_level is %q: use trace, debug, info, warn or error", c.LogLevel)
	}
	for _, a := range c.addresses() {
		if err := checkAddress(a.value, a.listens && !c.InsecureListen); err != nil {
			add("%s is %q: %w", a.key, a.value, err)
		}
	}
	errs = append(errs, c.checkAdvertised()...)
	if c.Cluster.BootstrapExpect > 0 && len(c.Cluster.InitialVoters) > 0 {
		add("cluster.bootstrap_expect and cluster.initial_voters are both set: use one")
	}
	if c.Cluster.BootstrapExpect < 0 {
		add("cluster.bootstrap_expect is %d: use the number of nodes of the new cluster, 1, 3 or 5", c.Cluster.BootstrapExpect)
	}
	if c.Cluster.BootstrapExpect > 0 && c.Gossip.Listen == "" {
		add("cluster.bootstrap_expect needs gossip.listen and gossip.join, by which the nodes find each other")
	}
	errs = append(errs, c.checkVoters()...)
	errs = append(errs, c.Cluster.checkMembership()...)
	if r := c.Raft; r.LeaseMs < 10 || r.LeaseMs > r.HeartbeatMs || r.HeartbeatMs > r.ElectionMs {
		add("raft.lease_ms (%d) <= raft.heartbeat_ms (%d) <= raft.election_ms (%d) must hold, and none be under 10", r.LeaseMs, r.HeartbeatMs, r.ElectionMs)
	}
	if n := c.HTTP.EventHeartbeatSeconds; n < 1 || n > 3600 {
		add("http.event_heartbeat_seconds is %d: use 1 to 3600", n)
	}
	if n := c.HTTP.MaxConnections; n < 16 || n > maxConnections {
		add("http.max_connections is %d: use 16 to %d", n, maxConnections)
	}
	if n := c.HTTP.MaxEventStreams; n < 1 || n > maxEventStreams {
		add("http.max_event_streams is %d: use 1 to %d", n, maxEventStreams)
	}
	if c.Raft.CommitMs < 1 || c.Raft.CommitMs > 1000 {
		add("raft.commit_ms is %d: use 1 to 1000", c.Raft.CommitMs)
	}
	errs = append(errs, c.Raft.checkSnapshots()...)
	errs = append(errs, c.Disk.check()...)
	errs = append(errs, c.Webhooks.check()...)
	if _, err := c.secretKey(); err != nil {
		add("gossip.secret_key: %w", err)
	}
	return errors.Join(errs...)
}

func (r RaftConfig) checkSnapshots() (errs []error) {
	if r.SnapshotCommands < 1 || r.SnapshotCommands > 100_000_000 {
		errs = append(errs, fmt.Errorf("raft.snapshot_commands is %d: use 1 to 100000000; after so many commands a snapshot is written", r.SnapshotCommands))
	}
	if r.SnapshotMiB < 1 || r.SnapshotMiB > 1<<20 {
		errs = append(errs, fmt.Errorf("raft.snapshot_mib is %d: use 1 to 1048576; after so much log a snapshot is written", r.SnapshotMiB))
	}
	return errs
}

func (r RaftConfig) snapshots() cluster.SnapshotPolicy {
	return cluster.SnapshotPolicy{Commands: uint64(r.SnapshotCommands), Bytes: uint64(r.SnapshotMiB) << 20}
}

func (d DiskConfig) check() (errs []error) {
	if d.SoftFreeMiB < 1 || d.SoftFreeMiB > 1<<20 {
		errs = append(errs, fmt.Errorf("disk.soft_free_mib is %d: use 1 to 1048576; below so much free space new work is refused", d.SoftFreeMiB))
	}
	if d.SoftFreePercent < 1 || d.SoftFreePercent > 50 {
		errs = append(errs, fmt.Errorf("disk.soft_free_percent is %d: use 1 to 50", d.SoftFreePercent))
	}
	if d.ReserveMiB < 0 || d.ReserveMiB > 1<<20 {
		errs = append(errs, fmt.Errorf("disk.reserve_mib is %d: use 0 (none) to 1048576", d.ReserveMiB))
	}
	return errs
}

func (d DiskConfig) policy() cluster.SpacePolicy {
	return cluster.SpacePolicy{SoftBytes: uint64(d.SoftFreeMiB) << 20, SoftPercent: uint64(d.SoftFreePercent), ReserveBytes: uint64(d.ReserveMiB) << 20}
}

// checkAdvertised finds addresses under which nobody else can reach this node,
// since they mean every address of whoever uses them. Gossip finds its own.
func (c *Config) checkAdvertised() (errs []error) {
	for _, a := range []struct{ name, listen, advertise string }{
		{"http", c.HTTP.Listen, c.HTTP.Advertise},
		{"cluster", c.Cluster.Listen, c.Cluster.Advertise},
	} {
		key, told := a.name+".listen", a.listen
		if a.advertise != "" {
			key, told = a.name+".advertise", a.advertise
		}
		host, _, err := net.SplitHostPort(told)
		if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
			errs = append(errs, fmt.Errorf("%s is %q, under which others cannot reach this node: set %s.advertise to an address of this machine", key, told, a.name))
		}
	}
	return errs
}

func (c *Config) checkVoters() (errs []error) {
	ids := make([]string, 0, len(c.Cluster.InitialVoters))
	for i, v := range c.Cluster.InitialVoters {
		if slices.Contains(ids, v.ID) {
			errs = append(errs, fmt.Errorf("cluster.initial_voters lists %q twice", v.ID))
		}
		ids = append(ids, v.ID)
		if err := checkAddress(v.Address, false); v.ID == "" || err != nil {
			errs = append(errs, fmt.Errorf("cluster.initial_voters, entry %d: it needs an id and an address with a port", i+1))
		}
	}
	if len(ids) > 0 && !slices.Contains(ids, c.NodeID) {
		errs = append(errs, fmt.Errorf("cluster.initial_voters does not list this node, %q", c.NodeID))
	}
	return errs
}

// An address is one of the configuration's, with its key.
type address struct {
	key, value string
	listens    bool
}

func (c *Config) addresses() []address {
	list := []address{
		{"http.listen", c.HTTP.Listen, true},
		{"cluster.listen", c.Cluster.Listen, true},
		{"gossip.listen", c.Gossip.Listen, true},
		{"http.advertise", c.HTTP.Advertise, false},
		{"cluster.advertise", c.Cluster.Advertise, false},
		{"gossip.advertise", c.Gossip.Advertise, false},
	}
	for _, j := range c.Gossip.Join {
		list = append(list, address{"gossip.join", j, false})
	}
	return slices.DeleteFunc(list, func(a address) bool {
		optional := a.key != "http.listen" && a.key != "cluster.listen"
		return a.value == "" && optional
	})
}

var errBeyondLoopback = errors.New("it can be reached from other machines, and there is neither TLS nor any token yet; " +
	"listen on 127.0.0.1, or set insecure_listen (--insecure-listen) if the network is yours alone")

func checkAddress(value string, loopbackOnly bool) error {
	host, port, err := net.SplitHostPort(value)
	if err != nil || port == "" {
		return errors.New("it must be host:port, such as 127.0.0.1:4600")
	}
	if loopbackOnly && !isLoopback(host) {
		return errBeyondLoopback
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Config) secretKey() ([]byte, error) {
	if c.Gossip.SecretKey == "" {
		return nil, nil
	}
	key, err := base64.StdEncoding.DecodeString(c.Gossip.SecretKey)
	if err != nil || len(key) != 16 && len(key) != 24 && len(key) != 32 {
		return nil, errors.New("it must be the base64 of 16, 24 or 32 random bytes (head -c 32 /dev/urandom | base64)")
	}
	return key, nil
}

func (r RaftConfig) timing() cluster.Timing {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	return cluster.Timing{Heartbeat: ms(r.HeartbeatMs), Election: ms(r.ElectionMs), Lease: ms(r.LeaseMs), Commit: ms(r.CommitMs)}
}
