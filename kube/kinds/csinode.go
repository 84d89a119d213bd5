package kinds

import (
	"strconv"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// CSINode says which storage drivers run on a node.
var CSINode = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSINode"),
	Resource:         "csinodes",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "DRIVERS", Right: true},
		{Name: "AGE"},
	},
	LinksTo: "Node " + csiDriver,
	New:     func() runtime.Object { return &storagev1.CSINode{} },
}, readCSINode, csiNodeDetails)

func readCSINode(n *storagev1.CSINode, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), countCell(int64(len(n.Spec.Drivers))), AgeCell(r.Created)}
	// The kubelet's is owned by its node; a backup may have lost that.
	if len(n.OwnerReferences) == 0 {
		r.linkTo(BelongsTo, core("Node", "", n.Name), "")
	}
	for i := range n.Spec.Drivers {
		r.linkTo(Uses, driver(n.Spec.Drivers[i].Name), "")
	}
}

func csiNodeDetails(n *storagev1.CSINode) Details {
	var f facts
	for i := range n.Spec.Drivers {
		d := &n.Spec.Drivers[i]
		value := "node ID " + d.NodeID
		if d.Allocatable != nil && d.Allocatable.Count != nil {
			value += ", at most " + strconv.Itoa(int(*d.Allocatable.Count)) + " volumes"
		}
		if len(d.TopologyKeys) > 0 {
			value += ", topology " + strings.Join(d.TopologyKeys, ", ")
		}
		f.linkAs(d.Name, value, driver(d.Name))
	}
	if len(n.Spec.Drivers) == 0 {
		f.add("Drivers", "none")
	}
	return Details{Facts: f}
}
