package ui

import (
	"strings"
	"testing"
)

// TestOptionalColumnsThatSayNothing holds that they take no room until a row fills them.
func TestOptionalColumnsThatSayNothing(t *testing.T) {
	table := Table{Sorted: 0}
	table.SetColumns([]Column{{Title: "NAME", Fixed: true}, {Title: "PART", Optional: true}, {Title: "AGE"}})
	rows := &rowList{versions: map[string]any{}}
	rows.add(TableCell{Text: "a"}, TableCell{}, TableCell{Text: "1d"})
	if drawn := table.Draw(frame(80, 5), rows); strings.Contains(drawn, "PART") {
		t.Errorf("an empty column:\n%s", drawn)
	}
	rows.add(TableCell{Text: "b"}, TableCell{Text: "x"}, TableCell{Text: "1d"})
	table.Update(rows)
	if drawn := table.Draw(frame(80, 5), rows); !strings.Contains(drawn, "PART") {
		t.Errorf("a column is missing:\n%s", drawn)
	}
	table = Table{Sorted: 1}
	table.SetColumns([]Column{{Title: "NAME", Fixed: true}, {Title: "PART", Optional: true}})
	rows = &rowList{}
	rows.add(TableCell{Text: "a"}, TableCell{})
	if drawn := table.Draw(frame(80, 5), rows); !strings.Contains(drawn, "PART▲") {
		t.Errorf("sorted by a column that nobody sees:\n%s", drawn)
	}
}

// TestDropsBeforeItCuts holds what a table of events gives up as it gets narrower: the type
// before a part of the reason, and nothing while the message has more than its half.
func TestDropsBeforeItCuts(t *testing.T) {
	columns := []Column{
		{Title: "SEEN"}, {Title: "TYPE", Drop: 3, Whole: true}, {Title: "REASON", Drop: 2, Whole: true},
		{Title: "OBJECT", Cut: CutMiddle}, {Title: "MESSAGE", Half: true},
	}
	const reason = "ScalingReplicaSet"
	for _, test := range []struct {
		width, message int
		titles         string
	}{
		{200, 300, "SEEN▲ TYPE REASON OBJECT MESSAGE"},
		{120, 300, "SEEN▲ TYPE REASON OBJECT MESSAGE"},
		{104, 300, "SEEN▲ REASON OBJECT MESSAGE"},
		{80, 20, "SEEN▲ TYPE REASON OBJECT MESSAGE"},
		{80, 300, "SEEN▲ OBJECT MESSAGE"},
	} {
		table := Table{Sorted: 0}
		table.SetColumns(columns)
		rows := &rowList{}
		object := "replicaset/" + strings.Repeat("o", 20)
		rows.add(TableCell{Text: "1m"}, TableCell{Text: "Warning"}, TableCell{Text: reason}, TableCell{Text: object},
			TableCell{Text: strings.Repeat("m", test.message)})
		drawn := table.Draw(frame(test.width, 5), rows)
		titles, row, _ := strings.Cut(drawn, "\n")
		if got := strings.Join(strings.Fields(strings.Trim(titles, "→ ")), " "); got != test.titles {
			t.Errorf("%d cells: got %q, want %q", test.width, got, test.titles)
		}
		if strings.Contains(titles, "REASON") != strings.Contains(row, reason) {
			t.Errorf("%d cells: the reason is cut:\n%s", test.width, drawn)
		}
		before, _, _ := strings.Cut(titles, "MESSAGE")
		if room := test.width - Width(before); room < min(test.message, test.width/2) {
			t.Errorf("%d cells: the message has %d\n%s", test.width, room, drawn)
		}
	}
}
