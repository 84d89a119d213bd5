package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// CSIStorageCapacity says how much of a storage class a part of the cluster has left.
var CSIStorageCapacity = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSIStorageCapacity"),
	Resource:         "csistoragecapacities",
	Quiet:            true,
	Namespaced:       true,
	Columns:          nameAndCreated,
	LinksTo:          "StorageClass.storage.k8s.io",
	New:              func() runtime.Object { return &storagev1.CSIStorageCapacity{} },
}, readCSIStorageCapacity, csiStorageCapacityDetails)

func readCSIStorageCapacity(c *storagev1.CSIStorageCapacity, r *Record) {
	r.Cells = nameAndCreatedCells(r)
	r.linkTo(BelongsTo, storageClass(c.StorageClassName), "")
}

func storageClass(name string) Ref {
	return ref(storagev1.SchemeGroupVersion, "StorageClass", "", name)
}

func csiStorageCapacityDetails(c *storagev1.CSIStorageCapacity) Details {
	var f facts
	f.link("Storage class", storageClass(c.StorageClassName))
	if c.Capacity != nil {
		f.add("Capacity", c.Capacity.String())
	} else {
		f.add("Capacity", "not known")
	}
	if c.MaximumVolumeSize != nil {
		f.add("Largest volume", c.MaximumVolumeSize.String())
	}
	if c.NodeTopology == nil {
		f.add("Nodes", "none")
	} else {
		f.add("Nodes", firstOf(selectorText(c.NodeTopology), "all"))
	}
	return Details{Facts: f}
}
