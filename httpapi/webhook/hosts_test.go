package webhook

import (
	"net/netip"
	"strconv"
	"testing"
)

func TestHosts(t *testing.T) {
	h := hostsOf(t, "hooks.example.com", "10.0.0.7:8080", "*.Example.org", "*.dev.example.net:8443", "[fd00::7]:80", "localhost:9000", "fd00::8")
	for url, want := range map[string]bool{
		"https://hooks.example.com/a":       true,
		"http://hooks.example.com/a":        true,
		"https://HOOKS.example.com./a":      true,
		"https://hooks.example.com:444/a":   false,
		"https://a.hooks.example.com/":      false,
		"https://example.com/":              false,
		"http://10.0.0.7:8080":              true,
		"http://10.0.0.7":                   false,
		"https://a.example.org/":            true,
		"https://a.b.example.org/":          true,
		"https://example.org/":              false,
		"https://aexample.org/":             false,
		"https://a.example.org:8443/":       false,
		"https://a.dev.example.net:8443/":   true,
		"https://a.dev.example.net/":        false,
		"http://[fd00::7]/":                 true,
		"http://[FD00:0::7]/":               true,
		"https://[fd00::8]/":                true,
		"http://localhost:9000/":            true,
		"http://127.0.0.1:9000/":            false,
		"ftp://hooks.example.com/":          false,
		"https://ann:pw@hooks.example.com/": false,
		"//hooks.example.com/":              false,
		"https:///":                         false,
		"https://hooks.example.com@evil/":   false,
		"":                                  false,
	} {
		if _, err := h.target(url); (err == nil) != want {
			t.Errorf("%s: %v, want allowed %v", url, err, want)
		}
	}
	if _, err := (Hosts{}).target("https://hooks.example.com/"); err == nil {
		t.Error("nobody is listed, and somebody is called")
	}
}

func TestHostsAreRefused(t *testing.T) {
	for _, bad := range []string{"", "https://a.example.com", "a.example.com/x", "a:0", "a:70000", "a:b", "*", "*.com", "*.", "a..b", "*.*.example.com", "a b", "-a.com", "10.0.0.0/8"} {
		if _, err := ParseHosts([]string{bad}); err == nil {
			t.Errorf("%q is taken for a host", bad)
		}
	}
	var many []string
	for i := range MaxHosts + 1 {
		many = append(many, "h"+strconv.Itoa(i)+".example.com")
	}
	if _, err := ParseHosts(many); err == nil {
		t.Error("too many hosts are taken")
	}
	if _, err := ParseHosts(many[1:]); err != nil {
		t.Error(err)
	}
}

// A name that leads into a private network is dialled only if it is listed itself,
// and to the places that belong to the machine or the cloud only by their address.
func TestRebinding(t *testing.T) {
	h := hostsOf(t, "hooks.example.com", "*.example.org", "169.254.1.1", "10.0.0.7")
	for _, c := range []struct {
		at, ip string
		want   bool
	}{
		{"a.example.org:443", "93.184.216.34", true},
		{"a.example.org:443", "2606:2800:220:1::1", true},
		{"a.example.org:443", "10.0.0.7", false},
		{"a.example.org:443", "127.0.0.1", false},
		{"a.example.org:443", "::1", false},
		{"a.example.org:443", "::ffff:192.168.1.1", false},
		{"a.example.org:443", "64:ff9b::a00:7", false},
		{"a.example.org:443", "2002:a00:7::1", false},
		{"a.example.org:443", "::10.0.0.7", false},
		{"a.example.org:443", "100.64.0.1", false},
		{"a.example.org:443", "fd00::1", false},
		{"a.example.org:443", "169.254.169.254", false},
		{"hooks.example.com:443", "10.0.0.7", true},
		{"hooks.example.com:443", "127.0.0.1", true},
		{"hooks.example.com:443", "169.254.169.254", false},
		{"hooks.example.com:443", "fe80::1", false},
		{"hooks.example.com:443", "0.0.0.0", false},
		{"169.254.1.1:80", "169.254.1.1", true},
		{"10.0.0.7:443", "10.0.0.7", true},
	} {
		if err := h.mayDial(c.at, netip.MustParseAddr(c.ip)); (err == nil) != c.want {
			t.Errorf("%s at %s: %v, want %v", c.at, c.ip, err, c.want)
		}
	}
}
