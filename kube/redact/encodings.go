package redact

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"net/url"
	"strings"
	"unicode/utf8"
)

// decoders take one encoding off a text; ok is false for a text that does not have it.
var decoders = []func(text []byte, v *Values) (inner []byte, ok bool){
	fromGzip, fromBase64, fromHex, fromString, fromURL,
}

// unpackedMax bounds the text of one gzip stream.
const unpackedMax = 16 << 20

var gzipMagic = []byte{0x1f, 0x8b}

// fromGzip unpacks as much as v has work left for; of what is longer, a bomb, peel gives
// up.
func fromGzip(text []byte, v *Values) ([]byte, bool) {
	if !bytes.HasPrefix(text, gzipMagic) {
		return nil, false
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, false
	}
	limit := min(unpackedMax, v.budget)
	inner, _ := io.ReadAll(io.LimitReader(r, int64(limit)+1)) // What was cut off begins like the whole.
	if len(inner) > limit {
		v.budget = 0
	}
	return inner, true
}

// fromBase64 accepts both alphabets, with padding or without, on one line or on many.
func fromBase64(text []byte, _ *Values) ([]byte, bool) {
	plain := make([]byte, 0, len(text))
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '-':
			c = '+'
		case '_':
			c = '/'
		}
		plain = append(plain, c)
	}
	plain = bytes.TrimRight(plain, "=")
	if len(plain) < 4 {
		return nil, false
	}
	n, err := base64.RawStdEncoding.Decode(plain, plain)
	return plain[:n], err == nil
}

func fromHex(text []byte, _ *Values) ([]byte, bool) {
	text = bytes.TrimSpace(text)
	inner := make([]byte, hex.DecodedLen(len(text)))
	_, err := hex.Decode(inner, text)
	return inner, err == nil && len(inner) > 0
}

// fromString takes off the quotes of a string in JSON.
func fromString(text []byte, _ *Values) ([]byte, bool) {
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '"' {
		return nil, false
	}
	var inner string
	err := json.Unmarshal(text, &inner)
	return []byte(inner), err == nil
}

func fromURL(text []byte, _ *Values) ([]byte, bool) {
	if !bytes.Contains(text, []byte("%")) {
		return nil, false
	}
	inner, err := url.QueryUnescape(string(text))
	return []byte(inner), err == nil
}

// isCompressed reports whether bytes begin as gzip, zlib or zstd do. A text that only
// means something never does.
func isCompressed(text []byte) bool {
	const zlibLeast = 16 // a header of two bytes may be chance in less
	return bytes.HasPrefix(text, gzipMagic) || bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(text) >= zlibLeast && text[0] == 0x78 && strings.IndexByte("\x01\x5e\x9c\xda", text[1]) >= 0
}

// isText reports whether bytes are text that is meant to be read: any word is Base64 of
// something.
func isText(text []byte) bool {
	for _, c := range text {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return utf8.Valid(text)
}

// spellings returns how a value may be written inside a text: as it is, or as a part of
// something that is in JSON, a URL, Base64 or hexadecimal digits.
func spellings(value []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !yield(value) {
			return
		}
		var quoted bytes.Buffer
		for _, html := range []bool{false, true} {
			quoted.Reset()
			encoder := json.NewEncoder(&quoted)
			encoder.SetEscapeHTML(html)
			if encoder.Encode(string(value)) == nil && !yield(bytes.Trim(quoted.Bytes(), "\"\n")) {
				return
			}
		}
		lower := hex.EncodeToString(value)
		others := append(base64Inside(value), lower, strings.ToUpper(lower),
			url.QueryEscape(string(value)), url.PathEscape(string(value)))
		for _, text := range others {
			if !yield([]byte(text)) {
				return
			}
		}
	}
}

// base64Least is the least length of Base64 that means anything.
const base64Least = 5

// base64Inside returns what Base64 of any text with the value inside contains: three
// texts, since a group of its letters may begin at each of three bytes, in both alphabets.
func base64Inside(value []byte) []string {
	var all []string
	for offset, mixed := range []int{0, 2, 3} { // letters that hold bits of what stands before
		shifted := append(make([]byte, offset), value...)
		text := base64.RawStdEncoding.EncodeToString(shifted)[mixed:]
		if len(shifted)%3 != 0 {
			text = text[:len(text)-1] // holds bits of what comes after
		}
		if len(text) >= base64Least {
			all = append(all, text, strings.NewReplacer("+", "-", "/", "_").Replace(text))
		}
	}
	return all
}
