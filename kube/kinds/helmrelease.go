package kinds

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/helm"
)

// HelmRelease is one revision of a release of Helm, which is in a Secret. Its columns are
// those of `helm list`, with an age for UPDATED. Nothing made here holds a value that the
// user gave, or a part of the manifest.
var HelmRelease = &Kind{
	GroupVersionKind: schema.GroupVersionKind{Group: "helm.sh", Version: "v1", Kind: "Release"},
	Resource:         "helm",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "REVISION", Right: true},
		{Name: "UPDATED"},
		{Name: "STATUS", State: true},
		{Name: "CHART"},
		{Name: "APP VERSION"},
	},
	Secret:   true,
	In:       Secret,
	InLabels: "owner=helm",
	New:      func() runtime.Object { return &corev1.Secret{} },
	read: func(obj runtime.Object, r *Record) error {
		s, ok := obj.(*corev1.Secret)
		if !ok {
			return wrongType(Secret, obj)
		}
		readHelmRelease(s, r)
		return nil
	},
	details: helmReleaseDetails,
}

// helmKey is where a Secret has the release.
const helmKey = "release"

func readHelmRelease(s *corev1.Secret, r *Record) {
	head, revision := helmHead(s)
	r.Cells = []Cell{
		TextCell(head.Name),
		countCell(revision),
		AgeCell(head.Last),
		TextCell(head.Status),
		TextCell(head.Chart),
		TextCell(head.AppVersion),
	}
	r.Status = helmStatus(&head)
	r.linkInstalled(&head)
	if len(s.Data) != 1 || len(s.Data[helmKey]) == 0 {
		r.Labels = readLabels(secretValues(s).Hide(s.Labels)) // It is somebody else's Secret.
	}
}

// ManagedByHelm is the label that Helm gives to what it installs.
var ManagedByHelm = Label{Key: "app.kubernetes.io/managed-by", Value: "Helm"}

// HelmCurrent selects the Secrets of the revisions that may be what is installed.
const HelmCurrent = "status notin (superseded,uninstalled)"

// linkInstalled adds a link to what a release has installed in its namespace, by the labels
// that Helm and charts by its conventions give to it.
func (r *Record) linkInstalled(head *helm.Head) {
	switch head.Status {
	case "", "superseded", "uninstalled":
		return
	}
	selector, err := labels.ValidatedSelectorFromSet(labels.Set{
		"app.kubernetes.io/instance": head.Name, ManagedByHelm.Key: ManagedByHelm.Value,
	})
	if err != nil || head.Name == "" {
		return
	}
	r.link(Link{
		Relation: Installs, To: Ref{Namespace: intern(r.Namespace)}, Selector: intern(selector.String()),
		How: "it has the release's labels",
	})
}

// HelmRevision splits the name of a record of a release into the release's name and the
// revision.
func HelmRevision(name string) (release string, revision int64) {
	name = strings.TrimPrefix(name, helm.Prefix)
	if at := strings.LastIndex(name, ".v"); at >= 0 {
		revision, _ = strconv.ParseInt(name[at+len(".v"):], 10, 64)
		name = name[:at]
	}
	return name, revision
}

// helmSecretName is the name of the Secret that has a revision of a release.
func helmSecretName(release string, revision int64) string {
	return helm.Prefix + release + ".v" + strconv.FormatInt(revision, 10)
}

// helmHead is what a release says of itself, or else its Secret's labels and name: a
// recording has no more.
func helmHead(s *corev1.Secret) (head helm.Head, revision int64) {
	head, _ = helm.ReadHead(s.Data[helmKey])
	name, revision := HelmRevision(s.Name)
	if version := s.Labels["version"]; version != "" {
		revision, _ = strconv.ParseInt(version, 10, 64)
	}
	head.Name = cmp.Or(head.Name, s.Labels["name"], name)
	head.Status = cmp.Or(head.Status, s.Labels["status"])
	if seconds, err := strconv.ParseInt(s.Labels["modifiedAt"], 10, 64); err == nil && head.Last.IsZero() {
		head.Last = time.Unix(seconds, 0)
	}
	return head, revision
}

// helmStatus judges a release by the words of Helm (pkg/release/status).
func helmStatus(head *helm.Head) Status {
	status := Status{Reason: Clean(because(head.Status, head.Description)), Since: head.Last}
	switch head.Status {
	case "deployed":
		return Status{Level: OK}
	case "failed":
		status.Level = Failing
	case "pending-install", "pending-upgrade", "pending-rollback", "uninstalling":
		status.Level = Waiting
	case "unknown":
		status.Level = Degraded
	default:
		return Status{}
	}
	return status
}

// ReadHelmRelease reads the whole of a revision from its Secret.
func ReadHelmRelease(obj runtime.Object) (*helm.Release, error) {
	s, ok := obj.(*corev1.Secret)
	if !ok {
		return nil, wrongType(Secret, obj)
	}
	return helm.Read(s.Data[helmKey])
}

func helmReleaseDetails(obj runtime.Object) Details {
	s, ok := obj.(*corev1.Secret)
	if !ok {
		return genericDetails(obj)
	}
	head, revision := helmHead(s)
	var f facts
	f.add("Release", head.Name)
	f.add("Revision", strconv.FormatInt(revision, 10))
	f.add("Chart", head.Chart)
	f.add("App version", head.AppVersion)
	f.add("Description", head.Description)
	first, last := metav1.NewTime(head.First), metav1.NewTime(head.Last)
	f.time("First deployed", &first)
	f.time("Updated", &last)
	f.linkAs("Kept in", "Secret/"+Clean(s.Name), Ref{Secret.GroupKind(), intern(s.Namespace), Clean(s.Name)})
	return Details{Facts: append(f, metadataFacts(obj)...)}
}
