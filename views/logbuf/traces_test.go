package logbuf

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/logs"
)

// folded are the lines of a buffer with those that are folded indented by an arrow.
func folded(b *Buffer) string {
	var out strings.Builder
	for i := range b.Len() {
		if b.traces.has(b.dropped + i) {
			out.WriteString("> ")
		}
		fmt.Fprintf(&out, "%s\n", b.Line(i).Text)
	}
	return out.String()
}

func TestTraces(t *testing.T) {
	for name, text := range map[string]string{
		"Go": "panic: no cart\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:42 +0x1d\n\n" +
			"goroutine 7 [select]:\nnet/http.(*conn).serve(0xc0000)\n\t/x/server.go:1 +0x2\nexit status 2",
		"Java": "java.lang.IllegalStateException: no cart\n\tat shop.Cart.get(Cart.java:7)\n" +
			"Caused by: java.io.IOException: reset\n\t... 12 more\nINFO again",
		"Python":             "Traceback (most recent call last):\n  File \"/app/cart.py\", line 7, in get\n    raise KeyError(7)\nKeyError: 7",
		"Node":               "TypeError: x is undefined\n    at Cart.get (/app/cart.js:7:3)\n    at async run (/app/x.js:1:1)\n\nNode.js v20",
		"Ruby":               "cart.rb:7:in `get': no cart (KeyError)\n\tfrom cart.rb:9:in `<main>'\nfine",
		"Rust":               "thread 'main' panicked at src/main.rs:2:5:\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x.rs:1\nfine",
		"indented, no trace": "config:\n  cart: 7\n  shop:\n    at: 9",
		"it begins inside":   "\tat shop.Cart.get(Cart.java:7)\n\tat shop.Main.main(Main.java:1)\nINFO again",
		"with colours":       "\x1b[31mError: no\x1b[0m\n\x1b[2m    at f (/app/x.js:1:1)\x1b[0m",
	} {
		var b Buffer
		for i, line := range strings.Split(text, "\n") {
			b.Add([]Line{{Text: line, Time: now.Add(time.Duration(i))}})
		}
		want := map[string]string{
			"Go": "panic: no cart\n> \n> goroutine 1 [running]:\n> main.main()\n> \t/app/main.go:42 +0x1d\n> \n" +
				"> goroutine 7 [select]:\n> net/http.(*conn).serve(0xc0000)\n> \t/x/server.go:1 +0x2\nexit status 2\n",
			"Java": "java.lang.IllegalStateException: no cart\n> \tat shop.Cart.get(Cart.java:7)\n" +
				"> Caused by: java.io.IOException: reset\n> \t... 12 more\nINFO again\n",
			"Python": "Traceback (most recent call last):\n>   File \"/app/cart.py\", line 7, in get\n>     raise KeyError(7)\nKeyError: 7\n",
			"Node": "TypeError: x is undefined\n>     at Cart.get (/app/cart.js:7:3)\n>     at async run (/app/x.js:1:1)\n> \n" +
				"Node.js v20\n",
			"Ruby": "cart.rb:7:in `get': no cart (KeyError)\n> \tfrom cart.rb:9:in `<main>'\nfine\n",
			"Rust": "thread 'main' panicked at src/main.rs:2:5:\nstack backtrace:\n>    0: rust_begin_unwind\n" +
				">              at /rustc/x.rs:1\nfine\n",
			"indented, no trace": text + "\n",
			"it begins inside":   strings.Replace(text, "\n\tat", "\n> \tat", 1) + "\n",
			"with colours":       strings.Replace(text, "\n", "\n> ", 1) + "\n",
		}[name]
		if got := folded(&b); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestTracesOfLinesThatMove lets lines of three streams come late: what is folded is what
// would be if they had come in order.
func TestTracesOfLinesThatMove(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	for range 50 {
		var b Buffer
		for second := range 60 {
			var lines []Line
			for range random.IntN(6) {
				text := []string{"fine", "\tat a.b(c)", "  indented", "", "main.main()"}[random.IntN(5)]
				late := time.Duration(random.IntN(3)) * time.Second
				at := now.Add(time.Duration(second)*time.Second - late)
				lines = append(lines, Line{Time: at, Text: text, Stream: random.IntN(3)})
			}
			b.Add(lines)
		}
		var want traces
		for i := range b.Len() {
			want.note(i, b.Line(i))
		}
		if !slices.Equal(b.traces.numbers, want.numbers) {
			t.Fatalf("folded are %v, want %v of\n%s", b.traces.numbers, want.numbers, folded(&b))
		}
		checkFoldedSieve(t, &b)
	}
}

// checkFoldedSieve compares the lines of a sieve that only folds with those of the buffer.
func checkFoldedSieve(t *testing.T, b *Buffer) {
	t.Helper()
	all, _ := NewFilter("")
	s := NewSieve(all, true, b)
	i := 0
	for number := range b.Len() {
		if s.Index(number) != i {
			t.Fatalf("line %d is at %d, want %d", number, s.Index(number), i)
		}
		if b.traces.has(number) {
			continue
		}
		if s.Number(i) != number {
			t.Fatalf("at %d is line %d, want %d", i, s.Number(i), number)
		}
		i++
	}
	if s.Len() != i {
		t.Fatalf("%d lines, want %d", s.Len(), i)
	}
}

// TestTraceIsFoundBelowItsFirstLine has two containers write at the same time.
func TestTraceIsFoundBelowItsFirstLine(t *testing.T) {
	var b Buffer
	for i, text := range []string{"0 Error: a", "1 Error: b", "0 \tat a", "1 \tat b", "0 \tat c", "1 fine", "0 fine"} {
		b.Add([]Line{{Text: text[2:], Stream: int(text[0] - '0'), Time: now.Add(time.Duration(i))}})
	}
	b.Add([]Line{{Text: "restarted", Flags: logs.Marker, Time: now.Add(99)}})
	want := [][]int{{2, 4}, {3}, nil, nil, nil, nil, nil, nil}
	for i := range b.Len() {
		if got := b.Trace(i); !slices.Equal(got, want[i]) {
			t.Errorf("below line %d are %v, want %v", i, got, want[i])
		}
	}
}

// TestTracesThatLoseTheirFirstLine drops lines: no line stays folded under nothing.
func TestTracesThatLoseTheirFirstLine(t *testing.T) {
	var b Buffer
	b.Add([]Line{{Text: "Error"}, {Text: "\tat a"}, {Text: "\tat b"}, {Text: "fine"}, {Text: "Error"}, {Text: "\tat c"}})
	all, _ := NewFilter("")
	s := NewSieve(all, true, &b)
	// As shrink does.
	b.newest, b.dropped = b.newest[1:], 1
	b.traces.drop(1)
	if got := s.Dropped(); got != 0 || !slices.Equal(b.traces.numbers, []int{5}) || s.Len() != 4 {
		t.Errorf("%d lines went, folded are %v, %d are shown", got, b.traces.numbers, s.Len())
	}
}
