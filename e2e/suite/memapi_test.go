package suite

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/discovery"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

// TestMemapiPrintsAsTheServer holds that a dump shows the columns and the cells of
// the API server: the tables of every resource that it serves are compared with
// those of an API in memory that holds the same objects. Resources without objects
// are compared by their columns.
func TestMemapiPrintsAsTheServer(t *testing.T) {
	clock := memapi.NewClock(time.Now())
	api, err := memapi.New(memapi.Options{Clock: clock, Print: kinds.Print})
	if err != nil {
		t.Fatal(err)
	}
	_, lists, err := world.client.Discovery().ServerGroupsAndResources()
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		t.Fatal(err)
	}
	api.Describe(lists)
	tables := map[schema.GroupVersionResource]serverSays{}
	for _, resource := range listable(t, lists) {
		table, err := serverTable(t.Context(), kube.Resource{GroupVersionResource: resource})
		if err != nil {
			t.Errorf("%s: %v", resource, err)
			continue
		}
		tables[resource] = table
		if err := putRows(api, table); err != nil {
			t.Fatalf("%s: %v", resource, err)
		}
	}
	for resource, want := range tables {
		t.Run(resource.Resource+"."+resource.Version+"."+resource.Group, func(t *testing.T) {
			clock.Set(want.before)
			compareTables(t, memapiTable(t, api, resource), want.Table)
		})
	}
}

// listable returns the resources that can be listed. What is served in two groups
// or versions with other fields is compared in the one that memapi prefers.
func listable(t *testing.T, lists []*metav1.APIResourceList) []schema.GroupVersionResource {
	t.Helper()
	var all []schema.GroupVersionResource
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			resource := gv.WithResource(r.Name)
			twin := gv.Group == "events.k8s.io" || gv.String() == "autoscaling/v1"
			if slices.Contains(r.Verbs, "list") && !strings.Contains(r.Name, "/") && !twin {
				all = append(all, resource)
			}
		}
	}
	return all
}

func putRows(api *memapi.API, table serverSays) error {
	for _, row := range table.Rows {
		u := &unstructured.Unstructured{}
		if err := utiljson.Unmarshal(row.Object.Raw, &u.Object); err != nil {
			return err
		}
		object, err := memapi.ObjectOf(u)
		if err != nil {
			return err
		}
		if err := api.Put(object); err != nil {
			return err
		}
	}
	return nil
}

func memapiTable(t *testing.T, api *memapi.API, resource schema.GroupVersionResource) (table metav1.Table) {
	t.Helper()
	path := "/apis/" + resource.Group + "/" + resource.Version + "/" + resource.Resource
	if resource.Group == "" {
		path = "/api/" + resource.Version + "/" + resource.Resource
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	res, err := api.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil {
		err = utiljson.Unmarshal(body, &table)
	}
	if err != nil || table.Kind != "Table" {
		t.Fatalf("%v: %.300s", err, body)
	}
	return table
}

// compareTables compares the columns, and the rows by name.
func compareTables(t *testing.T, got, want metav1.Table) {
	t.Helper()
	if got, want := headerOf(got), headerOf(want); !slices.Equal(got, want) {
		t.Fatalf("columns: got %q, want %q", got, want)
	}
	gotRows, wantRows := rowsOf(t, got), rowsOf(t, want)
	for name, cells := range wantRows {
		for n, cell := range cells {
			if n >= len(gotRows[name]) {
				t.Errorf("%s: got %q, want %q", name, gotRows[name], cells)
				break
			}
			if is := gotRows[name][n]; is != cell && withoutAges(is) != withoutAges(cell) {
				t.Errorf("%s: %s: got %q, want %q", name, want.ColumnDefinitions[n].Name, is, cell)
			}
		}
	}
	if len(gotRows) != len(wantRows) {
		t.Errorf("%d rows, want %d", len(gotRows), len(wantRows))
	}
}

func headerOf(table metav1.Table) (columns []string) {
	for _, c := range table.ColumnDefinitions {
		// kubectl prints headings in capitals, as kinds with a file write them.
		columns = append(columns, columnText(strings.ToUpper(c.Name), c.Priority > 0))
	}
	return columns
}

// rowsOf returns the cells of each object. The server sends a cell more than it
// has columns for IPAddresses.
func rowsOf(t *testing.T, table metav1.Table) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for _, row := range table.Rows {
		var object metav1.PartialObjectMetadata
		if err := utiljson.Unmarshal(row.Object.Raw, &object); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, cell := range row.Cells[:min(len(row.Cells), len(table.ColumnDefinitions))] {
			if cell == nil {
				cell = ""
			}
			cells = append(cells, fmt.Sprint(cell))
		}
		rows[object.Namespace+"/"+object.Name] = cells
	}
	return rows
}

var anyAge = regexp.MustCompile(`\b(\d+[ydhms])+\b`)

// withoutAges hides ages: the server wrote its own at another moment.
func withoutAges(text string) string { return anyAge.ReplaceAllString(text, "AGE") }
