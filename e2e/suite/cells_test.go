package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// cellsLimit is how long every object of a resource has to be seen once in the
// same version on both sides. Metrics are measured every 15 s only.
const cellsLimit = time.Minute

// TestCells compares every cell of every object of the cluster with the API
// server's own Table: for the kinds that have a file, for custom resources, and
// for everything else that can be listed.
func TestCells(t *testing.T) {
	cluster := openCluster(t)
	withFile := map[schema.GroupVersionResource]bool{}
	for _, kind := range kinds.All() {
		withFile[kind.GVR()] = true
	}
	for _, resource := range cluster.Resources().All() {
		if !resource.Can("list") {
			continue
		}
		_, hadFile := withFile[resource.GroupVersionResource]
		delete(withFile, resource.GroupVersionResource)
		t.Run(longName(resource), func(t *testing.T) {
			compared := compareCells(t, cluster, resource)
			t.Logf("%d objects compared", compared)
			if hadFile && compared == 0 {
				t.Error("no object to compare: the shop should have one of every kind that has a file")
			}
		})
	}
	for resource := range withFile {
		t.Errorf("the cluster does not serve %s", resource)
	}
}

// openCluster opens the cluster with the product's own package, as fathom does.
func openCluster(t *testing.T) *kube.Cluster {
	t.Helper()
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig = &world.cluster.Kubeconfig
	cache := t.TempDir()
	flags.CacheDir = &cache
	cluster, err := kube.Open(kube.Options{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	if err := cluster.WaitResources(ctx); err != nil {
		t.Fatal(err)
	}
	return cluster
}

// longName is the only name that means one resource in one version:
// "deployments.v1.apps", "pods.v1.".
func longName(r kube.Resource) string { return r.Resource + "." + r.Version + "." + r.Group }

// watchListing keeps a listing of all namespaces in step until the test ends.
func watchListing(t *testing.T, cluster *kube.Cluster, resource schema.GroupVersionResource) *kube.Listing {
	t.Helper()
	listing := cluster.Listing(kube.Scope{GroupVersionResource: resource})
	watch := listing.Watch()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if _, err := watch.Next(ctx); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
	return listing
}

// compareCells returns how many objects were compared.
func compareCells(t *testing.T, cluster *kube.Cluster, resource kube.Resource) int {
	listing := watchListing(t, cluster, resource.GroupVersionResource)
	seen := comparison{cluster: cluster, listing: listing, compared: map[string]bool{}, wrong: map[string]bool{}}
	var missing []string
	err := wait.PollUntilContextTimeout(
		t.Context(),
		100*time.Millisecond,
		cellsLimit,
		true,
		func(ctx context.Context) (bool, error) {
			if state := listing.State(); state.Phase != kube.Live {
				missing = []string{fmt.Sprintf("the listing is %v: %v", state.Phase, state.Err)}
				return false, nil
			}
			table, err := serverTable(ctx, resource)
			if err != nil {
				return false, err
			}
			missing = seen.compare(table)
			return len(missing) == 0, nil
		},
	)
	if err != nil {
		t.Errorf("%v; not compared: %s", err, strings.Join(missing, "; "))
	}
	for _, line := range seen.problems {
		t.Error(line)
	}
	return len(seen.compared)
}

// serverSays is what the API server says about a resource at some time between before
// and after.
type serverSays struct {
	metav1.Table
	before, after time.Time
}

// serverTable asks for the table of a resource in all namespaces, as kubectl
// get -A does, with the objects that it was made from.
func serverTable(ctx context.Context, resource kube.Resource) (serverSays, error) {
	path := "/apis/" + resource.Group + "/" + resource.Version + "/" + resource.Resource
	if resource.Group == "" {
		path = "/api/" + resource.Version + "/" + resource.Resource
	}
	says := serverSays{before: time.Now()}
	body, err := world.client.RESTClient().Get().AbsPath(path).
		Param("includeObject", string(metav1.IncludeObject)).
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		DoRaw(ctx)
	says.after = time.Now()
	if err == nil {
		err = utiljson.Unmarshal(body, &says.Table)
	}
	if err == nil && says.Kind != "Table" {
		err = fmt.Errorf("the API server answers with a %s, not with a Table", says.Kind)
	}
	return says, err
}

// comparison remembers which objects were compared already: one that changes
// every second is seen in the same version on both sides now and then only.
type comparison struct {
	cluster  *kube.Cluster
	listing  *kube.Listing
	compared map[string]bool
	wrong    map[string]bool
	problems []string
}

// compare returns which objects are still to be compared.
func (c *comparison) compare(table serverSays) (missing []string) {
	c.columns(table)
	there := map[kube.Key]bool{}
	for _, row := range table.Rows {
		object := &unstructured.Unstructured{}
		if err := json.Unmarshal(row.Object.Raw, &object.Object); err != nil {
			return []string{err.Error()}
		}
		key := kube.Key{Namespace: object.GetNamespace(), Name: object.GetName()}
		there[key] = true
		name := strings.TrimPrefix(key.Namespace+"/"+key.Name, "/")
		if record := c.listing.Get(key.Namespace, key.Name); record != nil && c.version(record) == versionOf(object) {
			c.compared[name] = true
			c.cells(name, record, row.Cells, table)
		}
		if !c.compared[name] {
			missing = append(missing, name)
		}
	}
	for _, record := range c.listing.Since(0).Changed {
		if !there[kube.Key{Namespace: record.Namespace, Name: record.Name}] {
			missing = append(missing, record.Namespace+"/"+record.Name+" (which the server does not have)")
		}
	}
	return missing
}

func (c *comparison) columns(table serverSays) {
	var want, got []string
	for _, column := range table.ColumnDefinitions {
		want = append(want, columnText(strings.ToUpper(column.Name), column.Priority > 0))
	}
	for _, column := range c.listing.Kind().Columns {
		got = append(got, columnText(column.Name, column.Wide))
	}
	if !slices.Equal(got, want) {
		c.add("columns: got %q, want %q", got, want)
	}
}

func columnText(name string, wide bool) string {
	if wide {
		return name + " (wide)"
	}
	return name
}

func (c *comparison) cells(name string, record *kinds.Record, want []any, table serverSays) {
	// The server sends a cell more than it has columns for IPAddresses; kubectl does not print it.
	want = want[:min(len(want), len(table.ColumnDefinitions))]
	if len(record.Cells) != len(want) {
		c.add("%s: %d cells, want %d", name, len(record.Cells), len(want))
		return
	}
	for i, cell := range record.Cells {
		// kubectl prints nothing for null.
		text := ""
		if want[i] != nil {
			text = kinds.Clean(fmt.Sprint(want[i]))
		}
		if got := cellText(cell, text, table.before, table.after); got != text && !c.aged(cell, got, text) {
			c.add("%s: %s: got %q, want %q", name, table.ColumnDefinitions[i].Name, got, text)
		}
	}
}

// aged reports whether two texts are one age, read at two times. A kind without a file
// shows the text that the server wrote when the row came (LAST SEEN of events.k8s.io);
// the table of the comparison was written up to cellsLimit later.
func (c *comparison) aged(cell kinds.Cell, got, want string) bool {
	if _, ok := kinds.For(c.listing.Kind().GroupKind()); ok || cell.Form() != kinds.Text {
		return false
	}
	before, ok := elapsed(got)
	after, okToo := elapsed(want)
	return ok && okToo && after >= before && after-before <= cellsLimit
}

// elapsed reads what duration.HumanDuration writes, of less than a day.
func elapsed(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// cellText is the cell's text at any time from before to after: the wanted one,
// if it was right at some time. A second more allows for clocks that differ.
func cellText(cell kinds.Cell, want string, before, after time.Time) string {
	for now := before.Add(-time.Second); now.Before(after.Add(time.Second)); now = now.Add(200 * time.Millisecond) {
		if text := cell.Format(now, duration.HumanDuration); text == want {
			return text
		}
	}
	return cell.Format(before, duration.HumanDuration)
}

func (c *comparison) add(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !c.wrong[line] {
		c.wrong[line] = true
		c.problems = append(c.problems, line)
	}
}

// version tells one version of an object from the next, as versionOf does.
func (c *comparison) version(record *kinds.Record) string {
	if record.ResourceVersion != "" {
		return record.ResourceVersion
	}
	fields, err := c.cluster.Fields(record)
	if err != nil {
		return err.Error()
	}
	return versionOf(&unstructured.Unstructured{Object: fields})
}

// versionOf is the resourceVersion, or the time of a measurement: metrics have
// no versions.
func versionOf(object *unstructured.Unstructured) string {
	if version := object.GetResourceVersion(); version != "" {
		return version
	}
	measured, _, _ := unstructured.NestedString(object.Object, "timestamp")
	return measured
}
