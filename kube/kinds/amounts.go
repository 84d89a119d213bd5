package kinds

import (
	"cmp"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// Amounts are what an object asks for, may have at most, or has to give away. Zero is
// an amount that is not set.
type Amounts struct {
	Request, Limit Usage // of a container, a pod, or each pod of a workload
	Allocatable    Usage // of a node
}

// AmountsOf reads the amounts of a typed object: a pod, a workload, a node. Of other
// kinds there are none.
func AmountsOf(obj runtime.Object) Amounts {
	switch o := obj.(type) {
	case *corev1.Node:
		return Amounts{Allocatable: amountOf(allocatable(o))}
	case *corev1.Pod:
		return podAmounts(&o.Spec)
	}
	if template := templateOf(obj); template != nil {
		return podAmounts(&template.Spec)
	}
	return Amounts{}
}

// templateOf is what a workload makes its pods from; nil of other kinds.
func templateOf(obj runtime.Object) *corev1.PodTemplateSpec {
	switch o := obj.(type) {
	case *appsv1.Deployment:
		return &o.Spec.Template
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		return &o.Spec.Template
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	case *batchv1.CronJob:
		return &o.Spec.JobTemplate.Spec.Template
	case *corev1.ReplicationController:
		return o.Spec.Template
	}
	return nil
}

// podAmounts are the sums over what runs for as long as the pod does. There is a limit
// to the sum only if each of those has one. What the pod says for itself counts more.
func podAmounts(spec *corev1.PodSpec) Amounts {
	var sum Amounts
	cpuBound, memoryBound := true, true
	add := func(c *corev1.Container) {
		own := resourceAmounts(&c.Resources)
		sum.Request, sum.Limit = sum.Request.Add(own.Request), sum.Limit.Add(own.Limit)
		cpuBound, memoryBound = cpuBound && own.Limit.CPU > 0, memoryBound && own.Limit.Memory > 0
	}
	for i := range spec.Containers {
		add(&spec.Containers[i])
	}
	for i := range spec.InitContainers {
		if isSidecar(&spec.InitContainers[i]) {
			add(&spec.InitContainers[i])
		}
	}
	if !cpuBound {
		sum.Limit.CPU = 0
	}
	if !memoryBound {
		sum.Limit.Memory = 0
	}
	if spec.Resources != nil {
		own := resourceAmounts(spec.Resources)
		sum.Request, sum.Limit = own.Request.Or(sum.Request), own.Limit.Or(sum.Limit)
	}
	return sum
}

// ContainerAmounts are those of one container of a pod, of whatever type.
func ContainerAmounts(obj runtime.Object, name string) Amounts {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return Amounts{}
	}
	spec := &p.Spec
	for _, containers := range [][]corev1.Container{spec.Containers, spec.InitContainers} {
		for i := range containers {
			if containers[i].Name == name {
				return resourceAmounts(&containers[i].Resources)
			}
		}
	}
	return Amounts{}
}

func resourceAmounts(r *corev1.ResourceRequirements) Amounts {
	limit := amountOf(r.Limits)
	return Amounts{Request: amountOf(r.Requests).Or(limit), Limit: limit} // As withRequests does.
}

func amountOf(list corev1.ResourceList) Usage {
	cpu, memory := list[corev1.ResourceCPU], list[corev1.ResourceMemory]
	return Usage{cpu.ScaledValue(resource.Nano), memory.Value()}
}

// Or returns the amounts, and those of another where there are none.
func (u Usage) Or(other Usage) Usage {
	return Usage{cmp.Or(u.CPU, other.CPU), cmp.Or(u.Memory, other.Memory)}
}
