package memapi

import (
	"bytes"
	"encoding/json"
	"slices"

	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// upgradeDefinition turns a CustomResourceDefinition of v1beta1 into v1, as a server
// does when it reads one: what the spec says for all versions is said in each. What
// cannot be read stays as it is.
func upgradeDefinition(o Object) Object {
	text, err := o.Data.Bytes()
	if err != nil || o.Encoding != JSON {
		return o
	}
	if !isOldDefinition(text) {
		return o
	}
	var object map[string]any
	if utiljson.Unmarshal(text, &object) != nil {
		return o
	}
	spec, _ := object["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	if name, _ := spec["version"].(string); len(versions) == 0 && name != "" {
		versions = []any{map[string]any{"name": name, "served": true, "storage": true}}
	}
	for _, v := range versions {
		if v, ok := v.(map[string]any); ok {
			upgradeVersion(v, spec)
		}
	}
	spec["versions"] = versions
	for _, field := range movedFields {
		delete(spec, field)
	}
	object["apiVersion"] = definitionKind.WithVersion("v1").GroupVersion().String()
	if text, err = json.Marshal(object); err == nil {
		o.Data, o.GVK.Version = Raw(text), "v1"
	}
	return o
}

// movedFields are those of the spec that v1 has in each version.
var movedFields = []string{"version", "validation", "subresources", "additionalPrinterColumns"}

// isOldDefinition reports whether a definition has what v1 does not know. Schemas are
// large, so they are skipped.
func isOldDefinition(text []byte) (old bool) {
	_, _ = members(text, 0, func(m member) bool {
		if m.key != "spec" {
			return true
		}
		_, _ = members(text, m.from, func(m member) bool {
			old = slices.Contains(movedFields, m.key) ||
				m.key == "versions" && bytes.Contains(text[m.from:m.to], []byte(`"JSONPath"`))
			return !old
		})
		return false
	})
	return old
}

// upgradeVersion gives a version what the spec says for all, unless it says so
// itself.
func upgradeVersion(version, spec map[string]any) {
	for from, to := range map[string]string{
		"validation": "schema", "subresources": "subresources", "additionalPrinterColumns": "additionalPrinterColumns",
	} {
		if version[to] == nil && spec[from] != nil {
			version[to] = spec[from]
		}
	}
	columns, _ := version["additionalPrinterColumns"].([]any)
	upgraded := make([]any, 0, len(columns))
	for _, c := range columns {
		if old, ok := c.(map[string]any); ok && old["JSONPath"] != nil {
			renamed := map[string]any{}
			for name, value := range old {
				if name == "JSONPath" {
					name = "jsonPath"
				}
				renamed[name] = value
			}
			c = renamed
		}
		upgraded = append(upgraded, c)
	}
	if len(upgraded) > 0 {
		version["additionalPrinterColumns"] = upgraded
	}
}
