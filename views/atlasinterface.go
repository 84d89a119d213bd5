package views

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

const admissionGroup = "admissionregistration.k8s.io"

var (
	apiServiceKind = schema.GroupKind{Group: "apiregistration.k8s.io", Kind: "APIService"}
	definitionKind = schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}
	validatingKind = schema.GroupKind{Group: admissionGroup, Kind: "ValidatingWebhookConfiguration"}
	mutatingKind   = schema.GroupKind{Group: admissionGroup, Kind: "MutatingWebhookConfiguration"}
)

// interfaces is what can be asked for, and who answers.
func (w *atlasWriter) interfaces() []partGroup {
	return []partGroup{
		{"API", "discovery, and conditions", append([]part{w.groups(), w.definitions()}, w.apiServices()...)},
		{"webhooks", "and who answers them", append(
			w.webhooks("validating", "may refuse changes"), w.webhooks("mutating", "may change objects on their way in")...)},
	}
}

// groups are the groups and versions of the API.
func (w *atlasWriter) groups() part {
	p := part{name: "groups", does: "what is served"}
	resources := w.session.Cluster.Resources()
	if w.session.isSaved() {
		return p.unseen(isNotShown, "not shown: a "+w.source()+" serves what it holds")
	}
	if !resources.Complete() {
		return p.unseen(isLoading, "asking ...")
	}
	groups, versions := map[string]bool{}, map[schema.GroupVersion]int{}
	for _, r := range resources.All() {
		groups[r.Group] = true
		versions[r.GroupVersion()]++
	}
	p.say(kinds.OK, counted(len(groups), "groups"))
	p.say(kinds.Quiet, counted(len(versions), "versions"))
	p.say(kinds.Quiet, counted(len(resources.All()), "resources"))
	beta := 0
	for gv := range versions {
		if strings.ContainsAny(strings.TrimPrefix(gv.Version, "v"), "ab") {
			beta++
		}
	}
	if beta > 0 {
		p.note(strconv.Itoa(beta) + " beta or alpha")
	}
	for _, problem := range resources.Problems() {
		p.say(kinds.Degraded, short(problem))
	}
	return p
}

// definition is what the atlas reads from a CustomResourceDefinition.
type definition struct {
	established bool
	why         string
	stored      []string
	conversion  string // the Service that converts, "" for none
}

func readDefinition(obj runtime.Object) any {
	fields := fieldsOf(obj)
	out := definition{stored: textsAt(fields, "status", "storedVersions")}
	out.established, out.why = conditionAt(fields, "Established")
	if namespace, name := serviceAt(fields, "spec", "conversion", "webhook", "clientConfig"); name != "" {
		out.conversion = namespace + "/" + name
	}
	return out
}

// conditionAt reports whether a condition is True, and why not.
func conditionAt(fields map[string]any, kind string) (ok bool, why string) {
	for _, c := range mapsAt(fields, "status", "conditions") {
		if textAt(c, "type") != kind {
			continue
		}
		reason, message := textAt(c, "reason"), textAt(c, "message")
		return textAt(c, "status") == "True", strings.TrimSuffix(reason+": "+message, ": ")
	}
	return false, "no condition " + kind
}

// serviceAt is the Service that a client config names.
func serviceAt(fields map[string]any, path ...string) (namespace, name string) {
	at := append(slices.Clip(path), "service")
	return textAt(fields, append(slices.Clip(at), "namespace")...), textAt(fields, append(slices.Clip(at), "name")...)
}

func (w *atlasWriter) definitions() part {
	p := part{name: "custom kinds", does: "CustomResourceDefinitions", then: w.toTable(definitionKind, "")}
	entries, why := w.loaded("definitions")
	if why != "" {
		switch why {
		case "hidden by your rights":
			return p.unseen(isHidden, "hidden: you may not list customresourcedefinitions")
		case "loading":
			return p.unseen(isLoading, "loading ...")
		}
		p.says = append(p.says, w.number(definitionKind))
		p.note("how they are is " + why)
		return p
	}
	if len(entries) == 0 && w.session.isSaved() {
		return p.unseen(isNotShown, w.none("customresourcedefinitions"))
	}
	p.say(kinds.Quiet, strconv.Itoa(len(entries)))
	several, bad := 0, 0
	for _, e := range entries {
		d, ok := e.Value.(definition)
		if !ok {
			continue
		}
		if len(d.stored) > 1 {
			several++
		}
		if !d.established {
			if bad++; bad == 1 {
				p.say(kinds.Failing, e.Record.Name+" is not established: "+d.why)
				p.then = w.toRecord(e.Record)
			}
		}
	}
	switch {
	case bad > 1:
		p.say(kinds.Failing, strconv.Itoa(bad)+" are not")
	case bad == 0 && len(entries) > 0:
		p.say(kinds.OK, "all established")
	}
	if several > 0 {
		p.say(kinds.Quiet, strconv.Itoa(several)+" stored in several versions")
	}
	return p
}

// apiService is what the atlas reads from an APIService.
type apiService struct {
	service   string // that answers; "" for the API server itself
	available bool
	why       string
}

func readAPIService(obj runtime.Object) any {
	fields := fieldsOf(obj)
	var out apiService
	if namespace, name := serviceAt(fields, "spec"); name != "" {
		out.service = namespace + "/" + name
	}
	out.available, out.why = conditionAt(fields, "Available")
	return out
}

// apiServices are the groups that another server answers for, each that does not with a
// line of its own.
func (w *atlasWriter) apiServices() []part {
	p := part{name: "aggregated APIs", does: "groups that another server answers", then: w.toTable(apiServiceKind, "")}
	entries, p, ok := w.list("services", p, "apiservices")
	if !ok {
		if p.sight == isSeen {
			p = p.unseen(isNotShown, w.none("apiservices"))
		}
		return []part{p}
	}
	var bad []part
	names := []string(nil)
	for _, e := range entries {
		s, ok := e.Value.(apiService)
		if !ok {
			continue
		}
		if s.service != "" {
			names = append(names, e.Record.Name)
		}
		if !s.available {
			one := part{name: "APIService", then: w.toRecord(e.Record)}
			one.say(kinds.Failing, e.Record.Name+" is not available: "+s.why)
			bad = append(bad, one)
		}
	}
	switch {
	case len(names) == 0:
		p.say(kinds.Quiet, "none: the API server answers all "+strconv.Itoa(len(entries)))
	default:
		p.say(kinds.Quiet, fewOf(names, 3))
		if len(bad) == 0 {
			p.say(kinds.OK, "available")
		}
	}
	return append([]part{p}, bad[:min(len(bad), nodesShown)]...)
}
