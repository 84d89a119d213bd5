package memapi

import (
	"strings"

	apiserverinternalv1alpha1 "k8s.io/api/apiserverinternal/v1alpha1"
	storagev1 "k8s.io/api/storage/v1"
	migrationv1 "k8s.io/api/storagemigration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// storageVersionsMax is how many servers the table of StorageVersions shows.
const storageVersionsMax = 3

func init() {
	prints("Name, DriverName, Age", func(o *storagev1.VolumeAttributesClass) []any {
		return []any{o.Name, o.DriverName, o.CreationTimestamp}
	})
	prints("Name, Attacher, PV, Node, ?Attached, Age", func(o *storagev1.VolumeAttachment) []any {
		volume := orElse(o.Spec.Source.PersistentVolumeName, "")
		return []any{o.Name, o.Spec.Attacher, volume, o.Spec.NodeName, o.Status.Attached, o.CreationTimestamp}
	})
	prints("Name, #Drivers, Age", func(o *storagev1.CSINode) []any {
		return []any{o.Name, len(o.Spec.Drivers), o.CreationTimestamp}
	})
	prints("Name, ?AttachRequired, ?PodInfoOnMount, ?StorageCapacity, TokenRequests, ?RequiresRepublish, Modes, Age",
		csiDriverCells)
	prints("Name, Resource, Status", migrationCells)
	prints("Name, CommonEncodingVersion, StorageVersions, Age", func(o *apiserverinternalv1alpha1.StorageVersion) []any {
		var servers []string
		for _, s := range o.Status.StorageVersions {
			servers = append(servers, s.APIServerID+"="+s.EncodingVersion)
		}
		common := orElse(o.Status.CommonEncodingVersion, "<unset>")
		return []any{o.Name, common, joinFirst(servers, storageVersionsMax, ","), o.CreationTimestamp}
	})
}

func csiDriverCells(o *storagev1.CSIDriver) []any {
	var modes, audiences []string
	for _, m := range o.Spec.VolumeLifecycleModes {
		modes = append(modes, string(m))
	}
	for _, t := range o.Spec.TokenRequests {
		audiences = append(audiences, t.Audience)
	}
	asked := strings.Join(audiences, ",")
	if o.Spec.TokenRequests == nil {
		asked = "<unset>"
	}
	if modes == nil {
		modes = []string{"<none>"}
	}
	return []any{
		o.Name, orElse(o.Spec.AttachRequired, true), orElse(o.Spec.PodInfoOnMount, false),
		orElse(o.Spec.StorageCapacity, false), asked, orElse(o.Spec.RequiresRepublish, false),
		strings.Join(modes, ","), o.CreationTimestamp,
	}
}

func migrationCells(o *migrationv1.StorageVersionMigration) []any {
	status := "Unknown"
	for _, c := range o.Status.Conditions {
		if c.Status != metav1.ConditionTrue {
			continue
		}
		switch migrationv1.MigrationConditionType(c.Type) {
		case migrationv1.MigrationRunning, migrationv1.MigrationFailed, migrationv1.MigrationSucceeded:
			status = c.Type
		}
	}
	return []any{o.Name, o.Spec.Resource.String(), status}
}
