package recorder

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
)

func TestLongLinesAreRecordedWhole(t *testing.T) {
	of := memapi.Container{Namespace: "shop", Pod: "web", Name: "app"}
	const stamp = len("2026-01-02T03:05:00.000000000Z ")
	line := func(letter string, n int) string { return strings.Repeat(letter, n) }
	short, longer, most := line("a", 10), line("b", 200<<10), line("c", 3<<20)
	for name, test := range map[string]struct{ lines, want []string }{
		"longer than what is read at a time": {[]string{short, longer, short}, []string{short, longer, short}},
		"longer than the screen shows":       {[]string{most, short}, []string{most, short}},
		"as long as a run may be": {
			[]string{line("d", runBytes-stamp-1)}, []string{line("d", runBytes-stamp-1)},
		},
		"longer than a run may be": {
			[]string{line("d", runBytes), short}, []string{line("d", runBytes-stamp), notRecorded},
		},
		"a run that gets too long": {
			[]string{most, most, short}, []string{most, line("c", runBytes-(stamp+len(most)+1)-stamp), notRecorded},
		},
		"a run that ends where it may": {
			[]string{most, line("d", runBytes-len(most)-2*(stamp+1)), short},
			[]string{most, line("d", runBytes-len(most)-2*(stamp+1)), notRecorded},
		},
		"many lines": {slices.Repeat([]string{longer}, 19), slices.Repeat([]string{longer}, 19)},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, Options{Logs: LogsAll, Kinds: []string{"pods"}}, func(s *kubetest.Server) {
				for _, text := range test.lines {
					s.Log(of, memapi.Line{Time: s.Clock().Now(), Text: text})
				}
			})
			r.until(t, "the lines", func(p Progress) bool { return p.Lines == int64(len(test.want)) })
			p := r.end(t)
			atEnd(t, p)
			got := strings.Split(strings.TrimSuffix(get(t, p.API(), "/api/v1/namespaces/shop/pods/web/log"), "\n"), "\n")
			if len(got) != len(test.want) {
				t.Fatalf("%d lines, not %d", len(got), len(test.want))
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Errorf("line %d is %s, not %s", i, brief(got[i]), brief(test.want[i]))
				}
			}
		})
	}
}

// TestLogsThatAreReadAreRecorded reads the log of a pod that is well: it is recorded from
// then on, with what was read; that of another pod is not.
func TestLogsThatAreReadAreRecorded(t *testing.T) {
	of := memapi.Container{Namespace: "shop", Pod: "web", Name: "app"}
	r := record(t, Options{Opened: true, Kinds: []string{"pods"}}, func(s *kubetest.Server) {
		for range openedLines {
			s.Log(of, memapi.Line{Time: s.Clock().Now(), Text: "held"})
		}
	})
	r.untilComplete(t)
	read := r.cluster.Logs(kube.LogOptions{Namespace: "shop", Pod: "web", Container: "app"})
	if _, err := read.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.until(t, "the lines", func(p Progress) bool { return p.Lines == openedLines })
	p := r.end(t)
	atEnd(t, p)
	if got := get(t, p.API(), "/api/v1/namespaces/shop/pods/web/log"); strings.Count(got, "held\n") != openedLines {
		t.Errorf("recorded are %d bytes", len(got))
	}
}

// TestWhatTheKubeletSaysIsNoLog holds that the kubelet's words in the place of a log that is being removed
// are not recorded, and that the log is asked for again.
func TestWhatTheKubeletSaysIsNoLog(t *testing.T) {
	of := memapi.Container{Namespace: "shop", Pod: "web", Name: "app"}
	var asked atomic.Int32
	r := record(t, Options{Logs: LogsAll, Kinds: []string{"pods"}}, func(s *kubetest.Server) {
		s.Log(of, memapi.Line{Time: s.Clock().Now(), Text: "held"})
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/log") || asked.Add(1) > 1 {
				return false
			}
			_, _ = io.WriteString(w, `failed to try resolving symlinks in path "/var/log/pods/x/app/2.log": lstat: no such file`)
			return true
		})
	})
	n := 0
	r.until(t, "the line", func(p Progress) bool {
		n++
		r.server.Patch(t, kinds.Pod.GroupVersionKind, "shop", "web", fmt.Sprintf(`{"metadata":{"labels":{"n":"%d"}}}`, n))
		return p.Lines == 1
	})
	p := r.end(t)
	atEnd(t, p)
	if got := get(t, p.API(), "/api/v1/namespaces/shop/pods/web/log"); got != "held\n" {
		t.Errorf("recorded is %q", got)
	}
}

// brief is a line as a failure shows it.
func brief(line string) string {
	return fmt.Sprintf("%d bytes, %q … %q", len(line), line[:min(len(line), 10)], line[max(0, len(line)-40):])
}

func TestReadLine(t *testing.T) {
	const size = 16 // of the buffer
	as := func(n int) string { return strings.Repeat("a", n) }
	for name, test := range map[string]struct {
		text string
		most int
		want string
		rest bool // the line is not whole
		err  error
	}{
		"nothing":                       {"", 9, "", false, io.EOF},
		"nothing, and none may be read": {"", 0, "", false, io.EOF},
		"a line":                        {"abc\ndef", 9, "abc\n", false, nil},
		"an empty line":                 {"\nx", 9, "\n", false, nil},
		"without an end":                {"abc", 9, "abc", false, io.EOF},
		"as long as it may be":          {"abc\n", 4, "abc\n", false, nil},
		"a byte too long":               {"abcd\n", 4, "abcd", true, nil},
		"none may be read":              {"abc\n", 0, "", true, nil},
		"as long as the buffer":         {as(size-1) + "\n", 99, as(size-1) + "\n", false, nil},
		"longer than the buffer":        {as(5*size) + "\nb", 99, as(5*size) + "\n", false, nil},
		"much longer than it may be":    {as(99 * size), 3*size + 1, as(3*size + 1), true, nil},
		"cut off":                       {as(3 * size), 99, as(3 * size), false, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			line, whole, err := readLine(bufio.NewReaderSize(strings.NewReader(test.text), size), test.most)
			if string(line) != test.want || whole == test.rest || !errors.Is(err, test.err) {
				t.Errorf("%q, whole %v, %v", line, whole, err)
			}
		})
	}
}

func TestParseLine(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 5, 0, 7, time.UTC)
	for text, want := range map[string]struct {
		time time.Time
		text string
	}{
		"2026-01-02T03:05:00.000000007Z said\n":  {at, "said"},
		"2026-01-02T03:05:00.000000007Z \n":      {at, ""},
		"2026-01-02T03:05:00.000000007Z a b\r\n": {at, "a b\r"},
		"2026-01-02T03:05:00.000000007Z":         {time.Time{}, "2026-01-02T03:05:00.000000007Z"},
		"no time here\n":                         {time.Time{}, "no time here"},
		"\n":                                     {time.Time{}, ""},
	} {
		if got := parseLine([]byte(text)); !got.Time.Equal(want.time) || got.Text != want.text {
			t.Errorf("%q: %v %q", text, got.Time, got.Text)
		}
	}
}
