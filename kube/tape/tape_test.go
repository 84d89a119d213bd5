package tape

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// history writes random changes and returns the tape, the objects at some times
// and the last time.
func history(t testing.TB, changes int) (data []byte, at map[int64]map[string]Object) {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	now, at := map[string]Object{}, map[int64]map[string]Object{}
	list := w.List(pods, "")
	for n := range 40 {
		o := pod(n, n+1)
		now[keyed(o)] = o
		if err := list.Put(o, Step); err != nil {
			t.Fatal(err)
		}
	}
	if err := list.Done(Step); err != nil {
		t.Fatal(err)
	}
	_ = w.Mark(Complete, "")
	random := rand.New(rand.NewPCG(1, 2))
	for version := 100; version < 100+changes; version++ {
		n := random.IntN(50)
		o := pod(n, version)
		if random.IntN(4) == 0 {
			o = widget(n, version)
		}
		if _, there := now[keyed(o)]; there && random.IntN(5) == 0 {
			_ = w.Delete(o, Step)
			delete(now, keyed(o))
		} else {
			_ = w.Put(o, Step)
			now[keyed(o)] = o
		}
		at[w.last] = maps.Clone(now)
		switch random.IntN(20) {
		case 0:
			_ = w.Flush()
		case 1:
			w.mu.Lock()
			w.flush()
			w.key()
			w.mu.Unlock()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), at
}

// same compares objects; what differs is looked for only when something does.
func same(t *testing.T, when int64, want, got map[string]Object) {
	t.Helper()
	equal := maps.EqualFunc(want, got, func(a, b Object) bool {
		return *a.Resource == *b.Resource && a.UID == b.UID && a.Version == b.Version && a.Protobuf == b.Protobuf &&
			bytes.Equal(a.Body, b.Body)
	})
	if !equal {
		t.Fatalf("at %v: %s", fromMicros(when), cmp.Diff(want, got))
	}
}

func TestEveryMomentIsReadAsItWas(t *testing.T) {
	data, at := history(t, 400)
	tape := open(t, data)
	if tape.Cut() != "" || len(tape.keys) < 5 {
		t.Fatalf("%q, %d keys", tape.Cut(), len(tape.keys))
	}
	for when, want := range at {
		same(t, when, want, objectsAt(t, tape, when))
	}
}

func TestPlayingIsAsJumping(t *testing.T) {
	data, at := history(t, 400)
	tape := open(t, data)
	s, err := tape.at(tape.start)
	if err != nil {
		t.Fatal(err)
	}
	for steps := 0; ; steps++ {
		c, err := s.reader.peek()
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			if steps < 300 {
				t.Errorf("only %d changes", steps)
			}
			return
		}
		when := c.at
		if _, _, err := s.apply(s.reader.pop()); err != nil {
			t.Fatal(err)
		}
		if want := at[when]; want != nil {
			same(t, when, want, s.bodies(t))
		}
	}
}

func TestLabelsStandBeside(t *testing.T) {
	data, _ := history(t, 100)
	s, err := open(t, data).at(1 << 62)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range s.objects {
		if o.Resource.Resource == "pods" && len(o.labels) != 2 || o.Resource.Resource == "widgets" && len(o.labels) != 1 {
			t.Errorf("%s: %v", o.Name, o.labels)
		}
	}
}

func TestAListTellsWhatIsGone(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	for round := range 2 {
		list := w.List(pods, "")
		for n := range 3 - round {
			_ = list.Put(pod(n, n+1), Step)
		}
		_ = list.Done(Step)
	}
	if n := w.Written().Objects; n != 2 {
		t.Errorf("%d objects", n)
	}
	_ = w.Close()
	tape := open(t, out.Bytes())
	s, _ := tape.at(tape.end)
	if len(s.objects) != 2 || tape.changes[0].count != 4 {
		t.Errorf("%d objects after %d changes", len(s.objects), tape.changes[0].count)
	}
}

func TestMarksLogsDocuments(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	of := LogOf{"shop", "web", "app", false}
	line := LogLine{Time: began.Add(-time.Minute), Text: "hello"}
	_ = w.Documents(Document{Path: "/version", ContentType: "application/json", Body: []byte("1")})
	_ = w.Log(of, true, line, LogLine{Text: "no time"}, LogLine{Time: began.Add(time.Hour), Text: "a clock that is ahead"})
	_ = w.Mark(Gap, "pods: gone for a while")
	_ = w.Documents(Document{Path: "/version", ContentType: "application/json", Body: []byte("2")})
	_ = w.Close()
	tape := open(t, out.Bytes())
	marks := tape.Marks()
	if len(marks) != 1 || marks[0].Text != "pods: gone for a while" || marks[0].Kind != Gap {
		t.Error(marks)
	}
	for when, want := range map[time.Time]string{began: "1", tape.End(): "2", marks[0].Time: "1"} {
		documents, err := tape.Documents(when)
		if err != nil || len(documents) != 1 || string(documents[0].Body) != want {
			t.Errorf("at %v: %v %v", when, documents, err)
		}
	}
	logs, err := tape.logsAt(tape.end)
	if err != nil || len(logs.pieces) != 1 || logs.pieces[0].LogOf != of || len(logs.pieces[0].Lines) != 3 {
		t.Fatal(logs, err)
	}
	lines := logs.pieces[0].Lines
	if lines[0] != line || !lines[1].Time.IsZero() || !lines[2].Time.Equal(began.Add(time.Hour)) {
		t.Error(lines)
	}
}

func TestFileIsNewAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tape")
	w, err := Create(path, About{Started: began}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if _, err := Create(path, About{}, time.Now); err == nil || !strings.Contains(err.Error(), "name a new file") {
		t.Error(err)
	}
	_ = w.Close()
	tape, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	_ = tape.Close()
}

func TestOtherFilesAreRefused(t *testing.T) {
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	_ = w.Close()
	newer := bytes.Clone(out.Bytes())
	newer[len(magic)] = Version + 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":      {nil, "not a fathom tape"},
		"another file": {[]byte("apiVersion: v1\nkind: Pod\n"), "not a fathom tape"},
		"newer":        {newer, "open it with a newer fathom"},
		"only a start": {out.Bytes()[:prefixSize+3], "cut before anything was recorded"},
	} {
		_, err := Read(bytes.NewReader(c.data), int64(len(c.data)))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
