package memapi

import (
	"fmt"
	"strconv"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func init() {
	prints("Name, Key, Value, Effect, TimeAdded, Age", func(o *resourcev1.DeviceTaintRule) []any {
		taint := o.Spec.Taint
		return []any{o.Name, taint.Key, taint.Value, string(taint.Effect), orElse(taint.TimeAdded, ""), o.CreationTimestamp}
	})
	request := schema.GroupKind{Group: "resource.k8s.io", Kind: "ResourcePoolStatusRequest"}
	printsAnyVersion(request,
		"Name, Driver, Total, Available, Allocated, Unavailable, Errors, #Pools, Status, Completed", poolRequestCells)
}

// poolRequestCells adds up the devices of the pools, unless the request failed.
func poolRequestCells(o *unstructured.Unstructured) []any {
	counts := [5]string{"-", "-", "-", "-", "-"} // as the columns: total to errors
	status, completed := "Pending", any("<none>")
	wanted, _, _ := unstructured.NestedInt64(o.Object, "status", "poolCount")
	pools, _, _ := unstructured.NestedSlice(o.Object, "status", "pools")
	if c := condition(o, "Complete"); c != nil && c["status"] == "True" {
		status = "Complete"
		if wanted > int64(len(pools)) {
			status = fmt.Sprintf("Complete (%d/%d pools)", len(pools), wanted)
		}
		text, _ := c["lastTransitionTime"].(string)
		at, _ := time.Parse(time.RFC3339, text)
		completed = metav1.NewTime(at)
	} else if c := condition(o, "Failed"); c != nil && c["status"] == "True" {
		status = "Failed"
	}
	if _, found, _ := unstructured.NestedMap(o.Object, "status"); found && status != "Failed" {
		var sums [5]int64
		for _, p := range pools {
			p, _ := p.(map[string]any)
			for n, name := range []string{"totalDevices", "availableDevices", "allocatedDevices", "unavailableDevices"} {
				count, _ := p[name].(int64)
				sums[n] += count
			}
			if p["validationError"] != nil {
				sums[4]++
			}
		}
		for n, sum := range sums {
			counts[n] = strconv.FormatInt(sum, 10)
		}
	}
	return []any{
		o.GetName(), textAt(o, "spec", "driver"), counts[0], counts[1], counts[2], counts[3], counts[4],
		wanted, status, completed,
	}
}
