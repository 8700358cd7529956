package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// MaxHosts bounds the list of hosts that may be called.
const MaxHosts = 200

// Hosts are the hosts that may be called; none by default. It is immutable and may
// be used from any goroutine.
type Hosts struct {
	exact map[string]bool // host:port
	below []wildcard
}

type wildcard struct{ suffix, port string } // ".example.com"

// ParseHosts reads a list of hosts: "hooks.example.com" (port 443 by https and 80 by
// http), "10.0.0.7:8080", "[fd00::7]:8080", or "*.example.com" for every host below
// it, which may then not have an address of a private network. Each error names the
// entry and the fix.
func ParseHosts(list []string) (Hosts, error) {
	h := Hosts{exact: map[string]bool{}}
	if len(list) > MaxHosts {
		return h, fmt.Errorf("%d hosts are listed, at most %d are allowed; use *.example.com for all hosts of a domain", len(list), MaxHosts)
	}
	var errs []error
	for _, entry := range list {
		if err := h.add(entry); err != nil {
			errs = append(errs, fmt.Errorf("%q: %w", entry, err))
		}
	}
	return h, errors.Join(errs...)
}

func (h *Hosts) add(entry string) error {
	host, port, err := splitEntry(entry)
	if err != nil {
		return err
	}
	ports := []string{port}
	if port == "" {
		ports = []string{"80", "443"}
	}
	rest, all := strings.CutPrefix(host, "*.")
	if _, err := netip.ParseAddr(host); err != nil && !isHostname(rest) {
		return errors.New("it must be a host, such as hooks.example.com, 10.0.0.7:8080 or *.example.com, without http:// and without a path")
	}
	if all && !strings.Contains(rest, ".") {
		return errors.New("a whole top-level domain is too much; list *.example.com, or the hosts one by one")
	}
	for _, p := range ports {
		if all {
			h.below = append(h.below, wildcard{"." + rest, p})
		} else {
			h.exact[net.JoinHostPort(host, p)] = true
		}
	}
	return nil
}

func splitEntry(entry string) (host, port string, err error) {
	host = entry
	if addr, parseErr := netip.ParseAddr(strings.Trim(entry, "[]")); parseErr == nil {
		return addr.String(), "", nil
	}
	if strings.Contains(entry, ":") {
		host, port, err = net.SplitHostPort(entry)
		if n, numErr := strconv.Atoi(port); err != nil || numErr != nil || n < 1 || n > 65535 {
			return "", "", errors.New("it must be host or host:port, with a port from 1 to 65535")
		}
	}
	return canonical(host), port, nil
}

// canonical is how a host is compared: names in lower case and without a final dot,
// addresses in their shortest form.
func canonical(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func isHostname(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		ok := label != "" && len(label) <= 63 && label[0] != '-'
		for _, r := range label {
			ok = ok && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_')
		}
		if !ok {
			return false
		}
	}
	return len(s) <= 253
}

// Allow says whether a URL may be called. Any goroutine may ask.
func (h Hosts) Allow(url string) bool {
	_, err := h.target(url)
	return err == nil
}

// target returns host:port of a URL that may be called, or why it may not.
func (h Hosts) target(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("it is not a URL of http or https")
	}
	if u.User != nil {
		return "", errors.New("it has a user or a password in it")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	at := net.JoinHostPort(canonical(u.Hostname()), port)
	if !h.listed(at) {
		return "", fmt.Errorf("%s is not listed in webhook_hosts of this node", at)
	}
	return at, nil
}

func (h Hosts) listed(at string) bool { return h.exact[at] || h.covered(at) }

func (h Hosts) covered(at string) bool {
	host, port, err := net.SplitHostPort(at)
	if _, isAddress := netip.ParseAddr(host); err != nil || isAddress == nil {
		return false
	}
	for _, w := range h.below {
		if w.port == port && strings.HasSuffix(host, w.suffix) {
			return true
		}
	}
	return false
}

// errPrivate says that the name of a host leads into a network that it was not
// listed for: somebody who may change the name could reach what only this machine
// sees (DNS rebinding).
var errPrivate = errors.New("its name has an address of a private network; list the host by its full name, or the address, in webhook_hosts")

// mayDial judges the address that a name turned out to have, at the moment of
// dialling, so that no second look-up can give another one. A host that is listed by
// its full name may have a private address; addresses that no server should have
// (link-local, such as the metadata of clouds, multicast, none) must be listed
// themselves.
func (h Hosts) mayDial(at string, ip netip.Addr) error {
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return fmt.Errorf("dial %s: %w", at, err)
	}
	if literal, err := netip.ParseAddr(host); err == nil && literal.Unmap() == ip.Unmap() {
		return nil
	}
	switch ip = ip.Unmap(); {
	case odd(ip):
		return errPrivate
	case h.exact[at]:
		return nil
	case private(ip):
		return errPrivate
	}
	return nil
}

func odd(ip netip.Addr) bool {
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || !ip.IsValid() || ip.Zone() != ""
}

func private(ip netip.Addr) bool {
	if ip.IsPrivate() || ip.IsLoopback() {
		return true
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// reserved are networks that are nobody's on the internet, or that lead to any IPv4
// address by another way.
var reserved = func() (list []netip.Prefix) {
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		list = append(list, netip.MustParsePrefix(s))
	}
	return list
}()
