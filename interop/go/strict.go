// Strict base64url and JSON (SPEC.md §2), and rejection.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

type object = map[string]any

// refusal is the code that SPEC.md §6 gives for the rule that was broken. It is thrown, and caught in main.
type refusal string

func check(condition bool, code string) {
	if !condition {
		panic(refusal("ERR_MANDATE_" + code))
	}
}

func digest(data []byte) []byte { sum := sha256.Sum256(data); return sum[:] }

var encode = base64.RawURLEncoding.EncodeToString

// SPEC.md §2.2. size is in bytes, or -1. Go's decoder skips line breaks, so the result is re-encoded and compared.
func decode(value any, code string, size int) []byte {
	text, ok := value.(string)
	check(ok && (size < 0 || len(text) == (size*4+2)/3), code)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	check(err == nil && encode(raw) == text, code)
	return raw
}

// SPEC.md §2.3. jcs is strict: it rejects duplicate members, lone surrogates and infinite numbers.
func parse[T any](raw []byte, code string) (value T) {
	check(utf8.Valid(raw), code)
	check(depth(raw) <= 32, "TOO_LARGE")
	canonical, err := jcs.Transform(raw)
	check(err == nil && canonical[0] != 'n' && json.Unmarshal(canonical, &value) == nil, code)
	return value
}

func depth(text []byte) (deepest int) {
	for i, level, quoted := 0, 0, false; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && (c == '{' || c == '['):
			level++
			deepest = max(deepest, level)
		case !quoted && (c == '}' || c == ']'):
			level--
		}
	}
	return deepest
}

func canonical(value any) []byte {
	text, _ := json.Marshal(value)
	raw, err := jcs.Transform(text)
	check(err == nil, "PAYLOAD_INVALID")
	return raw
}
