package kinds

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// StorageClass describes a kind of storage that claims can ask for.
var StorageClass = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("StorageClass"),
	Resource:         "storageclasses",
	Quiet:            true,
	Short:            []string{"sc"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "PROVISIONER"},
		{Name: "RECLAIMPOLICY"},
		{Name: "VOLUMEBINDINGMODE"},
		{Name: "ALLOWVOLUMEEXPANSION"},
		{Name: "AGE"},
	},
	LinksTo: "CSIDriver.storage.k8s.io",
	New:     func() runtime.Object { return &storagev1.StorageClass{} },
}, readStorageClass, storageClassDetails)

func readStorageClass(c *storagev1.StorageClass, r *Record) {
	r.Cells = []Cell{
		nameCell(r, defaultStorageClass(c)),
		TextCell(c.Provisioner),
		TextCell(string(classReclaimPolicy(c))),
		TextCell(string(bindingMode(c))),
		boolCell(valueOr(c.AllowVolumeExpansion, false)),
		AgeCell(r.Created),
	}
	// Only CSI's provisioners have such an object.
	if c.Provisioner != "" && !strings.HasPrefix(c.Provisioner, "kubernetes.io/") {
		to := ref(storagev1.SchemeGroupVersion, "CSIDriver", "", c.Provisioner)
		r.link(Link{Relation: ProvisionedBy, To: to, Optional: true})
	}
}

// defaultStorageClass reports whether claims that name no class get this one.
func defaultStorageClass(c *storagev1.StorageClass) bool {
	return annotated(c, "storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
}

// classReclaimPolicy and bindingMode are as SetDefaults_StorageClass has them
// (k8s.io/kubernetes/pkg/apis/storage/v1/defaults.go).
func classReclaimPolicy(c *storagev1.StorageClass) corev1.PersistentVolumeReclaimPolicy {
	return valueOr(c.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete)
}

func bindingMode(c *storagev1.StorageClass) storagev1.VolumeBindingMode {
	return valueOr(c.VolumeBindingMode, storagev1.VolumeBindingImmediate)
}

// annotated reports whether one of the annotations is "true".
func annotated(m metav1.Object, names ...string) bool {
	for _, name := range names {
		if m.GetAnnotations()[name] == "true" {
			return true
		}
	}
	return false
}

func storageClassDetails(c *storagev1.StorageClass) Details {
	var f facts
	if defaultStorageClass(c) {
		f.add("Default", "yes: claims that name no class get this one")
	}
	f.add("Provisioner", c.Provisioner)
	f.add("Reclaim policy", string(classReclaimPolicy(c)))
	f.add("Volume binding mode", string(bindingMode(c)))
	f.add("Allow volume expansion", yesNo(valueOr(c.AllowVolumeExpansion, false)))
	f.add("Mount options", join(",", c.MountOptions...))
	f.add("Parameters", mapText(c.Parameters))
	for _, term := range c.AllowedTopologies {
		for _, e := range term.MatchLabelExpressions {
			f.add("Allowed topology", e.Key+" in "+join(",", e.Values...))
		}
	}
	return Details{Facts: f}
}
