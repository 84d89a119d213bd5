package rows

import (
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

var filterNow = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func filterRecord() (*kinds.Record, []kinds.Column) {
	columns := []string{
		"NAME",
		"STATUS",
		"RESTARTS",
		"UP-TO-DATE",
		"CAPACITY",
		"AGE",
		"READY",
		"COMPLETIONS",
		"DURATION",
		"RUNS FOR",
		"VERSION",
		"CPU",
		"IP",
		"LOAD",
		"SINCE",
		"EXPIRES",
		"CLASS",
	}
	kind := &kinds.Kind{}
	for _, name := range columns {
		kind.Columns = append(kind.Columns, kinds.Column{Name: name})
	}
	return &kinds.Record{
		Kind:      kind,
		Namespace: "shop",
		Name:      "Web-1",
		Created:   filterNow.Add(-3 * time.Hour),
		Labels: []kinds.Label{
			{Key: "app", Value: "web"},
			{Key: "app.kubernetes.io/name", Value: "Shop"},
			{Key: "tier", Value: "3"},
		},
		Cells: []kinds.Cell{
			kinds.TextCell("Web-1"), kinds.TextCell("CrashLoopBackOff"),
			kinds.CountedCell("5", 5, filterNow.Add(-5*time.Minute)), kinds.NumberCell("2", 2),
			kinds.NumberCell("1Gi", 1<<30), kinds.AgeCell(filterNow.Add(-3*time.Hour - 20*time.Minute)),
			kinds.ShareCell(1, 2), kinds.ShareCell(0, 0), kinds.LastedCell(30 * time.Second),
			kinds.LastingCell(filterNow.Add(-90 * time.Second)), kinds.VersionCell("v1.36.3+k3s1"), kinds.TextCell("250m"),
			kinds.TextCell("10.0.0.7"), kinds.NumberCell("1.5", 1), kinds.TextCell("3d4h"),
			kinds.AgeCell(filterNow.Add(30 * 24 * time.Hour)), kinds.TextCell("fast (default)"),
		},
	}, kind.Columns
}

// filterTests are filters, and whether the record of filterRecord passes.
var filterTests = []struct {
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
	{"expires<31d", true},
	{"expires<29d", false},
	{"expires>29d", true},
	{"class=fast", true},
	{"class!=fast", false},
	{"class=default", false},
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
	{"restarts > 3", true},
	{"restarts >3", true},
	{"restarts> 3", true},
	{"restarts >= 6", false},
	{"status = running", false},
	{"status != running", true},
	{"status !=CrashLoopBackOff", false},
	{"!restarts > 3", false},
	{"app= tier=3", false},
	{"app == web", true},
	{"app==web", true},
	{"app=web crash", true},
	{"crash !shop", false},
	{"web|cart", true},
	{"cart|web", true},
	{"cart | web", true},
	{"cart|db", false},
	{"!cart|db", true},
	{"!cart|web", false},
	{"cart|", false}, // half typed
	{`"cart|web"`, false},
	{"status=Running|CrashLoopBackOff", true},
	{"status=Running|Pending", false},
	{"cart|restarts>3", true},
	{"cart|restarts>5", false},
	{"status=Running,CrashLoopBackOff", true},
	{"status=Running,Pending", false},
	{"status!=Running,Pending", true},
	{"status!=Running,CrashLoopBackOff", false},
	{"app=web,cart", true},
	{"app=web,tier=3", true},
	{"app=web,tier=4", false},
	{"status=Running,", false},
	{"-l app=web", true},
	{"-l app=web,tier=3", true},
	{"-l app=web,tier!=3", false},
	{"-l app=WEB", false}, // A selector minds the case.
	{"-l tier", true},
	{"-l !tier", false},
	{"-lapp=web", true},
	{"-l=app=cart", false},
	{"--selector=app=web crash", true},
	{`-l "app in (web, cart)"`, true},
	{`-l "app notin (web, cart)"`, false},
	{"-l", true},
	{"crash -l app=cart", false},
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
	{"age=3h", true},
	{"age=200m", true},
	{"age=2h", false},
	{"age<2026-05-01", true},
	{"age<2026-04-30", true},
	{"age>2026-05-01T08:00", false},
	{"age>2026-05-01T09:00", true},
	{"status>3", false},
	{"status<3", false},
	{"status>=3", false},
	{"restarts=5", true},
	{"restarts!=5", false},
	{"!restarts=5", false},
	{`restarts="5 (5m ago)"`, true},
	{"restarts=4", false},
	{"restarts=5m", false},
	{"restarts!=6", true},
	{"duration<1m", true},
	{"duration<90s", true},
	{"duration>1m", false},
	{"duration>10s", true},
	{"duration=30s", true},
	{"duration=0.5m", true},
	{"duration!=30s", false},
	{"duration>=30s", true},
	{"duration>30", false},
	{"runsfor>1m", true},
	{"runsfor<1m30s", false},
	{"runsfor<=1m30s", true},
	{"runsfor=1m", true},
	{"ready<2", true},
	{"ready>=2", false},
	{"ready>2", false},
	{"ready=1", true},
	{"ready=1/2", true},
	{"ready=2/4", false},
	{"ready!=2/4", true},
	{"ready<=2/4", true},
	{"ready<2/3", true},
	{"ready<100%", true},
	{"ready>50%", false},
	{"ready>=50%", true},
	{"ready=50%", true},
	{"completions<1", true},
	{"completions=0/0", true},
	{"completions=100%", true},
	{"completions<100%", false},
	{"version<1.36.3", false},
	{"version>=v1.36.3", true},
	{"version=1.36.3", true},
	{"version=v1.36.3+k3s1", true},
	{"version>1.9.12", true},
	{"version>1.36", true},
	{"version<2", true},
	{"cpu>0.2", true},
	{"cpu<300m", true},
	{"cpu=0.25", true},
	{"ip=10.0.0.7", true},
	{"load>1", true},
	{"load<1.6", true},
	{"load=1.5", true},
	{"capacity=1024Mi", true},
	{"capacity!=1Gi", false},
	{"since>3d", true},
	{"since<3d5h", true},
	{"tier>2", true},
	{"tier<3", false},
	{"missing>3", false},
	{"!missing>3", true},
	{"restarts>3 age<1d status!=Running app=web !other", true},
}

func TestFilter(t *testing.T) {
	r, columns := filterRecord()
	for _, tt := range filterTests {
		f, _ := (&Index{all: columns}).parseFilter(tt.text)
		if got := f.matches(r, filterNow); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestFilterProblems(t *testing.T) {
	_, columns := filterRecord()
	for text, want := range map[string]string{
		"/web(/":         "is not a regular expression",
		"restarts>many":  `restarts>many: "many" is not a number, quantity (100Mi), share (1/2, 50%), duration (90s,`,
		"web restarts>x": "is not a number",
		"ip<10.0.0.8":    "is not a number",
		"age>1d2x":       "is not a number",
		"age<3":          "an age has a unit",
	} {
		f, err := (&Index{all: columns}).parseFilter(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if strings.HasPrefix(text, "web") && len(f.terms) != 1 {
			t.Errorf("%q: the readable term is gone", text)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"a b", `"`, "!/x", "/(", "a<<=!", "age>9999999d", "restarts=5m", "cpu<1/0", "ready<1/", "ready>-1%",
		"version<1.2.3.4", "since<1y99999d", "age<2026-13-45", "é=ü",
	} {
		f.Add(s)
	}
	r, columns := filterRecord()
	f.Fuzz(func(_ *testing.T, text string) {
		parsed, _ := (&Index{all: columns}).parseFilter(text)
		parsed.matches(r, filterNow)
		parsed.matches(&kinds.Record{Kind: r.Kind, Cells: make([]kinds.Cell, len(columns))}, filterNow)
	})
}

// TestFilterSaysUnknownNames says so for every operator alike.
func TestFilterSaysUnknownNames(t *testing.T) {
	r, _ := filterRecord()
	x := New(&feed{kind: r.Kind, deltas: []kube.Delta{{Reset: true, Changed: []*kinds.Record{r}}}}, true)
	x.Refresh(filterNow)
	for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
		x.SetFilter("web foo"+op+"3", false, filterNow)
		if got, want := x.FilterProblem(), `no column or label "foo" here`; got != want {
			t.Errorf("foo%s3: got %q, want %q", op, got, want)
		}
		for _, name := range []string{"app", "app.kubernetes.io/name", "AGE", "ns", "namespace", "up-to-date"} {
			x.SetFilter(name+op+"3d", false, filterNow)
			if got := x.FilterProblem(); got != "" {
				t.Errorf("%s%s3d: got %q", name, op, got)
			}
		}
	}
	x.SetFilter("late=x", false, filterNow)
	if x.FilterProblem() == "" {
		t.Error("late=x is understood")
	}
	late := *r
	late.Name, late.Labels = "web-2", []kinds.Label{{Key: "late", Value: "x"}}
	x.listing.(*feed).tell([]*kinds.Record{&late})
	x.Refresh(filterNow)
	if got := x.FilterProblem(); got != "" || x.Len() != 1 {
		t.Errorf("with a record that has the label: %d rows, %q", x.Len(), got)
	}
}

// The age of an Event, which has no such column, is when it was last seen.
func TestFilterAgeOfEvents(t *testing.T) {
	columns := []kinds.Column{{Name: "LAST SEEN"}, {Name: "NAME"}}
	r := &kinds.Record{
		Created: filterNow.Add(-24 * time.Hour),
		Cells:   []kinds.Cell{kinds.AgeCell(filterNow.Add(-time.Minute)), kinds.TextCell("a")},
	}
	if f, err := (&Index{all: columns}).parseFilter("age<10m"); err != nil || !f.matches(r, filterNow) {
		t.Errorf("age<10m does not find an Event of a minute ago (%v)", err)
	}
}
