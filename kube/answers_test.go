package kube

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

type readAs struct {
	name string
	gvr  schema.GroupVersionResource
	path string // of lists and watches
	kind string
}

// asRead are the ways in which objects are read: typed, by the columns of a definition,
// and as the API server's own Table.
var asRead = []readAs{
	{"typed", podsResource, "/api/v1/pods", "Pod"},
	{"by columns", schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "widgets"},
		"/apis/example.com/v1/widgets", "Widget"},
	{"as a Table",
		schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1alpha2", Resource: "leasecandidates"},
		"/apis/coordination.k8s.io/v1alpha2/leasecandidates", "LeaseCandidate"},
}

// expanding makes an answer of a pattern.
func expanding(read readAs) *strings.Replacer {
	list, gv, items := read.kind+"List", read.gvr.GroupVersion().String(), "items"
	if read.name == "as a Table" {
		list, gv, items = "Table", "meta.k8s.io/v1", "rows"
	}
	return strings.NewReplacer("LIST", list, "GV", gv, "KIND", read.kind, "ITEMS", items)
}

// serveUnusual lets a server serve the resources of asRead that not every cluster serves, without an object.
func serveUnusual(t *testing.T, s *server) {
	t.Helper()
	s.Apply(t, unusual)
	s.Delete(t, schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1alpha2", Kind: "LeaseCandidate"},
		"shop", "a")
}

const unusual = `
apiVersion: coordination.k8s.io/v1alpha2
kind: LeaseCandidate
metadata: {name: a, namespace: shop}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
  - {name: v1, served: true, storage: true, additionalPrinterColumns: [{name: Size, type: string, jsonPath: .size}]}
`

// answerWith answers requests for a path with what a test says.
func answerWith(s *server, path, media, body string, watch bool) {
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path || r.URL.Query().Has("watch") != watch {
			return false
		}
		w.Header().Set("Content-Type", media)
		_, _ = io.WriteString(w, body)
		return true
	})
}

// rawWords are what errors of Go's libraries say, and no person wants to read.
var rawWords = []string{
	"json:", "unmarshal", "invalid character", "Object 'Kind'", "serializer", "&{", "map[", "runtime.", "v1.", "Go value",
	"interface", "no kind", "couldn't get",
}

func checkWords(t *testing.T, err error, asked string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, raw := range rawWords {
		if strings.Contains(err.Error(), raw) {
			t.Errorf("%q has %q", err, raw)
		}
	}
	if !strings.Contains(err.Error(), asked) {
		t.Errorf("%q does not name %q", err, asked)
	}
}

// TestAListThatIsNone has answers that are not what was asked for.
func TestAListThatIsNone(t *testing.T) {
	for _, answer := range []struct {
		name, media, body, says string
	}{
		{"nothing", "application/json", "", "answered with nothing"},
		{"null", "application/json", "null", "answered with a JSON value: null"},
		{"a JSON list", "application/json", "[]", "answered with a JSON array"},
		{"a text", "application/json", `"x"`, "answered with a JSON string"},
		{"a number", "application/json", `7`, "answered with a JSON value: 7"},
		{"HTML", "text/html", "<!DOCTYPE html><html><body>Log in</body></html>", "answered with HTML"},
		{"HTML that says it is JSON", "application/json", "\n <html>", "answered with HTML"},
		{"words", "text/plain", "upstream is down", "answered with what is not JSON"},
		{"cut JSON", "application/json", `{"kind": "PodList", "items": [{"meta`, "was cut off"},
		{"no kind", "application/json", `{"items":null}`, "answered with an object without a kind"},
		{"an object of the kind", "application/json", `{"kind":"KIND","apiVersion":"GV","metadata":{"name":"a"}}`,
			"answered with a KIND"},
		{"another list", "application/json", `{"kind":"NodeList","apiVersion":"v1","items":[{"metadata":{"name":"a"}}]}`,
			"answered with a Node"},
		{"an unknown kind", "application/json", `{"kind":"Zebra","apiVersion":"zoo/v1","items":[{"metadata":{"name":"a"}}]}`,
			"answered with a Zebra"},
		{"a hostile kind", "application/json", `{"kind":"\u001b[31m\u202e","apiVersion":"zoo/v1"}`, "answered with a "},
		{"items that are a text", "application/json", `{"kind":"LIST","apiVersion":"GV","ITEMS":"x"}`, "answered with"},
		{"a null item", "application/json", `{"kind":"LIST","apiVersion":"GV","ITEMS":[null]}`, ""},
		{"an item without a name", "application/json",
			`{"kind":"LIST","apiVersion":"GV","ITEMS":[{"metadata":null,"cells":["x"],"object":{"metadata":{}}}]}`, ""},
		{"a row without an object", "application/json",
			`{"kind":"LIST","apiVersion":"GV","ITEMS":[{"cells":["x"]}]}`, ""},
		{"a text as an item", "application/json", `{"kind":"LIST","apiVersion":"GV","ITEMS":["x"]}`, ""},
		{"a Status", "application/json", `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no such luck"}`,
			"no such luck"},
		{"a Status that says nothing", "application/json", `{"kind":"Status","apiVersion":"v1"}`,
			"answered with a Status that says nothing but 0"},
		{"a Status of success", "application/json", `{"kind":"Status","apiVersion":"v1","status":"Success"}`, ""},
	} {
		for _, read := range asRead {
			t.Run(answer.name+", "+read.name, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				serveUnusual(t, s)
				expand := expanding(read)
				answerWith(s, read.path, answer.media, expand.Replace(answer.body), false)
				c := s.open(t)
				l, _ := look(t, c.Listing(Scope{GroupVersionResource: read.gvr}))
				l.until(t, "an error", func() bool { return l.State().Err != nil })
				checkWords(t, l.State().Err, "")
				if want := expand.Replace(answer.says); !strings.Contains(l.State().Err.Error(), want) {
					t.Errorf("%q does not say %q", l.State().Err, want)
				}
				if l.Len() != 0 {
					t.Errorf("%d rows", l.Len())
				}
			})
		}
	}
}

// TestAListOfNothing has lists that say in their own way that there is nothing.
func TestAListOfNothing(t *testing.T) {
	for _, body := range []string{
		`{"kind":"LIST","apiVersion":"GV","metadata":{"resourceVersion":"1"},"ITEMS":null}`,
		`{"kind":"LIST","apiVersion":"GV","metadata":null,"ITEMS":[],"columnDefinitions":null}`,
		`{"kind":"LIST","apiVersion":"GV"}`,
	} {
		for _, read := range asRead {
			t.Run(read.name, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				serveUnusual(t, s)
				if read.name == "by columns" && !strings.Contains(body, "ITEMS") {
					return // This is an object.
				}
				answerWith(s, read.path, "application/json", expanding(read).Replace(body), false)
				l, _ := look(t, s.open(t).Listing(Scope{GroupVersionResource: read.gvr}))
				l.until(t, "a state", func() bool { return l.State().Phase == Live || l.State().Err != nil })
				if l.State().Err != nil || l.Len() != 0 {
					t.Errorf("%v, %d rows", l.State().Err, l.Len())
				}
			})
		}
	}
}

// TestAnEventThatIsNone has events of watches that are not what was asked for.
func TestAnEventThatIsNone(t *testing.T) {
	const pod = `{"kind":"KIND","apiVersion":"GV","metadata":{"name":"a","namespace":"shop"}}`
	for name, event := range map[string]string{
		"null":                   "null",
		"nothing":                "{      }",
		"null as the object":     `{"type":"ADDED","object":null}`,
		"no object":              `{"type":"ADDED"}`,
		"a text as the object":   `{"type":"ADDED","object":"x"}`,
		"an object without kind": `{"type":"ADDED","object":{}}`,
		"an object without name": `{"type":"ADDED","object":{"kind":"KIND","apiVersion":"GV","metadata":{}}}`,
		"null as metadata":       `{"type":"ADDED","object":{"kind":"KIND","apiVersion":"GV","metadata":null}}`,
		"another kind":           `{"type":"ADDED","object":{"kind":"Node","apiVersion":"v1","metadata":{"name":"a"}}}`,
		"an unknown kind":        `{"type":"ADDED","object":{"kind":"Zebra","apiVersion":"zoo/v1","metadata":{"name":"a"}}}`,
		"an unknown type":        `{"type":"PAINTED","object":` + pod + `}`,
		"an empty type":          `{"type":"","object":` + pod + `}`,
		"an error that is none":  `{"type":"ERROR","object":` + pod + `}`,
		"an error of null":       `{"type":"ERROR","object":null}`,
		"an error of nothing":    `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1"}}`,
		"an empty bookmark": `{"type":"BOOKMARK","object":{"kind":"KIND","apiVersion":"GV"}}` + "\n" +
			`{"type":"ADDED"}`,
		"HTML": "<html>",
		"a Table of nothing": `{"type":"ADDED","object":{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":null}}` + "\n" +
			`{"type":"ADDED","object":{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[null]}}`,
	} {
		for _, read := range asRead {
			t.Run(name+", "+read.name, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				serveUnusual(t, s)
				expand := strings.NewReplacer("GV", read.gvr.GroupVersion().String(), "KIND", read.kind)
				answerWith(s, read.path, "application/json", expand.Replace(event)+"\n", true)
				messages := NewMessages()
				c := s.open(t, func(o *Options) { o.Messages = messages })
				l, _ := look(t, c.Listing(Scope{GroupVersionResource: read.gvr}))
				about := func() (found string) {
					for _, m := range messages.All() {
						if strings.HasPrefix(m.Text, read.gvr.Resource) {
							found = m.Text
						}
					}
					return found
				}
				until(t, messages.Watch(), "a message", func() bool { return about() != "" })
				checkWords(t, fmt.Errorf("%s", about()), read.gvr.Resource)
				if l.Len() != 0 {
					t.Errorf("%d rows", l.Len())
				}
			})
		}
	}
}

// wrongBodies are answers that are of no use whatever was asked.
var wrongBodies = []string{
	"", "null", "[]", `"x"`, "7", "true", "<html>", "{", "{}", `{"kind":null}`, `{"kind":"Pod","apiVersion":"v1"}`,
	`{"kind":"Status","apiVersion":"v1"}`,
	`{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":null}`,
	`{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[null,{"versions":[null,
{"resources":[null,
{"subresources":[null],"verbs":null,"responseKind":null}]}]}]}`,
	`{"kind":"APIGroupList","apiVersion":"v1","groups":null}`, `{"kind":"APIGroupList","apiVersion":"v1","groups":[null]}`,
	`{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"a","versions":[null],"preferredVersion":null}]}`,
	`{"kind":"APIVersions","versions":null}`, `{"kind":"APIVersions","versions":[null,"v1"]}`,
	`{"kind":"APIResourceList","apiVersion":"v1","groupVersion":null,"resources":null}`,
	`{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1",
"resources":[null,{"name":null,"kind":"Pod","verbs":null}]}`,
	`{"gitVersion":null}`, `{"gitVersion":7}`, `{"gitVersion":"v\u001b[31m"}`,
}

// unaggregated answers as API servers did before aggregated discovery.
func unaggregated(w http.ResponseWriter, r *http.Request) bool {
	body := map[string]string{
		"/api": `{"kind":"APIVersions","versions":["v1"]}`,
		"/apis": `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps",
"versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]}`,
	}[r.URL.Path]
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
	return body != ""
}

// TestDiscoveryThatIsNone answers discovery with what it is not: what is known stays, and
// the error is in words.
func TestDiscoveryThatIsNone(t *testing.T) {
	for _, path := range []string{"/api", "/apis", "/api/v1", "/apis/apps/v1", "/version"} {
		for _, body := range wrongBodies {
			t.Run(path+" "+body, func(t *testing.T) {
				t.Parallel()
				s := newServer(t)
				s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path != path {
						return strings.Count(path, "/") > 1 && unaggregated(w, r)
					}
					w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
					_, _ = io.WriteString(w, body)
					return true
				})
				messages := NewMessages()
				c := s.open(t, func(o *Options) { o.Messages = messages })
				<-c.discovery.ready
				if err := c.WaitResources(patient(t)); err != nil {
					checkWords(t, err, "discovery: ")
				}
				for _, r := range c.Resources().All() {
					if r.Resource == "" || r.Kind == "" {
						t.Errorf("resource %+v", r)
					}
				}
				for _, m := range messages.All() {
					if strings.Contains(m.Text, "panic") {
						t.Error(m.Text)
					}
				}
			})
		}
	}
}

// TestADescriptionOfWhatIsNone answers a describer with what it did not ask for.
func TestADescriptionOfWhatIsNone(t *testing.T) {
	for _, body := range wrongBodies {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			c := s.open(t)
			pods := resourceOf(t, c, "Pod")
			answerWith(s, "/api/v1/namespaces/shop/pods/a", "application/json", body, false)
			msg, err := c.Describe(pods, "shop", "a").Next(patient(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := msg.(Described).Err; err != nil {
				checkWords(t, err, "")
			}
		})
	}
}
