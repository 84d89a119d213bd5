package kinds

import (
	"cmp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ResourceClaim asks for devices.
var ResourceClaim = register(Kind{
	GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceClaim"),
	Resource:         "resourceclaims",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "STATE", State: true},
		{Name: "AGE"},
	},
	LinksTo: "DeviceClass.resource.k8s.io Node",
	New:     func() runtime.Object { return &resourcev1.ResourceClaim{} },
}, readResourceClaim, resourceClaimDetails)

func readResourceClaim(c *resourcev1.ResourceClaim, r *Record) {
	r.Cells = []Cell{ownCell(r.Name), TextCell(resourceClaimState(c)), AgeCell(r.Created)}
	if r.Deleting.IsZero() {
		r.Status = resourceClaimStatus(c)
	}
	r.linkDevices(&c.Spec)
	r.linkTo(RunsOn, core("Node", "", allocatedNode(c)), "")
}

// resourceClaimState is "pending", "allocated,reserved", "deleted,allocated".
func resourceClaimState(c *resourcev1.ResourceClaim) string {
	state := ""
	switch {
	case c.Status.Allocation != nil && len(c.Status.ReservedFor) > 0:
		state = "allocated,reserved"
	case c.Status.Allocation != nil:
		state = "allocated"
	case c.DeletionTimestamp == nil:
		return "pending"
	}
	if c.DeletionTimestamp != nil {
		return join(",", "deleted", state)
	}
	return state
}

func resourceClaimStatus(c *resourcev1.ResourceClaim) Status {
	for i := range c.Status.Devices {
		d := &c.Status.Devices[i]
		status := worst(conditionsOf(d.Conditions, standardCondition))
		if status.Level > OK {
			status.Reason = "device " + Clean(d.Device) + ": " + status.Reason
			return status
		}
	}
	if c.Status.Allocation == nil {
		return Status{Level: Waiting, Reason: "pending: nothing is allocated yet"}
	}
	return Status{Level: OK}
}

// allocatedNode is the one node that has the devices, "" when there is none or several.
func allocatedNode(c *resourcev1.ResourceClaim) string {
	if c.Status.Allocation == nil || c.Status.Allocation.NodeSelector == nil {
		return ""
	}
	terms := c.Status.Allocation.NodeSelector.NodeSelectorTerms
	if len(terms) != 1 {
		return ""
	}
	for _, e := range terms[0].MatchFields {
		if e.Key == "metadata.name" && e.Operator == corev1.NodeSelectorOpIn && len(e.Values) == 1 {
			return e.Values[0]
		}
	}
	return ""
}

// linkDevices adds the classes of the devices that a claim asks for.
func (r *Record) linkDevices(s *resourcev1.ResourceClaimSpec) {
	for i := range s.Devices.Requests {
		q := &s.Devices.Requests[i]
		if q.Exactly != nil {
			r.linkTo(Uses, deviceClass(q.Exactly.DeviceClassName), q.Name)
		}
		for n := range q.FirstAvailable {
			r.linkTo(Uses, deviceClass(q.FirstAvailable[n].DeviceClassName), q.Name+"/"+q.FirstAvailable[n].Name)
		}
	}
}

func deviceClass(name string) Ref { return ref(resourcev1.SchemeGroupVersion, "DeviceClass", "", name) }

// requests adds what a claim asks for.
func (f *facts) requests(s *resourcev1.ResourceClaimSpec) {
	for i := range s.Devices.Requests {
		q := &s.Devices.Requests[i]
		if e := q.Exactly; e != nil {
			f.linkAs("Request "+q.Name, deviceText(e.AllocationMode, e.Count, e.DeviceClassName), deviceClass(e.DeviceClassName))
			f.selectors("Selector of "+q.Name, e.Selectors)
		}
		for n := range q.FirstAvailable {
			e := &q.FirstAvailable[n]
			name := q.Name + "/" + e.Name
			f.linkAs("Request "+name, deviceText(e.AllocationMode, e.Count, e.DeviceClassName), deviceClass(e.DeviceClassName))
			f.selectors("Selector of "+name, e.Selectors)
		}
	}
}

// deviceText is "2 of gpu", "all of gpu". A request is for one device unless it says
// otherwise (k8s.io/kubernetes/pkg/apis/resource/v1/defaults.go).
func deviceText(mode resourcev1.DeviceAllocationMode, count int64, class string) string {
	if mode == resourcev1.DeviceAllocationModeAll {
		return "all of " + class
	}
	return strconv.FormatInt(cmp.Or(count, 1), 10) + " of " + class
}

func resourceClaimDetails(c *resourcev1.ResourceClaim) Details {
	var f facts
	f.add("State", resourceClaimState(c))
	f.requests(&c.Spec)
	if a := c.Status.Allocation; a != nil {
		for i := range a.Devices.Results {
			d := &a.Devices.Results[i]
			f.add("Device for "+d.Request, strings.Join([]string{d.Driver, d.Pool, d.Device}, "/"))
		}
		f.link("Node", core("Node", "", allocatedNode(c)))
	}
	for _, by := range c.Status.ReservedFor {
		if by.APIGroup == "" && by.Resource == "pods" {
			f.link("Reserved for", core("Pod", c.Namespace, by.Name))
		} else {
			f.add("Reserved for", by.Resource+" "+by.Name)
		}
	}
	d := Details{Facts: f}
	for i := range c.Status.Devices {
		d.Conditions = append(d.Conditions, conditionsOf(c.Status.Devices[i].Conditions, standardCondition)...)
	}
	return d
}
