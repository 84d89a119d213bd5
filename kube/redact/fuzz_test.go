package redact

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// encodingsOf are what a copy may be written in, by a digit of FuzzSecret's how.
var encodingsOf = []func(string) string{
	func(text string) string { return text },
	func(text string) string { return std([]byte(text)) },
	func(text string) string { return raw([]byte(text)) },
	func(text string) string { return std([]byte(gzipped(text))) },
	func(text string) string { return hex.EncodeToString([]byte(text)) },
	quoted,
	url.QueryEscape,
}

// FuzzSecret puts a value, encoded in up to three ways, in place of each ~ in any fields of a Secret. After it is
// hidden, the value is neither there as it is nor as a part of Base64.
func FuzzSecret(f *testing.F) {
	f.Add("seed", `{"metadata":{"annotations":{"a":"~","b":"{~"},"labels":{"l":"~"}},"x":["~"]}`, "u:", "@h", uint16(0))
	f.Add("other", `{"metadata":{"annotations":{"a":"auth ~ ~"}},"data":[1],"stringData":{"~":"~"}}`, "", "", uint16(8))
	f.Fuzz(func(t *testing.T, seed, template, before, after string, how uint16) {
		sum := sha256.Sum256([]byte(seed))
		value := []byte(base32.StdEncoding.EncodeToString(sum[:])[:8+how%17])
		text := before + string(value) + after
		for ; how > 0; how /= 7 {
			if text = encodingsOf[how%7](text); len(text) > 1<<16 {
				return
			}
		}
		fields := map[string]any{}
		if json.Unmarshal([]byte(template), &fields) != nil {
			return
		}
		fields, _ = fill(fields, text).(map[string]any)
		data, _ := fields["data"].(map[string]any)
		if data == nil {
			data = map[string]any{}
		}
		data["value"] = std(value)
		fields["data"], fields["kind"], fields["apiVersion"] = data, "Secret", "v1"
		list, found := Object(map[string]any{"kind": "List", "items": []any{fields}}, Plain)
		if !found {
			t.Fatal("no Secret was found")
		}
		for _, hidden := range []map[string]any{Secret(fields, Plain), list} {
			out, err := json.Marshal(hidden)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range append(base64Inside(value), string(value)) {
				if bytes.Contains(out, []byte(part)) {
					t.Errorf("%s is left of %s in %s", part, value, out)
				}
			}
		}
	})
}

// fill puts a text in place of each ~ where texts of a Secret may stand, other than in its names.
func fill(value any, text string) any {
	switch value := value.(type) {
	case string:
		return strings.ReplaceAll(value, "~", text)
	case []any:
		for i, v := range value {
			value[i] = fill(v, text)
		}
	case map[string]any:
		for key, v := range value {
			if !identity[key] && key != "type" && key != "immutable" {
				value[key] = fill(v, text)
			}
		}
	}
	return value
}

// FuzzManifest looks for Secrets in any annotation and any object: it always ends.
func FuzzManifest(f *testing.F) {
	f.Add(`{"kind":"Secret","data":{"p":"eA=="}}`)
	f.Add(std([]byte(gzipped("kind: Secret\ndata: {}"))))
	f.Fuzz(func(t *testing.T, text string) {
		found := Manifest(text)
		if _, again := Object(map[string]any{"annotations": map[string]any{"a": text}}, Plain); again != found {
			t.Errorf("a manifest: %v, and hidden: %v", found, again)
		}
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) == nil {
			hidden, _ := Object(fields, Plain)
			_, _ = Object(hidden, Plain)
		}
	})
}
