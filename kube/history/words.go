package history

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Part is one thing that changed, in words.
type Part struct {
	Text string
	Rank Rank
}

const (
	partsMax = 3  // in one line
	valueMax = 48 // columns of a value
)

// DeletionBegan and Gone are the whole texts of the changes that a deletion is.
const (
	DeletionBegan = "deletion began"
	Gone          = "deleted"
)

// Describe says what differs, what matters first. Nothing is returned when no difference
// means anything.
func Describe(kind schema.GroupKind, differences []Difference) []Part {
	var parts []Part
	for _, d := range differences {
		if p := describe(kind, d); p.Text != "" {
			parts = append(parts, p)
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(a.Rank, b.Rank) })
	return slices.CompactFunc(parts, func(a, b Part) bool { return a == b })
}

// Join makes one line of some parts.
func Join(parts []Part) string {
	var words []string
	for _, p := range parts[:min(len(parts), partsMax)] {
		words = append(words, p.Text)
	}
	out := strings.Join(words, ", ")
	if more := len(parts) - partsMax; more > 0 {
		out += " and " + strconv.Itoa(more) + " more"
	}
	return out
}

func describe(kind schema.GroupKind, d Difference) Part {
	switch path := d.Path; path[0] {
	case "status":
		return Part{statusWords(kind, d), Status}
	case "metadata":
		return metadataWords(path[1:], d, "")
	case "data", "binaryData", "stringData":
		if kind.Group == "" && (kind.Kind == "ConfigMap" || kind.Kind == "Secret") {
			return Part{dataWords(path[1:], d), Data}
		}
	case "spec":
		return specWords(kind, path[1:], d)
	}
	return Part{valueWords(pathWords(d.Path), d), Spec}
}

// specWords describes a field of a spec; that of a pod is inside a template or is one.
func specWords(kind schema.GroupKind, path []string, d Difference) Part {
	if len(path) == 0 {
		return Part{valueWords("spec", d), Spec}
	}
	if path[0] == "jobTemplate" && len(path) > 2 && path[1] == "spec" {
		path = path[2:]
	}
	if path[0] == "template" && len(path) > 1 {
		switch path[1] {
		case "metadata":
			return metadataWords(path[2:], d, "template ")
		case "spec":
			path = path[2:]
		}
		if len(path) == 0 {
			return Part{valueWords("pod template", d), Spec}
		}
	}
	switch path[0] {
	case "containers", "initContainers", "ephemeralContainers":
		return containerWords(path, d)
	case "selector", "podSelector":
		rest := slices.DeleteFunc(slices.Clone(path), func(s string) bool { return s == "matchLabels" })
		return Part{valueWords(pathWords(rest), d), Selector}
	case "ports":
		return Part{portWords(path[1:], d), Ports}
	case "replicas":
		return Part{valueWords("replicas", d), Replicas}
	case "nodeName":
		if node, ok := d.New.(string); ok && d.Old == nil {
			return Part{"scheduled to " + kinds.Clean(node), Status}
		}
	case "unschedulable":
		if d.New == true {
			return Part{"cordoned", Spec}
		}
		return Part{"uncordoned", Spec}
	case "minReplicas", "maxReplicas", "suspend", "paused":
		return Part{valueWords(path[0], d), Replicas}
	case "finalizers":
		return Part{valueWords("finalizers", d), Labels}
	}
	rank := Spec
	if kind.Kind == "Service" && (path[0] == "type" || path[0] == "externalName") ||
		kind.Kind == "NetworkPolicy" || kind.Kind == "Ingress" {
		rank = Ports // where traffic goes
	}
	return Part{valueWords(pathWords(path), d), rank}
}

// containerWords describes a field of a container; path begins with the list that it is in.
func containerWords(path []string, d Difference) Part {
	if len(path) == 1 || path[1] == "order" {
		return Part{valueWords(pathWords(path), d), Spec}
	}
	name := unbracket(path[1])
	if len(path) == 2 {
		return Part{wholeContainer(path[0], name, d), Image}
	}
	rest := path[3:]
	switch field := path[2]; field {
	case "image":
		return Part{imageWords(d), Image}
	case "env", "envFrom":
		return Part{envWords(field, rest, d), Env}
	case "command", "args":
		return Part{valueWords(field, d), Command}
	case "ports":
		return Part{portWords(rest, d), Ports}
	}
	return Part{valueWords(name+": "+pathWords(path[2:]), d), Spec}
}

func wholeContainer(list, name string, d Difference) string {
	noun := map[string]string{
		"containers": "container ", "initContainers": "init container ", "ephemeralContainers": "debug container ",
	}[list] + name
	if d.New == nil {
		return noun + " removed"
	}
	return noun + " added" + after(": ", text(asMap(d.New)["image"]))
}

// imageWords is "image checkout:v41 → :v42": what both images share stands once.
func imageWords(d Difference) string {
	older, newer := kinds.Clean(text(d.Old)), kinds.Clean(text(d.New))
	oldName, oldTag := splitImage(older)
	newName, newTag := splitImage(newer)
	switch {
	case older == "" || newer == "":
		return valueWords("image", d)
	case oldName == newName:
		return "image " + base(oldName) + oldTag + " → " + cmp.Or(newTag, "without a tag")
	case base(oldName) == base(newName):
		return "image " + older + " → " + newer
	}
	return "image " + base(oldName) + oldTag + " → " + base(newName) + newTag
}

// splitImage cuts an image into its name and what selects a version of it, ":v41" or
// "@sha256:…", of which a digest is shortened.
func splitImage(image string) (name, version string) {
	name, digest, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, version = name[:i], name[i:]
	}
	if digest != "" {
		algorithm, sum, _ := strings.Cut(digest, ":")
		version += "@" + algorithm + ":" + sum[:min(len(sum), 12)]
	}
	return name, version
}

func base(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// envWords describes a variable: its value, or where it comes from.
func envWords(field string, path []string, d Difference) string {
	if len(path) == 0 || path[0] == "order" {
		return valueWords(field, d)
	}
	name := field + " " + unbracket(path[0])
	if len(path) > 1 && path[1] != "value" {
		return valueWords(name+" "+pathWords(path[1:]), d)
	}
	if len(path) == 1 {
		d.Old, d.New = envValue(d.Old), envValue(d.New)
	}
	return valueWords(name, d)
}

// envValue is the value of a variable that only one version has; what is not a plain
// value is described by where it comes from.
func envValue(v any) any {
	m := asMap(v)
	if m == nil {
		return v
	}
	if value, ok := m["value"]; ok {
		return value
	}
	for _, from := range asMap(m["valueFrom"]) {
		source := asMap(from)
		return "from " + strings.TrimSpace(text(source["name"])+" "+text(source["key"])+text(source["fieldPath"]))
	}
	return ""
}

// portWords describes a port of a container or a Service.
func portWords(path []string, d Difference) string {
	if len(path) == 0 || path[0] == "order" {
		return valueWords("ports", d)
	}
	name := "port " + unbracket(path[0])
	if len(path) > 1 {
		return valueWords(name+" "+pathWords(path[1:]), d)
	}
	d.Old, d.New = portValue(d.Old), portValue(d.New)
	return valueWords(name, d)
}

func portValue(v any) any {
	m := asMap(v)
	if m == nil {
		return nil
	}
	for _, field := range []string{"containerPort", "port"} {
		if n, ok := m[field]; ok {
			return fmt.Sprint(n) + after(" to ", format(m["targetPort"]))
		}
	}
	return v
}

// metadataWords describes labels, annotations and the rest of the metadata.
func metadataWords(path []string, d Difference, where string) Part {
	if len(path) == 0 {
		return Part{valueWords(where+"metadata", d), Labels}
	}
	switch {
	case path[0] == "deletionTimestamp" && d.Old == nil:
		return Part{DeletionBegan, Deleted}
	case path[0] == "deletionTimestamp" && d.New != nil:
		return Part{} // Who deletes says first how long the end may take, and then that it is over.
	case path[0] == "annotations" && len(path) > 1 && path[1] == "kubectl.kubernetes.io/restartedAt":
		if d.New == nil || moment(d.New).Before(moment(d.Old)) {
			return Part{"back to before a restart", Spec} // by a rollback
		}
		return Part{"restarted", Spec}
	case len(path) > 1 && path[0] == "labels" && where != "":
		return Part{valueWords(where+"label "+kinds.Clean(path[1]), d), Selector} // Services select by them
	case len(path) > 1 && (path[0] == "labels" || path[0] == "annotations"):
		return Part{valueWords(where+strings.TrimSuffix(path[0], "s")+" "+kinds.Clean(path[1]), d), Labels}
	case path[0] == "ownerReferences" && len(path) == 2:
		owner := asMap(d.New)
		if owner == nil {
			owner = asMap(d.Old)
		}
		name := strings.ToLower(text(owner["kind"])) + " " + text(owner["name"])
		return Part{kinds.Clean("owner " + name + gone(d)), Labels}
	}
	return Part{valueWords(where+pathWords(path), d), Labels}
}

func gone(d Difference) string {
	if d.New == nil {
		return " removed"
	}
	return " added"
}

// dataWords describes a key of a ConfigMap or a Secret.
func dataWords(path []string, d Difference) string {
	if len(path) == 0 {
		return valueWords("data", d)
	}
	name := "data " + kinds.Clean(path[0])
	older, wasText := d.Old.(string)
	newer, isText := d.New.(string)
	if d.Hidden || !isText || !wasText || !strings.Contains(older+newer, "\n") {
		return valueWords(name, d)
	}
	removed, added := countLines(older, newer)
	return fmt.Sprintf("%s: %s", name, lineCounts(added, removed))
}

func lineCounts(added, removed int) string {
	switch {
	case removed == 0 && added == 0:
		return "lines in another order"
	case removed == 0:
		return lineCount(added) + " added"
	case added == 0:
		return lineCount(removed) + " removed"
	case added == removed:
		return lineCount(added) + " changed"
	}
	return lineCount(added) + " added, " + strconv.Itoa(removed) + " removed"
}

func lineCount(n int) string {
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}

// countLines counts the lines that only one of two texts has, whatever their order.
func countLines(older, newer string) (removed, added int) {
	count := map[string]int{}
	for line := range strings.SplitSeq(older, "\n") {
		count[line]--
	}
	for line := range strings.SplitSeq(newer, "\n") {
		count[line]++
	}
	for _, n := range count {
		removed += max(0, -n)
		added += max(0, n)
	}
	return removed, added
}
