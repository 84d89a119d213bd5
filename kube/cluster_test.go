package kube

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// TestMain captures what libraries say before any cluster runs, as the program
// does.
func TestMain(m *testing.M) {
	restore, err := CaptureStderr(NewMessages())
	if err != nil {
		panic(err)
	}
	code := m.Run()
	restore()
	os.Exit(code)
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Setenv("HOME", t.TempDir())
	if _, err := Open(Options{}); err == nil || !strings.Contains(err.Error(), "--kubeconfig") {
		t.Errorf("without a kubeconfig: %v", err)
	}
	_, err := Open(Options{Flags: flagsTo(t, "http://x"), Context: "nope"})
	if err == nil || !strings.Contains(err.Error(), "it has other, test") {
		t.Errorf("an unknown context: %v", err)
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("{\x1b"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig = &broken
	if _, err := Open(Options{Flags: flags}); err == nil || strings.ContainsAny(err.Error(), "\x1b\n") {
		t.Errorf("a broken kubeconfig: %v", err)
	}
}

func TestContexts(t *testing.T) {
	contexts, current, err := Contexts(flagsTo(t, "http://x"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Context{
		{Name: "other", Cluster: "c", Server: "http://x", User: "u"},
		{Name: "test", Cluster: "c", Server: "http://x", User: "u", Namespace: "shop"},
	}
	if current != "test" || !slices.Equal(contexts, want) {
		t.Errorf("current %q of %+v", current, contexts)
	}
}

func TestOpenTakesContextAndNamespaceFromTheKubeconfig(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	if c.Name() != "test" || c.Namespace() != "shop" || c.Server() != s.http.URL || c.Writable() {
		t.Errorf("%q %q %q %v", c.Name(), c.Namespace(), c.Server(), c.Writable())
	}
	other := s.open(t, func(o *Options) { o.Context = "other" })
	if other.Name() != "other" || other.Namespace() != "default" {
		t.Errorf("%q %q", other.Name(), other.Namespace())
	}
}

func TestResourcesComeFromTheDiskFirst(t *testing.T) {
	s := newServer(t)
	flags := flagsTo(t, s.http.URL)
	c := s.open(t, func(o *Options) { o.Flags = flags })
	if err := c.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, ok := c.Resources().byResource(podsResource)
	if !ok || got.Kind != "Pod" || !got.Namespaced || !got.Preferred {
		t.Errorf("pods are %+v", got)
	}
	c.Close()
	s.Intercept(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	again := s.open(t, func(o *Options) { o.Flags = flags })
	if err := again.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := again.Resources().byResource(podsResource); !ok {
		t.Error("the disk knows no pods")
	}
}

// TestResourcesBeforeDiscovery asks a server that does not answer: what every cluster
// serves is known.
func TestResourcesBeforeDiscovery(t *testing.T) {
	c := newServer(t).open(t, func(o *Options) { o.Flags.APIServer = new("http://127.0.0.1:1") })
	for _, name := range []string{"deployments.apps", "Deployment", "po", "ing", "nodes"} {
		found := c.Resources().Find(name)
		if len(found) == 0 || !found[0].Can("list") || !found[0].Can("watch") || !found[0].Preferred {
			t.Errorf("%s: got %+v", name, found)
		}
	}
	if c.Resources().Complete() {
		t.Error("the built-in kinds pass for a discovery")
	}
}

// TestShortNamesAreTheServers compares the short names that kinds' files give with those that a server answers.
func TestShortNamesAreTheServers(t *testing.T) {
	c := newServer(t).open(t)
	until(t, beats(t, c), "discovery", func() bool { return c.Resources().Complete() })
	for _, known := range builtin().all {
		served, ok := c.Resources().byResource(known.GroupVersionResource)
		if !ok || !slices.Equal(known.ShortNames, served.ShortNames) {
			t.Errorf("%s: the file says %q, the server %q", known.Resource, known.ShortNames, served.ShortNames)
		}
	}
}

func TestResourcesFollowTheDefinitions(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	pulse := beats(t, c)
	until(t, pulse, "discovery", func() bool { return c.Resources().Complete() })
	if len(c.Resources().Find("ponds")) > 0 {
		t.Fatal("ponds before their definition")
	}
	s.put(ponds(1, `[]`))
	until(t, pulse, "the new resource", func() bool { return len(c.Resources().Find("ponds")) == 1 })
}

// TestDefinitionsAreWatchedOnce holds that discovery follows a listing of definitions instead of
// watching the same a second time, and goes on by itself when the listing ends.
func TestDefinitionsAreWatchedOnce(t *testing.T) {
	s := newServer(t)
	c := s.open(t)
	pulse := beats(t, c)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	l := c.Listing(Scope{GroupVersionResource: definitions})
	watch := l.Watch()
	for l.State().Phase != Live {
		if _, err := watch.Next(ctx); err != nil {
			t.Fatal(err)
		}
	}
	until(t, pulse, "discovery", func() bool { return c.Resources().Complete() })
	s.put(ponds(1, `[]`))
	until(t, pulse, "a resource that the listing has", func() bool { return len(c.Resources().Find("ponds")) == 1 })
	watches := func() (n int) {
		for _, r := range s.Requests("GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions") {
			if strings.Contains(r, "watch=true") || strings.Contains(r, "watch=1") {
				n++
			}
		}
		return n
	}
	if n := watches(); n != 1 {
		t.Errorf("definitions are watched %d times", n)
	}
	leave()
	l.release()
	s.put(newObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "lakes.water.test", object{
		"spec": object{"group": "water.test", "scope": "Namespaced", "names": object{"plural": "lakes", "kind": "Lake"},
			"versions": []any{object{"name": "v1", "served": true, "storage": true}}},
	}))
	until(t, pulse, "a resource that comes later", func() bool { return len(c.Resources().Find("lakes")) == 1 })
}

// someResources are resources of several groups and versions.
func someResources() *Resources {
	gv := func(group, version string) metav1.GroupVersionForDiscovery {
		return metav1.GroupVersionForDiscovery{
			GroupVersion: schema.GroupVersion{Group: group, Version: version}.String(),
			Version:      version,
		}
	}
	api := func(name, singular, kind string, short ...string) metav1.APIResource {
		return metav1.APIResource{Name: name, SingularName: singular, Kind: kind, ShortNames: short}
	}
	groups := &metav1.APIGroupList{Groups: []metav1.APIGroup{
		{Name: "", Versions: []metav1.GroupVersionForDiscovery{gv("", "v1")}, PreferredVersion: gv("", "v1")},
		{
			Name:             "apps",
			Versions:         []metav1.GroupVersionForDiscovery{gv("apps", "v2"), gv("apps", "v1")},
			PreferredVersion: gv("apps", "v2"),
		},
		{
			Name:             "x.test",
			Versions:         []metav1.GroupVersionForDiscovery{gv("x.test", "v1"), gv("x.test", "v2")},
			PreferredVersion: gv("x.test", "v2"),
		},
		{
			Name:             "metrics.k8s.io",
			Versions:         []metav1.GroupVersionForDiscovery{gv("metrics.k8s.io", "v1beta1")},
			PreferredVersion: gv("metrics.k8s.io", "v1beta1"),
		},
	}}
	lists := map[schema.GroupVersion]*metav1.APIResourceList{
		{Version: "v1"}: {
			APIResources: []metav1.APIResource{api("pods", "pod", "Pod", "po"), {Name: "pods/log", Kind: "Pod"}},
		},
		{Group: "apps", Version: "v1"}: {
			APIResources: []metav1.APIResource{api("deployments", "deployment", "Deployment", "deploy")},
		},
		{Group: "apps", Version: "v2"}: {
			APIResources: []metav1.APIResource{api("deployments", "deployment", "Deployment", "deploy")},
		},
		{Group: "x.test", Version: "v1"}: {
			APIResources: []metav1.APIResource{api("pods", "", "Pod"), api("po", "", "Po")},
		},
		{Group: "x.test", Version: "v2"}:              {APIResources: []metav1.APIResource{api("pods", "", "Pod")}},
		{Group: "metrics.k8s.io", Version: "v1beta1"}: {APIResources: []metav1.APIResource{api("pods", "", "PodMetrics")}},
	}
	return resourcesFrom(
		groups,
		lists,
		map[schema.GroupVersion]error{{Group: "down.test", Version: "v1"}: http.ErrHandlerTimeout},
	)
}

func TestResourcesFind(t *testing.T) {
	r := someResources()
	for name, want := range map[string]string{
		"pods":                "v1 x.test/v2 metrics.k8s.io/v1beta1 x.test/v1",
		"Pod":                 "v1 x.test/v2 x.test/v1",
		"po":                  "x.test/v1 v1",
		"pods.x.test":         "x.test/v2 x.test/v1",
		"pods.v1.x.test":      "x.test/v1",
		"pods.v1":             "v1",
		"deploy":              "apps/v1 apps/v2",
		"deployments.v2.apps": "apps/v2",
		"PODMETRICS":          "metrics.k8s.io/v1beta1",
		"pods/log":            "",
		"nope":                "",
		"":                    "",
	} {
		var got []string
		for _, res := range r.Find(name) {
			got = append(got, res.GroupVersion().String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Find(%q) = %v, want %s", name, got, want)
		}
	}
	if res, ok := r.ByKind(schema.GroupKind{Group: "apps", Kind: "Deployment"}); !ok || res.Version != "v1" {
		t.Errorf("the deployments that a kind file reads are not %+v", res)
	}
	if p := r.Problems(); len(p) != 1 || !strings.HasPrefix(p[0], "no answer from down.test/v1: ") {
		t.Errorf("problems %v", p)
	}
}

func TestMessages(t *testing.T) {
	m := NewMessages()
	for range messagesMax + 3 {
		m.Add("info", "again")
	}
	m.Add("error", "line\x1b]0;title\a")
	all := m.All()
	if len(all) != 2 || all[0].Count != messagesMax+3 || strings.ContainsAny(all[1].Text, "\x1b\a") {
		t.Errorf("messages %+v", all)
	}
	for i := range messagesMax {
		m.Add("info", strings.Repeat("x", i))
	}
	if all := m.All(); len(all) != messagesMax || all[0].Text != "" {
		t.Errorf("%d messages, the first %q", len(all), all[0].Text)
	}
	(*Messages)(nil).Add("info", "dropped")
}

func TestCaptureStderr(t *testing.T) {
	m := NewMessages()
	before := os.Stderr
	restore, err := CaptureStderr(m)
	if err != nil {
		t.Fatal(err)
	}
	if os.Stderr == before {
		t.Error("a plugin would write to the terminal")
	}
	long := ""
	for i := range 2000 {
		long += fmt.Sprintf("%04d", i)
	}
	if _, err := os.Stderr.WriteString("please log in\n" + long + "\nlast"); err != nil {
		t.Fatal(err)
	}
	restore()
	if os.Stderr != before {
		t.Error("not restored")
	}
	var texts []string
	for _, message := range m.All() {
		texts = append(texts, message.Text)
	}
	if texts[0] != "please log in" || texts[len(texts)-1] != "last" ||
		len(strings.Join(texts, "")) != len("please log in"+long+"last") {
		t.Errorf("captured %d messages, the first %q", len(texts), texts[0])
	}
}
