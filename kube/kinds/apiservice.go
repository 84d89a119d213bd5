package kinds

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// APIService says who serves a version of a group of the API: the API server itself, or a
// Service behind it.
var APIService = register(Kind{
	GroupVersionKind: schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"},
	Resource:         "apiservices",
	Columns: []Column{
		{Name: "NAME"},
		{Name: "SERVICE"},
		{Name: "AVAILABLE", State: true},
		{Name: "AGE"},
	},
	LinksTo: "Service",
}, readAPIService, apiServiceDetails)

func readAPIService(u *unstructured.Unstructured, r *Record) {
	o := readObject(r.Kind.GroupKind(), u.Object)
	by := "Local"
	if service := o.part("spec", "service"); service != nil {
		to := serviceIn(service)
		by = to.Namespace + "/" + to.Name
		r.linkTo(Calls, to, "")
	}
	available := find(o.conditions(), "Available")
	state := firstOf(available.Status, "Unknown")
	if state != "True" && available.Reason != "" {
		state += " (" + available.Reason + ")"
	}
	r.Cells = []Cell{ownCell(r.Name), TextCell(by), TextCell(state), AgeCell(r.Created)}
	switch available.Status {
	case "True":
		r.Status = Status{Level: OK}
	case "False":
		r.Status = Status{Failing, firstOf(available.Why(), "not available"), available.Changed.Time}
	default:
		r.Status = Status{Waiting, firstOf(available.Why(), "not known whether it is available"), available.Changed.Time}
	}
}

func apiServiceDetails(u *unstructured.Unstructured) Details {
	var f facts
	o := &object{fields: u.Object}
	f.add("Group", firstOf(o.text("spec", "group"), "core"))
	f.add("Version", o.text("spec", "version"))
	if service := o.part("spec", "service"); service != nil {
		f.linkService("Served by", service)
	} else {
		f.add("Served by", "the API server itself")
	}
	group, _ := scalarText(at(u.Object, "spec", "groupPriorityMinimum"))
	f.add("Group priority", group)
	version, _ := scalarText(at(u.Object, "spec", "versionPriority"))
	f.add("Version priority", version)
	f.add("CA bundle", encodedSize(o.text("spec", "caBundle")))
	if o.flag("spec", "insecureSkipTLSVerify") {
		f.addLevel("TLS", "not verified: insecureSkipTLSVerify", Degraded)
	}
	return Details{Facts: f, Conditions: o.conditions()}
}
