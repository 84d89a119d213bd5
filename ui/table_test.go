package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/themes"
)

// rowList is rows for tests. asked counts the rows that were asked for text.
type rowList struct {
	ids   []string
	cells map[string][]TableCell
	asked int

	versions map[string]any
	until    time.Time
}

func (r *rowList) Len() int                { return len(r.ids) }
func (r *rowList) ID(i int) string         { return r.ids[i] }
func (r *rowList) Find(id string) int      { return slices.Index(r.ids, id) }
func (r *rowList) RowRole(int) themes.Role { return themes.Text }
func (r *rowList) Version(i int) any       { return r.versions[r.ids[i]] }
func (r *rowList) Row(i int, _ time.Time, cells []TableCell) time.Time {
	r.asked++
	copy(cells, r.cells[r.ids[i]])
	return r.until
}

func (r *rowList) add(cells ...TableCell) {
	if r.cells == nil {
		r.cells = map[string][]TableCell{}
	}
	id := cells[0].Text + "/" + cells[1].Text
	r.ids = append(r.ids, id)
	r.cells[id] = cells
}

var podColumns = []Column{
	{Title: "NAMESPACE", Fixed: true}, {Title: "NAME", Fixed: true}, {Title: "READY"}, {Title: "STATUS"},
	{Title: "RESTARTS", Right: true}, {Title: "AGE"}, {Title: "IP"}, {Title: "NODE"},
}

func podTable(n int) (*Table, *rowList) {
	table := &Table{Sorted: 1, Empty: "no pods"}
	table.SetColumns(podColumns)
	rows := &rowList{}
	states := []TableCell{
		{"Running", themes.OK}, {"CrashLoopBackOff", themes.Failing}, {"Pending", themes.Waiting},
		{"Completed", themes.Muted},
	}
	for i := range n {
		name := fmt.Sprintf("checkout-7d9f8c66b-%05d", i*7919%100_000)
		rows.add(TableCell{Text: []string{"shop", "kube-system"}[i%2]}, TableCell{Text: name},
			TableCell{Text: "1/1"}, states[i%len(states)],
			TableCell{Text: fmt.Sprint(i * i % 101)}, TableCell{Text: fmt.Sprintf("%dm", i)},
			TableCell{Text: fmt.Sprintf("10.42.%d.%d", i%9, i)}, TableCell{Text: fmt.Sprintf("worker-%d", i%12)})
	}
	table.Update(rows)
	return table, rows
}

func frame(width, height int) Frame {
	return Frame{Width: width, Height: height, Theme: themes.Plain, Now: start}
}

func do(action Action) Do { return Do{Action: action} }

func TestTableScreens(t *testing.T) {
	odd := func() (*Table, *rowList) {
		table, rows := podTable(4)
		name := func(i int, text string) { rows.cells[rows.ids[i]][1].Text = text }
		name(0, "日本語の名前を持つポッド")
		name(1, strings.Repeat("very-long-name-", 20))
		name(2, "emoji-👍-combining-e\u0301")
		return table, rows
	}
	tests := []struct {
		name string
		draw func(width, height int) string
	}{
		{"pods", func(w, h int) string {
			table, rows := podTable(100)
			return table.Draw(frame(w, h), rows)
		}},
		{"odd_names", func(w, h int) string {
			table, rows := odd()
			return table.Draw(frame(w, h), rows)
		}},
		{"empty", func(w, h int) string {
			table, rows := podTable(0)
			return table.Draw(frame(w, h), rows)
		}},
		{"one_row", func(w, h int) string {
			table, rows := podTable(1)
			return table.Draw(frame(w, h), rows)
		}},
		{"marks", func(w, h int) string {
			table, rows := podTable(8)
			for _, action := range []Action{Down, Mark, Down, Down, Down, MarkRange, Down, Mark, Up} {
				table.Do(do(action), rows)
			}
			return table.Draw(frame(w, h), rows)
		}},
		{"sideways", func(w, h int) string {
			table, rows := odd()
			table.Draw(frame(w, h), rows)
			for range 2 {
				table.Do(do(Right), rows)
				table.Draw(frame(w, h), rows)
			}
			return table.Draw(frame(w, h), rows)
		}},
		{"descending", func(w, h int) string {
			table, rows := podTable(3)
			table.Sorted, table.Descending = 4, true
			return table.Draw(frame(w, h), rows)
		}},
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {40, 8}} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], tt.name), func(t *testing.T) {
				golden.RequireEqual(t, plainText(tt.draw(size[0], size[1])))
			})
		}
	}
}

func TestTableMoves(t *testing.T) {
	tests := []struct {
		name    string
		actions []Action
		row     int
	}{
		{"down", []Action{Down}, 1},
		{"down and up", []Action{Down, Down, Up}, 1},
		{"up at the top", []Action{Up}, 0},
		{"bottom", []Action{Bottom}, 99},
		{"down at the bottom", []Action{Bottom, Down}, 99},
		{"top", []Action{Bottom, Top}, 0},
		{"page", []Action{PageDown}, 10},
		{"pages beyond the end", []Action{PageDown, PageDown, Bottom, PageDown, PageUp}, 89},
		{"half pages", []Action{HalfDown, HalfDown, HalfDown, HalfUp}, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, rows := podTable(100)
			table.Draw(frame(80, 11), rows)
			for _, action := range tt.actions {
				if !table.Do(do(action), rows) {
					t.Fatalf("%s is not understood", action)
				}
				table.Draw(frame(80, 11), rows)
			}
			if got := table.Current(rows); got != tt.row {
				t.Errorf("row: got %d, want %d", got, tt.row)
			}
			if table.top > tt.row || tt.row >= table.top+10 {
				t.Errorf("row %d is out of sight: the window begins at %d", tt.row, table.top)
			}
		})
	}
	table, rows := podTable(3)
	if table.Do(do("describe"), rows) {
		t.Error("the table takes an action that is the view's")
	}
}

func TestTableAsksForVisibleRowsOnly(t *testing.T) {
	table, rows := podTable(5000)
	table.Draw(frame(120, 40), rows)
	if rows.asked != 39 {
		t.Errorf("asked for %d rows, want 39", rows.asked)
	}
}

func TestCursorStaysOnItsObject(t *testing.T) {
	row := func(i int) func([]string) string { return func(before []string) string { return before[i] } }
	tests := []struct {
		name   string
		change func(rows *rowList)
		want   func(before []string) string
	}{
		{"a row comes before it", func(r *rowList) { r.ids = slices.Insert(r.ids, 0, "shop/new") }, row(20)},
		{"it moves to the end", func(r *rowList) {
			r.ids = append(slices.Delete(slices.Clone(r.ids), 20, 21), r.ids[20])
		}, row(20)},
		{"all rows turn around", func(r *rowList) { slices.Reverse(r.ids) }, func(b []string) string { return b[20] }},
		{"it goes", func(r *rowList) { r.ids = slices.Delete(r.ids, 20, 21) }, func(b []string) string { return b[21] }},
		{"it and the next two go", func(r *rowList) { r.ids = slices.Delete(r.ids, 20, 23) }, row(23)},
		{"it goes while others come", func(r *rowList) {
			r.ids = slices.Insert(slices.Delete(r.ids, 20, 21), 0, "shop/1", "shop/2", "shop/3")
		}, func(b []string) string { return b[21] }},
		{"everything from it on goes", func(r *rowList) { r.ids = r.ids[:20] }, func(b []string) string { return b[19] }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, rows := podTable(100)
			table.Draw(frame(80, 11), rows)
			for range 20 {
				table.Do(do(Down), rows)
			}
			table.Draw(frame(80, 11), rows)
			before, y := slices.Clone(rows.ids), 20-table.top
			tt.change(rows)
			table.Update(rows)
			row := table.Current(rows)
			if got, want := rows.ID(row), tt.want(before); got != want {
				t.Errorf("cursor: got %s, want %s", got, want)
			}
			if row > 12 && row < 90 && row-table.top != y {
				t.Errorf("the cursor jumped from screen row %d to %d", y, row-table.top)
			}
		})
	}
}

func TestCursorBeforeTheUserMoves(t *testing.T) {
	table, rows := podTable(10)
	table.Draw(frame(80, 11), rows)
	rows.ids = slices.Insert(rows.ids, 0, "shop/first")
	table.Update(rows)
	if got := table.Current(rows); got != 0 {
		t.Errorf("row: got %d, want 0", got)
	}
	table.SetCurrent("shop/late")
	table.Update(rows)
	rows.ids = append(rows.ids, "shop/late")
	table.Update(rows)
	if got := rows.ID(table.Current(rows)); got != "shop/late" {
		t.Errorf("cursor: got %s, want shop/late", got)
	}
}

func TestMarks(t *testing.T) {
	table, rows := podTable(10)
	table.Draw(frame(80, 24), rows)
	for _, action := range []Action{Mark, Down, Down, Mark, Up, Mark, Mark} {
		table.Do(do(action), rows)
	}
	if got, want := table.Marks(), []string{rows.ids[0], rows.ids[2]}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	slices.Reverse(rows.ids)
	table.Update(rows)
	if len(table.Marks()) != 2 {
		t.Error("marks are lost when rows move")
	}
	table.filterMarks(func(id string) bool { return id == rows.ids[7] })
	if got, want := table.Marks(), []string{rows.ids[7]}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	table.Do(do(MarkNone), rows)
	if len(table.Marks()) != 0 {
		t.Error("unmark all leaves marks")
	}
}

func TestColumnsDoNotJitter(t *testing.T) {
	table, rows := podTable(60)
	rows.cells[rows.ids[30]][3].Text = "CreateContainerConfigError"
	draw := func() int {
		return strings.Index(plainText(table.Draw(frame(140, 11), rows)), "RESTARTS")
	}
	narrow := draw()
	table.Do(do(Down), rows)
	for range 3 {
		table.Do(do(PageDown), rows)
	}
	wide := draw()
	if wide <= narrow {
		t.Errorf("the column did not grow: %d, then %d", narrow, wide)
	}
	table.Do(do(Top), rows)
	if got := draw(); got != wide {
		t.Errorf("the column shrank while scrolling: %d, then %d", wide, got)
	}
	table.Draw(frame(141, 11), rows)
	if got := draw(); got != narrow {
		t.Errorf("the column did not shrink with the window: got %d, want %d", got, narrow)
	}
}

func TestTableMouse(t *testing.T) {
	table, rows := podTable(100)
	table.Draw(frame(120, 11), rows)
	table.Wheel(5, rows)
	table.Draw(frame(120, 11), rows)
	if got := table.Current(rows); got != 5 {
		t.Errorf("after the wheel: row %d, want 5", got)
	}
	if !table.Clicked(Clicked{X: 10, Y: 3}, rows) || table.Current(rows) != 7 {
		t.Errorf("after the click: row %d, want 7", table.Current(rows))
	}
	for _, c := range []Clicked{{X: 10, Y: 0}, {X: 10, Y: 11}, {X: 10, Y: -1}} {
		if table.Clicked(c, rows) {
			t.Errorf("a click at %v hits a row", c)
		}
	}
	heading, _, _ := strings.Cut(plainText(table.Draw(frame(120, 11), rows)), "\n")
	x := Width(heading[:strings.Index(heading, "STATUS")])
	if got := table.Heading(Clicked{X: x + 2, Y: 0}); got != 3 {
		t.Errorf("heading: got column %d, want 3", got)
	}
	if got := table.Heading(Clicked{X: x, Y: 1}); got != -1 {
		t.Errorf("below the heading: got column %d, want -1", got)
	}
}

// TestTableWithRandomChanges does what users and clusters do, in random order
// and at random sizes.
func TestTableWithRandomChanges(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	table, rows := podTable(50)
	texts := []string{"", "x", "日本語", "👍🏽", strings.Repeat("long ", 70), "e\u0301\u0301\u0301", "नमस्ते", "Running"}
	actions := []Action{Up, Down, Top, Bottom, PageUp, PageDown, HalfUp, HalfDown, Left, Right, Mark, MarkRange, MarkNone}
	next := 0
	for step := range 1500 {
		switch random.IntN(8) {
		case 0:
			id := fmt.Sprintf("new/%d", next)
			next++
			rows.ids = slices.Insert(rows.ids, random.IntN(len(rows.ids)+1), id)
			name, state := texts[random.IntN(len(texts))], texts[random.IntN(len(texts))]
			rows.cells[id] = []TableCell{{"new", 0}, {id + name, 0}, {"1/1", 0}, {state, themes.Failing}}
		case 1:
			if n := random.IntN(4); len(rows.ids) > n {
				at := random.IntN(len(rows.ids) - n)
				rows.ids = slices.Delete(rows.ids, at, at+n)
			}
		case 2:
			random.Shuffle(len(rows.ids), func(i, j int) { rows.ids[i], rows.ids[j] = rows.ids[j], rows.ids[i] })
		case 3:
			table.Wheel(random.IntN(9)-4, rows)
		case 4:
			table.Clicked(Clicked{X: random.IntN(100), Y: random.IntN(30)}, rows)
		default:
			table.Do(do(actions[random.IntN(len(actions))]), rows)
		}
		was := table.cursorID
		table.Update(rows)
		if at := rows.Find(was); at >= 0 && table.userMoved && table.Current(rows) != at {
			t.Fatalf("step %d: the cursor left %s for %s", step, was, table.cursorID)
		}
		width, height := random.IntN(130), random.IntN(30)
		lines := strings.Split(table.Draw(frame(width, height), rows), "\n")
		if len(lines) > max(1, height) {
			t.Fatalf("step %d: %d lines of %d", step, len(lines), height)
		}
		for _, line := range lines {
			if w := Width(line); w > width {
				t.Fatalf("step %d: %d cells of %d in %q", step, w, width, line)
			}
		}
		if row := table.Current(rows); height > 1 && width > 0 && row >= 0 && (row < table.top || row >= table.top+height-1) {
			t.Fatalf("step %d: row %d is out of sight, the window begins at %d of %d", step, row, table.top, height-1)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	table, rows := podTable(5000)
	f := Frame{Width: 200, Height: 49, Theme: loadTheme(b, "default").For(trueColor), Now: start}
	b.ReportAllocs()
	for b.Loop() {
		table.Do(do(Down), rows)
		table.Draw(f, rows)
	}
}

// What changes out of sight is not made into text, and of what is seen only
// the row that changed, or whose age reads differently.
func TestTableFormatsWhatChanged(t *testing.T) {
	table, rows := podTable(100)
	rows.versions = map[string]any{}
	for _, id := range rows.ids {
		rows.versions[id] = id
	}
	var drawn Drawn
	f := frame(120, 21)
	f.drawn = &drawn
	steps := []struct {
		name string
		do   func()
		want int64
	}{
		{"the first frame", func() {}, 20},
		{"the same again", func() {}, 0},
		{"a row out of sight changes", func() { rows.versions[rows.ids[50]] = "new" }, 0},
		{"a row in sight changes", func() { rows.versions[rows.ids[5]] = "new" }, 1},
		{"the cursor moves", func() { table.Do(do(Down), rows) }, 0},
		{"a page further", func() { table.Do(do(PageDown), rows) }, 20},
		{"other columns", func() { table.SetColumns(podColumns[:3]) }, 20},
		{"a lower window", func() { f.Height = 11 }, 0},
		{"time passes", func() { f.Now = f.Now.Add(time.Minute) }, 0},
		{"a row without a version", func() { rows.versions[rows.ids[table.top]] = nil }, 1},
		{"it again", func() {}, 1},
	}
	for _, s := range steps {
		s.do()
		before := drawn.Rows.Load()
		table.Draw(f, rows)
		if got := drawn.Rows.Load() - before; got != s.want {
			t.Errorf("%s: %d rows were formatted, want %d", s.name, got, s.want)
		}
	}
}

func TestTableFormatsWhatAged(t *testing.T) {
	table, rows := podTable(100)
	rows.until = start.Add(time.Minute)
	rows.versions = map[string]any{}
	for _, id := range rows.ids {
		rows.versions[id] = id
	}
	f := frame(120, 21)
	table.Draw(f, rows)
	if got := table.Wake(); !got.Equal(rows.until) {
		t.Errorf("wakes at %v, want %v", got, rows.until)
	}
	for after, want := range map[time.Duration]int64{59 * time.Second: 0, time.Minute: 20, -time.Second: 20} {
		fresh, _ := podTable(100)
		var drawn Drawn
		f.Now, f.drawn = start, &drawn
		fresh.Draw(f, rows)
		f.Now = start.Add(after)
		fresh.Draw(f, rows)
		if got := drawn.Rows.Load() - 20; got != want {
			t.Errorf("after %v %d rows were formatted, want %d", after, got, want)
		}
	}
}

// TestOptionalColumns holds that optional columns take only the room that all
// others leave, from the left, and never that of a table that is printed once.
func TestOptionalColumns(t *testing.T) {
	columns := []Column{
		{Title: "NAME", Fixed: true}, {Title: "STATUS"}, {Title: "IP", Optional: true},
		{Title: "NODE", Optional: true}, {Title: "AGE"},
	}
	for _, test := range []struct {
		width, sorted int
		still         bool
		want          string
	}{
		{23, 0, false, "NAME▲ STATUS AGE"},
		{29, 0, false, "NAME▲ STATUS IP AGE"},
		{30, 0, false, "NAME▲ STATUS IP NODE AGE"},
		{26, 3, false, "NAME STATUS NODE▲ AGE"},
		{35, 0, true, "NAME STATUS AGE"},
	} {
		table := Table{Sorted: test.sorted}
		table.SetColumns(columns)
		frame := Frame{Width: test.width, Height: 5, Theme: themes.Plain, Now: start, Still: test.still}
		rows := &rowList{}
		rows.add(TableCell{Text: "a"}, TableCell{Text: "b"}, TableCell{Text: "c"}, TableCell{Text: "d"})
		drawn := table.Draw(frame, rows)
		titles, _, _ := strings.Cut(drawn, "\n")
		if got := strings.Join(strings.Fields(titles), " "); got != test.want {
			t.Errorf("%d cells, sorted by %d: got %q, want %q", test.width, test.sorted, got, test.want)
		}
	}
}

// TestWholeColumns holds that a name is cut only when the state beside it has nothing
// more to give.
func TestWholeColumns(t *testing.T) {
	const state = "failing  app CrashLoopBackOff, exit 3, 14 restarts"
	for length, whole := range map[int]bool{10: true, 40: true, 60: true, 61: false, 200: false} {
		table := Table{Sorted: -1}
		table.SetColumns([]Column{{Title: "OBJECT", Fixed: true, Whole: true}, {Title: "STATUS"}})
		rows := &rowList{}
		name := strings.Repeat("n", length)
		rows.add(TableCell{Text: name}, TableCell{Text: state})
		drawn := table.Draw(frame(80, 5), rows)
		if got := strings.Contains(drawn, name); got != whole {
			t.Errorf("a name of %d cells is whole: %v\n%s", length, got, drawn)
		}
		if !strings.Contains(drawn, state[:12]) {
			t.Errorf("beside a name of %d cells nothing is left of the state:\n%s", length, drawn)
		}
		for line := range strings.Lines(drawn) {
			if Width(strings.TrimRight(line, "\n")) > 80 {
				t.Errorf("too wide: %q", line)
			}
		}
	}
}
