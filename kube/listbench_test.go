package kube

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/fathom-k8s/fathom/kube/bodies"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// BenchmarkListStream reads a list of pods as it comes from an API server, up to
// records with bodies.
func BenchmarkListStream(b *testing.B) {
	const pods = 1000
	answer := kubetest.Answer(b, "PodList", kubetest.PodList(pods))
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	var text []byte
	cut, err := wire.NewFieldMask(kinds.Pod.New(), kinds.Pod.Skip)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		source := &scopeReader{kind: kindWithFile(podsResource), bodies: (&bodies.Store{}).Codec(podsResource), mask: cut}
		s, err := wire.OpenList(bufio.NewReaderSize(bytes.NewReader(answer), streamBuffer))
		if err != nil {
			b.Fatal(err)
		}
		count := 0
		for text, err = s.Next(text[:0]); err == nil; text, err = s.Next(text[:0]) {
			if err := source.recordOfText(text, func(*kinds.Record) { count++ }); err != nil {
				b.Fatal(err)
			}
		}
		if count != pods {
			b.Fatal(count, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/pods, "ns/object")
}

// BenchmarkListedPod reads a pod of a list and keeps its body.
func BenchmarkListedPod(b *testing.B) {
	texts := make([][]byte, 1000)
	for i := range texts {
		var err error
		if texts[i], err = kubetest.VariedPod(i).Marshal(); err != nil {
			b.Fatal(err)
		}
	}
	cut, err := wire.NewFieldMask(kinds.Pod.New(), kinds.Pod.Skip)
	if err != nil {
		b.Fatal(err)
	}
	for name, cut := range map[string]*wire.FieldMask{"whole": nil, "read": cut} {
		b.Run(name, func(b *testing.B) {
			s := &scopeReader{kind: kinds.Pod, mask: cut, bodies: (&bodies.Store{}).Codec(kinds.Pod.GVR())}
			var text []byte
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				text = append(text[:0], texts[i%len(texts)]...)
				if err := s.recordOfText(text, func(*kinds.Record) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
