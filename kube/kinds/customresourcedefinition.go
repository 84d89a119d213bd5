package kinds

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// CustomResourceDefinition adds a kind to the API. Its type is not linked in: most of it is
// schemas, of which nothing is read here.
var CustomResourceDefinition = register(Kind{
	GroupVersionKind: schema.GroupVersionKind{
		Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition",
	},
	Resource: "customresourcedefinitions",
	Short:    []string{"crd", "crds"},
	Columns:  nameAndCreated,
	LinksTo:  "Service", // and to the objects of its kind, whichever that is
}, readDefinition, definitionDetails)

func readDefinition(u *unstructured.Unstructured, r *Record) {
	o := readObject(r.Kind.GroupKind(), u.Object)
	r.Cells = nameAndCreatedCells(r)
	r.Status = definitionStatus(o.conditions())
	kind := schema.GroupKind{Group: intern(o.text("spec", "group")), Kind: intern(o.text("spec", "names", "kind"))}
	if kind.Kind != "" {
		r.link(Link{Relation: Defines, To: Ref{GroupKind: kind}})
	}
	r.linkTo(Calls, serviceIn(o.part("spec", "conversion", "webhook", "clientConfig", "service")), "conversion")
}

// definitionStatus is the worst of the conditions. A definition whose names were accepted
// a moment ago is not established yet.
func definitionStatus(conditions []Condition) Status {
	for i := range conditions {
		if c := &conditions[i]; c.Type == "Established" && c.Reason == "Installing" {
			c.Level = min(c.Level, Waiting)
		}
	}
	return worstUpTo(Failing, conditions)
}

// serviceIn names the Service of a reference in JSON.
func serviceIn(reference map[string]any) Ref {
	return core("Service", text(reference["namespace"]), text(reference["name"]))
}

// linkService adds the Service of a reference in JSON, if there is one, with its port and
// path.
func (f *facts) linkService(name string, reference map[string]any) {
	if text(reference["name"]) == "" {
		return
	}
	port, _ := scalarText(reference["port"])
	to := serviceIn(reference)
	f.linkAs(name, "service "+to.Namespace+"/"+to.Name+":"+firstOf(port, "443")+text(reference["path"]), to)
}

// encodedSize is the size of bytes that JSON has in base64; "" for none.
func encodedSize(encoded string) string {
	if encoded == "" {
		return ""
	}
	return bytesText(len(encoded) / 4 * 3)
}

func definitionDetails(u *unstructured.Unstructured) Details {
	var f facts
	o := &object{fields: u.Object}
	f.add("Group", o.text("spec", "group"))
	f.add("Kind", o.text("spec", "names", "kind"))
	f.add("Scope", o.text("spec", "scope"))
	f.add("Short names", itemsText(at(u.Object, "spec", "names", "shortNames")))
	f.add("Categories", itemsText(at(u.Object, "spec", "names", "categories")))
	stored, _ := at(u.Object, "status", "storedVersions").([]any)
	stored = slices.Clone(stored)
	for _, v := range o.list("spec", "versions") {
		f.add("Version "+text(v["name"]), definedVersion(v))
		if v["storage"] == true {
			stored = slices.DeleteFunc(stored, func(s any) bool { return text(s) == text(v["name"]) })
		}
	}
	f.addLevel("Also stored as", itemsText(stored), Degraded)
	f.add("Conversion", firstOf(o.text("spec", "conversion", "strategy"), "None"))
	client := o.part("spec", "conversion", "webhook", "clientConfig")
	service, _ := client["service"].(map[string]any)
	f.linkService("Calls", service)
	f.add("Calls", text(client["url"]))
	f.add("CA bundle", encodedSize(text(client["caBundle"])))
	return Details{Facts: f, Conditions: o.conditions()}
}

func itemsText(list any) string {
	items, _ := list.([]any)
	return listOf(items)
}

// definedVersion is "served, stored, /status, 3 printer columns".
func definedVersion(v map[string]any) string {
	parts := []string{"not served"}
	if v["served"] == true {
		parts[0] = "served"
	}
	if v["storage"] == true {
		parts = append(parts, "stored")
	}
	if v["deprecated"] == true {
		parts = append(parts, join(": ", "deprecated", text(v["deprecationWarning"])))
	}
	for _, name := range []string{"status", "scale"} {
		if at(v, "subresources", name) != nil {
			parts = append(parts, "/"+name)
		}
	}
	if columns, _ := v["additionalPrinterColumns"].([]any); len(columns) > 0 {
		parts = append(parts, plural(len(columns), "printer column"))
	}
	return strings.Join(parts, ", ")
}
