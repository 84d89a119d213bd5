package main

var storage = []Scenario{
	{
		Name: "storage class missing", Short: true, Inject: add(claim("fast") + claimant),
		Sign: event(`storageclass.storage.k8s.io "fast" not found`),
		Roots: []Root{{Is: "PersistentVolumeClaim data", Reason: `storageclass.storage.k8s.io "fast" not found`,
			Folds: "Deployment store, Pod app=store"}},
	},
	{
		Name: "no provisioner answers", Inject: add(class("disk.fathom.test/none", "Immediate") +
			claim("{ns}") + claimant),
		Sign: event(`ExternalProvisioning`), Grace: 30 * second,
		Roots: []Root{{Is: "PersistentVolumeClaim data", Reason: `(?i)provision`, Folds: "Deployment store, Pod app=store"}},
	},
	{
		Name: "PVC missing", Inject: add(claimant),
		Sign:  pod("app=store", "PodScheduled", "False", `persistentvolumeclaim "data" not found`),
		Roots: []Root{{Is: "Deployment store", Reason: `persistentvolumeclaim "data" not found`, Folds: "Pod app=store"}},
	},
	{
		Name: "no volume fits", Inject: add(class("kubernetes.io/no-provisioner", "WaitForFirstConsumer") +
			claim("{ns}") + claimant),
		Sign: pod("app=store", "PodScheduled", "False", `persistent volumes to bind`),
		Roots: []Root{{Is: "PersistentVolumeClaim data, Deployment store", Reason: `(?i)persistent ?volumes?`,
			Folds: "Pod app=store", MayFold: "Deployment store, PersistentVolumeClaim data"}},
		Why: "the scheduler says it of the pods, and the claim is what waits for a volume",
	},
	{
		Name: "a volume could not be deleted", Inject: steps(
			add(volume("Delete")+claim("{ns}")),
			showing(field("PersistentVolumeClaim data", "Bound", "status", "phase")), finish("PersistentVolumeClaim data")),
		Sign:  field("PersistentVolume {ns}", "Failed", "status", "phase"),
		Roots: []Root{{Is: "PersistentVolume {ns}", Reason: `VolumeFailedDelete|(?i)delet|fail`, Severity: "notice"}},
	},
	{
		Name: "a deleted claim that a pod still uses", Base: app + volume("Retain") + claim("{ns}") + claimant,
		Inject: begin("PersistentVolumeClaim data"),
		Repair: steps(finish("Deployment store"), killPods("app=store"), finish("PersistentVolumeClaim data")),
		Sign:   deleting("PersistentVolumeClaim data"), Grace: 30 * second,
		Roots: []Root{{Is: "PersistentVolumeClaim data", Reason: `pvc-protection`, Severity: "notice"}},
	},
}

func class(provisioner, mode string) string {
	return `
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: "{ns}"}
provisioner: ` + provisioner + `
volumeBindingMode: ` + mode + `
`
}

// claim is the claim data.
func claim(class string) string {
	return `
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], storageClassName: "` + class + `", resources: {requests: {storage: 10Mi}}}
`
}

// volume can be claimed with the name of the scene's namespace as the storage class.
func volume(reclaim string) string {
	return `
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: "{ns}"}
spec:
  capacity: {storage: 10Mi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: ` + reclaim + `
  storageClassName: "{ns}"
  hostPath: {path: /var/lib/fathom-incidents, type: DirectoryOrCreate}
`
}

// claimant is a Deployment that needs the claim "data".
const claimant = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: store}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: app, image: "fathom.test/workload:1", args: [--serve=:8080], volumeMounts: [{name: data, mountPath: /data}]}
      volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`
