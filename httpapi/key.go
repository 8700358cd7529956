package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rondohq/rondo/fsm"
)

const (
	keyHeader   = "Idempotency-Key"
	maxKeyBytes = 128

	// mintedPrefix marks a key that a node made up for a request without one. A
	// client that lost the answer may send it back as its Idempotency-Key.
	mintedPrefix = "minted-"

	// A minted key is remembered for a minute (fsm.MintedKeyLifeMs) after it was
	// applied, so it is taken back only while a retry is certain to arrive within
	// that: its age and a request's time together stay below.
	maxMintedAge = 30 * time.Second
	maxTimeout   = 25 * time.Second
)

// keyOf returns the key under which a request happens at most once: the client's,
// or one minted for this call.
func keyOf(r *http.Request, p Principal, now time.Time) (fsm.Key, error) {
	values := r.Header[keyHeader]
	switch {
	case len(values) == 0:
		id, err := uuid.NewV7()
		if err != nil {
			return fsm.Key{}, fmt.Errorf("mint a key: %w", err)
		}
		return fsm.Key{Source: fsm.KeyMinted, Text: mintedPrefix + id.String()}, nil
	case len(values) > 1 || !isKey(values[0]):
		return fsm.Key{}, invalid(inHeader(keyHeader, "format",
			fmt.Sprintf("give one key of 1 to %d visible ASCII characters, such as a UUID", maxKeyBytes)))
	}
	text := values[0]
	if rest, minted := strings.CutPrefix(text, mintedPrefix); minted {
		return mintedKey(text, rest, now)
	}
	return fsm.Key{Source: fsm.KeyClient, Scope: p.Name, Text: text}, nil
}

// mintedKey takes a minted key back, as long as it is remembered for certain.
func mintedKey(text, rest string, now time.Time) (fsm.Key, error) {
	id, err := uuid.Parse(rest)
	if err != nil || id.Version() != 7 || id.String() != rest {
		return fsm.Key{}, invalid(inHeader(keyHeader, "format",
			"only keys from an answer of this API begin with "+mintedPrefix+"; choose another key"))
	}
	age := now.Sub(time.Unix(id.Time().UnixTime()))
	if age > maxMintedAge || age < -maxMintedAge {
		return fsm.Key{}, newProblem(http.StatusUnprocessableEntity, "key_expired", "The key is not remembered any more",
			fmt.Sprintf("a key made for one request is remembered for %s only; look whether the request was carried out, then send it with a key of your own", maxMintedAge))
	}
	return fsm.Key{Source: fsm.KeyMinted, Text: text}, nil
}

func isKey(s string) bool {
	if s == "" || len(s) > maxKeyBytes {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// refuseKey is for messages, whose id is their key.
func refuseKey(r *http.Request) error {
	if len(r.Header[keyHeader]) == 0 {
		return nil
	}
	return invalid(inHeader(keyHeader, "unexpected", "a message is told from others by its id; leave this header out"))
}
