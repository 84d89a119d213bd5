package tape

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
)

// lastApplied is the annotation in which kubectl keeps what was applied, including the
// values of Secrets.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// redact removes the values of Secrets from an object: from a Secret itself, and
// from Secrets inside an object in JSON (a List, or a custom resource that is a
// template of some). A value becomes as many zero bytes; keys stay. The body
// that came in is not changed.
func redact(o Object) Object {
	secret := o.Resource.Group == "" && o.Resource.Resource == "secrets"
	switch {
	case secret && o.Protobuf:
		o.Body, o.Redacted = redactMessage(o.Body), true
	case !o.Protobuf && (secret || bytes.Contains(o.Body, []byte("Secret"))):
		o.Body, o.Redacted = redactJSON(o.Body, secret)
	case o.Protobuf && bytes.Contains(o.Body, []byte(lastApplied)) && bytes.Contains(o.Body, []byte(`"kind":"Secret"`)):
		o.Body, o.Redacted = withoutLastApplied(o.Body), true
	}
	return o
}

func redactMessage(message []byte) []byte {
	message = withoutLastApplied(message)
	for f := range fieldsOf(message) {
		if f.number != secretData && f.number != secretStringData {
			continue
		}
		for entry := range fieldsOf(f.bytes) {
			if entry.number == mapValue {
				clear(entry.bytes)
			}
		}
	}
	return message
}

// withoutLastApplied copies an object's message and leaves that annotation out.
func withoutLastApplied(message []byte) []byte {
	out := make([]byte, 0, len(message))
	for f := range fieldsOf(message) {
		if f.number != listMeta || f.bytes == nil {
			out = append(out, message[f.start:f.end]...)
			continue
		}
		var meta []byte
		for m := range fieldsOf(f.bytes) {
			if m.number != metaAnnotations || !isLastApplied(m.bytes) {
				meta = append(meta, f.bytes[m.start:m.end]...)
			}
		}
		out = appendField(out, listMeta, meta)
	}
	return out
}

func isLastApplied(annotation []byte) bool {
	for f := range fieldsOf(annotation) {
		if f.number == mapKey && string(f.bytes) == lastApplied {
			return true
		}
	}
	return false
}

// redactJSON does the same in JSON. What cannot be read becomes empty: it cannot
// be known to hold no value.
func redactJSON(body []byte, secret bool) (redacted []byte, did bool) {
	var object any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return []byte("{}"), true
	}
	if !redactValue(object, secret) {
		return body, false
	}
	out, err := json.Marshal(object)
	if err != nil {
		return []byte("{}"), true
	}
	return out, true
}

// redactValue looks for Secrets in a value, and reports whether it changed one.
func redactValue(value any, secret bool) bool {
	did := false
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			did = redactValue(v, false) || did
		}
	case map[string]any:
		if secret = secret || value["kind"] == "Secret" && value["apiVersion"] == "v1"; secret {
			redactSecret(value)
			return true
		}
		if text, ok := value[lastApplied].(string); ok && (bytes.Contains([]byte(text), []byte(`"Secret"`))) {
			delete(value, lastApplied)
			did = true
		}
		for _, v := range value {
			did = redactValue(v, false) || did
		}
	}
	return did
}

func redactSecret(secret map[string]any) {
	for _, part := range []string{"data", "stringData"} {
		values, ok := secret[part].(map[string]any)
		if !ok {
			delete(secret, part)
			continue
		}
		for key, value := range values {
			text, _ := value.(string)
			if part == "stringData" {
				values[key] = string(make([]byte, len(text)))
				continue
			}
			size := len(text)
			if plain, err := base64.StdEncoding.DecodeString(text); err == nil {
				size = len(plain)
			}
			values[key] = base64.StdEncoding.EncodeToString(make([]byte, size))
		}
	}
	metadata, _ := secret["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	delete(annotations, lastApplied)
	// Nothing but these fields belongs to a Secret.
	for name := range secret {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"}, name) {
			delete(secret, name)
		}
	}
}
