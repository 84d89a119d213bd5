package kinds

import (
	"strconv"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ResourceSlice lists devices that a driver has, mostly those of one node.
var ResourceSlice = register(Kind{
	GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceSlice"),
	Resource:         "resourceslices",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "NODE"},
		{Name: "DRIVER"},
		{Name: "POOL"},
		{Name: "AGE"},
	},
	LinksTo: "Node",
	New:     func() runtime.Object { return &resourcev1.ResourceSlice{} },
	Skip:    []string{"spec.devices", "spec.sharedCounters"},
}, readResourceSlice, resourceSliceDetails)

func readResourceSlice(s *resourcev1.ResourceSlice, r *Record) {
	node := valueOr(s.Spec.NodeName, "")
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(node),
		TextCell(s.Spec.Driver),
		TextCell(s.Spec.Pool.Name),
		AgeCell(r.Created),
	}
	r.linkTo(RunsOn, core("Node", "", node), "")
}

func resourceSliceDetails(s *resourcev1.ResourceSlice) Details {
	var f facts
	f.add("Driver", s.Spec.Driver)
	f.add("Pool", join(", ", s.Spec.Pool.Name, "generation "+strconv.FormatInt(s.Spec.Pool.Generation, 10),
		plural(int(s.Spec.Pool.ResourceSliceCount), "slice")))
	f.link("Node", core("Node", "", valueOr(s.Spec.NodeName, "")))
	if valueOr(s.Spec.AllNodes, false) {
		f.add("Node", "all")
	}
	f.add("Devices", strconv.Itoa(len(s.Spec.Devices)))
	for i := range s.Spec.Devices {
		d := &s.Spec.Devices[i]
		level, text := OK, plural(len(d.Attributes), "attribute")
		for _, t := range d.Taints {
			level = Degraded
			text = join(", ", text, "taint "+t.Key+"="+t.Value+":"+string(t.Effect))
		}
		f.addLevel("Device "+d.Name, text, level)
	}
	return Details{Facts: f}
}
