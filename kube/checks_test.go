package kube

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kubetest"
)

func TestReadChecks(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []Check
	}{
		"nothing":     {"", nil},
		"only a word": {"ok", nil},
		"all well": {
			"[+]ping ok\n[+]etcd ok\nreadyz check passed\n", []Check{{"ping", true, "ok"}, {"etcd", true, "ok"}},
		},
		"one fails":     {"[-]etcd failed: reason withheld\n", []Check{{"etcd", false, "failed: reason withheld"}}},
		"excluded":      {"[+]etcd excluded: ok\r\n", []Check{{"etcd", true, "excluded: ok"}}},
		"without words": {"[+]ping", []Check{{"ping", true, ""}}},
		"without name":  {"[+]\n[-] \n", nil},
		"hostile":       {"[+]p\x1b[2Jng ok\n", []Check{{"p␛[2Jng", true, "ok"}}},
	} {
		if diff := cmp.Diff(test.want, readChecks(test.text)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestReadMetrics(t *testing.T) {
	long := "apiserver_request_duration_seconds_bucket{verb=\"" + strings.Repeat("x", 100_000) + "\"} 1\n"
	for name, test := range map[string]struct {
		text string
		want Metrics
	}{
		"nothing": {"", Metrics{Storage: map[string]int64{}}},
		"all": {
			"# TYPE x counter\n" +
				metricAdmission + `{name="Pod\"Quota",operation="CREATE"} 1` + "\n" +
				metricAdmission + `{operation="CREATE",name="A"} 1` + "\n" +
				metricAdmission + `{operation="UPDATE",name="A"} 1` + "\n" +
				metricAuthorizer + `{decision="allowed",name="x",type="RBAC"} 2` + "\n" + long +
				metricStorage + `{storage_cluster_id="etcd-0"} 2.1e+07` + "\n",
			Metrics{
				Storage:   map[string]int64{"etcd-0": 21_000_000},
				Admission: []string{"A", `Pod\"Quota`}, Authorizers: []string{"RBAC"},
			},
		},
		"old name": {
			metricStorageOld + `{endpoint="https://e:2379"} 7` + "\n",
			Metrics{Storage: map[string]int64{"https://e:2379": 7}},
		},
		"broken": {
			metricStorage + " NaN\n" + metricStorage + " -1\n" + metricStorage + "\n" + metricStorage + "{x=\"\n" +
				metricStorage + "{x} 1e99\n" + metricAdmission + "{name=\"} 1\n" + metricAdmission + "{name=\"\\\n}{\n",
			Metrics{Storage: map[string]int64{}},
		},
		"what follows is not read": {
			"apiserver_zzz 1\n" + metricStorage + " 7\n", Metrics{Storage: map[string]int64{}},
		},
	} {
		got, err := readMetrics(strings.NewReader(test.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// onServer opens a cluster on a server of a test.
func onServer(t *testing.T, server *kubetest.Server) *Cluster {
	t.Helper()
	c, err := Open(Options{Backend: &Backend{Name: "test", Transport: server, Now: server.Clock().Now}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChecksOfAServer(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.RequestURI() {
		case "/livez?verbose":
			// The clock of the server is an hour ahead.
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			_, _ = w.Write([]byte("[+]ping ok\nlivez check passed\n"))
		case "/readyz?verbose":
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte("[-]etcd failed: reason withheld\nreadyz check failed\n"))
		case "/metrics":
			w.WriteHeader(http.StatusForbidden)
		default:
			return false
		}
		return true
	})
	c := onServer(t, server)
	source := c.WatchChecks()
	msg, err := source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := msg.(Checked)
	if !got.Live.OK || len(got.Live.Checks) != 1 || got.Ready.OK || got.Ready.Err != nil || got.Ready.Checks[0].OK {
		t.Errorf("got %+v", got)
	}
	if got.pause() != checksAgain || (&Checked{Live: got.Live}).pause() != checksEvery {
		t.Error("a check that fails is not asked again sooner")
	}
	if got.Ahead > -59*time.Minute || got.Ahead < -61*time.Minute {
		t.Errorf("this clock is %s ahead, and the server's an hour", got.Ahead)
	}
	if msg, err = source.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := msg.(Checked); got.MetricsErr == nil || !strings.Contains(got.MetricsErr.Error(), "your rights") {
		t.Errorf("metrics: %v", got.MetricsErr)
	}
}

func TestCounts(t *testing.T) {
	server := kubetest.New(t, time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	for _, name := range []string{"a", "b", "c"} {
		server.Apply(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: "+name+", namespace: shop}}")
	}
	server.Apply(t, "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: shop}}")
	server.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/secrets" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`))
		return true
	})
	server.Refuse("nodes")
	c := onServer(t, server)
	var resources []Resource
	for _, name := range []string{"configmaps", "secrets", "nodes", "services"} {
		resources = append(resources, c.Resources().Find(name)[0])
	}
	got := countAll(t, c.WatchCounts(resources, "shop"), len(resources))
	for i, want := range []struct {
		n         int64
		denied    bool
		namespace string
	}{{3, false, ""}, {1, false, "shop"}, {0, true, ""}, {0, false, ""}} {
		count := got[resources[i].GroupVersionResource]
		if count.N != want.n || count.Denied() != want.denied || count.Scope.Namespace != want.namespace || count.More {
			t.Errorf("%s: got %+v, want %+v", resources[i].Resource, count, want)
		}
	}
	for _, request := range server.Requests("/configmaps") {
		if !strings.Contains(request, "limit=1") {
			t.Errorf("asked for more than one: %s", request)
		}
	}
}

// countAll are the counts of a number of resources.
func countAll(t *testing.T, counts *Counts, resources int) map[schema.GroupVersionResource]Count {
	t.Helper()
	got := map[schema.GroupVersionResource]Count{}
	for len(got) < resources {
		msg, err := counts.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(got, msg.(CountsRead).Of)
	}
	return got
}

func TestReadCount(t *testing.T) {
	for text, want := range map[string]Count{
		`{"kind":"List"}`:              {},
		`{"kind":"List","items":[{}]}`: {N: 1},
		`{"kind":"List","metadata":{"continue":"x","remainingItemCount":41},"items":[{}]}`: {N: 42},
		`{"kind":"List","metadata":{"continue":"x"},"items":[{}]}`:                         {N: 1, More: true},
	} {
		n, more, err := readCount(strings.NewReader(text), "maps")
		if err != nil || n != want.N || more != want.More {
			t.Errorf("%s: %d %v %v", text, n, more, err)
		}
	}
	for _, text := range []string{"", "[]", `{}`, `{"kind":"List","items":7}`} {
		if _, _, err := readCount(strings.NewReader(text), "maps"); err == nil {
			t.Errorf("%q is a list", text)
		}
	}
}
