package kinds

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PersistentVolumeClaim asks for a piece of storage.
var PersistentVolumeClaim = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"),
	Resource:         "persistentvolumeclaims",
	Short:            []string{"pvc"},
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "STATUS", State: true},
		{Name: "VOLUME"},
		{Name: "CAPACITY", Right: true},
		{Name: "ACCESS MODES"},
		{Name: "STORAGECLASS"},
		{Name: "VOLUMEATTRIBUTESCLASS"},
		{Name: "AGE"},
		{Name: "VOLUMEMODE", Wide: true},
	},
	LinksTo: "PersistentVolume StorageClass.storage.k8s.io VolumeAttributesClass.storage.k8s.io",
	New:     func() runtime.Object { return &corev1.PersistentVolumeClaim{} },
}, readPersistentVolumeClaim, persistentVolumeClaimDetails)

func readPersistentVolumeClaim(c *corev1.PersistentVolumeClaim, r *Record) {
	phase := string(cmp.Or(c.Status.Phase, corev1.ClaimPending))
	if c.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	capacity, modes := TextCell(""), ""
	if name := c.Spec.VolumeName; name != "" {
		capacity = quantityCell(c.Status.Capacity[corev1.ResourceStorage])
		modes = accessModes(c.Status.AccessModes)
		r.linkTo(Claims, core("PersistentVolume", "", name), "")
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(phase),
		ownCell(c.Spec.VolumeName),
		capacity,
		TextCell(modes),
		TextCell(claimClass(c)),
		TextCell(orUnset(c.Spec.VolumeAttributesClassName)),
		AgeCell(r.Created),
		TextCell(volumeMode(c.Spec.VolumeMode)),
	}
	r.Status = persistentVolumeClaimStatus(c)
	r.linkTo(ProvisionedBy, ref(storagev1.SchemeGroupVersion, "StorageClass", "", claimClass(c)), "")
	attributes := valueOr(c.Spec.VolumeAttributesClassName, "")
	r.linkTo(Uses, ref(storagev1.SchemeGroupVersion, "VolumeAttributesClass", "", attributes), "")
}

func persistentVolumeClaimStatus(c *corev1.PersistentVolumeClaim) Status {
	switch c.Status.Phase {
	case corev1.ClaimBound:
	case corev1.ClaimLost:
		return Status{Level: Failing, Reason: Clean("Lost: its volume " + c.Spec.VolumeName + " is gone")}
	default:
		return Status{Waiting, Clean(firstOf(string(c.Status.Phase), "Pending")), c.CreationTimestamp.Time}
	}
	worst := Status{Level: OK}
	for i := range c.Status.Conditions {
		k := &c.Status.Conditions[i]
		level := conditionLevel(string(k.Type), string(k.Status), k.Reason)
		if level > worst.Level {
			worst = Status{level, Clean(because(string(k.Type), k.Message)), k.LastTransitionTime.Time}
		}
	}
	return worst
}

// claimClass is the wanted storage class; the annotation that came before the field
// takes precedence.
func claimClass(c *corev1.PersistentVolumeClaim) string {
	if class, ok := c.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return valueOr(c.Spec.StorageClassName, "")
}

func persistentVolumeClaimDetails(c *corev1.PersistentVolumeClaim) Details {
	var f facts
	f.link("Volume", ref(corev1.SchemeGroupVersion, "PersistentVolume", "", c.Spec.VolumeName))
	if q, ok := c.Spec.Resources.Requests[corev1.ResourceStorage]; ok {
		f.add("Requested", q.String())
	}
	if q, ok := c.Status.Capacity[corev1.ResourceStorage]; ok {
		f.add("Capacity", q.String())
	}
	f.add("Access modes", accessModes(c.Spec.AccessModes))
	f.link("Storage class", ref(storagev1.SchemeGroupVersion, "StorageClass", "", claimClass(c)))
	f.add("Volume mode", volumeMode(c.Spec.VolumeMode))
	f.add("Selector", selectorText(c.Spec.Selector))
	node := c.Annotations["volume.kubernetes.io/selected-node"]
	f.link("Selected node", ref(corev1.SchemeGroupVersion, "Node", "", node))
	f.add("Provisioner", c.Annotations["volume.kubernetes.io/storage-provisioner"])
	if d := c.Spec.DataSourceRef; d != nil {
		f.add("Data source", d.Kind+" "+d.Name)
	}
	return Details{Facts: f, Conditions: conditionsOf(c.Status.Conditions, readClaimCondition)}
}

func readClaimCondition(c corev1.PersistentVolumeClaimCondition) Condition {
	return condition(string(c.Type), string(c.Status), c.Reason, c.Message, c.LastTransitionTime)
}
