package badserver

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Scenario is one way to answer badly.
type Scenario struct {
	Name string
	// Shown is a regular expression of what the program has to show of it, in one line.
	Shown string
	// Keys are pressed once the pod is there; without any, Shown comes by itself.
	Keys []string
	// answer answers a request; false leaves it to a server as it should be.
	answer func(*answer) bool
}

// answer is a request and where its answer goes.
type answer struct {
	w      http.ResponseWriter
	r      *http.Request
	server *Server
}

func (a *answer) watches() bool { return a.r.URL.Query().Has("watch") }

// lists reports whether the pods are listed, watchesPods whether they are watched.
func (a *answer) lists() bool       { return strings.HasSuffix(a.r.URL.Path, "/pods") && !a.watches() }
func (a *answer) watchesPods() bool { return strings.HasSuffix(a.r.URL.Path, "/pods") && a.watches() }

// page is the token of the page that is asked for.
func (a *answer) page() string { return a.r.URL.Query().Get("continue") }

// endless writes a start and then a piece again and again, until nobody reads on; zipped
// it is 8 GiB.
func (a *answer) endless(start, piece string, zipped bool) bool {
	a.w.Header().Set("Content-Type", "application/json")
	var out io.Writer = a.w
	times := 1 << 40
	if zipped {
		a.w.Header().Set("Content-Encoding", "gzip")
		packed, err := gzip.NewWriterLevel(a.w, gzip.BestSpeed)
		if err != nil {
			return false
		}
		out, times = packed, 8<<10
	}
	_, err := io.WriteString(out, start)
	for block := strings.Repeat(piece, (1<<20)/len(piece)); err == nil && times > 0; times-- {
		_, err = io.WriteString(out, block)
	}
	return true
}

// text answers with a text that is said to be JSON.
func (a *answer) text(text string) bool {
	a.w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(a.w, text)
	return true
}

// json answers with a value.
func (a *answer) json(code int, value any) bool {
	a.w.Header().Set("Content-Type", "application/json")
	a.w.WriteHeader(code)
	writeJSON(a.w, value)
	return true
}

// padding makes a pod of usual size.
var padding = strings.Repeat("as large as pods are ", 200)

const (
	podStart   = `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[`
	eventStart = `{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"`
)

// Scenarios are all there are.
func Scenarios() []Scenario {
	all := tooLarge()
	for _, more := range [][]Scenario{inCircles(), otherAnswers(), elsewhere()} {
		all = append(all, more...)
	}
	return all
}

// path makes the answer to one path.
func path(path string, do func(*answer) bool) func(*answer) bool {
	return func(a *answer) bool { return a.r.URL.Path == path && do(a) }
}

func lists(do func(*answer) bool) func(*answer) bool {
	return func(a *answer) bool { return a.lists() && do(a) }
}

func watches(do func(*answer) bool) func(*answer) bool {
	return func(a *answer) bool { return a.watchesPods() && do(a) }
}

func tooLarge() []Scenario {
	version := func(zipped bool) func(*answer) bool {
		return path("/version", func(a *answer) bool { return a.endless(`{"gitVersion":"`, "a", zipped) })
	}
	return []Scenario{
		{"a version without end", `/version, over 8 MB`, nil, version(false)},
		{"a version of 8 GiB in gzip", `/version, over 8 MB`, nil, version(true)},
		{"versions of 8 GiB in gzip", `discovery, /api, over 64 MB`, nil, path("/api", func(a *answer) bool {
			return a.endless(`{"kind":"APIVersions","versions":["`, "a", true)
		})},
		{"resources of 8 GiB in gzip", `discovery, /api/v1, over 8 MB`, nil, path("/api/v1", func(a *answer) bool {
			return a.endless(`{"kind":"APIResourceList","resources":[{"name":"`, "a", true)
		})},
		{"a pod of 8 GiB in gzip", `object among pods, over 32 MB`, nil, lists(func(a *answer) bool {
			return a.endless(podStart+`{"metadata":{"name":"`, "a", true)
		})},
		{"a list without end", `list of pods, over 512 MB|memory is used up`, nil, lists(func(a *answer) bool {
			piece := `,{"metadata":{"name":"a"},"status":{"message":"` + padding + `"}}`
			return a.endless(podStart+`{"metadata":{"name":"a"}}`, piece, false)
		})},
		{"new pods without end", `list of pods, over 512 MB|memory is used up`, nil, lists(func(a *answer) bool {
			a.w.Header().Set("Content-Type", "application/json")
			_, err := io.WriteString(a.w, podStart+`{"metadata":{"name":"first"}}`)
			for n := 0; err == nil; n++ {
				_, err = fmt.Fprintf(a.w,
					`,{"metadata":{"name":"p%d","namespace":"shop","uid":"u%d"},"status":{"message":"%s"}}`, n, n, padding)
			}
			return true
		})},
		{"white space without end", `white space in object among pods, over`, nil, lists(func(a *answer) bool {
			return a.endless(podStart, " ", true)
		})},
		{"an event without end", `event about pods, over 32 MB`, nil, watches(func(a *answer) bool {
			return a.endless(eventStart, "a", false)
		})},
		{"an event of 8 GiB in gzip", `event about pods, over 32 MB`, nil, watches(func(a *answer) bool {
			return a.endless(eventStart, "a", true)
		})},
		{"a definition without end", `● live`, nil, func(a *answer) bool {
			return strings.HasSuffix(a.r.URL.Path, "definitions") && a.watches() && a.endless(eventStart, "a", false)
		}},
	}
}

func inCircles() []Scenario {
	return []Scenario{
		{"the same page again", `a page brought nothing new|continue token repeats`, nil, lists(func(a *answer) bool {
			return a.json(http.StatusOK, podList("again", pod(0)))
		})},
		{"two pages in turns", `a page brought nothing new|continue token repeats`, nil, lists(func(a *answer) bool {
			if a.page() == "a" {
				return a.json(http.StatusOK, podList("b", pod(1)))
			}
			return a.json(http.StatusOK, podList("a", pod(0)))
		})},
		{"empty pages", `its pages have no objects`, nil, lists(func(a *answer) bool {
			return a.json(http.StatusOK, podList(a.page()+"x"))
		})},
		{"pages of one pod", `loading \d`, nil, lists(func(a *answer) bool {
			return a.json(http.StatusOK, podList(a.page()+"x", pod(len(a.page()))))
		})},
		{"a snapshot that is always gone", `failed \(.*gone`, nil, lists(func(a *answer) bool {
			if a.page() != "" {
				return a.json(http.StatusGone, status(http.StatusGone, "Expired", "the snapshot is gone"))
			}
			return a.json(http.StatusOK, podList("next", pod(0)))
		})},
		{"a description in circles", `QoS Class`, []string{"enter", "d"}, func(a *answer) bool {
			return strings.HasSuffix(a.r.URL.Path, "/events") && a.json(http.StatusOK, object{
				"kind": "EventList", "apiVersion": "v1", "metadata": object{"resourceVersion": "1", "continue": "again"},
				"items": []any{object{"metadata": object{"name": "e", "namespace": "shop"}}},
			})
		}},
		{"a watch that ends at once", `p0 `, nil, watches(func(a *answer) bool { return a.text("") })},
		{"a watch that ends after an event", `p0 `, nil, watches(func(a *answer) bool {
			return a.json(http.StatusOK, object{"type": "MODIFIED", "object": pod(0)})
		})},
		{"a watch that is always gone", `p0 `, nil, watches(func(a *answer) bool {
			return a.json(http.StatusOK, object{"type": "ERROR", "object": status(http.StatusGone, "Expired", "gone")})
		})},
		{"a watch that is not found", `p0 `, nil, watches(func(a *answer) bool {
			return a.json(http.StatusNotFound, status(http.StatusNotFound, "NotFound", "no"))
		})},
		{"a watch that is forbidden", `p0 `, nil, watches(func(a *answer) bool {
			return a.json(http.StatusForbidden, status(http.StatusForbidden, "Forbidden", "no"))
		})},
		{"definitions that change all the time", `p0 `, nil, changingDefinitions},
		{"try again at once", `failed \(|no answer \(`, nil, func(a *answer) bool {
			a.w.Header().Set("Retry-After", "0")
			return a.json(http.StatusTooManyRequests, status(http.StatusTooManyRequests, "TooManyRequests", "later"))
		}},
		{"always an error", `failed \(|no answer \(`, nil, func(a *answer) bool {
			return a.json(http.StatusInternalServerError, status(http.StatusInternalServerError, "InternalError", "broken"))
		}},
	}
}

// changingDefinitions sends events about a definition without end, as fast as they are
// read.
func changingDefinitions(a *answer) bool {
	if !strings.HasSuffix(a.r.URL.Path, "/customresourcedefinitions") || !a.watches() {
		return false
	}
	for n := 1; a.r.Context().Err() == nil; n++ {
		_, err := fmt.Fprintf(a.w, `{"type":"MODIFIED","object":{"kind":"PartialObjectMetadata",`+
			`"metadata":{"name":"pods","generation":%d,"resourceVersion":"%d"}}}`+"\n", n, n)
		if err != nil {
			break
		}
		a.w.(http.Flusher).Flush()
	}
	return true
}

func otherAnswers() []Scenario {
	all := []Scenario{
		{"an error that is not a Status", `an error that is not a Status`, nil, watches(func(a *answer) bool {
			return a.json(http.StatusOK, object{"type": "ERROR", "object": pod(0)})
		})},
		{"an event without an object", `an event without an object`, nil, watches(func(a *answer) bool {
			return a.json(http.StatusOK, object{"type": "MODIFIED"})
		})},
		{"an event about something else", `sent a .Node`, nil, watches(func(a *answer) bool {
			node := object{"kind": "Node", "metadata": object{"name": "n"}}
			return a.json(http.StatusOK, object{"type": "ADDED", "object": node})
		})},
		{"gzip that is cut off", `failed \(`, nil, lists(func(a *answer) bool {
			a.w.Header().Set("Content-Encoding", "gzip")
			return a.text("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xaa")
		})},
		{"a version that is cut off", `p0 `, nil, path("/version", func(a *answer) bool {
			a.w.Header().Set("Content-Length", "1000")
			return a.text(`{"gitVersion":`)
		})},
		{"10,000 groups", `10001 group versions, over 500`, nil, path("/apis", func(a *answer) bool {
			var groups []any
			for n := range 10_000 {
				version := object{"groupVersion": fmt.Sprintf("g%d.test/v1", n), "version": "v1"}
				groups = append(groups, object{
					"name": fmt.Sprintf("g%d.test", n), "versions": []any{version}, "preferredVersion": version,
				})
			}
			return a.json(http.StatusOK, object{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
		})},
	}
	for name, text := range map[string]string{
		"a web page for a list": "<html>log in</html>", "nothing for a list": "", "null for a list": "null",
		"a text for a list": `"pods"`, "a pod for a list": `{"kind":"Pod","metadata":{"name":"a"}}`,
		"items that are not a list": `{"kind":"PodList","items":{}}`, "nulls for pods": `{"kind":"PodList","items":[null]}`,
	} {
		answer := lists(func(a *answer) bool { return a.text(text) })
		all = append(all, Scenario{name, `failed \(`, nil, answer})
	}
	return all
}

func elsewhere() []Scenario {
	to := func(location func(*answer) string) func(*answer) bool {
		return func(a *answer) bool {
			http.Redirect(a.w, a.r, location(a), http.StatusFound)
			return true
		}
	}
	return []Scenario{
		{"a redirect to another host", `refused redirect to https://127\.0\.0\.1:`, nil, to(func(a *answer) string {
			return a.server.other.URL + a.r.URL.RequestURI()
		})},
		{"a redirect without TLS", `refused redirect to http://`, nil, to(func(a *answer) string {
			return "http://" + a.r.Host + a.r.URL.RequestURI()
		})},
		{"a redirect to itself", `a redirect with a redirect`, nil,
			to(func(a *answer) string { return a.r.URL.RequestURI() })},
	}
}
