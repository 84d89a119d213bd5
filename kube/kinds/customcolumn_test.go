package kinds

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/json"
)

// columnsObject is an object with the values that columns may show.
const columnsObject = `{
	"kind": "Thing",
	"metadata": {
		"name": "web", "labels": {"team": "payments", "version": "v1.10.2", "build": "0017", "empty": ""},
		"annotations": {"example.com/owner": "ann", "evil": "a\u001b[31mb\nc"},
		"creationTimestamp": "2026-05-01T11:00:00Z"
	},
	"spec": {
		"replicas": 3, "ratio": 0.25, "paused": false, "nothing": null,
		"memory": "1536Mi", "cpu": "250m",
		"containers": [{"name": "app", "image": "app:1"}, {"name": "side", "image": "side:2"}],
		"selector": {"app": "web"}, "none": []
	},
	"status": {"conditions": [
		{"type": "Ready", "status": "False", "reason": "Why"}, {"type": "Old", "status": "True"}
	]}
}`

func customRecord(t testing.TB) (*Record, map[string]any) {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(columnsObject), &fields); err != nil {
		t.Fatal(err)
	}
	r := &Record{Name: "web", Labels: readLabels(map[string]string{
		"team": "payments", "version": "v1.10.2", "build": "0017", "empty": "",
	})}
	return r, fields
}

func TestCustomColumns(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	r, fields := customRecord(t)
	for _, tt := range []struct {
		column, want string
		form         Form
	}{
		{"label team", "payments", Text},
		{"label version", "v1.10.2", Version},
		{"label build", "0017", Number},
		{"label empty", "", Text},
		{"label other", "<none>", Text},
		{"annotation example.com/owner", "ann", Text},
		{"annotation other", "<none>", Text},
		{"annotation evil", Clean("a\x1b[31mb\nc"), Text},
		{".spec.replicas", "3", Number},
		{"{.spec.replicas}", "3", Number},
		{"$.spec.replicas", "3", Number},
		{"spec.replicas", "3", Number},
		{" { .spec.replicas } ", "3", Number},
		{"['spec']['replicas']", "3", Number},
		{".spec.ratio", "0.25", Number},
		{".spec.paused", "false", Text},
		{".spec.nothing", "<none>", Text},
		{".spec.memory", "1536Mi", Number},
		{".spec.cpu", "250m", Number},
		{".metadata.creationTimestamp", "60m", Age},
		{`.metadata.labels.version`, "v1.10.2", Version},
		{`.metadata.annotations.example\.com/owner`, "ann", Text},
		{".spec.containers[0].image", "app:1", Text},
		{".spec.containers[-1:].image", "side:2", Text},
		{".spec.containers[5].image", "<none>", Text},
		{".spec.containers[*].name", "app,side", Text},
		{`.status.conditions[?(@.type=="Ready")].status`, "False", Text},
		{`.status.conditions[?(@.type=="Gone")].status`, "<none>", Text},
		{".spec.selector", `{"app":"web"}`, Text},
		{".spec.none", "[]", Text},
		{".spec.replicas.deeper", "<none>", Text},
		{"..reason", "Why", Text},
	} {
		t.Run(tt.column, func(t *testing.T) {
			c, err := customColumn(tt.column)
			if err != nil {
				t.Fatal(err)
			}
			cell := CustomCells([]*CustomColumn{c}, r, fields)[0]
			if got := cell.Format(now, CoarseAge); got != tt.want || cell.Form() != tt.form {
				t.Errorf("got %q of form %d, want %q of %d", got, cell.Form(), tt.want, tt.form)
			}
			if got := CustomCells([]*CustomColumn{c}, &Record{}, nil)[0].Format(now, CoarseAge); got != "<none>" {
				t.Errorf("without an object: got %q", got)
			}
		})
	}
}

func customColumn(text string) (*CustomColumn, error) {
	if key, found := strings.CutPrefix(text, "label "); found {
		return LabelColumn(key), nil
	}
	if key, found := strings.CutPrefix(text, "annotation "); found {
		return AnnotationColumn(key), nil
	}
	return PathColumn(text)
}

func TestPathsThatAreNone(t *testing.T) {
	for path, want := range map[string]string{
		"": "names no field", ".": "names no field", "{}": "names no field", "$": "names no field",
		".a[": "unterminated", ".a[?(@.b==]": "", "{.a}{.b}": "braces", "{range .a[*]}{.b}{end}": "braces",
		"..a..b": "too long", ".a[x]": "invalid",
	} {
		if _, err := PathColumn(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", path, err, want)
		}
	}
}

// TestCustomColumnsHideSecrets reads what a Secret holds, and where it is repeated.
func TestCustomColumnsHideSecrets(t *testing.T) {
	secret := map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "s", "annotations": map[string]any{
			"kubectl.kubernetes.io/last-applied-configuration": `{"data":{"password":"aHVudGVyMg=="}}`,
		}},
		"data": map[string]any{"password": "aHVudGVyMg=="},
	}
	for _, column := range []string{
		".data.password", ".data", "..password", ".metadata.annotations", "['data','metadata']",
		"annotation kubectl.kubernetes.io/last-applied-configuration",
	} {
		c, err := customColumn(column)
		if err != nil {
			t.Fatal(err)
		}
		text := CustomCells([]*CustomColumn{c}, &Record{}, secret)[0].Format(time.Time{}, CoarseAge)
		if strings.Contains(text, "aHVudGVyMg") || strings.Contains(text, "hunter2") {
			t.Errorf("%s shows %q", column, text)
		}
	}
}

func TestCustomValuesSortByValue(t *testing.T) {
	texts := []string{"1.5", "10", "9", "250m", "90m", "1Gi", "-3", "512Mi", "1.25"}
	cells := make([]Cell, len(texts))
	for i, text := range texts {
		cells[i] = valueCell(text)
	}
	slices.SortFunc(cells, Cell.Compare)
	var got []string
	for _, c := range cells {
		got = append(got, c.Format(time.Time{}, CoarseAge))
	}
	if want := []string{"-3", "90m", "250m", "1.25", "1.5", "9", "10", "512Mi", "1Gi"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCustomCellsAreShort(t *testing.T) {
	fields := map[string]any{"a": strings.Repeat("ä", cellBytesMax), "b": []any{strings.Repeat("x", 2*cellBytesMax)}}
	for _, path := range []string{".a", ".b"} {
		c, err := PathColumn(path)
		if err != nil {
			t.Fatal(err)
		}
		if text := c.Cell(&Record{}, fields).Format(time.Time{}, CoarseAge); len(text) > cellBytesMax+len("…") {
			t.Errorf("%s: a cell of %d bytes", path, len(text))
		}
	}
}
