package effects

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fathom-k8s/fathom/kube"
)

var scale = Offer{
	Name: "scale", Help: "to another number of replicas", Ask: "replicas",
	Preset: func(object map[string]any) string {
		if n := at(object, "/spec/replicas"); n != nil {
			return fmt.Sprint(n)
		}
		return ""
	},
	Make: func(t Target, text string) (Effect, error) {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
		if err != nil || n < 0 {
			return Effect{}, fmt.Errorf("%q is not a number of replicas", text)
		}
		return Effect{
			Target: t, Name: "scale", Do: "scale", How: "to " + plural(n, "replica"), Undoes: true,
			Command: []string{"scale", kubectlName(t), "--replicas=" + strconv.FormatInt(n, 10)},
			act: patch{sub: "scale", mutate: func(object map[string]any) error {
				inner(object, "spec")["replicas"] = n
				return nil
			}},
		}, nil
	},
	fits: func(r kube.Resource, _ map[string]any) bool {
		return slices.ContainsFunc(r.Subresources, func(s kube.Subresource) bool {
			return s.Name == "scale" && slices.Contains(s.Verbs, kube.VerbPatch)
		})
	},
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}
