package views

import (
	"cmp"
	"slices"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// Records returns the records that a view is about, by namespace and name, and
// whether it is about one object.
func Records(view ui.View) (records []*kinds.Record, one bool) {
	switch v := view.(type) {
	case *table:
		records = v.list.listing.Since(0).Changed
		slices.SortFunc(records, byKey)
	case *printedTop:
		records = v.metrics.Since(0).Changed
		slices.SortFunc(records, byKey)
	case *object:
		if v.subject.record != nil {
			return []*kinds.Record{v.subject.record}, true
		}
	}
	return records, false
}

func byKey(a, b *kinds.Record) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// Resource returns the resource of the records that a view is about.
func Resource(view ui.View) kube.Resource {
	switch v := view.(type) {
	case *table:
		return v.resource
	case *object:
		return v.subject.resource
	case *printedTop:
		return v.resource
	}
	return kube.Resource{}
}
