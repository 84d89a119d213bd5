package dump

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"
)

// pieces splits a text, and returns its pieces and problems.
func rawObjects(text []byte) (all []rawObject, problems int, err error) {
	s := &splitter{
		in: bufio.NewReaderSize(bytes.NewReader(text), readAhead), limit: 1 << 20,
		emit:    func(p rawObject) error { p.text = bytes.Clone(p.text); all = append(all, p); return nil },
		problem: func(int, string, ...any) { problems++ },
		log:     func(container, []byte) {},
	}
	err = s.split()
	return all, problems, err
}

// FuzzSplit holds that the splitter takes anything, that no piece is larger than the
// whole, that line numbers are within the text, and that documents after a bad one are
// found: the marker ends whatever is not JSON.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{
		"", pod("shop", "a"), yamlList(pod("a", "b"), pod("c", "d")), "{\"items\": [{}, {}]}{}", "[[{]}",
		"items:\n  - a\n - b\nx: y\n" +
			"- c", "\"", "{\"a\": \"\\", "---\n...\n---", "- \n-\n- - a", "{]", "items: \n\n# x\n-",
		"==== START logs for container a of pod b/c ====\nx",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, _, err := rawObjects(text)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, p := range all {
			if p.line < 1 || p.line > lines || len(p.text) > 2*len(text)+lines+16 {
				t.Fatalf("a piece of %d bytes at line %d of %d", len(p.text), p.line, lines)
			}
			_, _ = parse(p.text)
		}
		if bytes.ContainsAny(text, "{[") || bytes.Contains(text, []byte(startOfLogs)) {
			return
		}
		after, _, err := rawObjects(append(bytes.Clone(text), "\n---\nlast: one\n"...))
		if err != nil || len(after) == 0 || !strings.Contains(string(after[len(after)-1].text), "last: one") {
			t.Fatalf("the document after it is lost: %d pieces, %v", len(after), err)
		}
	})
}

func TestSplitEndsWhenEmitFails(t *testing.T) {
	enough := errors.New("enough")
	for _, text := range []string{pod("shop", "a"), yamlList(pod("a", "b")), "{\"items\": [{\"kind\": \"x\"}, " +
		"{}]}", "{}"} {
		s := &splitter{
			in: bufio.NewReader(strings.NewReader(text + "\n---\n" + text)), limit: 1 << 20,
			emit: func(rawObject) error { return enough }, problem: func(int, string, ...any) {},
		}
		if err := s.split(); !errors.Is(err, enough) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
