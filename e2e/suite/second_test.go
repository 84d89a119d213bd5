package suite

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"k8s.io/client-go/kubernetes"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// second is another cluster, for tests that go from one to another and for those that
// hurt one. The first test that asks for it starts it; it runs only the pods of those
// tests.
var second struct {
	once     sync.Once
	provider provider.Provider
	cluster  *provider.Cluster
	client   *kubernetes.Clientset
	err      error
}

// secondLogSize is small enough for a container to fill in seconds.
const secondLogSize = "256Ki"

// other returns the second cluster and a client for it.
func other(t *testing.T) (*provider.Cluster, *kubernetes.Clientset) {
	t.Helper()
	second.once.Do(func() {
		ctx, stop := context.WithTimeout(t.Context(), upLimit)
		defer stop()
		options := provider.Options{
			Name: world.cluster.Name + "-2", Provider: world.cluster.Provider, Progress: os.Stderr, LogSize: secondLogSize,
		}
		if second.provider, second.err = provider.New(options); second.err != nil {
			return
		}
		if second.cluster, second.err = second.provider.Up(ctx); second.err != nil {
			return
		}
		second.client, second.err = second.cluster.Clientset()
		if second.err == nil && second.cluster.Context == world.cluster.Context {
			second.err = errors.New("it is the same as the first one; this provider has only one cluster")
		}
	})
	if second.err != nil {
		t.Fatalf("start a second cluster: %v", second.err)
	}
	return second.cluster, second.client
}

// closeSecond removes the second cluster, if it was started.
func closeSecond() error {
	if second.provider == nil {
		return nil
	}
	return second.provider.Down(context.Background())
}

// apiServer is the second cluster's, for tests that stop it. It runs again when the test has ended.
func apiServer(t *testing.T) *provider.Component {
	t.Helper()
	cluster, _ := other(t)
	server, err := cluster.Component("kube-apiserver")
	if errors.Is(err, provider.ErrUnsupported) && cluster.Provider != "native" {
		t.Skipf("%v; the native provider runs this test", err)
	}
	if err != nil {
		t.Fatalf("a test has to stop an API server: %v", err)
	}
	t.Cleanup(func() {
		if server.Resume() == nil {
			return
		}
		if err := server.Start(context.Background()); err != nil {
			t.Errorf("start the API server again: %v", err)
		}
	})
	return server
}
