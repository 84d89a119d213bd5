package tape

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// hour writes a tape of 10,000 pods and an hour of 100 changes a second, each to a
// random pod, which is the worst case for memory and deltas.
func hour(b *testing.B, path string) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	clock := &ticker{began, 10 * time.Millisecond}
	w, err := NewWriter(file, About{Cluster: "prod", Started: began}, clock.Now)
	if err != nil {
		b.Fatal(err)
	}
	list := w.List(pods, "")
	for n := range 10_000 {
		_ = list.Put(pod(n, n), Step)
	}
	_ = list.Done(Step)
	_ = w.Mark(Complete, "")
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 360_000 {
		_ = w.Put(pod(random.IntN(10_000), 10_000+i), Step)
		if i%100 == 0 {
			_ = w.Flush()
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	_ = file.Close()
	b.ReportMetric(float64(w.written)/360_000, "filebytes/change")
}

// BenchmarkPut is one change of a pod, as the Writer takes it; 100 of them a
// second cost 100 times as much of a core.
func BenchmarkPut(b *testing.B) {
	var out bytes.Buffer
	w := newWriter(b, &out, 10*time.Millisecond)
	for n := range 1000 {
		_ = w.Put(pod(n, n), Step)
	}
	_ = w.Mark(Complete, "")
	changes := make([]Object, 1000)
	for n := range changes {
		changes[n] = pod(n, 5000+n)
	}
	before := w.Written().Bytes
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		o := changes[i%len(changes)]
		o.Version = string(rune('a' + i/len(changes)%26))
		_ = w.Put(o, Step)
		if i%100 == 0 {
			_ = w.Flush()
		}
	}
	_ = w.Flush()
	b.ReportMetric(float64(w.Written().Bytes-before)/float64(b.N), "filebytes/op")
}

func BenchmarkHour(b *testing.B) {
	path := filepath.Join(b.TempDir(), "hour.tape")
	b.Run("record", func(b *testing.B) {
		for b.Loop() {
			hour(b, path)
		}
	})
	if info, err := os.Stat(path); err == nil {
		b.Logf("%d bytes", info.Size())
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			tape, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			if s, err := tape.at(tape.start); err != nil || len(s.objects) != 10_000 {
				b.Fatal(err)
			}
			_ = tape.Close()
		}
	})
	tape, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer tape.Close()
	b.Logf("%d keys, %d frames", len(tape.keys), len(tape.changes))
	worst := int64(0)
	for i := range tape.keys {
		worst = max(worst, tape.keys[i].at-1)
	}
	for name, at := range map[string]int64{"start": tape.start, "beforeKey": worst, "end": tape.end} {
		b.Run("jump/"+name, func(b *testing.B) {
			for b.Loop() {
				if s, err := tape.at(at); err != nil || len(s.objects) != 10_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPlayer(b *testing.B) {
	path := filepath.Join(b.TempDir(), "hour.tape")
	hour(b, path)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			tape, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			p, err := NewPlayer(tape, PlayerOptions{Paused: true})
			if err != nil || p.API().Len() != 10_000 {
				b.Fatal(err)
			}
			p.Close()
			_ = tape.Close()
		}
	})
	tape, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer tape.Close()
	p, err := NewPlayer(tape, PlayerOptions{Paused: true})
	if err != nil {
		b.Fatal(err)
	}
	p.Close() // what follows replaces its goroutine
	random := rand.New(rand.NewPCG(1, 1))
	b.Run("jump", func(b *testing.B) {
		worst := time.Duration(0)
		for b.Loop() {
			at := time.Now()
			if err := p.jump(tape.start + random.Int64N(tape.end-tape.start)); err != nil {
				b.Fatal(err)
			}
			worst = max(worst, time.Since(at))
		}
		b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
	})
	b.Run("play1s", func(b *testing.B) {
		_ = p.jump(tape.start)
		for b.Loop() {
			if err := p.advanceTo(min(p.position+1_000_000, tape.end)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
