package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/redact"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
	"github.com/fathom-k8s/fathom/views/yamltext"
)

// allBodies keeps every object whole: what is printed must not lack one.
const allBodies = math.MaxInt

// errSecretOutput is returned instead of Secrets: their values stay hidden until
// somebody asks for those of one, and without them a Secret would be a wrong one.
var errSecretOutput = errors.New("-o json and -o yaml do not print Secrets, whose values stay hidden; " +
	"x in the object view shows those of one, and kubectl get secret -o yaml prints them")

// printObjects prints the objects that a view is about, as kubectl get prints them.
func printObjects(out console.Out, cluster *kube.Cluster, view ui.View, output string) error {
	records, one := views.Records(view)
	if output == outputName {
		for _, r := range records {
			if err := out.Line(objectName(r, views.Resource(view))); err != nil {
				return err
			}
		}
		return nil
	}
	if output == outputJSON && !one {
		return printJSON(out, cluster, records)
	}
	items := make([]any, 0, len(records))
	for _, r := range records {
		fields, err := printable(cluster, r)
		if err != nil {
			return err
		}
		items = append(items, fields)
	}
	printed := map[string]any{
		"apiVersion": "v1", "kind": "List", "items": items, "metadata": map[string]any{"resourceVersion": ""},
	}
	if one {
		printed = items[0].(map[string]any)
	}
	return encode(out, printed, output, out.IsTerminal())
}

// printable returns the fields of an object to print, unless it holds a Secret.
func printable(cluster *kube.Cluster, r *kinds.Record) (map[string]any, error) {
	if r.Kind.Secret {
		return nil, errSecretOutput
	}
	fields, err := cluster.Fields(r)
	if err != nil {
		return nil, err
	}
	if _, found := redact.Object(fields, redact.Plain); found {
		return nil, fmt.Errorf("%s holds a Secret: %w", r.Ref(), errSecretOutput)
	}
	unstructured.RemoveNestedField(fields, "metadata", "managedFields")
	return fields, nil
}

// printJSON prints a list as kubectl does. Each object is text before the next one is
// decoded: as fields, tens of thousands of them take gigabytes. Nothing is printed before
// all are known to hold no Secret.
func printJSON(out console.Out, cluster *kube.Cluster, records []*kinds.Record) error {
	list := bytes.NewBufferString("{\n    \"apiVersion\": \"v1\",\n    \"items\": [")
	between := "\n        "
	for _, r := range records {
		fields, err := printable(cluster, r)
		if err != nil {
			return err
		}
		data, err := json.MarshalIndent(fields, "        ", "    ")
		if err != nil {
			return err
		}
		list.WriteString(between)
		list.Write(escapeUnseen(data))
		between = ",\n        "
	}
	if len(records) > 0 {
		list.WriteString("\n    ")
	}
	list.WriteString("],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	return out.Whole(list.Bytes())
}

// encode writes an object, or a list of them. YAML is kubectl's, byte for byte; only for
// a terminal it is that of the YAML tab, which escapes what a terminal obeys and reads
// back as the same object.
func encode(out console.Out, printed map[string]any, output string, terminal bool) error {
	if output == outputYAML && terminal {
		var text strings.Builder
		for _, line := range yamltext.Print(printed) {
			text.WriteString(line.Spans().String() + "\n")
		}
		return out.Whole([]byte(text.String()))
	}
	if output == outputYAML {
		data, err := yaml.Marshal(printed)
		if err != nil {
			return err
		}
		return out.Whole(data)
	}
	data, err := json.MarshalIndent(printed, "", "    ")
	if err != nil {
		return err
	}
	return out.Whole(append(escapeUnseen(data), '\n'))
}

// escapeUnseen escapes what JSON allows in strings and a terminal obeys, or what
// changes the order in which text is read. It stays the same JSON.
func escapeUnseen(data []byte) []byte {
	if !slices.ContainsFunc(data, func(b byte) bool { return b >= 0x7f }) {
		return data
	}
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		if r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Cf, r) {
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
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
