package kinds

import (
	"strconv"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// CSIDriver says what a storage driver needs of the cluster.
var CSIDriver = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("CSIDriver"),
	Resource:         "csidrivers",
	Quiet:            true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "ATTACHREQUIRED"},
		{Name: "PODINFOONMOUNT"},
		{Name: "STORAGECAPACITY"},
		{Name: "TOKENREQUESTS"},
		{Name: "REQUIRESREPUBLISH"},
		{Name: "MODES"},
		{Name: "AGE"},
	},
	New: func() runtime.Object { return &storagev1.CSIDriver{} },
}, readCSIDriver, csiDriverDetails)

// The defaults are those of SetDefaults_CSIDriver
// (k8s.io/kubernetes/pkg/apis/storage/v1/defaults.go).
func readCSIDriver(d *storagev1.CSIDriver, r *Record) {
	audiences := "<unset>"
	if d.Spec.TokenRequests != nil {
		audiences = audiencesText(d)
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		boolCell(valueOr(d.Spec.AttachRequired, true)),
		boolCell(valueOr(d.Spec.PodInfoOnMount, false)),
		boolCell(valueOr(d.Spec.StorageCapacity, false)),
		TextCell(audiences),
		boolCell(valueOr(d.Spec.RequiresRepublish, false)),
		TextCell(driverModes(d)),
		AgeCell(r.Created),
	}
}

func audiencesText(d *storagev1.CSIDriver) string {
	audiences := make([]string, len(d.Spec.TokenRequests))
	for i := range d.Spec.TokenRequests {
		audiences[i] = d.Spec.TokenRequests[i].Audience
	}
	return strings.Join(audiences, ",")
}

func driverModes(d *storagev1.CSIDriver) string {
	modes := make([]string, len(d.Spec.VolumeLifecycleModes))
	for i, m := range d.Spec.VolumeLifecycleModes {
		modes[i] = string(m)
	}
	return firstOf(strings.Join(modes, ","), string(storagev1.VolumeLifecyclePersistent))
}

func csiDriverDetails(d *storagev1.CSIDriver) Details {
	var f facts
	f.add("Modes", driverModes(d))
	f.add("Attach required", yesNo(valueOr(d.Spec.AttachRequired, true)))
	f.add("Pod info on mount", yesNo(valueOr(d.Spec.PodInfoOnMount, false)))
	f.add("Storage capacity", yesNo(valueOr(d.Spec.StorageCapacity, false)))
	f.add("Requires republish", yesNo(valueOr(d.Spec.RequiresRepublish, false)))
	f.add("Token audiences", audiencesText(d))
	f.add("FS group policy", string(valueOr(d.Spec.FSGroupPolicy, storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy)))
	f.add("SELinux mount", yesNo(valueOr(d.Spec.SELinuxMount, false)))
	if every := d.Spec.NodeAllocatableUpdatePeriodSeconds; every != nil {
		f.add("Allocatable read every", strconv.FormatInt(*every, 10)+"s")
	}
	return Details{Facts: f}
}
