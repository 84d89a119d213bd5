package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// zipped is text in base64 of gzip, as Helm writes it.
func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return plain(b.String())
}

func plain(text string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(text))) }

// whole is a release with the eight fields that Helm writes, in its order.
const whole = `{"name":"web","info":{"first_deployed":"2026-11-01T10:00:00.123456789Z",
"last_deployed":"2026-11-23T11:00:00.5+01:00","deleted":"","description":"Upgrade complete","status":"deployed",
"notes":"visit us"},"chart":{"metadata":{"name":"shop","version":"1.2.0","appVersion":"2.4","keywords":["a"]},
"lock":null,"templates":[{"name":"templates/web.yaml","data":"e30="}],"values":{"a":1}},"config":{"image":{"tag":"2.4"},
"big":12345678901234567890},"manifest":"---\nkind: Service\n","hooks":[],"version":3,"namespace":"prod"}`

func TestRead(t *testing.T) {
	for name, packed := range map[string][]byte{"compressed": zipped(whole), "not compressed": plain(whole)} {
		r, err := Read(packed)
		if err != nil {
			t.Fatal(name, err)
		}
		want := Head{Name: "web", Namespace: "prod", Status: "deployed", Description: "Upgrade complete",
			Chart: "shop-1.2.0", AppVersion: "2.4", First: time.Date(2026, 11, 1, 10, 0, 0, 123456789, time.UTC),
			Last: time.Date(2026, 11, 23, 10, 0, 0, 5e8, time.UTC)}
		if !r.Last.Equal(want.Last) {
			t.Errorf("%s: got %v", name, r.Last)
		}
		r.Last = want.Last
		if r.Head != want || r.Revision != 3 || r.Manifest == "" || fmt.Sprint(r.Values["big"]) != "12345678901234567890" {
			t.Errorf("%s: got %+v", name, r)
		}
		head, err := ReadHead(packed)
		head.Namespace, head.Last = "prod", want.Last // The namespace stands behind the templates.
		if err != nil || head != want {
			t.Errorf("%s: got %+v, %v", name, head, err)
		}
	}
}

func TestReadWhatIsNoRelease(t *testing.T) {
	bomb := zipped(`{"name":"web","info":{"notes":"` + strings.Repeat(" ", readMax) + `"}}`)
	for name, c := range map[string]struct {
		packed []byte
		want   string
	}{
		"nothing":             {nil, ErrHidden.Error()},
		"zero bytes":          {make([]byte, 400), ErrHidden.Error()},
		"words":               {[]byte("<400 bytes hidden>"), ErrHidden.Error()},
		"base64 of words":     {plain("REDACTED"), ErrHidden.Error()},
		"cut":                 {zipped(whole)[:100], "unexpected EOF"},
		"cut in the base64":   {zipped(whole)[:9], ErrHidden.Error()},
		"other JSON":          {zipped(`[1]`), ""},
		"fields of any types": {zipped(`{"name":7,"info":[],"chart":"x"}`), "cannot be read"},
		"a bomb":              {bomb, "larger than 32 MiB"},
	} {
		_, err := Read(c.packed)
		_, headErr := ReadHead(c.packed)
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) || headErr == nil {
			t.Errorf("%s: got %v and %v, want %q", name, err, headErr, c.want)
		}
		if c.want == ErrHidden.Error() && !errors.Is(err, ErrHidden) {
			t.Errorf("%s: %v is not hidden", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has more than one line: %v", name, err)
		}
	}
}

// Half a release is not an error: a chart may lack its metadata.
func TestReadHeadOfHalf(t *testing.T) {
	for text, want := range map[string]Head{
		`{}`:                                     {},
		`{"chart":null}`:                         {},
		`{"chart":{}}`:                           {},
		`{"chart":{"metadata":null}}`:            {},
		`{"chart":{"metadata":{"name":"shop"}}}`: {Chart: "shop"},
		`{"info":{"last_deployed":"","status":"failed"},"chart":{"files":[{"a":[1]}],"metadata":{}}}`: {Status: "failed"},
	} {
		if got, err := ReadHead(zipped(text)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}

// Another writer may have another order.
func TestReadHeadInAnyOrder(t *testing.T) {
	text := `{"chart":{"files":[],"metadata":{"name":"shop"},"values":{"a":{}}},"info":{"status":"failed"},"name":"web"}`
	got, err := ReadHead(zipped(text))
	if want := (Head{Status: "failed", Chart: "shop"}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The head ends before the templates, however much of them there is.
func TestReadHeadReadsNoMore(t *testing.T) {
	text := whole[:strings.Index(whole, `"lock"`)] + `"templates":["` + strings.Repeat("x", 2*headMax)
	if head, err := ReadHead(zipped(text)); err != nil || head.Chart != "shop-1.2.0" {
		t.Errorf("got %+v, %v", head, err)
	}
	if _, err := ReadHead(zipped(`{"info":{"notes":"` + strings.Repeat("x", 2*headMax))); err == nil {
		t.Error("a head of any size was read")
	}
}

func describe(c Changes) string {
	var out []string
	for _, v := range append(slices.Clone(c.Values), c.Objects...) {
		out = append(out, string(rune(v.How))+v.Name+" "+v.Old+">"+v.New)
	}
	return strings.Join(out, "\n")
}

func TestCompareValues(t *testing.T) {
	older := map[string]any{"image": map[string]any{"tag": "1", "pull": "Always"}, "hosts": []any{"a", "b"},
		"n": 1.5, "same": map[string]any{"x": nil}, "kind": "<text>"}
	newer := map[string]any{"image": map[string]any{"tag": "2", "repo": "r"}, "hosts": []any{"a", "c", "d"},
		"n": 1.5, "same": map[string]any{"x": nil}, "kind": map[string]any{"a": true}}
	got := describe(Compare(&Release{Values: older}, &Release{Values: newer}))
	want := `~hosts[1] "b">"c"
+hosts[2] >"d"
-image.pull "Always">
+image.repo >"r"
~image.tag "1">"2"
~kind "<text>">{"a":true}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := describe(Compare(&Release{Values: older}, &Release{Values: maps.Clone(older)})); got != "" {
		t.Errorf("nothing changed, and it says\n%s", got)
	}
}

func TestCompareIsBounded(t *testing.T) {
	deep := func(leaf any) map[string]any {
		for range 5000 {
			leaf = map[string]any{"a": leaf}
		}
		return leaf.(map[string]any)
	}
	c := Compare(&Release{Values: deep(1)}, &Release{Values: deep(2)})
	if len(c.Values) != 1 || strings.Count(c.Values[0].Name, ".") > depthMax {
		t.Errorf("got %d values", len(c.Values))
	}
	many := map[string]any{}
	for i := range 3 * changesMax {
		many[fmt.Sprint(i)] = i
	}
	manifest := strings.Repeat("---\nkind: Job\n", 2*changesMax)
	c = Compare(&Release{}, &Release{Values: many, Manifest: manifest})
	if len(c.Values) != changesMax || len(c.Objects) != changesMax || c.Further != 3*changesMax {
		t.Errorf("got %d values, %d objects and %d more", len(c.Values), len(c.Objects), c.Further)
	}
}

func TestCompareManifests(t *testing.T) {
	older := `---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    helm.sh/chart: shop-1.1.0
    name: inner
spec:
  replicas: 1
---
kind: "Service" # of the web
metadata:
    namespace: 'shop'
    name: web
    labels: {a: b}
    x:
      name: deeper
---
kind: Job
metadata:
  name: migrate
---
kind: ConfigMap
metadata:
  name: conf
  labels:
    helm.sh/chart: shop-1.1.0
`
	newer := strings.NewReplacer(
		"replicas: 1", "replicas: 2", "1.1.0", "1.2.0", "Job", "CronJob", "\n", "\r\n",
	).Replace(older)
	newer += "---\r\n# nothing\r\n---\r\n{\"kind\": \"List\"}\r\n"
	c := Compare(&Release{Manifest: older}, &Release{Manifest: newer})
	want := "+CronJob migrate >\n~Deployment web >\n-Job migrate >\n+object without a name >"
	if got := describe(c); got != want || c.Relabelled != 1 {
		t.Errorf("got %d relabelled and\n%s\nwant\n%s", c.Relabelled, got, want)
	}
	objects := objectsOf(older)
	if _, ok := objects["Service shop/web"]; !ok || len(objects) != 4 {
		t.Errorf("got %v", slices.Sorted(maps.Keys(objects)))
	}
}

func FuzzRelease(f *testing.F) {
	f.Add(whole, []byte("H4sI"))
	f.Add(`{"chart":{"metadata":{"name":"\u001b"}}}`, []byte{})
	f.Add(`{"config":{"a":[{}]},"manifest":"---\nkind:\nmetadata:\n  name"}`, zipped("{"))
	f.Fuzz(func(t *testing.T, text string, packed []byte) {
		_, _ = ReadHead(packed)
		_, _ = Read(packed)
		head, headErr := ReadHead(zipped(text))
		r, err := Read(zipped(text))
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of more than one line: %q", err)
			}
			return
		}
		if headErr == nil && head.Chart != "" && !strings.Contains(text, "metadata") {
			t.Errorf("got %+v, %v of %s", head, headErr, text)
		}
		if c := Compare(r, r); len(c.Values)+len(c.Objects)+c.Relabelled > 0 {
			t.Errorf("a release differs from itself: %+v", c)
		}
		for _, change := range Compare(&Release{}, r).Values {
			if change.How != Added || change.Old != "" {
				t.Errorf("the first revision has %+v", change)
			}
		}
	})
}
