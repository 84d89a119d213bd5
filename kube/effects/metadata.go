package effects

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var label = Offer{
	Name: "label", Help: "set or remove labels", Ask: "labels (key=value key-)",
	Make: metadataOffer("label", "labels", func(value string) []string { return validation.IsValidLabelValue(value) }),
	fits: always,
}

var annotate = Offer{
	Name: "annotate", Help: "set or remove annotations", Ask: "annotation (key=value or key-)",
	Make: metadataOffer("annotate", "annotations", func(string) []string { return nil }),
	fits: always,
}

// metadataOffer makes effects that write labels or annotations, as kubectl's commands of
// that name take them.
func metadataOffer(
	name, field string, problems func(value string) []string,
) func(t Target, text string) (Effect, error) {
	return func(t Target, text string) (Effect, error) {
		words := strings.Fields(text)
		if name == "annotate" { // Values of annotations have blanks.
			words = []string{strings.TrimSpace(text)}
		}
		set, err := assignments(words, problems)
		if err != nil {
			return Effect{}, err
		}
		return Effect{
			Target: t, Name: name, Do: name, How: "with " + strings.Join(words, " "), Undoes: true,
			Command: append([]string{name, "--overwrite", kubectlName(t)}, words...),
			act: patch{mutate: func(object map[string]any) error {
				metadata := inner(object, "metadata", field)
				for key, value := range set {
					if value == nil {
						delete(metadata, key)
					} else {
						metadata[key] = *value
					}
				}
				if len(metadata) == 0 {
					delete(inner(object, "metadata"), field)
				}
				return nil
			}},
		}, nil
	}
}

// assignments reads key=value, and key- for what is removed, as nil.
func assignments(words []string, problems func(value string) []string) (map[string]*string, error) {
	out := map[string]*string{}
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if rest, removed := strings.CutSuffix(word, "-"); !ok && removed {
			key = rest
		} else if !ok {
			return nil, fmt.Errorf("%q is neither key=value nor key-", word)
		}
		if wrong := validation.IsQualifiedName(key); len(wrong) > 0 {
			return nil, fmt.Errorf("%q is not a key: %s", key, wrong[0])
		}
		if wrong := problems(value); len(wrong) > 0 {
			return nil, fmt.Errorf("%q is not a value: %s", value, wrong[0])
		}
		out[key] = nil
		if ok {
			out[key] = &value
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("say what to set: key=value, or key- to remove")
	}
	return out, nil
}

var taint = Offer{
	Name: "taint", Help: "set or remove a taint", Ask: "taint (key=value:Effect)",
	Make: func(t Target, text string) (Effect, error) {
		text, err := said(text, "which taint: key=value:Effect")
		if err != nil {
			return Effect{}, err
		}
		wanted, removed := strings.CutSuffix(text, "-")
		name, effect, ok := strings.Cut(wanted, ":")
		if !ok || !slices.Contains([]string{"NoSchedule", "PreferNoSchedule", "NoExecute"}, effect) {
			return Effect{}, fmt.Errorf("%q is not key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute", text)
		}
		key, value, _ := strings.Cut(name, "=")
		if wrong := validation.IsQualifiedName(key); len(wrong) > 0 {
			return Effect{}, fmt.Errorf("%q is not a key: %s", key, wrong[0])
		}
		return Effect{
			Target: t, Name: "taint", Do: "taint", How: "with " + text, Undoes: true,
			Command: []string{"taint", "--overwrite", "node", t.Ref.Name, text},
			act: patch{mutate: func(object map[string]any) error {
				putTaint(inner(object, "spec"), key, value, effect, removed)
				return nil
			}},
		}, nil
	},
	fits: of(kinds.Node),
}

func putTaint(spec map[string]any, key, value, effect string, removed bool) {
	list, _ := spec["taints"].([]any)
	list = slices.DeleteFunc(slices.Clone(list), func(item any) bool {
		t, _ := item.(map[string]any)
		return t["key"] == key && t["effect"] == effect
	})
	if !removed {
		t := map[string]any{"key": key, "effect": effect}
		if value != "" {
			t["value"] = value
		}
		list = append(list, t)
	}
	spec["taints"] = list
	if len(list) == 0 {
		delete(spec, "taints")
	}
}

var expand = Offer{
	Name: "expand", Help: "to a larger size", Ask: "size",
	Preset: func(object map[string]any) string {
		return kinds.Clean(textAt(object, "spec", "resources", "requests", "storage"))
	},
	Make: func(t Target, text string) (Effect, error) {
		size, err := said(text, "a size, such as 20Gi")
		if err != nil {
			return Effect{}, err
		}
		wanted, err := resource.ParseQuantity(size)
		if err != nil {
			return Effect{}, fmt.Errorf("%q is not a size such as 20Gi", size)
		}
		return Effect{
			Target: t, Name: "expand", Do: "expand", How: "to " + size,
			Command: patched(`{"spec":{"resources":{"requests":{"storage":"` + size + `"}}}}`)(t),
			act: patch{mutate: func(object map[string]any) error {
				requests := inner(object, "spec", "resources", "requests")
				text, _ := requests["storage"].(string)
				if now, err := resource.ParseQuantity(text); err == nil && wanted.Cmp(now) < 0 {
					return fmt.Errorf("a claim cannot shrink: it asks for %s", kinds.Clean(text))
				}
				requests["storage"] = size
				return nil
			}},
		}, nil
	},
	fits: of(kinds.PersistentVolumeClaim),
}
