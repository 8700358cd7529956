package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// A Secret signs calls, so that their receiver knows who calls. The zero Secret
// signs nothing.
type Secret struct{ key []byte }

// Bounds of a secret, as the Standard Webhooks have them.
const (
	minSecretBytes = 24
	maxSecretBytes = 64
)

// ParseSecret reads "whsec_" followed by the base64 of 24 to 64 bytes; "" is none.
func ParseSecret(text string) (Secret, error) {
	if text == "" {
		return Secret{}, nil
	}
	encoded, prefixed := strings.CutPrefix(text, "whsec_")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if !prefixed || err != nil || len(key) < minSecretBytes || len(key) > maxSecretBytes {
		return Secret{}, errors.New(`it must be whsec_ and the base64 of 24 to 64 random bytes (echo "whsec_$(head -c 32 /dev/urandom | base64)")`)
	}
	return Secret{key}, nil
}

// sign returns the webhook-signature of a call, or "" without a secret.
func (s Secret) sign(id, timestamp string, body []byte) string {
	if s.key == nil {
		return ""
	}
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// String keeps the secret out of logs.
func (s Secret) String() string {
	if s.key == nil {
		return "none"
	}
	return "set"
}
