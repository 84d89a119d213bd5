package kinds

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestPersistentVolume(t *testing.T) {
	checkSituations(t, PersistentVolume, []situation{
		{"nothing at all", `{}`, want{map[string]string{"CAPACITY": "0", "ACCESS MODES": "", "CLAIM": "",
			"VOLUMEATTRIBUTESCLASS": "<unset>", "VOLUMEMODE": "Filesystem", "REASON": ""}, Waiting, "Pending"}},
		{"bound", `
metadata: {annotations: {volume.beta.kubernetes.io/storage-class: old}}
spec: {capacity: {storage: 10Gi}, accessModes: [ReadWriteMany, ReadWriteOnce, ReadWriteOnce],
    persistentVolumeReclaimPolicy: Retain, storageClassName: new,
  volumeMode: Filesystem, volumeAttributesClassName: gold, claimRef: {namespace: shop, name: data-0, uid: u}}
status: {phase: Bound}`,
			want{map[string]string{"CAPACITY": "10Gi", "ACCESS MODES": "RWO,RWX", "RECLAIM POLICY": "Retain", "STATUS": "Bound",
				"CLAIM":        "shop/data-0",
				"STORAGECLASS": "old", "VOLUMEATTRIBUTESCLASS": "gold", "VOLUMEMODE": "Filesystem"}, OK, ""}},
		{"released", `{status: {phase: Released}}`, want{map[string]string{"STATUS": "Released"}, Quiet,
			"Released: its claim is gone"}},
		{"failed", `{status: {phase: Failed, reason: RecycleFailed, message: no plugin}}`,
			want{map[string]string{"REASON": "RecycleFailed"}, Failing, "RecycleFailed: no plugin"}},
		{"terminating", `{metadata: {deletionTimestamp: "2026-11-23T11:00:00Z"}, status: {phase: Bound}}`,
			want{map[string]string{"STATUS": "Terminating"}, Waiting, "Terminating"}},
	})
}

func TestPersistentVolumeClaim(t *testing.T) {
	checkSituations(t, PersistentVolumeClaim, []situation{
		{"nothing at all", `{}`, want{map[string]string{"STATUS": "Pending", "VOLUME": "", "CAPACITY": "",
			"ACCESS MODES": "", "STORAGECLASS": "", "VOLUMEMODE": "Filesystem"}, Waiting, "Pending"}},
		{"pending asks and has nothing", `{spec: {storageClassName: fast, resources: {requests: {storage: 1Gi}}},
  status: {phase: Pending, accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}}}`,
			want{map[string]string{"STATUS": "Pending", "CAPACITY": "", "ACCESS MODES": "", "STORAGECLASS": "fast"}, Waiting,
				"Pending"}},
		{"bound", `{spec: {volumeName: pv-1}, status: {phase: Bound, accessModes: [ReadWriteOncePod, ReadOnlyMany],
  capacity: {storage: 1Gi}}}`,
			want{map[string]string{"STATUS": "Bound", "VOLUME": "pv-1", "CAPACITY": "1Gi", "ACCESS MODES": "ROX,RWOP"}, OK, ""}},
		{"lost", `{spec: {volumeName: pv-1}, status: {phase: Lost}}`,
			want{map[string]string{"CAPACITY": "0"}, Failing, "Lost: its volume pv-1 is gone"}},
		{"growing", `{status: {phase: Bound, conditions: [{type: FileSystemResizePending, status: "True",
  message: waiting for pod}]}}`, want{nil, Waiting, "FileSystemResizePending: waiting for pod"}},
	})
}

func TestStorageClass(t *testing.T) {
	checkSituations(t, StorageClass, []situation{
		{"nothing at all", `{}`, want{map[string]string{"PROVISIONER": "", "RECLAIMPOLICY": "Delete",
			"VOLUMEBINDINGMODE": "Immediate", "ALLOWVOLUMEEXPANSION": "false", "AGE": "<unknown>"}, Quiet, ""}},
		{"not the default, though annotated", `{metadata: {name: slow,
  annotations: {storageclass.kubernetes.io/is-default-class: "yes"}}}`,
			want{map[string]string{"NAME": "slow"}, Quiet, ""}},
		{"a provisioner that moves the cursor", `{provisioner: "csi\u001b[2J\u202e"}`,
			want{map[string]string{"PROVISIONER": "csi␛[2J\ufffd"}, Quiet, ""}},
	})
}

// The default of a kind says so next to its name, and keeps its name.
func TestDefaultClasses(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   *Kind
		object string
		cell   string
	}{
		{"a storage class", StorageClass, `{metadata: {name: a,
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}}}`, "a (default)"},
		{"by the older annotation", StorageClass, `{metadata: {name: a,
  annotations: {storageclass.beta.kubernetes.io/is-default-class: "true"}}}`, "a (default)"},
		{"no longer", StorageClass, `{metadata: {name: a,
  annotations: {storageclass.kubernetes.io/is-default-class: "false"}}}`, "a"},
		{"not by another's annotation", StorageClass,
			`{metadata: {name: a, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}}`, "a"},
		{"an ingress class", IngressClass, `{metadata: {name: a,
  annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}}`, "a (default)"},
		{"in another way of writing", IngressClass, `{metadata: {name: a,
  annotations: {ingressclass.kubernetes.io/is-default-class: "True"}}}`, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			obj := parse(t, c.kind, c.object)
			r, cells := row(t, c.kind, obj)
			if cells["NAME"] != c.cell || r.Name != "a" || r.Ref().Name != "a" {
				t.Errorf("got %q for %q, want %q for \"a\"", cells["NAME"], r.Name, c.cell)
			}
			facts := factsOf(c.kind, obj)
			if told := facts["Default"] != ""; told != (c.cell != "a") {
				t.Errorf("the overview says %q", facts["Default"])
			}
		})
	}
}

// factsOf are the facts of an object's overview by name.
func factsOf(k *Kind, obj runtime.Object) map[string]string {
	out := map[string]string{}
	for _, f := range k.Details(obj).Facts {
		out[f.Name] = join(" ", out[f.Name], f.Value)
	}
	return out
}

func TestIngressClassParameters(t *testing.T) {
	obj := parse(t, IngressClass, `{spec: {controller: c, parameters: {apiGroup: example.com, kind: Edge, name: main,
  scope: Namespace, namespace: shop}}}`)
	if _, cells := row(t, IngressClass, obj); cells["PARAMETERS"] != "Edge.example.com/main" {
		t.Errorf("got %q", cells["PARAMETERS"])
	}
	facts := IngressClass.Details(obj).Facts
	want := Ref{schema.GroupKind{Group: "example.com", Kind: "Edge"}, "shop", "main"}
	if len(facts) < 2 || facts[1].Link == nil || *facts[1].Link != want {
		t.Errorf("facts: %+v", facts)
	}
	if _, cells := row(t, IngressClass, parse(t, IngressClass,
		`{spec: {parameters: {kind: ConfigMap, name: main}}}`)); cells["PARAMETERS"] != "ConfigMap/main" {
		t.Errorf("got %q", cells["PARAMETERS"])
	}
}

func TestVolumesBind(t *testing.T) {
	v, _ := row(t, PersistentVolume, parse(t, PersistentVolume,
		`{spec: {claimRef: {namespace: shop, name: data-0, uid: u}}}`))
	checkLink(t, v, 0, Link{
		Relation: ClaimedBy, UID: "u", To: Ref{schema.GroupKind{Kind: "PersistentVolumeClaim"}, "shop", "data-0"},
	})
	c, _ := row(t, PersistentVolumeClaim, parse(t, PersistentVolumeClaim,
		`{metadata: {namespace: shop}, spec: {volumeName: pv-1}}`))
	checkLink(t, c, 0, Link{Relation: Claims, To: Ref{schema.GroupKind{Kind: "PersistentVolume"}, "", "pv-1"}})
}

func TestConfigMapAndSecret(t *testing.T) {
	checkSituations(t, ConfigMap, []situation{
		{"nothing at all", `{}`, want{map[string]string{"DATA": "0"}, Quiet, ""}},
		{"both sorts", `{data: {a: "1", b: "2"}, binaryData: {c: AAAA}}`, want{map[string]string{"DATA": "3"}, Quiet, ""}},
	})
	checkSituations(t, Secret, []situation{
		{"nothing at all", `{}`, want{map[string]string{"TYPE": "Opaque", "DATA": "0"}, Quiet, ""}},
		{"filled", `{type: kubernetes.io/tls, data: {tls.crt: AAAA, tls.key: AAAA}}`,
			want{map[string]string{"TYPE": "kubernetes.io/tls", "DATA": "2"}, Quiet, ""}},
	})
}

func TestSecretsStaySecret(t *testing.T) {
	secret := parse(t, Secret, `{metadata: {annotations: {a: hunter2, kubernetes.io/service-account.name: hunter2},
labels: {app: web, copy: hunter2}}, data: {password: aHVudGVyMg==}}`)
	r, _ := row(t, Secret, secret)
	if got, _ := r.Label("copy"); got != "<7 bytes hidden>" {
		t.Errorf("the record's label is %q", got)
	}
	d := Secret.Details(secret)
	for _, f := range d.Facts {
		if strings.Contains(f.Value, "hunter2") || strings.Contains(f.Value, "aHVudGVyMg") {
			t.Errorf("fact %q tells %q", f.Name, f.Value)
		}
	}
	if want := []Datum{{Key: "password", Size: "7 B"}}; !slices.Equal(d.Data, want) {
		t.Errorf("data: %v", d.Data)
	}
	if labels := d.Facts[1]; labels.Value != "app=web,copy=<7 bytes hidden>" {
		t.Errorf("labels: %v", labels)
	}
}

// TestDataOfConfigMaps has values that fit into a line, and others.
func TestDataOfConfigMaps(t *testing.T) {
	long := strings.Repeat("x", 201)
	d := ConfigMap.Details(parse(t, ConfigMap, `{data: {LEVEL: info, EMPTY: "", nginx.conf: "a\nb\nc\n", evil: "a\e[31m", long: `+
		long+`}, binaryData: {logo: AAAA}}`))
	want := []Datum{
		{"EMPTY", "0 B", ""}, {"LEVEL", "4 B", "info"}, {"evil", "6 B", "a␛[31m"}, {"logo", "3 B", ""}, {"long", "201 B", ""},
		{"nginx.conf", "6 B, 3 lines", ""},
	}
	if !slices.Equal(d.Data, want) {
		t.Errorf("got %v", d.Data)
	}
}

// TestGenericDetailsThatSayNothing has objects of which only the number of parts is known.
func TestGenericDetailsThatSayNothing(t *testing.T) {
	for text, want := range map[string]bool{
		"{spec: {rules: [{a: [1]}, {b: [2]}]}}": true,
		"{}":                                    true,
		"{spec: {rules: [{a: [1]}]}, status: {conditions: [{type: Ready, status: 'True'}]}}": false,
		"{spec: {rules: [{a: [1]}], replicas: 3}}":                                           false,
	} {
		u := unstructuredFrom(t, text)
		if got := genericDetails(u).Silent; got != want {
			t.Errorf("%s: silent %v", text, got)
		}
	}
}
