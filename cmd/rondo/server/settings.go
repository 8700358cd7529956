package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// A setting is one key of the configuration under its three names: in the file
// (http.listen), in the environment (RONDO_HTTP_LISTEN), as a flag
// (--http-listen).
type setting struct {
	key   string
	usage string
	set   func(c *Config, value string) error
}

func text(key, usage string, field func(*Config) *string) setting {
	return setting{key, usage, func(c *Config, v string) error {
		*field(c) = v
		return nil
	}}
}

func number(key, usage string, field func(*Config) *int) setting {
	return setting{key, usage, func(c *Config, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", v)
		}
		*field(c) = n
		return nil
	}}
}

var settings = []setting{
	text("node_id", "name of this node; it never changes; auto: found once, and kept in the data directory", func(c *Config) *string { return &c.NodeID }),
	text("data_dir", "directory of this node's data", func(c *Config) *string { return &c.DataDir }),
	text("log_level", "trace, debug, info, warn or error", func(c *Config) *string { return &c.LogLevel }),
	text("zone", "where the node stands, told to the others", func(c *Config) *string { return &c.Zone }),
	text("region", "where the node stands, told to the others", func(c *Config) *string { return &c.Region }),
	text("http.listen", "address of the API", func(c *Config) *string { return &c.HTTP.Listen }),
	text("http.advertise", "address of the API as others reach it", func(c *Config) *string { return &c.HTTP.Advertise }),
	number("http.event_heartbeat_seconds", "a stream of events says something this often", func(c *Config) *int { return &c.HTTP.EventHeartbeatSeconds }),
	number("http.max_event_streams", "streams of events at once", func(c *Config) *int { return &c.HTTP.MaxEventStreams }),
	number("http.max_connections", "connections of clients at once; a quarter more are told to come again", func(c *Config) *int { return &c.HTTP.MaxConnections }),
	text("cluster.listen", "address of the cluster port", func(c *Config) *string { return &c.Cluster.Listen }),
	text("cluster.advertise", "address of the cluster port as others reach it", func(c *Config) *string { return &c.Cluster.Advertise }),
	number("cluster.bootstrap_expect", "how many nodes a new cluster has", func(c *Config) *int { return &c.Cluster.BootstrapExpect }),
	{"cluster.initial_voters", "all nodes of a new cluster: n1=HOST:PORT,n2=HOST:PORT,...", setVoters},
	number("cluster.max_voters", "how many nodes vote; those beyond follow without a vote", func(c *Config) *int { return &c.Cluster.MaxVoters }),
	number("cluster.stable_ms", "how long a new node must be healthy before it gets a vote", func(c *Config) *int { return &c.Cluster.StableMs }),
	number("cluster.remove_dead_after_hours", "remove a node that has been silent for so long; 0: never", func(c *Config) *int { return &c.Cluster.RemoveDeadAfterHours }),
	text("gossip.listen", "address of gossip; without it there is none", func(c *Config) *string { return &c.Gossip.Listen }),
	text("gossip.advertise", "address of gossip as others reach it", func(c *Config) *string { return &c.Gossip.Advertise }),
	{"gossip.join", "gossip addresses of some other nodes, with commas", func(c *Config, v string) error {
		c.Gossip.Join = splitList(v)
		return nil
	}},
	text("gossip.label", "nodes of another label are not heard", func(c *Config) *string { return &c.Gossip.Label }),
	text("gossip.secret_key", "base64 of 16, 24 or 32 bytes: encrypts gossip", func(c *Config) *string { return &c.Gossip.SecretKey }),
	number("raft.heartbeat_ms", "a follower waits this long for its leader", func(c *Config) *int { return &c.Raft.HeartbeatMs }),
	number("raft.election_ms", "a candidate waits this long for votes", func(c *Config) *int { return &c.Raft.ElectionMs }),
	number("raft.lease_ms", "a leader without a majority steps down after this long", func(c *Config) *int { return &c.Raft.LeaseMs }),
	number("raft.commit_ms", "how often an idle leader tells its followers the commit index", func(c *Config) *int { return &c.Raft.CommitMs }),
	number("raft.snapshot_commands", "a snapshot is written, and the log cut, after so many commands", func(c *Config) *int { return &c.Raft.SnapshotCommands }),
	number("raft.snapshot_mib", "likewise after so much log", func(c *Config) *int { return &c.Raft.SnapshotMiB }),
	number("disk.soft_free_mib", "with less free space than this, new work is refused", func(c *Config) *int { return &c.Disk.SoftFreeMiB }),
	number("disk.soft_free_percent", "likewise in percent of the volume; the lesser of the two counts", func(c *Config) *int { return &c.Disk.SoftFreePercent }),
	number("disk.reserve_mib", "space kept back for when the volume is nearly full; 0 is none", func(c *Config) *int { return &c.Disk.ReserveMiB }),
	{"webhook_hosts", "hosts that webhook steps of rules may call, with commas: HOST, HOST:PORT or *.DOMAIN; none: nobody is called", func(c *Config, v string) error {
		c.WebhookHosts = splitList(v)
		return nil
	}},
	text("webhook_secret", "whsec_ and the base64 of 24 to 64 bytes: signs what webhook steps of rules send", func(c *Config) *string { return &c.WebhookSecret }),
	{"insecure_listen", "allow listening beyond loopback without TLS and tokens", func(c *Config, v string) error {
		on, err := strconv.ParseBool(v)
		if err != nil {
			return fmt.Errorf("%q is not true or false", v)
		}
		c.InsecureListen = on
		return nil
	}},
}

func setVoters(c *Config, v string) error {
	c.Cluster.InitialVoters = nil
	for _, part := range splitList(v) {
		id, address, ok := strings.Cut(part, "=")
		if !ok {
			return fmt.Errorf("%q is not of the form n1=127.0.0.1:4601", part)
		}
		c.Cluster.InitialVoters = append(c.Cluster.InitialVoters, VoterConfig{id, address})
	}
	return nil
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
}

func (s setting) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.key) }

func (s setting) variable() string {
	return "RONDO_" + strings.ToUpper(strings.ReplaceAll(s.key, ".", "_"))
}

// Flags adds a flag for every setting.
func Flags(f *pflag.FlagSet) {
	for _, s := range settings {
		usage := fmt.Sprintf("%s (%s)", s.usage, s.variable())
		if s.key == "insecure_listen" {
			f.Bool(s.flag(), false, usage)
			continue
		}
		f.String(s.flag(), "", usage)
	}
}

// Load builds the configuration of a node: defaults, then the file (if any),
// then the environment, then the flags that were given. It is checked.
func Load(file string, environ []string, flags *pflag.FlagSet) (Config, error) {
	c := Defaults()
	if file != "" {
		if err := c.LoadFile(file); err != nil {
			return c, err
		}
	}
	var errs []error
	for _, s := range settings {
		for _, pair := range environ {
			name, value, _ := strings.Cut(pair, "=")
			if name != s.variable() {
				continue
			}
			if err := s.set(&c, value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
		}
		if f := flags.Lookup(s.flag()); f != nil && f.Changed {
			if err := s.set(&c, f.Value.String()); err != nil {
				errs = append(errs, fmt.Errorf("--%s: %w", s.flag(), err))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return c, err
	}
	return c, c.Check()
}
