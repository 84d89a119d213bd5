package tape

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// hiddenValue is a value that no text has by chance.
func hiddenValue(seed string, length byte) []byte {
	sum := sha256.Sum256([]byte(seed))
	return []byte(base32.StdEncoding.EncodeToString(sum[:])[:8+length%24])
}

// checkHidden fails if a value is left in a body, as it is or in Base64.
func checkHidden(t *testing.T, body, value []byte) {
	t.Helper()
	for offset, mixed := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), value...))
		if bytes.Contains(body, []byte(encoded[mixed:len(encoded)-1])) {
			t.Errorf("Base64 of %s is left in %q", value, body)
		}
	}
	if bytes.Contains(body, value) {
		t.Errorf("%s is left in %q", value, body)
	}
}

// FuzzSecretMessage puts a value into the texts of a Secret in protobuf, in place of each ~, and then damages that.
func FuzzSecretMessage(f *testing.F) {
	f.Add("seed", "password", "u:~@host", "~", byte(0), uint16(0), []byte{})
	f.Add("seed", "token", `{"kind":"Secret","stringData":{"p":"~"}}`, "x~y", byte(9), uint16(40), []byte{0x12, 0xff, 1})
	f.Fuzz(func(t *testing.T, seed, key, annotation, label string, length byte, at uint16, damage []byte) {
		value := hiddenValue(seed, length)
		text := func(template string) string { return strings.ReplaceAll(template, "~", string(value)) }
		secret := corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Name: "s", Namespace: "n", ResourceVersion: "1",
				Labels: map[string]string{key: text(label)},
				Annotations: map[string]string{
					"a": text(annotation), "b": base64.StdEncoding.EncodeToString([]byte(text(annotation))),
				},
			},
			Data:       map[string][]byte{key: value, "other": []byte(text(label))},
			StringData: map[string]string{"x": text(annotation)},
		}
		body, err := secret.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		out := withoutSecrets(identify(&secrets, bytes.Clone(body)))
		checkHidden(t, out.Body, value)
		var read corev1.Secret
		if err := read.Unmarshal(out.Body); err != nil || read.Name != "s" || len(read.Data[key]) != len(secret.Data[key]) {
			t.Errorf("%v: %v of %v", err, read, secret)
		}
		// Where a body is damaged, what can be read is hidden.
		cut := int(at) % (len(body) + 1)
		body = append(bytes.Clone(body[:cut]), damage...)
		for _, r := range []*Resource{&secrets, &widgets} {
			_ = withoutSecrets(identify(r, body))
		}
	})
}

// FuzzSecretJSON puts a value in place of each ~ into any fields in JSON that become a Secret's, and a List's.
func FuzzSecretJSON(f *testing.F) {
	f.Add("seed", `{"metadata":{"annotations":{"a":"~"},"labels":{"b":"x ~"}},"stringData":{"p":"~"}}`, byte(3))
	f.Add("seed", `{"data":{"p":"~"},"spec":{"a":["~",{"b":"~"}]}}`, byte(3))
	f.Fuzz(func(t *testing.T, seed, template string, length byte) {
		value := hiddenValue(seed, length)
		var fields map[string]any
		if json.Unmarshal([]byte(template), &fields) != nil || fields == nil {
			return
		}
		fill(fields, string(value))
		data, _ := fields["data"].(map[string]any)
		if data == nil {
			data = map[string]any{}
		}
		data["value"], fields["data"] = base64.StdEncoding.EncodeToString(value), data
		fields["kind"], fields["apiVersion"] = "Secret", "v1"
		for r, object := range map[*Resource]any{
			&secrets: fields, &widgets: map[string]any{"kind": "Widget", "spec": map[string]any{"items": []any{fields}}},
		} {
			body, err := json.Marshal(object)
			if err != nil {
				t.Fatal(err)
			}
			o, err := parseJSON(r, body)
			if err != nil {
				continue
			}
			out := withoutSecrets(o)
			checkHidden(t, out.Body, value)
			if !json.Valid(out.Body) {
				t.Errorf("no JSON: %q", out.Body)
			}
		}
	})
}

// fill replaces each ~ where a Secret may have any text: not in its names.
func fill(fields map[string]any, value string) {
	for key, v := range fields {
		switch v := v.(type) {
		case string:
			if key != "type" && key != "immutable" {
				fields[key] = strings.ReplaceAll(v, "~", value)
			}
		case []any:
			for i := range v {
				inside := map[string]any{"": v[i]}
				fill(inside, value)
				v[i] = inside[""]
			}
		case map[string]any:
			if key == "metadata" {
				for _, part := range []string{"annotations", "labels"} {
					if texts, ok := v[part].(map[string]any); ok {
						fill(texts, value)
					}
				}
				continue
			}
			fill(v, value)
		}
	}
}
