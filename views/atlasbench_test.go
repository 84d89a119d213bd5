package views

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// BenchmarkAtlasFrame draws the page of a cluster with as many nodes as are judged one by
// one.
func BenchmarkAtlasFrame(b *testing.B) {
	s := kubetest.New(b, screenNow)
	var all strings.Builder
	for i := range loadMax {
		fmt.Fprintf(&all, "---\n{apiVersion: v1, kind: Node, metadata: {name: node-%d},"+
			" status: {capacity: {cpu: 8, memory: 8Gi, pods: 110}, conditions: [{type: Ready, status: 'True'}]}}\n", i)
	}
	s.Apply(b, all.String())
	cluster, err := kube.Open(kube.Options{Backend: &kube.Backend{Name: "b", Transport: s, Now: s.Clock().Now}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(cluster.Close)
	v := newAtlas(&Session{Cluster: cluster, Now: cluster.Now, Messages: kube.NewMessages()})
	nodes := feedSpecs["nodes"]
	scope := kube.Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "nodes"}}
	d := cluster.Digest(scope, nodes.read)
	for len(d.Entries()) < loadMax {
		if _, err := d.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	v.feeds.lists["nodes"] = &feed{digest: d, entries: d.Entries(), state: kube.State{Phase: kube.Live}}
	for b.Loop() {
		v.Draw(ui.Frame{Width: 120, Height: 40, Theme: themes.Plain, Now: screenNow})
	}
}

// atlasOfS3 is a cluster of 5,000 nodes and 50,000 pods.
func atlasOfS3(b *testing.B) *kubetest.Server {
	b.Helper()
	server := kubetest.New(b, screenNow)
	server.Load(b, "testdata/atlas.yaml")
	answersChecks(server, goodChecks)
	much := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourcePods: resource.MustParse("110"),
	}
	var objects []runtime.Object
	for i := range 5_000 {
		name := fmt.Sprintf("node-%04d", i)
		objects = append(objects, &corev1.Node{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"}, ObjectMeta: metav1.ObjectMeta{Name: name},
			Status: corev1.NodeStatus{
				Capacity: much, Allocatable: much,
				Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
				NodeInfo:   corev1.NodeSystemInfo{KubeletVersion: "v1.36.3", ContainerRuntimeVersion: "containerd://2.1.4"},
			},
		})
		for n := range 10 {
			objects = append(objects, &corev1.Pod{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-%d", name, n), Namespace: "shop"},
				Spec:       corev1.PodSpec{NodeName: name, Containers: []corev1.Container{{Name: "app", Image: "web:1"}}},
				Status:     corev1.PodStatus{Phase: corev1.PodRunning},
			})
		}
	}
	for len(objects) > 0 {
		n := min(len(objects), 1000)
		if err := server.API.Apply(objects[:n]...); err != nil {
			b.Fatal(err)
		}
		objects = objects[n:]
	}
	return server
}

// BenchmarkAtlasFirstScreen opens the atlas of a cluster of 5,000 nodes and 50,000 pods
// that is connected, until a screen of 80x24 waits for nothing and until the whole page
// does.
func BenchmarkAtlasFirstScreen(b *testing.B) {
	server := atlasOfS3(b)
	var first, whole time.Duration
	for b.Loop() {
		b.StopTimer()
		cluster, err := kube.Open(kube.Options{Backend: &kube.Backend{Name: "b", Transport: server, Now: server.Clock().Now}})
		if err != nil {
			b.Fatal(err)
		}
		if err := cluster.WaitResources(b.Context()); err != nil {
			b.Fatal(err)
		}
		v := newAtlas(&Session{Cluster: cluster, Namespace: "shop", Now: cluster.Now, Messages: kube.NewMessages()})
		b.StartTimer()
		began := time.Now() //nolint:forbidigo // This measures how long it takes.
		messages, stop := feedView(b, v)
		first += drawUntilSettled(b, v, messages, 24, began)
		whole += drawUntilSettled(b, v, messages, 200, began)
		b.StopTimer()
		stop()
		cluster.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms/screen")
	b.ReportMetric(float64(whole.Milliseconds())/float64(b.N), "ms/page")
}

// feeding are the messages of a view's sources.
type feeding struct {
	ctx      context.Context
	messages chan ui.Msg
	fed      map[ui.Source]bool
}

func feedView(b *testing.B, v ui.View) (f *feeding, stop context.CancelFunc) {
	b.Helper()
	ctx, stop := context.WithCancel(b.Context())
	f = &feeding{ctx, make(chan ui.Msg), map[ui.Source]bool{}}
	f.follow(v.Update(ui.Shown{}))
	return f, stop
}

func (f *feeding) follow(intent ui.Intent) {
	switch intent := intent.(type) {
	case ui.All:
		for _, i := range intent {
			f.follow(i)
		}
	case ui.Watch:
		if f.fed[intent.Source] {
			return
		}
		f.fed[intent.Source] = true
		go func() {
			for {
				msg, err := intent.Source.Next(f.ctx)
				if err != nil {
					return
				}
				select {
				case f.messages <- msg:
				case <-f.ctx.Done():
					return
				}
			}
		}()
	}
}

// drawUntilSettled returns how long after a time a screen holds nothing that is waited for.
func drawUntilSettled(b *testing.B, v ui.View, f *feeding, height int, began time.Time) time.Duration {
	b.Helper()
	for {
		screen := v.Draw(ui.Frame{Width: 80, Height: height, Theme: themes.Plain, Now: screenNow})
		if strings.Contains(screen, "5,003") || strings.Contains(screen, "5003") {
			waits := false
			for _, text := range unsettled {
				waits = waits || strings.Contains(screen, text)
			}
			if !waits {
				return time.Since(began)
			}
		}
		select {
		case msg := <-f.messages:
			f.follow(v.Update(msg))
		case <-time.After(20 * time.Second):
			b.Fatalf("it never settled:\n%s", screen)
		}
	}
}
