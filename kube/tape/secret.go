package tape

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/fathom-k8s/fathom/kube/redact"
)

// withoutSecrets removes the values of Secrets from an object: from a Secret itself, from
// Secrets inside an object in JSON (a List, or a custom resource that is a template of
// some), and from annotations that hold a Secret. A value of data becomes as many zero
// bytes, any other text words; keys stay. The body that came in is not changed.
func withoutSecrets(o Object) Object {
	secret := o.Resource.Group == "" && o.Resource.Resource == "secrets"
	switch {
	case secret && o.Protobuf:
		o.Body, o.Redacted = secretMessage(o.Body), true
	case secret || !o.Protobuf && redact.Suspect(o.Body):
		o.Body, o.Redacted = redactJSON(o.Body, secret)
	case redact.Suspect(o.Body):
		o.Body, o.Redacted = redactMessage(o.Body)
	}
	return o
}

// zeros is what a tape has in place of values.
var zeros = redact.Style{
	Data: func(bytes int) any { return base64.StdEncoding.EncodeToString(make([]byte, bytes)) },
	Text: redact.Plain.Text,
}

// redactJSON is withoutSecrets for a body in JSON. What cannot be read becomes empty: it
// cannot be known to hold no value.
func redactJSON(body []byte, secret bool) (out []byte, did bool) {
	var object map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return []byte("{}"), true
	}
	if secret {
		object = redact.Secret(object, zeros)
	} else if object, did = redact.Object(object, zeros); !did {
		return body, false
	}
	out, err := json.Marshal(object)
	if err != nil {
		return []byte("{}"), true
	}
	return out, true
}

// secretMessage is withoutSecrets for a Secret in protobuf. Fields that no Secret has are
// left out.
func secretMessage(message []byte) []byte {
	values := valuesOf(message)
	out := make([]byte, 0, len(message))
	for f := range fieldsOf(message) {
		switch {
		case f.number == listMeta && f.bytes != nil:
			out = appendField(out, listMeta, rewriteMeta(f.bytes, values.Copied, metaLabels, metaAnnotations))
		case f.number == secretData && f.bytes != nil:
			out = appendField(out, secretData, rewriteEntry(f.bytes, zeroBytes))
		case f.number == secretStringData && f.bytes != nil:
			out = appendField(out, secretStringData, rewriteEntry(f.bytes, hiddenText))
		case f.number == secretType || f.number == secretImmutable:
			out = append(out, message[f.start:f.end]...)
		}
	}
	return out
}

func zeroBytes(value []byte) []byte { return make([]byte, len(value)) }

func hiddenText(value []byte) []byte { return []byte(redact.Words(len(value))) }

// valuesOf reads the values of a Secret from its message.
func valuesOf(message []byte) *redact.Values {
	o := identify(&Resource{}, message)
	values := redact.ValuesOf(o.Namespace, o.Name, nil, nil)
	for f := range fieldsOf(message) {
		if f.number != secretData && f.number != secretStringData {
			continue
		}
		for part := range fieldsOf(f.bytes) {
			if part.number == mapValue {
				values.Add(part.bytes)
			}
		}
	}
	return values
}

// redactMessage is withoutSecrets for any other object in protobuf, whose annotations may
// hold a Secret.
func redactMessage(message []byte) (out []byte, did bool) {
	hides := func(text string) bool {
		hidden := redact.Manifest(text)
		did = did || hidden
		return hidden
	}
	out = make([]byte, 0, len(message))
	for f := range fieldsOf(message) {
		if f.number == listMeta && f.bytes != nil {
			out = appendField(out, listMeta, rewriteMeta(f.bytes, hides, metaAnnotations))
		} else {
			out = append(out, message[f.start:f.end]...)
		}
	}
	if !did {
		return message, false
	}
	return out, true
}

// rewriteMeta copies the message of an object's metadata with some texts of the maps of
// those numbers hidden.
func rewriteMeta(meta []byte, hides func(text string) bool, maps ...int) []byte {
	out := make([]byte, 0, len(meta))
	for f := range fieldsOf(meta) {
		if !slices.Contains(maps, f.number) {
			out = append(out, meta[f.start:f.end]...)
			continue
		}
		out = appendField(out, f.number, rewriteEntry(f.bytes, func(value []byte) []byte {
			if hides(string(value)) {
				return hiddenText(value)
			}
			return value
		}))
	}
	return out
}

// rewriteEntry copies the message of a map's entry with another value.
func rewriteEntry(entry []byte, change func(value []byte) []byte) []byte {
	out := make([]byte, 0, len(entry))
	for f := range fieldsOf(entry) {
		switch f.number {
		case mapKey:
			out = appendField(out, mapKey, f.bytes)
		case mapValue:
			out = appendField(out, mapValue, change(f.bytes))
		}
	}
	return out
}
