package memapi

import (
	apiserverinternalv1alpha1 "k8s.io/api/apiserverinternal/v1alpha1"
	migrationv1 "k8s.io/api/storagemigration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// storageVersionsMax is how many servers the table of StorageVersions shows.
const storageVersionsMax = 3

func init() {
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
