package triage

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// noon is what time it is when a scene begins.
var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// scene is a cluster of objects in YAML with a clock.
type scene struct {
	t     testing.TB
	state *State
	now   time.Time
	seen  map[string]*kinds.Record // of kinds that are there, to take away again
}

// newScene returns a cluster of which everything is known, and that was well until now.
func newScene(t testing.TB) *scene {
	s := &scene{t: t, state: New(), now: noon, seen: map[string]*kinds.Record{}}
	for _, k := range kinds.All() {
		s.state.Cover(k.GroupKind(), Coverage{Kind: k.Resource, Of: -1})
	}
	return s
}

// moment is a time from the clock of a scene: "@-5m", "@+1h", "@0".
var moment = regexp.MustCompile(`@([+-]\d+(?:ms|[smh])|0\b)`)

// put adds objects, or new versions of them.
func (s *scene) put(text ...string) *scene {
	s.t.Helper()
	for doc := range strings.SplitSeq(strings.Join(text, "\n---\n"), "\n---") {
		if strings.TrimSpace(doc) == "" {
			continue
		}
		record, obj := readObject(s.t, moment.ReplaceAllStringFunc(doc, func(m string) string {
			d, err := time.ParseDuration(strings.TrimPrefix(m, "@"))
			if err != nil {
				s.t.Fatal(err)
			}
			return `"` + s.now.Add(d).Format("2006-01-02T15:04:05.000000Z07:00") + `"`
		}))
		if !Needs(record) {
			obj = nil
		}
		s.state.Put(record, obj)
		s.seen[record.Ref().String()] = record
	}
	return s
}

// readObject reads an object in YAML as its kind does.
func readObject(t testing.TB, text string) (*kinds.Record, runtime.Object) {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	kind, ok := kinds.For(u.GroupVersionKind().GroupKind())
	var obj runtime.Object = u
	if !ok {
		resource := u.GroupVersionKind().GroupVersion().WithResource(strings.ToLower(u.GetKind()) + "s")
		var err error
		if kind, err = kinds.Generic(resource, u.GetKind(), u.GetNamespace() != "", nil); err != nil {
			t.Fatal(err)
		}
	} else if kind.New != nil {
		obj = kind.New()
		if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
	record, err := kind.Record(obj)
	if err != nil {
		t.Fatal(err)
	}
	return record, obj
}

// whole is one of some objects in YAML.
func (s *scene) whole(r *kinds.Record, objects []string) runtime.Object {
	s.t.Helper()
	for _, text := range objects {
		record, obj := readObject(s.t, moment.ReplaceAllString(text, `"2026-11-30T10:00:00Z"`))
		if record.Ref() == r.Ref() {
			return obj
		}
	}
	s.t.Fatalf("%s is not there", r.Ref())
	return nil
}

// remove takes objects away: "deployment shop/web".
func (s *scene) remove(names ...string) *scene {
	s.t.Helper()
	for _, n := range names {
		r := s.seen[n]
		if r == nil {
			s.t.Fatalf("%s is not there", n)
		}
		s.state.Remove(r.Ref())
		delete(s.seen, n)
	}
	return s
}

// wait lets time pass.
func (s *scene) wait(d time.Duration) *scene {
	s.now = s.now.Add(d)
	return s
}

// watching judges all that has been read: what comes from now on has just begun.
func (s *scene) watching() *scene {
	s.state.Judge(s.now)
	s.state.Watching()
	return s
}

// unknown makes a kind one of which nothing is known.
func (s *scene) unknown(kind schema.GroupKind) *scene {
	s.state.Cover(kind, Coverage{Kind: kind.Kind, Of: -1, Missing: "forbidden"})
	return s
}

// says are the findings, one a line, what is folded under them below:
//
//	failing deployment shop/web: 0/1 ready: app Error, exit 3 (since -4m0s)
//	  pod shop/web-1
func (s *scene) says() string {
	var b strings.Builder
	for _, f := range s.state.Judge(s.now).Findings {
		b.WriteString(s.line(f))
	}
	return b.String()
}

func (s *scene) line(f *Finding) string {
	onset := "since ?"
	switch {
	case f.AtLeast:
		onset = "at least " + s.now.Sub(f.Since).String()
	case !f.Since.IsZero():
		onset = "since -" + s.now.Sub(f.Since).String()
	}
	if f.Settling {
		onset += ", settling"
	}
	if f.Flapping {
		onset += ", flapping"
	}
	line := fmt.Sprintf("%s %s: %s (%s)\n", f.Severity, f.Object, f.Reason, onset)
	for _, folded := range f.Folded {
		line += "  " + folded.Object.String() + "\n"
	}
	return line
}

// becauses are the steps of the way to the cause of the only finding.
func (s *scene) becauses() string {
	s.t.Helper()
	v := s.state.Judge(s.now)
	if len(v.Findings) != 1 {
		s.t.Fatalf("not one finding:\n%s", s.says())
	}
	var out []string
	for _, step := range v.Findings[0].Chain {
		out = append(out, step.Word+" "+step.Object.String()+": "+step.Text)
	}
	return strings.Join(out, "\n")
}

// check compares what a scene says.
func (s *scene) check(want string) *scene {
	s.t.Helper()
	var lines []string
	for line := range strings.SplitSeq(want, "\n") {
		if line = strings.TrimPrefix(line, "\t\t\t"); strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(strings.ReplaceAll(line, "\t", "  "), " "))
		}
	}
	want = strings.Join(lines, "\n")
	if got := strings.TrimSpace(s.says()); got != strings.TrimSpace(want) {
		s.t.Errorf("it says\n%s\n\nnot\n%s", got, want)
	} else if s.state.all = true; strings.TrimSpace(s.says()) != got {
		s.t.Errorf("afresh it says\n%s\n\nnot\n%s", s.says(), got)
	}
	return s
}

// situation is a row of a table: what is there, and what is said of it at noon.
type situation struct {
	name    string
	objects []string
	want    string // "" is silence
}

func checkAll(t *testing.T, all []situation) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			newScene(t).put(c.objects...).check(c.want)
		})
	}
}
