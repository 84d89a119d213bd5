package kinds

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ControllerRevision is the template of a StatefulSet or DaemonSet at some time.
var ControllerRevision = register(Kind{
	GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("ControllerRevision"),
	Resource:         "controllerrevisions",
	Quiet:            true,
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "CONTROLLER"},
		{Name: "REVISION", Right: true},
		{Name: "AGE"},
	},
	New:  func() runtime.Object { return &appsv1.ControllerRevision{} },
	Skip: []string{"data"},
}, readControllerRevision, controllerRevisionDetails)

func readControllerRevision(c *appsv1.ControllerRevision, r *Record) {
	controller := "<none>"
	if o := metav1.GetControllerOfNoCopy(c); o != nil {
		controller = strings.ToLower(ownerLink(*o, "").To.GroupKind.String()) + "/" + o.Name
	}
	r.Cells = []Cell{ownCell(r.Name), TextCell(controller), countCell(c.Revision), AgeCell(r.Created)}
}

func controllerRevisionDetails(c *appsv1.ControllerRevision) Details {
	var f facts
	f.add("Revision", strconv.FormatInt(c.Revision, 10))
	f.add("Template", bytesText(len(c.Data.Raw)))
	return Details{Facts: f}
}
