package kubetest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Marked are Secrets of all types, and an object that has one inside. Wherever one of
// their values may stand, there is a marker. A test lets its program do what it can with
// them, and looks for markers in all that comes out:
//
//	marked := kubetest.NewMarked("shop")
//	server.Apply(t, marked.Definition+marked.Objects)
//	...
//	for _, place := range marked.Leaks(screen) { t.Errorf("the screen shows %s", place) }
type Marked struct {
	Definition string // YAML of the CustomResourceDefinition of one of the objects
	Objects    string // YAML
	// Names are the objects as fathom's arguments have them, by what it takes to see a
	// marker of theirs in YAML once values are shown.
	Names map[string]string

	markers map[string]string // by where they stand
}

// MarkedColumn is the printer column of a marked custom resource that a marker would be in.
const MarkedColumn = "PASSWORD"

// NewMarked returns the objects, for a namespace.
func NewMarked(namespace string) *Marked {
	m := &Marked{markers: map[string]string{}}
	m.Definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: holders.marked.test}
spec:
  group: marked.test
  scope: Namespaced
  names: {plural: holders, singular: holder, kind: Holder}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      additionalPrinterColumns: [{name: Password, type: string, jsonPath: .spec.template.stringData.password}]
---
`
	data := m.marker("data")
	objects := []string{
		`{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"marked"}}`,
		m.secret("plain", "Opaque", map[string]string{"password": data, "text": m.marker("a text") + " and\nmore\n"}, nil),
		m.secret("copied", "Opaque", map[string]string{"password": data}, m.copies(data)),
		m.secret("token", "kubernetes.io/service-account-token", map[string]string{"token": m.marker("token")},
			map[string]string{"kubernetes.io/service-account.name": "marked"}),
		m.secret("release", "helm.sh/release.v1", map[string]string{"release": m.release()}, nil),
		m.secret("docker", "kubernetes.io/dockerconfigjson", map[string]string{".dockerconfigjson": m.docker()}, nil),
		m.secret("tls", "kubernetes.io/tls", map[string]string{
			"tls.crt": "-----BEGIN CERTIFICATE-----\n" + m.marker("certificate") + "\n-----END CERTIFICATE-----\n",
			"tls.key": "-----BEGIN PRIVATE KEY-----\n" + m.marker("key") + "\n-----END PRIVATE KEY-----\n",
		}, nil),
		m.holder(),
	}
	for i, object := range objects {
		objects[i] = strings.Replace(object, `"metadata":{`, fmt.Sprintf(`"metadata":{"namespace":%q,`, namespace), 1)
	}
	m.Objects = strings.Join(objects, "\n---\n") + "\n"
	m.Names = map[string]string{
		"secret/plain": data, "secret/copied": m.marker("kapp"), "secret/token": m.marker("token"),
		"secret/release": standard(m.release())[:40], "helm/release": m.marker("release"),
		"secret/docker": m.marker("docker password"), "secret/tls": m.marker("key"),
		"holder/holder": m.marker("inside"),
	}
	return m
}

// marker returns the marker of a place.
func (m *Marked) marker(place string) string {
	sum := sha256.Sum256([]byte(place))
	m.markers[place] = "Mk" + hex.EncodeToString(sum[:11]) // a valid label
	return m.markers[place]
}

// secret returns a Secret as JSON. What is in data is also the value of a label.
func (m *Marked) secret(name, kind string, data, annotations map[string]string) string {
	encoded, labels := map[string][]byte{}, map[string]string{"app": "marked"}
	for key, value := range data {
		encoded[key] = []byte(value)
		if key == "password" {
			labels["copy"] = value
		}
	}
	if kind == "helm.sh/release.v1" {
		labels["owner"], labels["name"], labels["version"], labels["status"] = "helm", "web", "1", "deployed"
	}
	return encode(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": kind, "data": encoded,
		"metadata": map[string]any{"name": name, "labels": labels, "annotations": annotations},
	})
}

// manifest is what a tool keeps of a Secret that it applied.
func (m *Marked) manifest(place string) string {
	return encode(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "db"},
		"stringData": map[string]string{"password": m.marker(place)},
	})
}

// copies are annotations with manifests of other values, and with the value of data, in
// what people and tools write them in.
func (m *Marked) copies(value string) map[string]string {
	all := map[string]string{
		"kubectl.kubernetes.io/last-applied-configuration": m.manifest("kubectl"),
		"kapp.k14s.io/original":                            m.manifest("kapp"),
		"kapp.k14s.io/original-diff":                       "- stringData:\n-   password: " + m.marker("a diff of kapp"),
		"objectset.rio.cattle.io/applied":                  zipped(m.manifest("wrangler")),
		"example.com/wrangler-plain":                       m.manifest("wrangler, plain"),
		"example.com/yaml":                                 "kind: Secret\nstringData:\n  p: " + m.marker("YAML") + "\n",
		"example.com/base64":                               standard(m.manifest("Base64")),
		"example.com/base64-of-url":                        unpadded(m.manifest("Base64 of URLs")),
		"example.com/cut":                                  m.manifest("cut")[:100],
		"example.com/value":                                value,
		"example.com/url":                                  "postgres://root:" + value + "@db:5432/shop",
		"example.com/basic":                                "Basic " + standard("root:"+value),
		"example.com/hex":                                  hex.EncodeToString([]byte(value)),
	}
	for i := range 3 {
		text := strings.Repeat("x", i) + value + "x"
		all[fmt.Sprintf("example.com/aligned-%d", i)] = standard(text)
	}
	return all
}

// release is a value as Helm stores it: Base64 of gzip.
func (m *Marked) release() string {
	text := zipped(encode(map[string]any{
		"name": "web", "config": map[string]string{"password": m.marker("release")},
		"manifest": "kind: Secret\nmetadata:\n  name: db\nstringData:\n  p: " + m.marker("manifest of a release"),
	}))
	m.markers["release, packed"] = text[40:64]
	return text
}

func (m *Marked) docker() string {
	password := m.marker("docker password")
	return encode(map[string]any{"auths": map[string]any{"registry.example": map[string]string{
		"username": "root", "password": password, "auth": standard("root:" + password),
	}}})
}

// holder is a custom resource with a Secret inside.
func (m *Marked) holder() string {
	var secret any
	_ = json.Unmarshal([]byte(m.manifest("inside")), &secret)
	return encode(map[string]any{
		"apiVersion": "marked.test/v1", "kind": "Holder",
		"metadata": map[string]any{"name": "holder", "annotations": map[string]string{
			"kapp.k14s.io/original": encode(map[string]any{
				"kind": "Holder", "spec": map[string]any{"template": json.RawMessage(m.manifest("inside, original"))},
			}),
			"example.com/copy": "it is " + m.marker("inside"),
		}},
		"spec": map[string]any{"template": secret},
	})
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func standard(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
func unpadded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // A Buffer takes everything.
	_ = w.Close()
	return standard(out.String())
}

// Leaks returns where the markers that a text contains came from, whether they are there as
// they are, in part, as a part of Base64, or in hexadecimal digits.
func (m *Marked) Leaks(text []byte) []string {
	found := map[string]bool{}
	for place, marker := range m.markers {
		for _, half := range []string{marker[:12], marker[12:]} {
			for _, needle := range needles(half) {
				if bytes.Contains(text, []byte(needle)) {
					found[place] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func needles(text string) []string {
	digits := hex.EncodeToString([]byte(text))
	all := []string{text, digits, strings.ToUpper(digits)}
	for offset, mixed := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), text...))
		encoded = encoded[mixed : len(encoded)-1]
		all = append(all, encoded, strings.NewReplacer("+", "-", "/", "_").Replace(encoded))
	}
	return all
}
