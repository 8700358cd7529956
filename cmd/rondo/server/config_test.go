package server

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// samples are three values for every setting, valid beside each other, as the
// file, a variable and a flag write them.
var samples = map[string][3]string{
	"node_id":                         {"n1", "n2", "n3"},
	"data_dir":                        {"/a", "/b", "/c"},
	"log_level":                       {"debug", "warn", "error"},
	"webhook_hosts":                   {"a.example.com", "b.example.com:8443", "*.example.com"},
	"webhook_secret":                  {"whsec_" + strings.Repeat("A", 32), "whsec_" + strings.Repeat("B", 32), "whsec_" + strings.Repeat("C", 32)},
	"zone":                            {"z1", "z2", "z3"},
	"region":                          {"r1", "r2", "r3"},
	"http.listen":                     {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"},
	"http.advertise":                  {"a:1", "b:2", "c:3"},
	"cluster.listen":                  {"127.0.0.1:4", "127.0.0.1:5", "127.0.0.1:6"},
	"cluster.advertise":               {"a:4", "b:5", "c:6"},
	"cluster.bootstrap_expect":        {"1", "3", "5"},
	"cluster.initial_voters":          {"n1=a:1", "n1=a:2,n2=b:2", "n1=a:3,n2=b:3,n3=c:3"},
	"gossip.listen":                   {"127.0.0.1:7", "127.0.0.1:8", "127.0.0.1:9"},
	"gossip.advertise":                {"a:7", "b:8", "c:9"},
	"gossip.join":                     {"a:1", "a:1,b:1", "a:1,b:1,c:1"},
	"gossip.label":                    {"l1", "l2", "l3"},
	"gossip.secret_key":               {"AAAAAAAAAAAAAAAAAAAAAA==", "AQAAAAAAAAAAAAAAAAAAAA==", "AgAAAAAAAAAAAAAAAAAAAA=="},
	"raft.heartbeat_ms":               {"301", "302", "303"},
	"raft.election_ms":                {"401", "402", "403"},
	"raft.lease_ms":                   {"101", "102", "103"},
	"raft.commit_ms":                  {"51", "52", "53"},
	"raft.snapshot_commands":          {"61", "62", "63"},
	"raft.snapshot_mib":               {"71", "72", "73"},
	"http.max_event_streams":          {"11", "12", "13"},
	"http.max_connections":            {"31", "32", "33"},
	"http.event_heartbeat_seconds":    {"21", "22", "23"},
	"insecure_listen":                 {"true", "false", "true"},
	"disk.soft_free_mib":              {"601", "602", "603"},
	"disk.soft_free_percent":          {"7", "8", "9"},
	"disk.reserve_mib":                {"11", "12", "13"},
	"cluster.max_voters":              {"1", "3", "7"},
	"cluster.stable_ms":               {"1", "2", "3"},
	"cluster.remove_dead_after_hours": {"24", "48", "72"},
}

// inFile writes one setting as TOML.
func inFile(key, value string) string {
	table, name, below := strings.Cut(key, ".")
	if !below {
		table, name = "", key
	}
	switch {
	case key == "cluster.initial_voters":
		id, address, _ := strings.Cut(value, "=")
		return "[[cluster.initial_voters]]\nid = '" + id + "'\naddress = '" + address + "'\n"
	case key == "gossip.join", key == "webhook_hosts":
		value = "['" + value + "']"
	case key == "http.max_connections", key == "insecure_listen" || key == "cluster.bootstrap_expect" || table == "raft" || table == "disk" || numbers[key],
		key == "http.max_event_streams", key == "http.event_heartbeat_seconds":
	default:
		value = "'" + value + "'"
	}
	if below {
		return "[" + table + "]\n" + name + " = " + value + "\n"
	}
	return name + " = " + value + "\n"
}

var numbers = map[string]bool{"cluster.max_voters": true, "cluster.stable_ms": true, "cluster.remove_dead_after_hours": true}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rondo.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func flagSet(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	f := pflag.NewFlagSet("server", pflag.ContinueOnError)
	Flags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return f
}

// set returns what a configuration is after one setting was given a value.
func set(t *testing.T, s setting, value string) Config {
	t.Helper()
	c := Defaults()
	if err := s.set(&c, value); err != nil {
		t.Fatal(err)
	}
	return c
}

// Every setting can be set in three ways, and the later overrules the earlier.
func TestPrecedence(t *testing.T) {
	for _, s := range settings {
		t.Run(s.key, func(t *testing.T) {
			values, ok := samples[s.key]
			if !ok {
				t.Fatal("there are no samples of it: add three values that can be told apart")
			}
			if def := Defaults(); reflect.DeepEqual(set(t, s, values[0]), def) || s.key != "insecure_listen" && reflect.DeepEqual(set(t, s, values[1]), def) {
				t.Fatal("a sample is the default, so it proves nothing")
			}
			file := write(t, inFile(s.key, values[0]))
			environ := []string{"PATH=/bin", s.variable() + "=" + values[1], s.variable() + "_MORE=x"}
			flag := "--" + s.flag() + "=" + values[2]
			for _, c := range []struct {
				file    string
				environ []string
				args    []string
				want    string
			}{
				{file, nil, nil, values[0]},
				{file, environ, nil, values[1]},
				{file, environ, []string{flag}, values[2]},
				{file, nil, []string{flag}, values[2]},
				{"", environ, nil, values[1]},
				{"", environ, []string{flag}, values[2]},
				{"", nil, []string{flag}, values[2]},
			} {
				got, _ := Load(c.file, c.environ, flagSet(t, c.args...)) // alone it does not pass Check
				if want := set(t, s, c.want); !reflect.DeepEqual(got, want) {
					t.Errorf("file %v, variable %v, flag %v: %+v\nwant %+v", c.file != "", c.environ != nil, c.args != nil, got, want)
				}
			}
		})
	}
	if len(samples) != len(settings) {
		t.Errorf("%d settings have samples, there are %d", len(samples), len(settings))
	}
}

// Every field of the configuration is a setting: none can be reached by the file
// alone.
func TestSettingsCoverConfig(t *testing.T) {
	var keys []string
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		for i := range typ.NumField() {
			field := typ.Field(i)
			key := prefix + field.Tag.Get("toml")
			if field.Anonymous {
				walk(prefix, field.Type)
			} else if field.Type.Kind() == reflect.Struct {
				walk(key+".", field.Type)
			} else {
				keys = append(keys, key)
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	var have []string
	for _, s := range settings {
		have = append(have, s.key)
	}
	slices.Sort(keys)
	slices.Sort(have)
	if !slices.Equal(keys, have) {
		t.Errorf("the file knows %v\nsettings are %v", keys, have)
	}
}

// A flag that was not given and an empty environment leave the file alone.
func TestNothingGiven(t *testing.T) {
	got, err := Load("", nil, flagSet(t))
	if want := Defaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want the defaults", got)
	}
	if err == nil || !strings.Contains(err.Error(), "node_id is needed") {
		t.Errorf("error %v, want what is needed", err)
	}
}

// A variable that is set to nothing is set: it takes away what the file says.
func TestEmptyVariable(t *testing.T) {
	file := write(t, "node_id = 'n1'\ndata_dir = '/a'\nzone = 'z'\n[gossip]\njoin = ['a:1']\n")
	got, err := Load(file, []string{"RONDO_ZONE=", "RONDO_GOSSIP_JOIN="}, flagSet(t))
	if err != nil || got.Zone != "" || len(got.Gossip.Join) != 0 {
		t.Errorf("zone %q, join %v (%v), want neither", got.Zone, got.Gossip.Join, err)
	}
}

func TestFileErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"node_id = 'n1'\nnode_idd = 'n2'\n", `rondo.toml:2:1: unknown key "node_idd"`},
		{"[http]\nlisten = '127.0.0.1:1'\nport = 5\n[raft]\nfast = true\n", "rondo.toml:3:1: unknown key \"http.port\"\n"},
		{"[http]\nport = 5\n[raft]\nfast = true\n", `rondo.toml:4:1: unknown key "raft.fast"`},
		{"[htp]\nlisten = '127.0.0.1:1'\n", `unknown key "htp`},
		{"\n\nnode_id = 5\n", "rondo.toml:3:11: node_id: a text in quotes is needed, not a TOML integer"},
		{"[cluster]\nbootstrap_expect = 'three'\n", "rondo.toml:2:20: cluster.bootstrap_expect: a whole number is needed, not a TOML string"},
		{"insecure_listen = 'yes'\n", "insecure_listen: true or false is needed, not a TOML string"},
		{"[gossip]\njoin = 'a:1'\n", "rondo.toml:2:8: gossip.join: an array is needed, not a TOML string"},
		{"cluster = 5\n", "cluster: a table is needed, not a TOML integer"},
		{"node_id = 2026-11-21\n", "node_id: a text in quotes is needed, not a TOML local date"},
		{"node_id = 'n1'\nnode_id = 'n2'\n", "rondo.toml:2:1: node_id: key node_id is already defined"},
		{"node_id = \n", "rondo.toml:1:11: "},
		{"[[cluster.initial_voters]]\nid = 'n1'\nadress = 'a:1'\n", `rondo.toml:3:1: unknown key "cluster.initial_voters.adress"`},
	} {
		_, err := Load(write(t, c.text), nil, flagSet(t))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v\nwant %s", c.text, err, c.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.toml")
	if _, err := Load(missing, nil, flagSet(t)); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v, want one that names the file", err)
	}
}

func TestValueErrors(t *testing.T) {
	_, err := Load("", []string{"RONDO_RAFT_LEASE_MS=soon", "RONDO_INSECURE_LISTEN=maybe"},
		flagSet(t, "--cluster-bootstrap-expect", "three", "--cluster-initial-voters", "n1"))
	for _, want := range []string{
		`RONDO_RAFT_LEASE_MS: "soon" is not a whole number`, `RONDO_INSECURE_LISTEN: "maybe" is not true or false`,
		`--cluster-bootstrap-expect: "three" is not a whole number`, `--cluster-initial-voters: "n1" is not of the form n1=127.0.0.1:4601`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant all of them, also: %s", err, want)
		}
	}
}

// complete is a configuration that passes.
func complete() Config {
	c := Defaults()
	c.NodeID, c.DataDir = "n1", "/var/lib/rondo"
	c.Gossip.Listen = "127.0.0.1:4602"
	return c
}

func TestCheck(t *testing.T) {
	c := complete()
	if err := c.Check(); err != nil {
		t.Fatalf("a complete configuration does not pass: %v", err)
	}
	for _, k := range []struct {
		want   string // "": it passes
		change func(*Config)
	}{
		{"node_id is needed: a name", func(c *Config) { c.NodeID = "" }},
		{"data_dir is needed: a directory", func(c *Config) { c.DataDir = "" }},
		{`log_level is "loud": use trace, debug, info, warn or error`, func(c *Config) { c.LogLevel = "loud" }},
		{`http.listen is "": it must be host:port`, func(c *Config) { c.HTTP.Listen = "" }},
		{`cluster.listen is "127.0.0.1": it must be host:port, such as 127.0.0.1:4600`, func(c *Config) { c.Cluster.Listen = "127.0.0.1" }},
		{`gossip.join is "n2:": it must be host:port`, func(c *Config) { c.Gossip.Join = []string{"n3:1", "n2:"} }},
		{`http.advertise is "here": it must be host:port`, func(c *Config) { c.HTTP.Advertise = "here" }},

		{`http.listen is "0.0.0.0:4600": it can be reached from other machines`, func(c *Config) { c.HTTP.Listen = "0.0.0.0:4600" }},
		{`cluster.listen is ":4601": it can be reached from other machines`, func(c *Config) { c.Cluster.Listen = ":4601" }},
		{`gossip.listen is "10.0.0.1:4602": it can be reached from other machines`, func(c *Config) { c.Gossip.Listen = "10.0.0.1:4602" }},
		{"or set insecure_listen (--insecure-listen) if the network is yours alone", func(c *Config) { c.HTTP.Listen = "rondo.example:4600" }},
		{"", func(c *Config) { c.HTTP.Listen, c.InsecureListen = "10.0.0.1:4600", true }},
		{"", func(c *Config) { c.HTTP.Listen, c.Cluster.Listen = "[::1]:4600", "localhost:4601" }},
		{"", func(c *Config) { c.Gossip.Join, c.Cluster.Advertise = []string{"10.0.0.2:4602"}, "10.0.0.1:4601" }},

		{`cluster.listen is "0.0.0.0:4601", under which others cannot reach this node: set cluster.advertise`, func(c *Config) { c.Cluster.Listen, c.InsecureListen = "0.0.0.0:4601", true }},
		{`http.listen is ":4600", under which others cannot reach this node: set http.advertise`, func(c *Config) { c.HTTP.Listen, c.InsecureListen = ":4600", true }},
		{`cluster.advertise is "[::]:4601", under which others cannot reach`, func(c *Config) { c.Cluster.Advertise = "[::]:4601" }},
		{"", func(c *Config) {
			c.Cluster.Listen, c.Cluster.Advertise, c.InsecureListen = "0.0.0.0:4601", "10.0.0.1:4601", true
		}},

		{"cluster.bootstrap_expect and cluster.initial_voters are both set: use one", func(c *Config) {
			c.Cluster.BootstrapExpect, c.Cluster.InitialVoters = 1, []VoterConfig{{"n1", "a:1"}}
		}},
		{"cluster.bootstrap_expect is -1: use the number of nodes", func(c *Config) { c.Cluster.BootstrapExpect = -1 }},
		{"cluster.bootstrap_expect needs gossip.listen and gossip.join", func(c *Config) { c.Cluster.BootstrapExpect, c.Gossip.Listen = 3, "" }},
		{`cluster.initial_voters lists "n1" twice`, func(c *Config) { c.Cluster.InitialVoters = []VoterConfig{{"n1", "a:1"}, {"n1", "b:1"}} }},
		{"cluster.initial_voters, entry 2: it needs an id and an address", func(c *Config) { c.Cluster.InitialVoters = []VoterConfig{{"n1", "a:1"}, {"n2", ""}} }},
		{`cluster.initial_voters does not list this node, "n1"`, func(c *Config) { c.Cluster.InitialVoters = []VoterConfig{{"n2", "a:1"}} }},
		{"", func(c *Config) { c.Cluster.InitialVoters = []VoterConfig{{"n1", "a:1"}, {"n2", "b:1"}, {"n3", "c:1"}} }},

		{"raft.lease_ms (301) <= raft.heartbeat_ms (300)", func(c *Config) { c.Raft.LeaseMs = 301 }},
		{"raft.heartbeat_ms (300) <= raft.election_ms (299)", func(c *Config) { c.Raft.ElectionMs = 299 }},
		{"none be under 10", func(c *Config) { c.Raft.LeaseMs = 9 }},
		{"raft.commit_ms is 0: use 1 to 1000", func(c *Config) { c.Raft.CommitMs = 0 }},
		{"http.max_connections is 15: use 16 to", func(c *Config) { c.HTTP.MaxConnections = 15 }},
		{"raft.snapshot_commands is 0: use 1 to", func(c *Config) { c.Raft.SnapshotCommands = 0 }},
		{"raft.snapshot_mib is -1: use 1 to", func(c *Config) { c.Raft.SnapshotMiB = -1 }},
		{"http.event_heartbeat_seconds is 0: use 1 to 3600", func(c *Config) { c.HTTP.EventHeartbeatSeconds = 0 }},
		{"http.max_event_streams is 4097: use 1 to 4096", func(c *Config) { c.HTTP.MaxEventStreams = 4097 }},
		{"gossip.secret_key: it must be the base64 of 16, 24 or 32 random bytes", func(c *Config) { c.Gossip.SecretKey = "hunter2" }},
		{"gossip.secret_key: it must be", func(c *Config) { c.Gossip.SecretKey = "AAAA" }},
		{"", func(c *Config) { c.Gossip.SecretKey = samples["gossip.secret_key"][0] }},
	} {
		c := complete()
		k.change(&c)
		err := c.Check()
		switch {
		case k.want == "" && err != nil:
			t.Errorf("%+v does not pass: %v", c, err)
		case k.want != "" && (err == nil || !strings.Contains(err.Error(), k.want)):
			t.Errorf("error %v\nwant: %s", err, k.want)
		}
	}
}

// All that is wrong is said at once.
func TestCheckNamesAll(t *testing.T) {
	c := Config{}
	err := c.Check()
	for _, want := range []string{"node_id", "data_dir", "log_level", "http.listen", "cluster.listen", "raft.lease_ms", "raft.commit_ms"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant one that names %s", err, want)
		}
	}
}

// Whether a node is insecure is told by what it listens on, not by what it may.
func TestBeyondLoopback(t *testing.T) {
	for _, k := range []struct {
		want   bool
		change func(*Config)
	}{
		{false, func(*Config) {}},
		{false, func(c *Config) { c.InsecureListen = true }},
		{false, func(c *Config) { c.Gossip.Join = []string{"10.0.0.1:4602"} }},
		{true, func(c *Config) { c.InsecureListen, c.HTTP.Listen = true, "10.0.0.1:4600" }},
		{true, func(c *Config) { c.InsecureListen, c.Gossip.Listen = true, "0.0.0.0:4602" }},
	} {
		c := complete()
		k.change(&c)
		if got := c.beyondLoopback(); got != k.want {
			t.Errorf("%+v: beyond loopback %v, want %v", c, got, k.want)
		}
	}
}

// What a person may copy from a running node's settings is a file that loads.
func TestFileRoundTrip(t *testing.T) {
	c := complete()
	c.Cluster.InitialVoters = []VoterConfig{{"n1", "127.0.0.1:4601"}, {"n2", "127.0.0.1:4611"}}
	text, err := toml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Load(write(t, string(text)), nil, flagSet(t))
	if err != nil {
		t.Fatal(err)
	}
	// An empty list is written, and read back as one that is there.
	if got.Gossip.Join, got.WebhookHosts = nil, nil; !reflect.DeepEqual(got, c) {
		t.Errorf("%+v\nwant %+v", got, c)
	}
}
