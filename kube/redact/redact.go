// Package redact hides the values of Secrets. It alone decides what of an object is such
// a value, or a copy of one:
//
//	Object, Secret   fields as JSON has them: YAML, describe, tapes, custom resources
//	Values           one text at a time: labels of a record, tapes in protobuf
//
// What is hidden keeps its key. A Secret's values also stand where tools keep what they
// applied (kubectl, Carvel's kapp, Rancher's wrangler), and wherever a person copied one
// to. So every text in a Secret's metadata is hidden that looks like an object, is
// compressed, or contains a value in one of the encodings of encodings.go. Where it is in
// doubt it hides.
//
// All functions are pure, and safe for every goroutine. Their work is bounded: what would
// take more is hidden unseen.
package redact

import (
	"encoding/base64"
	"fmt"
)

// Words is what people read in place of a value of some bytes. It is not Base64, so that
// nobody applies it to a cluster by mistake.
func Words(bytes int) string { return fmt.Sprintf("<%d bytes hidden>", bytes) }

// Style says what stands in place of what is hidden, by its size in bytes.
type Style struct {
	Data func(bytes int) any // a value of data, which is Base64 in JSON; bytes is its decoded size
	Text func(bytes int) any // any other value
}

// Plain hides everything behind Words.
var Plain = Style{Data: words, Text: words}

func words(bytes int) any { return Words(bytes) }

// Object hides the values of all Secrets in an object: of the object itself, and of
// Secrets inside a List or a custom resource, with their copies in annotations. Whether
// there are any is the second result; else the first is fields. It changes nothing in
// fields.
func Object(fields map[string]any, s Style) (hidden map[string]any, found bool) {
	h := &hider{style: s, values: newValues()}
	h.collect(fields)
	if !h.found {
		return fields, false
	}
	if isSecret(fields) {
		return h.secret(fields), true
	}
	return h.walkMap(fields), true
}

// Secret does the same with fields that are known to be a Secret's, whatever they call
// themselves.
func Secret(fields map[string]any, s Style) map[string]any {
	h := &hider{style: s, values: newValues()}
	h.add(fields)
	return h.secret(fields)
}

// hider is one run over an object.
type hider struct {
	style  Style
	values *Values
	found  bool
}

// isSecret reports whether a map is a Secret, and not a reference to one.
func isSecret(m map[string]any) bool {
	if m["kind"] != "Secret" || m["apiVersion"] != nil && m["apiVersion"] != "v1" && m["apiVersion"] != "" {
		return false
	}
	_, isObject := m["metadata"].(map[string]any)
	return isObject || m["data"] != nil || m["stringData"] != nil
}

// collect finds the Secrets in a tree, and the annotations that hold one.
func (h *hider) collect(value any) {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			h.collect(v)
		}
	case map[string]any:
		if isSecret(value) {
			h.add(value)
			return
		}
		for key, v := range value {
			h.collect(v)
			if annotations, ok := v.(map[string]any); ok && key == "annotations" {
				eachLeaf(annotations, func(text string) { h.found = h.found || h.values.isManifest(text) })
			}
		}
	}
}

// add adds the values of one Secret.
func (h *hider) add(secret map[string]any) {
	h.found = true
	if metadata, ok := secret["metadata"].(map[string]any); ok {
		for _, key := range []string{"name", "namespace"} {
			name, _ := metadata[key].(string)
			h.values.Show(name)
		}
	}
	eachLeaf(secret["data"], func(text string) {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			h.values.Add(decoded)
		} else {
			h.values.Add([]byte(text))
		}
	})
	eachLeaf(secret["stringData"], func(text string) { h.values.Add([]byte(text)) })
}

func eachLeaf(value any, do func(string)) {
	switch value := value.(type) {
	case nil:
	case []any:
		for _, v := range value {
			eachLeaf(v, do)
		}
	case map[string]any:
		for _, v := range value {
			eachLeaf(v, do)
		}
	default:
		do(leafText(value))
	}
}

func leafText(leaf any) string {
	if text, ok := leaf.(string); ok {
		return text
	}
	return fmt.Sprint(leaf)
}

// walk copies a value that may have Secrets inside.
func (h *hider) walk(value any) any {
	switch value := value.(type) {
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = h.walk(v)
		}
		return out
	case map[string]any:
		if isSecret(value) {
			return h.secret(value)
		}
		return h.walkMap(value)
	}
	return value
}

func (h *hider) walkMap(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for key, v := range fields {
		if annotations, ok := v.(map[string]any); ok && key == "annotations" {
			out[key] = h.leaves(annotations, func(text string) bool {
				return h.values.contained(text) || h.values.isManifest(text)
			})
			continue
		}
		out[key] = h.walk(v)
	}
	return out
}

// secret hides what one Secret holds. A field that no Secret has may hold anything.
func (h *hider) secret(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for key, v := range fields {
		switch values, isMap := v.(map[string]any); key {
		case "data", "stringData":
			if isMap {
				out[key] = h.data(values, key == "data")
			}
		case "metadata":
			if isMap {
				out[key] = h.metadata(values)
			}
		case "apiVersion", "kind", "type", "immutable":
			if !isMap {
				out[key] = v
			}
		default:
			out[key] = h.leaves(v, func(string) bool { return true })
		}
	}
	return out
}

func (h *hider) data(values map[string]any, encoded bool) map[string]any {
	out := make(map[string]any, len(values))
	for key, v := range values {
		if v == nil {
			out[key] = nil
			continue
		}
		text, hide := leafText(v), h.style.Text
		size := len(text)
		if encoded {
			hide = h.style.Data
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
				size = len(decoded)
			}
		}
		out[key] = hide(size)
	}
	return out
}

// identity is what of an object's metadata tells it from others, and who holds on to it:
// names, which others show too.
var identity = map[string]bool{
	"name": true, "generateName": true, "namespace": true, "uid": true, "selfLink": true,
	"resourceVersion": true, "generation": true, "creationTimestamp": true, "deletionTimestamp": true,
	"deletionGracePeriodSeconds": true, "finalizers": true, "ownerReferences": true, "managedFields": true,
}

func (h *hider) metadata(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for key, v := range fields {
		out[key] = v
		if !identity[key] {
			out[key] = h.leaves(v, h.values.Copied)
		}
	}
	return out
}

// leaves copies a tree with some of its leaves hidden.
func (h *hider) leaves(value any, hides func(text string) bool) any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = h.leaves(v, hides)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, v := range value {
			out[key] = h.leaves(v, hides)
		}
		return out
	}
	if text := leafText(value); hides(text) {
		return h.style.Text(len(text))
	}
	return value
}
