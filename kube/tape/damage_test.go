package tape

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// small is a little tape with everything on it.
func small(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(t, &out, time.Millisecond)
	_ = w.Documents(Document{Path: "/version", ContentType: "application/json", Body: []byte("{}")})
	list := w.List(widgets, "")
	for n := range 3 {
		_ = list.Put(widget(n, n+1), Step)
	}
	_ = list.Done(Step)
	_ = w.Mark(Complete, "")
	_ = w.Put(widget(1, 10), Finding)
	_ = w.Log(LogOf{"shop", "web", "app", false}, false, LogLine{Time: began, Text: "hello"})
	w.mu.Lock()
	w.flush()
	w.key()
	w.mu.Unlock()
	_ = w.Put(widget(1, 11), Step)
	_ = w.Delete(widget(2, 12), Quiet)
	_ = w.Mark(Ended, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAsFarAsItGoes opens what may be a tape and reads all that is on it. It must
// not panic, and an error must be one line.
func readAsFarAsItGoes(t *testing.T, data []byte) *Tape {
	t.Helper()
	tape, err := Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		if text := err.Error(); text == "" || strings.Contains(text, "\n") {
			t.Errorf("error %q", text)
		}
		return nil
	}
	for _, at := range []int64{tape.start, (tape.start + tape.end) / 2, tape.end, 0} {
		if s, err := tape.at(at); err == nil {
			for _, o := range s.objects {
				_, _ = o.now.Bytes()
			}
		}
		_, _ = tape.logsAt(at)
	}
	_, _ = tape.Documents(tape.End())
	tape.Marks()
	tape.Resources()
	return tape
}

func TestCutAnywhere(t *testing.T) {
	data := small(t)
	whole := open(t, data)
	at, frames := int64(prefixSize), 0 // ends of frames
	ends := map[int]bool{prefixSize: true}
	for at < int64(len(data)) {
		f, ok := parseFrame(data[at:])
		if !ok {
			t.Fatal("a frame of a whole tape is damaged")
		}
		at += headerSize + int64(f.size)
		ends[int(at)] = true
		frames++
	}
	if frames < 9 {
		t.Fatalf("%d frames", frames)
	}
	opened := 0
	for cut := range data {
		tape := readAsFarAsItGoes(t, data[:cut])
		if tape == nil {
			continue
		}
		opened++
		if (tape.Cut() == "") != ends[cut] {
			t.Errorf("cut at %d: %q", cut, tape.Cut())
		}
		if tape.End().After(whole.End()) || tape.about.Cluster != "prod" {
			t.Errorf("cut at %d: reaches to %v", cut, tape.End())
		}
		// What is there before the cut is there as in the whole tape.
		same(t, tape.end, objectsAt(t, open(t, data), tape.end), objectsAt(t, tape, tape.end))
	}
	if opened < len(data)*3/4 {
		t.Errorf("opened at %d of %d cuts only", opened, len(data))
	}
}

func TestFlippedAnywhere(t *testing.T) {
	data := small(t)
	for at := range data {
		for _, bit := range []byte{0x01, 0x80, 0xff} {
			damaged := bytes.Clone(data)
			damaged[at] ^= bit
			tape := readAsFarAsItGoes(t, damaged)
			if tape != nil && tape.Cut() == "" && at >= len(magic)+2 && at != prefixSize-1 && at != prefixSize-2 {
				t.Errorf("byte %d: damage was not noticed", at)
			}
		}
	}
}

// TestHostileText damages what the sums are made of, as somebody would who wants
// to be read.
func TestHostileText(t *testing.T) {
	data := small(t)
	decoder, encoder := newDecoder(), newEncoder(1)
	for at := int64(prefixSize); at < int64(len(data)); {
		f, _ := parseFrame(data[at:])
		text, err := f.unpack(decoder, data[at+headerSize:at+headerSize+int64(f.size)])
		if err != nil {
			t.Fatal(err)
		}
		next := at + headerSize + int64(f.size)
		for i := range text {
			for _, with := range []byte{0x00, 0x7f, 0xff} {
				changed := bytes.Clone(text)
				changed[i] = with
				for _, changed := range [][]byte{changed, changed[:i]} {
					g := f
					payload := encoder.EncodeAll(changed, nil)
					g.size, g.raw, g.sum = uint32(len(payload)), uint32(len(changed)), checksum(payload)
					hostile := append(bytes.Clone(data[:at]), append(g.append(nil), payload...)...)
					readAsFarAsItGoes(t, append(hostile, data[next:]...))
				}
			}
		}
		at = next
	}
}

func FuzzRead(f *testing.F) {
	data := small(f)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add(appendPrefix(nil))
	f.Fuzz(func(t *testing.T, data []byte) { readAsFarAsItGoes(t, data) })
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("the quick brown fox jumps over the lazy dog"), []byte("the quick red fox jumps over the lazy cat"))
	f.Add(pod(1, 1).Body, pod(1, 2).Body)
	f.Add([]byte{}, []byte("x"))
	f.Fuzz(func(t *testing.T, base, text []byte) {
		var d deltas
		delta := d.append(nil, base, text)
		got, ok := applyDelta(base, delta, len(text))
		if !ok || !bytes.Equal(got, text) {
			t.Errorf("%q of %q by %q is %q %v", text, base, delta, got, ok)
		}
		_, _ = applyDelta(text, base, len(base)) // must not panic
	})
}
