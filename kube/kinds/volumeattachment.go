package kinds

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// VolumeAttachment asks a driver to attach a volume to a node.
var VolumeAttachment = register(Kind{
	GroupVersionKind: storagev1.SchemeGroupVersion.WithKind("VolumeAttachment"),
	Resource:         "volumeattachments",
	Columns: []Column{
		{Name: "NAME"},
		{Name: "ATTACHER"},
		{Name: "PV"},
		{Name: "NODE"},
		{Name: "ATTACHED", State: true},
		{Name: "AGE"},
	},
	LinksTo: "PersistentVolume Node " + csiDriver,
	New:     func() runtime.Object { return &storagev1.VolumeAttachment{} },
}, readVolumeAttachment, volumeAttachmentDetails)

// csiDriver is the kind of what links to drivers, for LinksTo.
const csiDriver = "CSIDriver.storage.k8s.io"

// driver names a CSIDriver.
func driver(name string) Ref { return ref(storagev1.SchemeGroupVersion, "CSIDriver", "", name) }

func readVolumeAttachment(a *storagev1.VolumeAttachment, r *Record) {
	volume := valueOr(a.Spec.Source.PersistentVolumeName, "")
	r.Cells = []Cell{
		ownCell(r.Name),
		TextCell(a.Spec.Attacher),
		TextCell(volume),
		TextCell(a.Spec.NodeName),
		boolCell(a.Status.Attached),
		AgeCell(r.Created),
	}
	r.Status = volumeAttachmentStatus(a)
	r.linkTo(Attaches, core("PersistentVolume", "", volume), "")
	r.linkTo(Attaches, core("Node", "", a.Spec.NodeName), "")
	r.linkTo(Uses, driver(a.Spec.Attacher), "")
}

func volumeAttachmentStatus(a *storagev1.VolumeAttachment) Status {
	switch s := &a.Status; {
	case s.DetachError != nil:
		return Status{Failing, Clean(because("detach", s.DetachError.Message)), s.DetachError.Time.Time}
	case s.AttachError != nil && !s.Attached:
		return Status{Failing, Clean(because("attach", s.AttachError.Message)), s.AttachError.Time.Time}
	case s.Attached:
		return Status{Level: OK}
	case a.DeletionTimestamp != nil:
		return Status{}
	}
	return Status{Waiting, "not attached yet", a.CreationTimestamp.Time}
}

func volumeAttachmentDetails(a *storagev1.VolumeAttachment) Details {
	var f facts
	f.link("Attacher", driver(a.Spec.Attacher))
	f.link("Volume", core("PersistentVolume", "", valueOr(a.Spec.Source.PersistentVolumeName, "")))
	if a.Spec.Source.InlineVolumeSpec != nil {
		f.add("Volume", "inline, of a pod")
	}
	f.link("Node", core("Node", "", a.Spec.NodeName))
	f.add("Attached", yesNo(a.Status.Attached))
	if e := a.Status.AttachError; e != nil {
		f.addLevel("Attach error", e.Message, Failing)
	}
	if e := a.Status.DetachError; e != nil {
		f.addLevel("Detach error", e.Message, Failing)
	}
	f.add("Attachment metadata", mapText(a.Status.AttachmentMetadata))
	return Details{Facts: f}
}
