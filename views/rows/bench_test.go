package rows

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
)

var rowsNow = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// feed is a listing for tests: it returns the deltas that it is given.
type feed struct {
	kind    *kinds.Kind
	version uint64
	deltas  []kube.Delta
}

func (f *feed) Kind() *kinds.Kind { return f.kind }

func (f *feed) Since(uint64) kube.Delta {
	if len(f.deltas) == 0 {
		return kube.Delta{Version: f.version}
	}
	delta := f.deltas[0]
	f.deltas = f.deltas[1:]
	f.version++
	delta.Version = f.version
	return delta
}

func (f *feed) tell(changed []*kinds.Record, gone ...kube.Key) {
	f.deltas = append(f.deltas, kube.Delta{Changed: changed, Gone: gone})
}

// podRecord is the record of one pod among many; version makes it differ from
// what it was.
func podRecord(tb testing.TB, i, version int) *kinds.Record {
	tb.Helper()
	random := rand.New(rand.NewPCG(uint64(i), uint64(version)))
	apps := []string{"web", "checkout", "cart", "ledger-api", "search-indexer", "mailer"}
	app := apps[i%len(apps)]
	status := corev1.ContainerStatus{
		Name:  "main",
		Ready: true,
		State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
	}
	if i%40 == 0 {
		status.Ready, status.RestartCount = false, int32(random.IntN(300))
		status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: fmt.Sprintf("team-%02d", i*7%50), Name: fmt.Sprintf("%s-%08x-%05x", app, uint32(i/50)*2654435761, i),
			CreationTimestamp: metav1.NewTime(rowsNow.Add(-time.Duration(uint32(i)*2654435761%(90*86400)) * time.Second)),
			Labels:            map[string]string{"app": app, "tier": []string{"front", "back"}[i%2]},
		},
		Spec: corev1.PodSpec{NodeName: fmt.Sprintf("node-%04d", i%5000), Containers: []corev1.Container{{Name: "main"}}},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255),
			ContainerStatuses: []corev1.ContainerStatus{status},
		},
	}
	pod.ResourceVersion = fmt.Sprint(version)
	record, err := kinds.Pod.Record(pod)
	if err != nil {
		tb.Fatal(err)
	}
	return record
}

const many = 50_000

func podRecords(tb testing.TB, n int) []*kinds.Record {
	tb.Helper()
	records := make([]*kinds.Record, n)
	for i := range records {
		records[i] = podRecord(tb, i, 0)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { records[i], records[j] = records[j], records[i] })
	return records
}

func manyRows(tb testing.TB) (*Index, *feed) {
	tb.Helper()
	source, records := &feed{kind: kinds.Pod}, podRecords(tb, many)
	r := New(source, true)
	r.SetWide(true)
	source.deltas = []kube.Delta{{Reset: true, Changed: records}}
	r.Refresh(rowsNow)
	return r, source
}

func BenchmarkRowsUpdate(b *testing.B) {
	for _, name := range []string{"NAMESPACE", "STATUS", "AGE"} {
		b.Run("by="+name, func(b *testing.B) {
			r, source := manyRows(b)
			r.SortBy(r.Column(name), rowsNow)
			var versions [2][]*kinds.Record
			for i := range 1000 {
				versions[0] = append(versions[0], podRecord(b, i*49, 1))
				versions[1] = append(versions[1], podRecord(b, i*49, 2))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at := i % 1000
				source.tell(versions[i/1000%2][at : at+1])
				r.Refresh(rowsNow)
			}
		})
	}
}

func BenchmarkRowsComeAndGo(b *testing.B) {
	r, source := manyRows(b)
	extra := podRecords(b, many+1000)[:0:0]
	for i := range 1000 {
		extra = append(extra, podRecord(b, many+i*31, 0))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		one := extra[i%1000]
		source.tell([]*kinds.Record{one})
		r.Refresh(rowsNow)
		source.tell(nil, keyOf(one))
		r.Refresh(rowsNow)
	}
}

func BenchmarkRowsSort(b *testing.B) {
	for _, name := range []string{"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"} {
		b.Run("by="+name, func(b *testing.B) {
			r, _ := manyRows(b)
			to, other := r.Column(name), r.Column("NOMINATED NODE")
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				r.SortBy(other, rowsNow)
				b.StartTimer()
				r.SortBy(to, rowsNow)
			}
		})
	}
	b.Run("reverse", func(b *testing.B) {
		r, _ := manyRows(b)
		r.SortBy(r.Column("STATUS"), rowsNow)
		for b.Loop() {
			r.SortBy(r.sorted, rowsNow)
		}
	})
}

func BenchmarkRowsFilter(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"text", "crash"}, {"rare", "node-0042"}, {"label", "app=cart"}, {"column", "restarts>100"},
		{"regexp", "/^web-.*7$/"}, {"regexpinside", "/crash.*off/"}, {"age", "age<5d"},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			r, _ := manyRows(b)
			r.SortBy(r.Column("AGE"), rowsNow)
			f, err := (&Index{all: r.kind.Columns}).parseFilter(c.text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				r.setFilter(filter{}, false, rowsNow)
				b.StartTimer()
				r.setFilter(f, false, rowsNow)
			}
		})
	}
	b.Run("of=all", func(b *testing.B) {
		r, _ := manyRows(b)
		r.SortBy(r.Column("AGE"), rowsNow)
		f, _ := (&Index{all: r.kind.Columns}).parseFilter("crash")
		for b.Loop() { // the filter too: clearing alone is too short to be timed apart
			r.setFilter(f, false, rowsNow)
			r.setFilter(filter{}, false, rowsNow)
		}
	})
	b.Run("of=name", func(b *testing.B) { // a name that is pasted is typed letter by letter
		r, _ := manyRows(b)
		name := r.members[many/2].Name
		for b.Loop() {
			for n := range name {
				f, _ := (&Index{all: r.kind.Columns}).parseFilter(name[:n+1])
				r.setFilter(f, false, rowsNow)
			}
			b.StopTimer()
			r.setFilter(filter{}, false, rowsNow)
			b.StartTimer()
		}
	})
	b.Run("of=typing", func(b *testing.B) {
		r, _ := manyRows(b)
		for b.Loop() {
			for _, text := range []string{"c", "cr", "cra", "cras", "crash", "cras", "cra", "cr", "c", ""} {
				f, _ := (&Index{all: r.kind.Columns}).parseFilter(text)
				r.setFilter(f, false, rowsNow)
			}
		}
	})
}

// BenchmarkRowsLoad streams all rows in, in the batches that a load of some
// seconds brings ten times a second.
func BenchmarkRowsLoad(b *testing.B) {
	for _, name := range []string{"NAMESPACE", "AGE"} {
		b.Run("by="+name, func(b *testing.B) {
			records := podRecords(b, many)
			b.ReportAllocs()
			for b.Loop() {
				source := &feed{kind: kinds.Pod}
				r := New(source, true)
				r.Refresh(rowsNow)
				r.SortBy(r.Column(name), rowsNow)
				for at := 0; at < many; at += 1000 {
					source.tell(records[at : at+1000])
					r.Refresh(rowsNow)
				}
				if r.Len() != many {
					b.Fatal(r.Len())
				}
			}
		})
	}
}

func BenchmarkRowsDraw(b *testing.B) {
	theme, err := themes.Load("default", "")
	if err != nil {
		b.Fatal(err)
	}
	r, source := manyRows(b)
	table := ui.Table{}
	table.SetColumns(r.Columns())
	frame := ui.Frame{Width: 200, Height: 48, Theme: theme.For(4), Now: rowsNow}
	table.Draw(frame, r)
	b.Run("same", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			table.Draw(frame, r)
		}
	})
	b.Run("scrolled", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			table.Do(ui.Do{Action: []ui.Action{ui.PageDown, ui.PageUp}[i%2]}, r)
			table.Draw(frame, r)
		}
	})
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		rec := *r.shown[10]
		other := rec
		for i := 0; b.Loop(); i++ {
			source.tell([]*kinds.Record{[]*kinds.Record{&rec, &other}[i%2]})
			r.Refresh(rowsNow)
			table.Update(r)
			table.Draw(frame, r)
		}
	})
}
