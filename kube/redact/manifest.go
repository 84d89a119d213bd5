package redact

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"slices"
)

// traces are parts of every text that holds a Secret: its kind, Base64 of that, and the
// beginning of gzip in Base64.
var traces = func() [][]byte {
	kind := []byte("Secret")
	all := [][]byte{kind, []byte("H4sI")}
	for _, text := range base64Inside(kind) {
		all = append(all, []byte(text))
	}
	return all
}()

// Suspect reports whether an object that is not a Secret may hold one: a quick look at
// its bytes in JSON or protobuf.
func Suspect(object []byte) bool {
	for _, trace := range traces {
		if bytes.Contains(object, trace) {
			return true
		}
	}
	return false
}

// Manifest reports whether an annotation of some object, of any kind, holds a Secret with
// values: a manifest in JSON or YAML, or Base64 or gzip of one.
func Manifest(annotation string) bool { return newValues().isManifest(annotation) }

// How a Secret looks in YAML, in JSON that was cut, and in strings inside of JSON.
var (
	kindOfSecret   = regexp.MustCompile(`kind[\\"']*\s*:\s*[\\"']*Secret\b`)
	valuesOfSecret = regexp.MustCompile(`\b(?:data|stringData)[\\"']*\s*:`)
)

func holdsSecret(text []byte) bool {
	if !bytes.Contains(text, []byte("Secret")) {
		return false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) == nil {
		if _, err := decoder.Token(); err == io.EOF {
			return hasSecret(value)
		}
	}
	return kindOfSecret.Match(text) && valuesOfSecret.Match(text)
}

// hasSecret reports whether a Secret with values is in a tree, or in one of its texts.
func hasSecret(value any) bool {
	switch value := value.(type) {
	case string:
		return holdsSecret([]byte(value))
	case []any:
		return slices.ContainsFunc(value, hasSecret)
	case map[string]any:
		if isSecret(value) && (value["data"] != nil || value["stringData"] != nil) {
			return true
		}
		for _, v := range value {
			if hasSecret(v) {
				return true
			}
		}
	}
	return false
}
