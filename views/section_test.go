package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

// TestWhatContinuesARowIsInLine lays out rows of which one has no room for its last cell.
func TestWhatContinuesARowIsInLine(t *testing.T) {
	of := func(cells ...string) (r row) {
		for _, text := range cells {
			r.cells = append(r.cells, ui.Span{Text: text, Role: themes.Text})
		}
		return r
	}
	role := "clusterrole with-a-long-name-indeed-it-is"
	for _, tt := range []struct {
		name string
		rows []row
		want []string
	}{
		{"a short one after a long one", []row{
			of("in oncall", role, "get, list, watch configmaps and more"), of("", "", "get secrets"),
			of("in b", "role b", "get b"),
		}, []string{"in oncall  " + role, "  get, list, watch configmaps and more", "  get secrets", "in b  "}},
		{"a long one after a short one", []row{
			of("in oncall", role, "get secrets"), of("", "", "get, list, watch configmaps and more"),
		}, []string{"in oncall  " + role, "  get secrets", "  get, list, watch configmaps and more"}},
		{"all short", []row{of("in", "a", "get"), of("", "", "list")}, []string{"in  a  get", "       list"}},
	} {
		var got []string
		for _, e := range section("may do", tt.rows, 70)[2:] {
			got = append(got, strings.TrimRight(e.line.String(), " "))
		}
		for i, want := range tt.want {
			if i >= len(got) || !strings.HasPrefix(got[i], strings.TrimRight(want, " ")) {
				t.Errorf("%s:\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
				break
			}
		}
	}
}
