package rows

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// valueNow is later than any time in a sample.
var valueNow = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// sampleRecord reads the sample that each kind has beside its file.
func sampleRecord(t *testing.T, k *kinds.Kind) *kinds.Record {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "kube", "kinds", "testdata", strings.ToLower(k.Kind)+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var obj runtime.Object = &unstructured.Unstructured{}
	if k.New != nil {
		obj = k.New()
	}
	if err := yaml.Unmarshal(text, obj); err != nil {
		t.Fatal(err)
	}
	record, err := k.Record(obj)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// peers are cells that could stand in the same column as one of a sample.
func peers(c kinds.Cell) []kinds.Cell {
	at := func(seconds int) time.Time { return valueNow.Add(-time.Duration(seconds) * time.Second) }
	switch c.Form() {
	case kinds.Number:
		return []kinds.Cell{
			kinds.NumberCell(
				"0",
				0,
			),
			kinds.NumberCell("2", 2),
			kinds.NumberCell("10", 10),
			kinds.NumberCell("900Mi", 900<<20),
			kinds.NumberCell("1Gi", 1<<30),
		}
	case kinds.Share:
		return []kinds.Cell{
			kinds.ShareCell(
				0,
				3,
			),
			kinds.ShareCell(1, 3),
			kinds.ShareCell(1, 2),
			kinds.ShareCell(2, 3),
			kinds.ShareCell(2, 2),
			kinds.ShareCell(0, 0),
		}
	case kinds.Version:
		return []kinds.Cell{
			kinds.VersionCell(
				"v1.9.12",
			),
			kinds.VersionCell("v1.10.0"),
			kinds.VersionCell("v1.36.3+k3s1"),
			kinds.VersionCell("v2.0.0-rc.1"),
		}
	case kinds.Age:
		return []kinds.Cell{kinds.AgeCell(at(0)), kinds.AgeCell(at(59)), kinds.AgeCell(at(3601)), kinds.AgeCell(at(200_000))}
	case kinds.Counted:
		return []kinds.Cell{
			kinds.CountedCell("0", 0, time.Time{}), kinds.CountedCell("3", 3, at(400)), kinds.CountedCell("20", 20, at(4)),
		}
	case kinds.Lasted:
		return []kinds.Cell{
			kinds.LastedCell(
				0,
			),
			kinds.LastedCell(30 * time.Second),
			kinds.LastedCell(303 * time.Second),
			kinds.LastedCell(80 * time.Hour),
		}
	case kinds.Lasting:
		return []kinds.Cell{kinds.LastingCell(at(90)), kinds.LastingCell(at(7)), kinds.LastingCell(at(90_000))}
	default:
		return []kinds.Cell{kinds.TextCell("Running"), kinds.TextCell("<none>"), kinds.TextCell("")}
	}
}

// literal is a cell's value as a user types it, "" when it has none.
func literal(c kinds.Cell) string {
	n, ok := c.Number()
	if !ok {
		return ""
	}
	switch c.Form() {
	case kinds.Share, kinds.Version, kinds.Number:
		return textOfCell(c)
	case kinds.Age, kinds.Lasting:
		return valueNow.Sub(time.Unix(0, n)).String()
	case kinds.Lasted:
		return time.Duration(n).String()
	default:
		return fmt.Sprint(n)
	}
}

// TestFilterMeansWhatColumnsShow goes through every column of every kind: what a
// cell shows finds it, as its value does; "<" and ">=" divide the cells that have
// a value; and sorting agrees with "<".
func TestFilterMeansWhatColumnsShow(t *testing.T) {
	compared := map[kinds.Form]int{}
	for _, k := range kinds.All() {
		sample := sampleRecord(t, k)
		for column, cell := range sample.Cells {
			cells := append(peers(cell), cell)
			for _, c := range cells {
				checkShown(t, k, column, c)
				for _, other := range cells {
					if literal(other) != "" && other.Form() != kinds.Text {
						compared[c.Form()]++
						checkOrder(t, k, column, c, other)
					}
				}
			}
		}
	}
	for _, form := range []kinds.Form{kinds.Number, kinds.Share, kinds.Version, kinds.Age, kinds.Counted, kinds.Lasted} {
		if compared[form] == 0 {
			t.Errorf("no kind's sample has a cell of form %d", form)
		}
	}
}

// holds reports whether a record passes whose cell in a column is c.
func holds(t *testing.T, k *kinds.Kind, column int, c kinds.Cell, op, text string) bool {
	t.Helper()
	filter := strings.NewReplacer(" ", "", "(", "", ")", "").Replace(k.Columns[column].Name) + op + `"` + text + `"`
	f, err := (&Index{all: k.Columns}).parseFilter(filter)
	if err != nil || len(f.terms) != 1 {
		t.Fatalf("%s: %s: %d terms, %v", k.Kind, filter, len(f.terms), err)
	}
	r := &kinds.Record{Kind: k, Cells: make([]kinds.Cell, len(k.Columns))}
	r.Cells[column] = c
	return f.matches(r, valueNow)
}

func checkShown(t *testing.T, k *kinds.Kind, column int, c kinds.Cell) {
	t.Helper()
	shown := c.Format(valueNow, kinds.CoarseAge)
	for _, text := range []string{shown, strings.ToUpper(shown), literal(c)} {
		if strings.Contains(text, `"`) || text == "" && shown != "" {
			continue
		}
		if !holds(t, k, column, c, "=", text) || holds(t, k, column, c, "!=", text) {
			t.Errorf("%s: %s=%s does not find %q", k.Kind, k.Columns[column].Name, text, shown)
		}
	}
	const other = "something else"
	if holds(t, k, column, c, "=", other) || !holds(t, k, column, c, "!=", other) {
		t.Errorf("%s: %s=%s finds %q", k.Kind, k.Columns[column].Name, other, shown)
	}
}

func checkOrder(t *testing.T, k *kinds.Kind, column int, c, other kinds.Cell) {
	t.Helper()
	is := func(op string) bool { return holds(t, k, column, c, op, literal(other)) }
	shown := k.Kind + ": " + c.Format(valueNow, kinds.CoarseAge) + " beside " + literal(other)
	if _, hasValue := c.Number(); !hasValue || c.Form() != other.Form() {
		if c.Form() == kinds.Text && (is("<") || is(">=")) || is("<") && is(">=") {
			t.Errorf("%s: compares", shown)
		}
		return
	}
	if is("<") == is(">=") || is(">") == is("<=") || is("<") && is(">") {
		t.Errorf("%s: < %v, <= %v, > %v, >= %v", shown, is("<"), is("<="), is(">"), is(">="))
	}
	if sorted := c.Compare(other); sorted > 0 && is("<") || sorted < 0 && is(">") {
		t.Errorf("%s: sorts as %d, but < is %v and > is %v", shown, sorted, is("<"), is(">"))
	}
}
