package ui_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// planets are the rows of a table: what it asks for, and nothing more.
type planets []string

func (p planets) Len() int                { return len(p) }
func (p planets) ID(i int) string         { return p[i] }
func (p planets) Find(id string) int      { return slices.Index(p, id) }
func (p planets) Version(i int) any       { return p[i] }
func (p planets) RowRole(int) themes.Role { return themes.Text }

func (p planets) Row(i int, _ time.Time, cells []ui.TableCell) time.Time {
	cells[0].Text = p[i]
	cells[1].Text = fmt.Sprint(i + 1)
	return time.Time{} // It never reads differently.
}

// A table keeps the cursor on its object, wherever that moves.
func ExampleTable() {
	rows := planets{"mercury", "venus", "earth"}
	table := ui.Table{Sorted: -1}
	table.SetColumns([]ui.Column{{Title: "NAME", Fixed: true}, {Title: "PLACE", Right: true}})
	table.Update(rows)
	table.Do(ui.Do{Action: ui.Down}, rows)

	rows = planets{"vulcan", "mercury", "venus", "earth"}
	table.Update(rows)
	fmt.Println(table.Draw(ui.Frame{Width: 20, Height: 5, Theme: themes.Plain, Still: true}, rows))
	fmt.Println("the cursor is on", rows[table.Current(rows)])
	// Output:
	// NAME     PLACE
	// vulcan       1
	// mercury      2
	// venus        3
	// earth        4
	// the cursor is on venus
}
