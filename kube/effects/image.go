package effects

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// templateOf is where the pod template of a kind is, as a JSON pointer; "" for a pod itself.
func templateOf(kind string) string {
	switch kind {
	case "Pod":
		return ""
	case "CronJob":
		return "/spec/jobTemplate/spec/template"
	}
	return "/spec/template"
}

var setImage = Offer{
	Name: "image", Help: "of its containers", Ask: "images (container=image)",
	Preset: func(object map[string]any) string {
		var all []string
		template := templateOf(textAt(object, "kind"))
		for _, c := range itemsAt(object, template+"/spec/containers") {
			all = append(all, textAt(c, "name")+"="+textAt(c, "image"))
		}
		return kinds.Clean(strings.Join(all, " "))
	},
	Make: func(t Target, text string) (Effect, error) {
		wanted, err := images(text)
		if err != nil {
			return Effect{}, err
		}
		return Effect{
			Target: t, Name: "image", Do: "set the image of", How: "to " + strings.Join(strings.Fields(text), " "), Undoes: true,
			Command: append([]string{"set", "image", kubectlName(t)}, strings.Fields(text)...),
			act: patch{mutate: func(object map[string]any) error {
				return putImages(object, templateOf(t.Ref.Kind), wanted)
			}},
		}, nil
	},
	fits: of(kinds.Deployment, kinds.StatefulSet, kinds.DaemonSet, kinds.ReplicaSet, kinds.CronJob, kinds.Pod),
}

func images(text string) (map[string]string, error) {
	out := map[string]string{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		name, image, ok := strings.Cut(word, "=")
		if !ok || name == "" || image == "" {
			return nil, fmt.Errorf("%q is not container=image", word)
		}
		out[name] = image
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("say which container gets which image: container=image")
	}
	return out, nil
}

// putImages sets the images of containers, init containers too.
func putImages(object map[string]any, template string, wanted map[string]string) error {
	var names []string
	left := maps.Clone(wanted)
	for _, list := range []string{"/spec/containers", "/spec/initContainers"} {
		for _, c := range itemsAt(object, template+list) {
			name := textAt(c, "name")
			names = append(names, name)
			if image, ok := left[name]; ok {
				c["image"] = image
				delete(left, name)
			}
		}
	}
	for name := range left {
		slices.Sort(names)
		return fmt.Errorf("it has no container %q; it has %s", name, kinds.Clean(strings.Join(names, ", ")))
	}
	return nil
}
