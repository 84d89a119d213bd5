package yamltext

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	yamlv3 "go.yaml.in/yaml/v3"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// text is what printed lines read as, without colours.
func text(lines []Line) string {
	var b strings.Builder
	for i := range lines {
		for _, span := range lines[i].Spans() {
			b.WriteString(span.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// readsBack fails the test unless the printed fields are safe to draw, and read
// back as they were by a reader of YAML 1.1 and by one of YAML 1.2.
func readsBack(t *testing.T, fields map[string]any) {
	t.Helper()
	lines := Print(fields)
	for i := range lines {
		for _, span := range lines[i].Spans() {
			if got := kinds.Clean(span.Text); got != span.Text {
				t.Errorf("line %d: %q is not clean", i+1, span.Text)
			}
		}
	}
	printed := text(lines)
	wantJSON, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := utiljson.Unmarshal(wantJSON, &want); err != nil {
		t.Fatal(err)
	}
	for version, read := range readers {
		got, err := read(printed)
		if err != nil {
			t.Fatalf("YAML %s: %v in:\n%s", version, err, printed)
		}
		// cmp takes a time that is exponential in the depth of lists in lists.
		if !reflect.DeepEqual(want, got) {
			diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return len(p) > 20 }, cmp.Ignore()))
			t.Errorf("YAML %s reads other fields (-want +got):\n%s\nprinted:\n%s", version, diff, printed)
		}
	}
}

// readers read YAML as kubectl does (1.1), and as most newer tools do (1.2).
var readers = map[string]func(string) (map[string]any, error){
	"1.1": func(printed string) (map[string]any, error) {
		text, err := yaml.YAMLToJSON([]byte(printed))
		if err != nil {
			return nil, err
		}
		var fields map[string]any
		err = utiljson.Unmarshal(text, &fields)
		return fields, err
	},
	"1.2": func(printed string) (map[string]any, error) {
		var fields map[string]any
		if err := yamlv3.Unmarshal([]byte(printed), &fields); err != nil {
			return nil, err
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		fields = nil
		err = utiljson.Unmarshal(text, &fields)
		return fields, err
	},
}

func TestPrintReadsBack(t *testing.T) {
	for _, s := range uglyStrings {
		t.Run(fmt.Sprintf("%.20q", s), func(t *testing.T) {
			readsBack(
				t,
				map[string]any{
					"value": s,
					"list":  []any{s, []any{s}, map[string]any{"a": s, "b": s}},
					"map":   map[string]any{"c": s},
				},
			)
			if !strings.HasPrefix(s, "long") {
				readsBack(
					t,
					map[string]any{
						s:       s,
						s + "x": map[string]any{s: []any{s}},
						"l":     []any{map[string]any{s: s}},
						"m":     map[string]any{s: map[string]any{s: nil}},
					},
				)
			}
		})
	}
	for name, v := range map[string]any{
		"null": nil, "booleans": []any{true, false},
		"integers": []any{int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64)},
		"floats": []any{
			0.1, 1.0, -0.5, 3e6, 1000000.5, 1e21, 1e-7, 1.7976931348623157e308, 5e-324, 9.3e18, -1e19, 123456789012.25,
		},
		"empty":               []any{map[string]any{}, []any{}, []any{[]any{}}, []any{map[string]any{}}},
		"lists in lists":      []any{[]any{[]any{int64(1), int64(2)}, int64(3)}, []any{map[string]any{"a": []any{"b"}}}},
		"list of empty texts": []any{"", "\n", "a\nb", ""},
	} {
		t.Run(name, func(t *testing.T) {
			readsBack(t, map[string]any{"value": v, "list": []any{v, map[string]any{"value": v}}})
		})
	}
	readsBack(t, map[string]any{})
}

func FuzzPrint(f *testing.F) {
	for _, s := range uglyStrings {
		f.Add(s, "key", int64(1), 0.5)
		f.Add("a\n"+s, s+".sh", int64(-1), 1e21)
	}
	f.Fuzz(func(t *testing.T, s, key string, i int64, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) || x == 0 {
			x = 1
		}
		// Two keys that are different only in invalid bytes are one in JSON.
		key, s = strings.ToValidUTF8(key, "?"), strings.ToValidUTF8(s, "?")
		readsBack(t, map[string]any{
			key: s, key + "b": map[string]any{key: s, "c": x}, "list": []any{s, i, []any{s, x}, map[string]any{key: s}},
		})
	})
}

// FuzzPrintAgain reads any YAML as kubectl does, with its anchors, merges, dates
// and numbers in every base, and prints what it says.
func FuzzPrintAgain(f *testing.F) {
	for _, s := range uglyStrings {
		f.Add("a: " + s)
		f.Add("? " + s + "\n: [" + s + "]")
	}
	for _, s := range []string{
		"a: &x {b: 1}\nc: *x\nd: [*x, *x]", "a: &x {b: 1}\nc: {<<: *x, d: 2}", "a: &x text\n*x : b",
		"a: 0x1F\nb: 0o17\nc: 017\nd: 1_000\ne: 190:20:30",
		"a: 2026-11-23\nb: 2026-11-23 10:00:00 cannot\nc: !!str 2026-11-23\nd: !!binary aGk=", "a: |2-\n   b\n  c\n",
		"a: >\n  b\n\n  c\n   d\n", "y: n\non: off\n~: null",
		"a: \"b\\\n  c\\x85\\u2028\\ufeff\"", "1: 2\n1.5: 3\ntrue: 4", "a: .inf", "a: -0.0\nb: 1e400", "- a", "a: b: c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if fields, err := readers["1.1"](text); err == nil && len(fields) > 0 {
			readsBack(t, fields)
		}
	})
}

// pod is an object as the API server answers it.
func pod() map[string]any {
	return map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata": map[string]any{
			"name":              "web-1",
			"namespace":         "shop",
			"uid":               "0e6a0c9e-6d0f-4b6e-9a55-1f2e3d4c5b6a",
			"resourceVersion":   "4711",
			"creationTimestamp": "2026-11-23T04:05:06Z",
			"labels": map[string]any{
				"app":                    "web",
				"app.kubernetes.io/name": "web",
				"version":                "42",
				"enabled":                "true",
				"a10":                    "x",
				"a9":                     "y",
				"aB":                     "z",
				"a_":                     "0x10",
				"1a":                     "",
				"11":                     "-",
			},
			"annotations": map[string]any{
				"note":  "first\nsecond\n",
				"empty": "",
				"half":  "no end\nof line",
				"json":  "{\"a\":1}\n",
			},
			"managedFields": []any{
				map[string]any{"apiVersion": "v1", "manager": "kubectl", "operation": "Apply", "time": "2026-11-23T04:05:06Z"},
				map[string]any{
					"apiVersion":  "v1",
					"manager":     "kubelet",
					"operation":   "Update",
					"subresource": "status",
					"time":        "2026-11-23T04:05:16Z",
				},
			},
		},
		"spec": map[string]any{
			"containers": []any{map[string]any{
				"name": "app", "image": "shop/web:v42", "args": []any{"serve", "--port=8080", "-v", "a: b", "*", "it's"},
				"ports":     []any{map[string]any{"containerPort": int64(8080), "protocol": "TCP"}},
				"resources": map[string]any{}, "command": []any{"sh", "-c", "set -e\nexec app --name \"$NAME\" # start\n"},
			}},
			"restartPolicy":                 "Always",
			"nodeName":                      "worker-7",
			"terminationGracePeriodSeconds": int64(30),
			"hostNetwork":                   false,
			"affinity":                      nil,
			"tolerations":                   []any{},
		},
		"status": map[string]any{"phase": "Running", "podIP": "10.0.0.7", "load": 0.25},
	}
}

func TestPrintReadsAsKubectlPrintsIt(t *testing.T) {
	want, err := yaml.Marshal(pod())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text(Print(pod()))); diff != "" {
		t.Errorf("-sigs.k8s.io/yaml +ours:\n%s", diff)
	}
}

// TestDatesThatAreMore prints texts that begin like something other than a string.
func TestDatesThatAreMore(t *testing.T) {
	for text, want := range map[string]string{
		`2026-11-23 10:00:00 cannot open "x"`: `2026-11-23 10:00:00 cannot open "x"`,
		`2026-11-23T10:00:00Z C:\new\table`:   `2026-11-23T10:00:00Z C:\new\table`,
		"2026-11-23 ":                         `'2026-11-23 '`,
		"2026-11-23 10:00":                    "2026-11-23 10:00",
		"2026-11-23 10:00:00":                 `"2026-11-23 10:00:00"`,
		"2026-11-23  10:00:00 +2":             `"2026-11-23  10:00:00 +2"`,
		"2026-11-23T10:00:00.5Z":              `"2026-11-23T10:00:00.5Z"`,
		"2026-11-23t10:00:00-05:30":           `"2026-11-23t10:00:00-05:30"`,
		"2026-11-23: \"a\"":                   `'2026-11-23: "a"'`,
		"2026-11-23\tx\\":                     `"2026-11-23\tx\\"`,
		"12:30:45 \"late\"":                   `12:30:45 "late"`,
		"12:30:45":                            `"12:30:45"`,
		"0x1F \\ 0b1":                         `0x1F \ 0b1`,
		"=":                                   `"="`,
		"~\"":                                 `~"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
		readsBack(t, map[string]any{"value": text, text: text, "list": []any{text, map[string]any{text: text}}})
	}
}

// A comment must not become a part of the text that it explains.
func TestCommentsBehindSeveralLines(t *testing.T) {
	for _, comment := range []string{"one", "one\ntwo: \"3\"\n", "\x1b[2J # x"} {
		printed := text(Print(map[string]any{"a": Comment{"aGk=\nIA==\n", comment}, "b": Comment{"aGk=", comment}}))
		for version, read := range readers {
			got, err := read(printed)
			want := map[string]any{"a": "aGk=\nIA==\n", "b": "aGk="}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("YAML %s: %v %s in:\n%s", version, err, diff, printed)
			}
		}
	}
}

// TestCommentsAreSeenWhole holds that a comment is not cut because its value takes the line.
func TestCommentsAreSeenWhole(t *testing.T) {
	comment := "not-a-real-password-at-all"
	long := strings.Repeat("bm90", 12)
	printed := text(Print(map[string]any{"a": Comment{long, comment}, "b": Comment{"aGk=", comment}}))
	want := "a: " + long + "\n  # " + comment + "\nb: aGk=  # " + comment + "\n"
	if printed != want {
		t.Errorf("got\n%s, want\n%s", printed, want)
	}
}

func TestQuotesAsGoYAMLDoes(t *testing.T) {
	// Other readers of YAML may take these for something else than a string.
	careful := map[string]bool{"=": true, "<<": true, "1e1000": true, "-inf": true, "0x1p-2": true, "2026-99-99": true}
	for _, s := range uglyStrings {
		if !printable(s) || careful[s] {
			continue // Breaks lines, or has characters that are ours to escape.
		}
		want, err := yaml.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(want), "\n") > 1 {
			continue // It folds long lines.
		}
		if got := quote(s); got+"\n" != string(want) {
			t.Errorf("%q: got %s, go-yaml writes %s", s, got, want)
		}
	}
}

func TestKeysAreInTheOrderOfGoYAML(t *testing.T) {
	m := map[string]any{}
	for _, key := range []string{
		"a", "b", "A", "B", "a1", "a2", "a10", "a01", "a001", "a1-", "a-", "a.b", "a_b", "aB", "ab", "a/b", "1", "2",
		"10", "01", "2a", "1-a", "-a", "_a", ".a", "é", "0", "00", "x-0-1", "x-0-10", "x-0-9", "zz",
	} {
		m[key] = ""
	}
	want, err := yaml.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text(Print(m))); diff != "" {
		t.Errorf("-sigs.k8s.io/yaml +ours:\n%s", diff)
	}
}

// large is an object of about 5,000 lines.
func large() map[string]any {
	fields := pod()
	containers := make([]any, 0, 260)
	for range cap(containers) {
		containers = append(containers, fields["spec"].(map[string]any)["containers"].([]any)[0])
	}
	fields["spec"].(map[string]any)["containers"] = containers
	return fields
}

func TestPrintingIsFast(t *testing.T) {
	fields := large()
	if n := len(Print(fields)); n < 4000 {
		t.Fatalf("only %d lines", n)
	}
	start := time.Now() //nolint:forbidigo // This measures how long it takes.
	Print(fields)
	// A hundred times what it takes, so that only a wrong algorithm fails.
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("printing takes %v", took)
	}
}

func BenchmarkPrint(b *testing.B) {
	fields := large()
	b.ReportAllocs()
	b.ReportMetric(float64(len(Print(fields))), "lines")
	for b.Loop() {
		Print(fields)
	}
}

func TestBlocksThatFold(t *testing.T) {
	lines := Print(map[string]any{
		"a": map[string]any{"b": int64(1), "c": []any{"x", "y"}},
		"d": []any{map[string]any{"e": int64(1), "f": int64(2)}, map[string]any{"g": int64(3)}},
		"h": "one\ntwo\n", "i": map[string]any{},
	})
	var got []string
	for i, line := range lines {
		if line.End > i+1 {
			got = append(got, fmt.Sprintf("%s to %d: %d %s", line.Spans().String(), line.End, line.Count, line.Unit))
		}
	}
	want := []string{
		"a: to 5: 2 keys",
		"  c: to 5: 2 items",
		"d: to 9: 2 items",
		"- e: 1 to 8: 2 keys",
		"h: | to 12: 2 lines",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
