package recorder

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/fathom-k8s/fathom/kube/kubetest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	protocol "k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// podStream is a server of 1,000 pods: a body of the watch on them has an event
// for each token, as bytes that were made before.
type podStream struct {
	next   http.RoundTripper
	frames [][]byte
	tokens chan struct{}
	sent   atomic.Int64
}

func newPodStream(b *testing.B, next http.RoundTripper) *podStream {
	b.Helper()
	s := &podStream{next: next, tokens: make(chan struct{})}
	whole, raw := protocol.NewSerializer(
		scheme.Scheme,
		scheme.Scheme,
	), protocol.NewRawSerializer(
		scheme.Scheme,
		scheme.Scheme,
	)
	for i := range 5000 {
		p := kubetest.VariedPod(i % 1000)
		p.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
		p.ResourceVersion = strconv.Itoa(3e8 + i)
		p.Status.ContainerStatuses[0].RestartCount = int32(i / 1000)
		p.Status.Conditions[0].LastTransitionTime = metav1.Unix(int64(1.8e9)+int64(i), 0)
		var body, frame bytes.Buffer
		if err := whole.Encode(p, &body); err != nil {
			b.Fatal(err)
		}
		event := &metav1.WatchEvent{Type: "MODIFIED", Object: runtime.RawExtension{Raw: body.Bytes()}}
		if err := raw.Encode(event, protocol.LengthDelimitedFramer.NewFrameWriter(&frame)); err != nil {
			b.Fatal(err)
		}
		s.frames = append(s.frames, frame.Bytes())
	}
	return s
}

func (s *podStream) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/v1/pods" || r.URL.Query().Get("watch") == "" {
		return s.next.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/vnd.kubernetes.protobuf;stream=watch"}},
		Body:       &podBody{podStream: s, ctx: r.Context()},
		Request:    r,
	}, nil
}

type podBody struct {
	*podStream
	ctx  context.Context
	rest []byte
}

func (s *podBody) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		select {
		case <-s.tokens:
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		}
		n := s.sent.Add(1)
		s.rest = s.frames[int(n)%len(s.frames)]
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (*podBody) Close() error { return nil }

var _ io.ReadCloser = (*podBody)(nil)

// BenchmarkRecordChange is one change of a pod, from the body of the watch to the
// file; 100 of them a second cost 100 times as much of a core.
func BenchmarkRecordChange(b *testing.B) {
	stream := newPodStream(b, newServer(b))
	cluster := open(b, stream, nil)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error)
	var last Progress
	begun := make(chan struct{}, 1)
	go func() {
		o := Options{Out: filepath.Join(b.TempDir(), "x.tape"), Kinds: []string{"pods"}, Logs: LogsNone}
		ended <- Record(ctx, cluster, o, func(p Progress) {
			if last = p; p.Listed == p.Resources {
				select {
				case begun <- struct{}{}:
				default:
				}
			}
		})
	}()
	<-begun
	for range 5000 { // the first versions are not measured
		stream.tokens <- struct{}{}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		stream.tokens <- struct{}{}
	}
	b.StopTimer()
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(last.Bytes)/float64(last.Changes), "filebytes/change")
}
