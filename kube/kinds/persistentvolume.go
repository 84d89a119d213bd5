package kinds

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// PersistentVolume is a piece of storage that outlives pods.
var PersistentVolume = register(Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PersistentVolume"),
	Resource:         "persistentvolumes",
	Short:            []string{"pv"},
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CAPACITY", Right: true},
		{Name: "ACCESS MODES"},
		{Name: "RECLAIM POLICY"},
		{Name: "STATUS", State: true},
		{Name: "CLAIM"},
		{Name: "STORAGECLASS"},
		{Name: "VOLUMEATTRIBUTESCLASS"},
		{Name: "REASON"},
		{Name: "AGE"},
		{Name: "VOLUMEMODE", Wide: true},
	},
	LinksTo: "PersistentVolumeClaim StorageClass.storage.k8s.io CSIDriver.storage.k8s.io",
	New:     func() runtime.Object { return &corev1.PersistentVolume{} },
}, readPersistentVolume, persistentVolumeDetails)

func readPersistentVolume(v *corev1.PersistentVolume, r *Record) {
	phase := string(cmp.Or(v.Status.Phase, corev1.VolumePending))
	if v.DeletionTimestamp != nil {
		phase = "Terminating"
	}
	claim := ""
	if c := v.Spec.ClaimRef; c != nil {
		claim = c.Namespace + "/" + c.Name
		to := ref(corev1.SchemeGroupVersion, "PersistentVolumeClaim", c.Namespace, c.Name)
		r.link(Link{Relation: ClaimedBy, To: to, UID: c.UID})
	}
	r.Cells = []Cell{
		ownCell(r.Name),
		quantityCell(v.Spec.Capacity[corev1.ResourceStorage]),
		TextCell(accessModes(v.Spec.AccessModes)),
		TextCell(reclaimPolicy(v)),
		TextCell(phase),
		ownCell(claim),
		TextCell(volumeClass(v)),
		TextCell(orUnset(v.Spec.VolumeAttributesClassName)),
		TextCell(v.Status.Reason),
		AgeCell(r.Created),
		TextCell(volumeMode(v.Spec.VolumeMode)),
	}
	r.Status = persistentVolumeStatus(v)
	r.linkTo(ProvisionedBy, ref(storagev1.SchemeGroupVersion, "StorageClass", "", volumeClass(v)), "")
	if v.Spec.CSI != nil {
		r.linkTo(Uses, ref(storagev1.SchemeGroupVersion, "CSIDriver", "", v.Spec.CSI.Driver), "")
	}
}

func persistentVolumeStatus(v *corev1.PersistentVolume) Status {
	var s Status
	if t := v.Status.LastPhaseTransitionTime; t != nil {
		s.Since = t.Time
	}
	switch v.Status.Phase {
	case corev1.VolumeBound, corev1.VolumeAvailable:
		return Status{Level: OK}
	case corev1.VolumeReleased:
		s.Level, s.Reason = Quiet, "Released: its claim is gone"
	case corev1.VolumeFailed:
		s.Level, s.Reason = Failing, Clean(because(firstOf(v.Status.Reason, "Failed"), v.Status.Message))
	default:
		s.Level, s.Reason = Waiting, Clean(because(firstOf(string(v.Status.Phase), "Pending"), v.Status.Message))
	}
	return s
}

// accessModes abbreviates the modes, each once, in the order of the server.
func accessModes(modes []corev1.PersistentVolumeAccessMode) string {
	var out []string
	for _, m := range []struct {
		mode  corev1.PersistentVolumeAccessMode
		short string
	}{
		{corev1.ReadWriteOnce, "RWO"},
		{corev1.ReadOnlyMany, "ROX"},
		{corev1.ReadWriteMany, "RWX"},
		{corev1.ReadWriteOncePod, "RWOP"},
	} {
		if slices.Contains(modes, m.mode) {
			out = append(out, m.short)
		}
	}
	return strings.Join(out, ",")
}

// reclaimPolicy and volumeMode are as the API server fills them in
// (SetDefaults_PersistentVolume in k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func reclaimPolicy(v *corev1.PersistentVolume) string {
	return string(cmp.Or(v.Spec.PersistentVolumeReclaimPolicy, corev1.PersistentVolumeReclaimRetain))
}

func volumeMode(mode *corev1.PersistentVolumeMode) string {
	return string(valueOr(mode, corev1.PersistentVolumeFilesystem))
}

// orUnset is a text that may be missing.
func orUnset(s *string) string { return valueOr(s, "<unset>") }

// volumeClass is the storage class; the annotation that came before the field takes
// precedence.
func volumeClass(v *corev1.PersistentVolume) string {
	if class, ok := v.Annotations[corev1.BetaStorageClassAnnotation]; ok {
		return class
	}
	return v.Spec.StorageClassName
}

func persistentVolumeDetails(v *corev1.PersistentVolume) Details {
	var f facts
	size := v.Spec.Capacity[corev1.ResourceStorage]
	f.add("Capacity", size.String())
	f.add("Access modes", accessModes(v.Spec.AccessModes))
	f.add("Reclaim policy", reclaimPolicy(v))
	if c := v.Spec.ClaimRef; c != nil {
		to := ref(corev1.SchemeGroupVersion, "PersistentVolumeClaim", c.Namespace, c.Name)
		f.linkAs("Claim", c.Namespace+"/"+c.Name, to)
	}
	f.link("Storage class", ref(storagev1.SchemeGroupVersion, "StorageClass", "", volumeClass(v)))
	f.add("Volume mode", volumeMode(v.Spec.VolumeMode))
	f.add("Source", volumeSource(&v.Spec.PersistentVolumeSource))
	f.add("Mount options", strings.Join(v.Spec.MountOptions, ","))
	if v.Spec.NodeAffinity != nil && v.Spec.NodeAffinity.Required != nil {
		for _, term := range v.Spec.NodeAffinity.Required.NodeSelectorTerms {
			f.add("Node affinity", requirementsText(term.MatchExpressions))
		}
	}
	f.addLevel("Message", v.Status.Message, Degraded)
	return Details{Facts: f}
}

func volumeSource(s *corev1.PersistentVolumeSource) string {
	switch {
	case s.CSI != nil:
		return join(" ", "csi", s.CSI.Driver, s.CSI.VolumeHandle)
	case s.HostPath != nil:
		return "hostPath " + s.HostPath.Path
	case s.Local != nil:
		return "local " + s.Local.Path
	case s.NFS != nil:
		return "nfs " + s.NFS.Server + ":" + s.NFS.Path
	case s.ISCSI != nil:
		return "iscsi " + s.ISCSI.TargetPortal + " " + s.ISCSI.IQN
	}
	return ""
}

func requirementsText(in []corev1.NodeSelectorRequirement) string {
	parts := make([]string, 0, len(in))
	for _, r := range in {
		parts = append(parts, join(" ", r.Key, strings.ToLower(string(r.Operator)), strings.Join(r.Values, ",")))
	}
	return strings.Join(parts, "; ")
}
