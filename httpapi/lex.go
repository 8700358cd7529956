package httpapi

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A lexer reads the parts of a JSON text that hold no others: RFC 8259 to the
// letter. Its methods return false once the syntax is broken, and the fault
// stands alone in faults then.
type lexer struct {
	data   []byte
	at     int
	faults *[]fault
}

// broken ends the scan: what stands behind this place cannot be understood. The
// other faults go, since they may be wrong.
func (in *lexer) broken(code, says string) bool {
	before := in.data[:in.at]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	*in.faults = append((*in.faults)[:0], inBody("", code, fmt.Sprintf("line %d, column %d: %s", line, column, says)))
	return false
}

// expected says what the syntax needs here and what stands there instead.
func (in *lexer) expected(what string) bool {
	if in.at >= len(in.data) {
		return in.broken("syntax", what+" is missing: the body ends here")
	}
	r, _ := utf8.DecodeRune(in.data[in.at:])
	return in.broken("syntax", fmt.Sprintf("%s is needed here, not %q", what, r))
}

func (in *lexer) peek() byte {
	if in.at < len(in.data) {
		return in.data[in.at]
	}
	return 0
}

func (in *lexer) space() {
	for in.at < len(in.data) {
		switch in.data[in.at] {
		case ' ', '\t', '\r', '\n':
			in.at++
		default:
			return
		}
	}
}

// str reads a string with its quotes.
func (in *lexer) str() bool {
	for in.at++; in.at < len(in.data); in.at++ {
		switch b := in.data[in.at]; {
		case b == '"':
			in.at++
			return true
		case b < ' ':
			return in.broken("syntax", fmt.Sprintf("a string may not hold the character %q as it is; write \\u%04x", b, b))
		case b == '\\':
			if !in.escape() {
				return false
			}
		}
	}
	return in.expected("the quote that ends the string")
}

// escape stands on a backslash and stops on the last character of its escape.
func (in *lexer) escape() bool {
	in.at++
	switch in.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			in.at++
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(in.peek())) || in.at >= len(in.data) {
				return in.expected("a hexadecimal digit")
			}
		}
		return true
	default:
		return in.expected(`one of " \ / b f n r t u`)
	}
}

// number reads a number: -0.5e+7.
func (in *lexer) number() bool {
	if in.peek() == '-' {
		in.at++
	}
	if in.peek() == '0' {
		in.at++
	} else if !in.digits() {
		return false
	}
	if in.peek() == '.' {
		in.at++
		if !in.digits() {
			return false
		}
	}
	if in.peek()|0x20 == 'e' {
		in.at++
		if in.peek() == '+' || in.peek() == '-' {
			in.at++
		}
		return in.digits()
	}
	return true
}

func (in *lexer) digits() bool {
	start := in.at
	for in.peek() >= '0' && in.peek() <= '9' {
		in.at++
	}
	if in.at == start {
		return in.expected("a digit")
	}
	return true
}

func (in *lexer) word(word string) bool {
	if bytes.HasPrefix(in.data[in.at:], []byte(word)) {
		in.at += len(word)
		return true
	}
	return in.expected("a value: a string in quotes, a number, true, false, null, [ or {")
}
