package kinds

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// columnLimit is far more than one cell may take.
const columnLimit = 5 * time.Second

// readColumn reads one cell of an object, and fails when that takes long.
func readColumn(t *testing.T, path, kind, object string) (*Record, error) {
	t.Helper()
	k, err := Generic(schema.GroupVersionResource{Group: "g", Version: "v1", Resource: "things"}, "Thing", true,
		[]PrinterColumn{{Name: "X", Type: kind, JSONPath: path}})
	var fields map[string]any
	if json.Unmarshal([]byte(object), &fields) != nil || fields == nil {
		return nil, err
	}
	began := time.Now() //nolint:forbidigo // how long it takes is what is tested
	r, readErr := k.Record(&unstructured.Unstructured{Object: fields})
	if took := time.Since(began); took > columnLimit {
		t.Fatalf("path %q takes %v", path, took)
	}
	if readErr != nil {
		t.Fatal(readErr)
	}
	return r, err
}

// deep is an object in an object, and so on.
func deep(levels int) string {
	return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
}

func TestPathsAreFoundInTime(t *testing.T) {
	for path, wrong := range map[string]string{
		".a..a":                           "",
		"..a":                             "",
		strings.Repeat("['a','a']", 6):    "",
		strings.Repeat("[*]", 60):         "",
		"..a..a":                          "too long",
		strings.Repeat("..a", 9):          "too long",
		strings.Repeat("..*", 9):          "too long",
		strings.Repeat("['a','a']", 40):   "too long",
		strings.Repeat(".a", 600):         "too long",
		".a}{range .a}{.a}{end}{.b":       "braces",
		".a[?(@.b==\"c\")].d":             "",
		"range .a":                        "",
		"end":                             "",
		".a[?(@..a[?(@..a==1)]..a==..b)]": "too long",
	} {
		_, err := readColumn(t, path, "string", deep(200))
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%.40s: %v, want %q", path, err, wrong)
		}
	}
}

// FuzzColumn reads a printer column of any path from any object.
func FuzzColumn(f *testing.F) {
	f.Add(".spec.replicas", `{"spec":{"replicas":3}}`, byte(1))
	f.Add("..a[?(@.b==1)]['c','d'][-1:0:2]", deep(20), byte(0))
	f.Fuzz(func(t *testing.T, path, object string, kind byte) {
		kinds := []string{"string", "integer", "number", "boolean", "date", "other"}
		if len(object) > 1<<16 {
			return
		}
		r, err := readColumn(t, path, kinds[int(kind)%len(kinds)], object)
		if r == nil {
			return
		}
		want := 2
		if err != nil {
			want = 1
		}
		if len(r.Cells) != want {
			t.Errorf("%d cells, want %d: %v", len(r.Cells), want, err)
		}
		for _, c := range r.Cells {
			if text := c.Format(time.Time{}, CoarseAge); Clean(text) != text {
				t.Errorf("path %q: cell %q is not clean", path, text)
			}
			_ = fmt.Sprint(c)
		}
	})
}
