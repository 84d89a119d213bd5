package rows

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/ui"
)

// beside says what pods use, by their names.
type beside map[string]kinds.Usage

func (b beside) Columns() (columns []kinds.Column, leading int) {
	return []kinds.Column{{Name: "CPU", Right: true}, {Name: "MEM", Right: true}, {Name: "CPU/R", Wide: true}}, 2
}

var halfCore = kinds.Usage{CPU: 5e8, Memory: 100 << 20}

func (b beside) Cell(r *kinds.Record, column int) kinds.Cell {
	used, ok := b[r.Name]
	switch {
	case !ok:
		return kinds.Unmeasured
	case column == 0:
		return used.CPUCell()
	case column == 1:
		return used.MemoryCell()
	}
	return used.CPUPercent(halfCore)
}

func (b beside) Percent(r *kinds.Record, column int) kinds.Cell {
	if column == 1 {
		return b[r.Name].MemoryPercent(halfCore)
	}
	return b.Cell(r, 2)
}

func besideRows(t *testing.T) (*Index, *feed, beside) {
	t.Helper()
	f := &feed{kind: kinds.Pod}
	x := New(f, false)
	var all []*kinds.Record
	for _, name := range []string{"a", "b", "c", "d"} {
		all = append(all, &kinds.Record{
			Kind: kinds.Pod, Name: name, ResourceVersion: "1", Cells: []kinds.Cell{kinds.TextCell(name)},
		})
	}
	f.tell(all)
	x.Refresh(filterNow)
	used := beside{"a": {CPU: 250e6, Memory: 600 << 20}, "b": {CPU: 1e9, Memory: 1 << 20}, "c": {}}
	x.Join(used, filterNow)
	return x, f, used
}

func names(x *Index) string {
	var out []string
	for i := range x.Len() {
		if x.Find(x.ID(i)) != i {
			out = append(out, "lost")
		}
		out = append(out, x.Record(i).Name)
	}
	return strings.Join(out, " ")
}

func TestFilterByWhatIsBeside(t *testing.T) {
	x, _, _ := besideRows(t)
	for text, want := range map[string]string{
		"cpu>200m": "a b", "cpu>=0.25": "a b", "cpu>1": "", "cpu=1000m": "b", "cpu<200m": "c", "!cpu>200m": "c d",
		"mem>500Mi": "a", "mem=600mi": "a", "cpu>80%": "b", "cpu>=50%": "a b", "cpu>50%": "b", "mem>80%": "a",
		"cpu/r>=50%": "a b", "cpu/r=200%": "b", "cpu/r>50": "b", "cpu!=1000m": "a c d", "cpu>2x": "a b c d", "250m": "",
	} {
		x.SetFilter(text, false, filterNow)
		if got := names(x); got != want {
			t.Errorf("%s finds %q, want %q", text, got, want)
		}
		if unknown := x.UnknownNames(); len(unknown) > 0 {
			t.Errorf("%s: %q are not known", text, unknown)
		}
	}
}

// TestSortByWhatIsBeside follows measurements and records while rows are sorted by what
// is measured.
func TestSortByWhatIsBeside(t *testing.T) {
	x, f, used := besideRows(t)
	check := func(what, want string) {
		t.Helper()
		if got := names(x); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	x.SortOn("CPU", filterNow)
	check("the least first", "d c a b")
	x.SortBy(x.Column("CPU"), filterNow)
	check("the most first", "b a c d")
	used["d"] = kinds.Usage{CPU: 5e9}
	x.Rejoin(filterNow)
	check("after a measurement", "d b a c")
	changed := &kinds.Record{Kind: kinds.Pod, Name: "a", ResourceVersion: "2", Cells: []kinds.Cell{kinds.TextCell("a")}}
	used["a"] = kinds.Usage{CPU: 9e9} // Measured in the meantime.
	f.tell([]*kinds.Record{changed}, kube.Key{Name: "b"})
	x.Refresh(filterNow)
	check("after a change", "a d c")
	x.SetFilter("cpu>80%", false, filterNow)
	check("filtered", "a d")
	delete(used, "d")
	x.Rejoin(filterNow)
	check("filtered, after a measurement", "a")
	x.Join(nil, filterNow)
	check("without measurements", "")
	if x.FilterProblem() == "" {
		t.Error("a filter by a column that went is understood")
	}
}

func TestColumnsBeside(t *testing.T) {
	x, _, _ := besideRows(t)
	shown := func() string {
		var out []string
		for _, c := range x.Columns() {
			name := c.Title
			if c.Optional {
				name = strings.ToLower(name)
			}
			out = append(out, name)
		}
		return strings.Join(out, " ")
	}
	const wide = "ip node nominated node readiness gates"
	if got, want := shown(), "NAME READY STATUS RESTARTS AGE cpu mem "+wide+" cpu/r"; got != want {
		t.Errorf("columns are %q, want %q", got, want)
	}
	x.SortOn("STATUS", filterNow)
	if !x.BesideFirst(true) || x.BesideFirst(true) {
		t.Error("the order changed twice, or never")
	}
	if got, want := shown(), "NAME CPU MEM READY STATUS RESTARTS AGE "+wide+" cpu/r"; got != want {
		t.Errorf("columns are %q, want %q", got, want)
	}
	if sorted, _ := x.Sorted(); x.Columns()[sorted].Title != "STATUS" {
		t.Errorf("sorted by %s", x.Columns()[sorted].Title)
	}
	cells := make([]ui.TableCell, len(x.Columns()))
	x.Row(0, filterNow, cells)
	if got := fmt.Sprint(cells[1].Text, cells[2].Text); got != "250m600Mi" {
		t.Errorf("the first row shows %q", got)
	}
	i := slices.IndexFunc(cells, func(c ui.TableCell) bool { return c.Text == "50%" })
	if x.Columns()[i].Title != "CPU/R" {
		t.Errorf("50%% is in column %d", i)
	}
}
