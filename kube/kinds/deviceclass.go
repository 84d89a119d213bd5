package kinds

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// DeviceClass says which devices a request for the class may get.
var DeviceClass = register(Kind{
	GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("DeviceClass"),
	Resource:         "deviceclasses",
	Quiet:            true,
	Columns:          nameAndAge,
	New:              func() runtime.Object { return &resourcev1.DeviceClass{} },
}, readDeviceClass, deviceClassDetails)

func readDeviceClass(_ *resourcev1.DeviceClass, r *Record) { r.Cells = nameAndAgeCells(r) }

func deviceClassDetails(c *resourcev1.DeviceClass) Details {
	var f facts
	f.add("Extended resource", valueOr(c.Spec.ExtendedResourceName, ""))
	f.selectors("Selector", c.Spec.Selectors)
	for i := range c.Spec.Config {
		if o := c.Spec.Config[i].Opaque; o != nil {
			f.add("Configures", o.Driver)
		}
	}
	return Details{Facts: f}
}

// selectors adds what devices must be like.
func (f *facts) selectors(name string, all []resourcev1.DeviceSelector) {
	for _, s := range all {
		if s.CEL != nil {
			f.add(name, s.CEL.Expression)
		}
	}
}
