package kinds

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// facts collects the lines of an overview. What has no value makes no line.
type facts []Fact

func (f *facts) add(name, value string) {
	if value != "" {
		*f = append(*f, Fact{Name: Clean(name), Value: Clean(value)})
	}
}

func (f *facts) addLevel(name, value string, level Level) {
	if value != "" {
		*f = append(*f, Fact{Name: Clean(name), Value: Clean(value), Level: level})
	}
}

// link adds an object by its name.
func (f *facts) link(name string, to Ref) {
	if to.Name != "" {
		*f = append(*f, Fact{Name: Clean(name), Value: to.Name, Link: &to})
	}
}

// linkAs adds an object under words other than its name.
func (f *facts) linkAs(name, value string, to Ref) {
	*f = append(*f, Fact{Name: Clean(name), Value: Clean(value), Link: &to})
}

func (f *facts) time(name string, t *metav1.Time) {
	if t != nil && !t.IsZero() {
		f.add(name, t.UTC().Format(time.RFC3339))
	}
}

// metadataFacts are the facts that every object has.
func metadataFacts(obj runtime.Object) []Fact {
	m, ok := obj.(metav1.Object)
	if !ok {
		return nil
	}
	var f facts
	for _, o := range m.GetOwnerReferences() {
		name := "Owner"
		if o.Controller != nil && *o.Controller {
			name = "Controlled by"
		}
		to := ownerLink(o, m.GetNamespace()).To
		f.linkAs(name, to.Kind+"/"+to.Name, to)
	}
	labels := m.GetLabels()
	if s, ok := obj.(*corev1.Secret); ok {
		labels = secretValues(s).Hide(labels)
	}
	f.add("Labels", mapText(labels))
	if n := len(m.GetAnnotations()); n > 0 {
		f.add("Annotations", strconv.Itoa(n))
	}
	level := Quiet
	if m.GetDeletionTimestamp() != nil {
		level = Waiting
	}
	f.addLevel("Finalizers", strings.Join(m.GetFinalizers(), ", "), level)
	f.time("Deleted", m.GetDeletionTimestamp())
	return f
}

// ref names an object of a kind of Kubernetes' own.
func ref(group schema.GroupVersion, kind, namespace, name string) Ref {
	return Ref{
		GroupKind: schema.GroupKind{Group: group.Group, Kind: kind},
		Namespace: intern(namespace),
		Name:      Clean(name),
	}
}

// mapText is "a=1,b=2", sorted by key.
func mapText(m map[string]string) string {
	parts := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return strings.Join(parts, ",")
}

// valueOr is what p points to, or what the API server fills in for a field that
// is not set. Manifests and old backups lack such fields.
func valueOr[T any](p *T, unset T) T {
	if p == nil {
		return unset
	}
	return *p
}

// join joins what is not empty.
func join(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// comma puts a comma before a text that is not empty.
func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// plural is "1 pod", "2 pods".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// yesNo is a flag in words.
func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// bytesText is a size in bytes in the largest binary unit that keeps it whole
// enough to read.
func bytesText(n int) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
