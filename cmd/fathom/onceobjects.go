package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// allBodies keeps every object whole: what is printed must not lack one.
const allBodies = math.MaxInt

// errSecretOutput is returned instead of Secrets: their values stay hidden until
// somebody asks for those of one, and without them a Secret would be a wrong one.
var errSecretOutput = errors.New("-o json and -o yaml do not print Secrets, whose values stay hidden; " +
	"x in the object view shows those of one, and kubectl get secret -o yaml prints them")

// printObjects prints the objects that a view is about, as kubectl get prints them.
func printObjects(out io.Writer, cluster *kube.Cluster, view ui.View, output string) error {
	records, one := views.Records(view)
	if output == outputName {
		for _, r := range records {
			if _, err := fmt.Fprintln(out, objectName(r, views.Resource(view))); err != nil {
				return err
			}
		}
		return nil
	}
	items := make([]any, 0, len(records))
	for _, r := range records {
		if r.Kind.Secret {
			return errSecretOutput
		}
		fields, err := cluster.Fields(r)
		if err != nil {
			return err
		}
		unstructured.RemoveNestedField(fields, "metadata", "managedFields")
		items = append(items, fields)
	}
	var printed any = map[string]any{
		"apiVersion": "v1", "kind": "List", "items": items, "metadata": map[string]any{"resourceVersion": ""},
	}
	if one {
		printed = items[0]
	}
	return encode(out, printed, output)
}

func encode(out io.Writer, printed any, output string) error {
	if output == outputYAML {
		data, err := yaml.Marshal(printed)
		if err != nil {
			return err
		}
		_, err = out.Write(data)
		return err
	}
	data, err := json.MarshalIndent(printed, "", "    ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(escapeUnseen(data), '\n'))
	return err
}

// escapeUnseen escapes what JSON allows in strings and a terminal obeys, or what
// changes the order in which text is read. It stays the same JSON.
func escapeUnseen(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		if r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Cf, r) && r <= 0xffff {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// objectName names an object as kubectl get -o name does: deployment.apps/web.
func objectName(r *kinds.Record, resource kube.Resource) string {
	name := strings.ToLower(resource.Kind)
	if resource.Group != "" {
		name += "." + resource.Group
	}
	return name + "/" + r.Name
}
