package views

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/ui"
)

// crowded is a session whose cluster keeps less than its ConfigMaps need, and
// the record of one whose text is not kept.
func crowded(t *testing.T) (*kubetest.Server, *Session, *kinds.Record) {
	t.Helper()
	server := kubetest.New(t, screenNow)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		server.Apply(
			t,
			fmt.Sprintf(
				"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm-%03d, namespace: shop}\ndata: {text: \"%x\"}\n",
				i,
				random.Perm(250),
			),
		)
	}
	cluster, err := kube.Open(
		kube.Options{
			Bodies:  16 << 10,
			Backend: &kube.Backend{Name: "prod-eu", Namespace: "shop", Transport: server, Now: server.Clock().Now},
		},
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &Session{Cluster: cluster, Now: server.Clock().Now, Messages: kube.NewMessages()}
	all := cluster.Listing(
		kube.Scope{GroupVersionResource: schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}},
	)
	watch := all.Watch()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	for all.State().Phase != kube.Live {
		if _, err := watch.Next(ctx); err != nil {
			t.Fatalf("%v: %+v", err, all.State())
		}
	}
	return server, s, all.Get("shop", "cm-000")
}

func TestAnObjectThatMadeRoomIsFetchedByOneRequest(t *testing.T) {
	server, s, record := crowded(t)
	v := newObject(s, served(t, s, "cm"), "shop", "cm-000", record, "yaml").(*object)
	v.Update(ui.Shown{}) // and nothing is watched yet
	p := &person{t: t, view: v}
	if screen := p.draw(80, 24); !strings.Contains(screen, "fetching the object ...") {
		t.Errorf("before it comes:\n%s", screen)
	}
	p = look(t, v)
	p.until(80, 24, "● live", "name: cm-000")
	lists := 0
	for _, r := range server.Requests("cm-000") {
		if !strings.Contains(r, "watch=") {
			lists++
		}
	}
	if lists != 1 {
		t.Errorf("%d requests: %q", lists, server.Requests("cm-000"))
	}
}

func TestADeletedObjectThatMadeRoomSaysSo(t *testing.T) {
	server, s, record := crowded(t)
	server.Delete(t, schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}, "shop", "cm-000")
	p := look(t, newObject(s, served(t, s, "cm"), "shop", "cm-000", record, "yaml"))
	p.until(80, 24, "■ deleted", "deleted; its last version is no longer kept")
}
