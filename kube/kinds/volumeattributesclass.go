package kinds

import (
	"maps"
	"slices"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// VolumeAttributesClass describes attributes of volumes that may change later, like their
// throughput.
var VolumeAttributesClass = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("VolumeAttributesClass"),
	Resource:         "volumeattributesclasses",
	Quiet:            true,
	Short:            []string{"vac"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "DRIVERNAME"},
		{Name: "AGE"},
	},
	LinksTo: csiDriver,
	New:     func() runtime.Object { return &storagev1.VolumeAttributesClass{} },
}, readVolumeAttributesClass, volumeAttributesClassDetails)

func readVolumeAttributesClass(c *storagev1.VolumeAttributesClass, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), TextCell(c.DriverName), AgeCell(r.Created)}
	r.linkTo(ProvisionedBy, driver(c.DriverName), "")
}

func volumeAttributesClassDetails(c *storagev1.VolumeAttributesClass) Details {
	var f facts
	f.link("Driver", driver(c.DriverName))
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		f.add("Parameter "+name, c.Parameters[name])
	}
	return Details{Facts: f}
}
