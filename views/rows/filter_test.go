package rows

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

var filterNow = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func filterRecord() (*kinds.Record, []kinds.Column) {
	kind := &kinds.Kind{Columns: []kinds.Column{
		{Name: "NAME"}, {Name: "STATUS"}, {Name: "RESTARTS"}, {Name: "UP-TO-DATE"}, {Name: "CAPACITY"}, {Name: "AGE"},
	}}
	return &kinds.Record{
		Kind: kind, Namespace: "shop", Name: "Web-1", Created: filterNow.Add(-3 * time.Hour),
		Labels: []kinds.Label{{Key: "app", Value: "web"}, {Key: "app.kubernetes.io/name", Value: "Shop"}},
		Cells: []kinds.Cell{
			kinds.TextCell("Web-1"), kinds.TextCell("CrashLoopBackOff"),
			kinds.CountedCell("5", 5, filterNow.Add(-time.Minute)), kinds.NumberCell("2", 2),
			kinds.NumberCell("1Gi", 1<<30), kinds.AgeCell(filterNow.Add(-3 * time.Hour)),
		},
	}, kind.Columns
}

func TestFilter(t *testing.T) {
	tests := []struct {
		text string
		want bool
	}{
		{"", true},
		{"   ", true},
		{"web", true},
		{"WEB", true},
		{"crash", true},
		{"crash shop", true},
		{"crash other", false},
		{"!crash", false},
		{"!other", true},
		{"!!other", true},
		{"!", true},
		{"/^web-\\d$/", true},
		{"/^eb/", false},
		{"!/^eb/", true},
		{"/web", true},
		{"/a b/", false},
		{"/cr(ASH)+.*off$/", true},
		{"/(crash|x)loop/", true},
		{"/crash(x)?loop/", true},
		{"/crashx/", false},
		{"/[k]loop|shop/", true},
		{"/bacKoff/", true},
		{"/(?-i)crash/", false},
		{"/(?-i)Crash/", true},
		{`"crashloop" shop`, true},
		{`"web shop"`, false},
		{"app=web", true},
		{"app=WEB", true},
		{"app!=web", false},
		{"app=", false},
		{"missing=", false},
		{"missing!=x", true},
		{"!app=web", false},
		{"app.kubernetes.io/name=shop", true},
		{"status=crashloopbackoff", true},
		{"status!=Running", true},
		{"namespace=shop", true},
		{"ns=other", false},
		{"restarts>3", true},
		{"restarts>5", false},
		{"restarts>=5", true},
		{"restarts<10", true},
		{"uptodate=2", true},
		{"up-to-date<=1", false},
		{"capacity>500Mi", true},
		{"capacity>2Gi", false},
		{"age<4h", true},
		{"age<1h", false},
		{"age>2h30m", true},
		{"age<1d", true},
		{"age>1d2h", false},
		{"age<", true},
		{"status>3", false},
		{"restarts>3 age<1d status!=Running app=web !other", true},
	}
	r, columns := filterRecord()
	for _, tt := range tests {
		f, _ := parseFilter(tt.text, columns)
		if got := f.matches(r, filterNow); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestFilterProblems(t *testing.T) {
	_, columns := filterRecord()
	for text, want := range map[string]string{
		"/web(/":         "is not a regular expression",
		"restarts>many":  "is no number, quantity (100Mi) or age",
		"colour<3":       `no column "colour" to compare`,
		"web restarts>x": "is no number",
		"age>1d2x":       "is no number",
	} {
		f, err := parseFilter(text, columns)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if strings.HasPrefix(text, "web") && len(f.terms) != 1 {
			t.Errorf("%q: the readable term is gone", text)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"a b", `"`, "!/x", "/(", "a<<=!", "age>9999999d", "é=ü"} {
		f.Add(s)
	}
	r, columns := filterRecord()
	f.Fuzz(func(_ *testing.T, text string) {
		parsed, _ := parseFilter(text, columns)
		parsed.matches(r, filterNow)
		parsed.matches(&kinds.Record{Kind: r.Kind, Cells: make([]kinds.Cell, len(columns))}, filterNow)
	})
}
