package kube

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubediscovery "k8s.io/client-go/discovery/cached/disk"
	"k8s.io/client-go/rest"

	"github.com/fathom-k8s/fathom/kube/openapi"
)

var gadgets = Resource{
	GroupVersionResource: schema.GroupVersionResource{Group: "example.io", Version: "v1", Resource: "gadgets"},
	Kind:                 "Gadget",
}

// gadgetDocument explains one kind, whose only field has a description.
func gadgetDocument(description string) string {
	return `{"components": {"schemas": {"Gadget": {
"x-kubernetes-group-version-kind": [{"group": "example.io", "version": "v1", "kind": "Gadget"}],
"properties": {"size": {"type": "integer", "description": "` + description + `"}}}}}}`
}

// documentsAs answers requests for OpenAPI as an API server does, whose hash and document
// are what the last Store said.
type documentsAs struct{ description atomic.Value }

func (d *documentsAs) serve(w http.ResponseWriter, r *http.Request) bool {
	description := d.description.Load().(string)
	switch r.URL.Path {
	case "/openapi/v3":
		writeJSON(w, object{"paths": object{"apis/example.io/v1": object{
			"serverRelativeURL": "/openapi/v3/apis/example.io/v1?hash=" + description,
		}}})
	case "/openapi/v3/apis/example.io/v1":
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, immutable")
		w.Header().Set("Expires", time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat))
		w.Header().Set("Vary", "Accept")
		_, _ = io.WriteString(w, gadgetDocument(description))
	default:
		return false
	}
	return true
}

func explained(t *testing.T, e *Explanation) Explained {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	msg, err := e.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return msg.(Explained)
}

func descriptionOf(t *testing.T, got Explained) string {
	t.Helper()
	if got.Err != nil || got.Schema == nil || len(got.Schema.Fields) != 1 {
		t.Fatalf("%+v", got)
	}
	return got.Schema.Fields[0].Description
}

// TestExplainFollowsTheAPI explains a kind whose definition changes.
func TestExplainFollowsTheAPI(t *testing.T) {
	s, documents := newServer(t), &documentsAs{}
	documents.description.Store("first")
	s.Intercept(documents.serve)
	c := s.open(t)
	e := c.Explain(gadgets)
	if got := descriptionOf(t, explained(t, e)); got != "first" {
		t.Errorf("got %q", got)
	}
	documents.description.Store("second")
	c.Refresh()
	if got := descriptionOf(t, explained(t, e)); got != "second" {
		t.Errorf("after a change: %q", got)
	}
}

// TestDocumentsAreCached opens a server again whose document is on the disk, or is not
// what it should be there.
func TestDocumentsAreCached(t *testing.T) {
	s, documents := newServer(t), &documentsAs{}
	documents.description.Store("kept")
	s.Intercept(documents.serve)
	flags := flagsTo(t, s.http.URL)
	asked := func() int { return len(s.Requests("/openapi/v3/apis/")) }
	explain := func(what string, fromDisk bool) {
		t.Helper()
		before := asked()
		c := s.open(t, func(o *Options) { o.Flags = flags })
		if got := descriptionOf(t, explained(t, c.Explain(gadgets))); got != "kept" {
			t.Errorf("%s: %q", what, got)
		}
		if (asked() == before) != fromDisk {
			t.Errorf("%s: asked %d times, then %d times", what, before, asked())
		}
		c.Close()
	}
	explain("an empty cache", false)
	explain("what is on the disk", true)
	files, err := filepath.Glob(filepath.Join(*flags.CacheDir, "http", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v in the cache (%v)", files, err)
	}
	whole, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for what, damage := range map[string]func() error{
		"an empty file":  func() error { return os.WriteFile(files[0], nil, 0o600) },
		"a cut file":     func() error { return os.WriteFile(files[0], whole[:len(whole)-9], 0o600) },
		"another letter": func() error { return os.WriteFile(files[0], append(whole[:len(whole)-9], "xxxxxxxxx"...), 0o600) },
		"a folder":       func() error { return errors.Join(os.Remove(files[0]), os.Mkdir(files[0], 0o700)) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		explain(what, false)
		if err := os.RemoveAll(files[0]); err != nil {
			t.Fatal(err)
		}
		explain("nothing, after "+what, false)
	}
}

// TestDocumentsAreCachedAsKubectlDoes has client-go, whose cache is kubectl's, read what
// was written here, and the other way round.
func TestDocumentsAreCachedAsKubectlDoes(t *testing.T) {
	for _, first := range []string{"fathom", "kubectl"} {
		s, documents := newServer(t), &documentsAs{}
		documents.description.Store("shared")
		s.Intercept(documents.serve)
		flags := flagsTo(t, s.http.URL)
		ours := func() {
			c := s.open(t, func(o *Options) { o.Flags = flags })
			descriptionOf(t, explained(t, c.Explain(gadgets)))
			c.Close()
		}
		theirs := func() {
			config := &rest.Config{Host: s.http.URL, BearerToken: "t"}
			cache := *flags.CacheDir
			client, err := kubediscovery.NewCachedDiscoveryClientForConfig(
				config, filepath.Join(cache, "discovery"), filepath.Join(cache, "http"), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			paths, err := client.OpenAPIV3().Paths()
			if err != nil {
				t.Fatal(err)
			}
			text, err := paths["apis/example.io/v1"].Schema("application/json")
			if err != nil || string(text) != gadgetDocument("shared") {
				t.Errorf("kubectl reads %q (%v)", text, err)
			}
		}
		steps := []func(){ours, theirs}
		if first == "kubectl" {
			steps = []func(){theirs, ours}
		}
		steps[0]()
		steps[1]()
		if asked := s.Requests("/openapi/v3/apis/"); len(asked) != 1 {
			t.Errorf("first %s: the second asked again: %q", first, asked)
		}
	}
}

// TestExplainWithoutAnAnswer holds that what there is instead of an answer is one clear
// line.
func TestExplainWithoutAnAnswer(t *testing.T) {
	index := func(w http.ResponseWriter) {
		writeJSON(w, object{"paths": object{"apis/example.io/v1": object{"serverRelativeURL": "/x?hash=1"}}})
	}
	document := func(text string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.URL.Path == "/openapi/v3":
				index(w)
			case strings.HasPrefix(r.URL.Path, "/openapi/v3/"):
				_, _ = io.WriteString(w, text)
			default:
				return false
			}
			return true
		}
	}
	for name, tt := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request) bool
		want   string
		is     func(error) bool
	}{
		"no OpenAPI": {nil, "from v1.24 on", nil},
		"forbidden":  {failing("/openapi", 403, "Forbidden", "eve may not"), "eve may not", apierrors.IsForbidden},
		"another group": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/openapi/v3" {
				return false
			}
			writeJSON(w, object{"paths": object{"api/v1": object{}}})
			return true
		}, "no OpenAPI document", nil},
		"HTML":           {document("<html>"), "damaged", nil},
		"a cut document": {document(gadgetDocument("x")[:90]), "damaged", nil},
		"another kind": {document(strings.ReplaceAll(gadgetDocument("x"), "Gadget", "Widget")), "does not describe this kind",
			func(err error) bool { return errors.Is(err, openapi.ErrUnknown) }},
		"a list for an index": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/openapi/v3" {
				return false
			}
			writeJSON(w, []int{1})
			return true
		}, "what cannot be read as that", nil},
		"no answer in time": {func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, "/openapi") {
				<-r.Context().Done()
				return true
			}
			return false
		}, "no complete answer within 1s", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.Intercept(tt.answer)
			c := s.open(t, func(o *Options) { second := "1s"; o.Flags.Timeout = &second })
			got := explained(t, c.Explain(gadgets))
			if got.Err == nil || !strings.Contains(got.Err.Error(), tt.want) || strings.Contains(got.Err.Error(), "\n") ||
				tt.is != nil && !tt.is(got.Err) || got.Schema != nil {
				t.Errorf("got %+v, want %q", got, tt.want)
			}
			left, err := filepath.Glob(filepath.Join(*c.options.Flags.CacheDir, "http", "*"))
			if err != nil || strings.Contains(tt.want, "damaged") && len(left) > 0 {
				t.Errorf("left in the cache: %q (%v)", left, err)
			}
		})
	}
}
