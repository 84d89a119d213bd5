package kube

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
)

// BenchmarkCells reads two columns from pods that differ as those of a real cluster do.
func BenchmarkCells(b *testing.B) {
	path, err := kinds.PathColumn(`.status.conditions[?(@.type=="Ready")].lastTransitionTime`)
	if err != nil {
		b.Fatal(err)
	}
	columns := []*kinds.CustomColumn{path, kinds.AnnotationColumn("example.com/owner")}
	bodies := make([][]byte, 100)
	for i := range bodies {
		if bodies[i], err = kubetest.VariedPod(i).Marshal(); err != nil {
			b.Fatal(err)
		}
	}
	for _, part := range []string{"decode", "fields", "all"} {
		b.Run(part, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				pod := &corev1.Pod{}
				if err := pod.Unmarshal(bodies[i%100]); err != nil {
					b.Fatal(err)
				}
				if part == "decode" {
					continue
				}
				fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
				if err != nil {
					b.Fatal(err)
				}
				if part == "all" {
					kinds.CustomCells(columns, &kinds.Record{}, fields)
				}
			}
		})
	}
}
