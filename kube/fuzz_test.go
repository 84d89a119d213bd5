package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	kubediscovery "k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/wire"
)

// checkRead holds what is true of anything that was read: records have names, and errors
// are not panics.
func checkRead(t *testing.T, records []*kinds.Record, err error) {
	t.Helper()
	for _, r := range records {
		if r.Name == "" {
			t.Errorf("a record without a name: %+v", r)
		}
	}
	if err != nil && (err.Error() == "" || strings.Contains(err.Error(), "panic: ")) {
		t.Errorf("%v", err)
	}
}

// readAnyList makes records of a list, as a page does.
func readAnyList(feed *reflectorRun, body []byte) (records []*kinds.Record, err error) {
	in := bufio.NewReader(bytes.NewReader(body))
	var next func([]byte) ([]byte, error)
	read := feed.reader.recordOfText
	if protobuf, _ := wire.IsProtobuf(in); protobuf && feed.reader.canStream() {
		list, err := wire.OpenList(in)
		if err != nil {
			return nil, err
		}
		next = list.Next
	} else {
		list, err := openJSONList(in, "pods")
		if err != nil {
			return nil, err
		}
		next, read = list.Next, feed.reader.recordOfJSON
	}
	for {
		object, err := next(nil)
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		if err := read(object, func(r *kinds.Record) { records = append(records, r) }); err != nil {
			return records, err
		}
	}
}

// listFeeds are readers of pods in the three ways that objects are read.
func listFeeds(tb testing.TB) []*reflectorRun {
	typed, columns, table := podFeed(tb), podFeed(tb), podFeed(tb)
	generic, err := kinds.Generic(podsResource, "Pod", true, nil)
	if err != nil {
		tb.Fatal(err)
	}
	columns.reader.kind, columns.reader.mask = generic, nil
	table.reader.kind = kinds.FromTable(podsResource, "Pod", true, []metav1.TableColumnDefinition{{Name: "Name"}})
	table.reader.mask, table.reader.table = nil, true
	return []*reflectorRun{typed, columns, table}
}

// FuzzList reads anything as a list of pods: in protobuf or in JSON, typed, by columns and
// as a Table.
func FuzzList(f *testing.F) {
	f.Add(kubetest.Answer(f, "PodList", kubetest.PodList(2)))
	feeds := listFeeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, feed := range feeds {
			records, err := readAnyList(feed, body)
			checkRead(t, records, err)
		}
	})
}

// FuzzWatch reads anything as the events of a watch for pods.
func FuzzWatch(f *testing.F) {
	list := kubetest.PodList(1)
	f.Add(eventFrame(f, "ADDED", "Pod", &list.Items[0]))
	f.Add(eventFrame(f, "ERROR", "Status", &metav1.Status{Message: "gone", Code: 410}))
	feeds := listFeeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, feed := range feeds {
			w := feed.events(context.Background(), io.NopCloser(bytes.NewReader(body)))
			for event := range w.ResultChan() {
				r, isRecord := event.Object.(*kinds.Record)
				switch {
				case event.Type == watch.Error:
				case !isRecord:
					t.Errorf("%s of a %T", event.Type, event.Object)
				case event.Type == watch.Added, event.Type == watch.Modified:
					checkRead(t, []*kinds.Record{r}, nil)
				}
			}
			w.Stop()
			if said := messageWith(feed.messages(), "panic: "); said != "" {
				t.Error(said)
			}
		}
	})
}

// checkResources holds what is true of all that is known of a cluster's resources.
func checkResources(t *testing.T, r *Resources) {
	t.Helper()
	for _, res := range r.All() {
		if res.Resource == "" || res.Kind == "" || strings.Contains(res.Resource, "/") {
			t.Errorf("resource %+v", res)
		}
		if found := r.Find(res.Resource); len(found) == 0 && !strings.Contains(res.Resource, ".") &&
			strings.ToLower(res.Resource) == res.Resource {
			t.Errorf("%q is not found", res.Resource)
		}
	}
	_, _ = r.ByKind(schema.GroupKind{Kind: "Pod"})
}

// FuzzDiscovery answers discovery with anything.
func FuzzDiscovery(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, aggregated bool) {
		media := "application/json"
		if aggregated {
			media += ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
		}
		config := &rest.Config{Host: backendHost, Transport: sameAnswer{media, body}}
		client, err := kubediscovery.NewDiscoveryClientForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		groups, lists, failed, err := client.GroupsAndMaybeResourcesWithContext(t.Context())
		if err == nil && lists == nil {
			if n := countVersions(groups); n > 50 {
				return // Each is a request.
			}
			groups, lists, failed, err = requestEachGroup(t.Context(), client)
		}
		if err != nil {
			checkRead(t, nil, inWords("the API's resources", err))
			return
		}
		checkResources(t, resourcesFrom(groups, lists, failed))
	})
}

// FuzzDiscoveryCache reads anything from the disk cache, which kubectl writes too.
func FuzzDiscoveryCache(f *testing.F) {
	f.Fuzz(func(t *testing.T, groups, resources []byte) {
		directory := t.TempDir()
		path := resourcesPath(directory, schema.GroupVersion{Version: "v1"})
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, groupsFile), groups, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, resources, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := readDiscovery(directory); r != nil {
			checkResources(t, r)
		}
	})
}

// sameAnswer answers every request in the same way.
type sameAnswer struct {
	media string
	body  []byte
}

func (a sameAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r,
		Header: http.Header{"Content-Type": {a.media}}, Body: io.NopCloser(bytes.NewReader(a.body)),
	}, nil
}
