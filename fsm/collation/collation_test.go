package collation

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
)

func TestNamesSortAsPeopleExpect(t *testing.T) {
	want := []string{"Adne", "Ådne", "Chris Brisson", "mallory p", "Mallory Q", "Salesmsg UK Team", "Value 2", "Value 10", "Жанна", "李"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, func(a, b string) int { return bytes.Compare(Key(a), Key(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCaseIsIgnored(t *testing.T) {
	if !bytes.Equal(Key("mallory"), Key("MALLORY")) {
		t.Error("case decides")
	}
}

// TestGoldenKeys: when the library's tables change, these keys do, and then
// Version must rise, since keys of both would meet in one ring.
func TestGoldenKeys(t *testing.T) {
	for name, want := range map[string]string{
		"Chris Brisson":    "161d16b417bd16cd17f30109160517bd16cd17f317f31771174f00000020002000200020002000200020002000200020002000200020",
		"Mallory P":        "174115ef17111711177117bd1880010917960000002000200020002000200020002000200020",
		"Salesmsg UK Team": "17f315ef1711164c17f3174117f316910109183616ff01091816164c15ef174100000020002000200020002000200020002000200020002000200020002000200020",
		"Value 2":          "185f15ef17111836164c010914f0000114e80000002000200020002000200020002000200020",
		"Value 10":         "185f15ef17111836164c010914f0000214e714e600000020002000200020002000200020002000200020",
		"Ådne":             "15ef1631174f164c000000200043002000200020",
	} {
		if got := hex.EncodeToString(Key(name)); got != want {
			t.Errorf("the key of %q is %s and was %s: raise Version", name, got, want)
		}
	}
}

func TestKeysAreBounded(t *testing.T) {
	if n := len(Key(string(bytes.Repeat([]byte("Ä9"), 5000)))); n > MaxBytes {
		t.Errorf("%d bytes", n)
	}
}
