package term

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
)

// typed is what a keyboard makes of pieces of input that come apart from each
// other, and when each key came. It must be called in a synctest bubble.
func typed(t *testing.T, apart time.Duration, pieces ...string) (keys []string, at []time.Duration) {
	t.Helper()
	in, out := io.Pipe()
	terminal := &Terminal{in: in, env: uv.Environ{"TERM=xterm-256color"}}
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	ended := make(chan error)
	go func() {
		ended <- terminal.Listen(ctx, func(event uv.Event, _ bool) {
			switch event := event.(type) {
			case uv.KeyPressEvent:
				keys = append(keys, event.String())
			case uv.PasteEvent:
				keys = append(keys, "paste "+event.Content)
			case uv.PasteStartEvent, uv.PasteEndEvent:
				return
			default:
				keys = append(keys, fmt.Sprintf("%T", event))
			}
			at = append(at, time.Since(begin))
		})
	}()
	for i, piece := range pieces {
		if i > 0 {
			waitUntil(time.Now().Add(apart))
		}
		if _, err := io.WriteString(out, piece); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
	}
	waitUntil(time.Now().Add(2 * sequencePatience))
	cancel()
	_ = out.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	synctest.Wait()
	return keys, at
}

// A link may cut a sequence anywhere. Whatever comes of it, an arrow key is
// never text.
func TestKeysThatALinkCuts(t *testing.T) {
	const long = 2 * escPatience
	letters := func(text string) []string { return strings.Split(text, "") }
	for _, tt := range []struct {
		name   string
		apart  time.Duration
		pieces []string
		want   []string
	}{
		{"whole", 0, []string{"\x1b[A\x1b[1;5Bj"}, []string{"up", "ctrl+down", "j"}},
		{"after the ESC", escPatience / 2, []string{"\x1b", "[A"}, []string{"up"}},
		{"after the ESC, for long", long, []string{"\x1b", "[A"}, []string{"esc", "up"}},
		{"after the ESC of F1, for long", long, []string{"\x1b", "OP"}, []string{"esc", "f1"}},
		{"before the end", sequencePatience / 2, []string{"\x1b[", "A"}, []string{"up"}},
		{"in the parameters", sequencePatience / 2, []string{"\x1b[1;", "5A", "\x1bO", "P"}, []string{"ctrl+up", "f1"}},
		{"everywhere", escPatience / 2, letters("\x1b[1;5A\x1b[3~k"), []string{"ctrl+up", "delete", "k"}},
		{"a letter", long, []string{"\xc3", "\xa4", "日"[:1], "日"[1:]}, []string{"ä", "日"}},
		{"a mouse", long, []string{"\x1b[<0;12", ";34M"}, []string{"uv.MouseClickEvent"}},
		{"by hand", long, []string{"\x1b", "[", "A"}, []string{"esc", "[", "A"}},
		{"by hand, O", long, []string{"\x1b", "O", "x"}, []string{"esc", "O", "x"}},
		{"esc, and much later what looks like the rest", 2 * rejoinLimit, []string{"\x1b", "[A"}, []string{"esc", "[", "A"}},
		{"esc twice", 0, []string{"\x1b\x1b"}, []string{"esc", "esc"}},
		{"esc thrice, which the shell takes apart", 0, []string{"\x1b\x1b\x1b"}, []string{"alt+esc", "esc"}},
		{"alt with an arrow", 0, []string{"\x1b\x1b[A"}, []string{"alt+up"}},
		{"typed ahead", 0, []string{"\x1b:pods\r"}, []string{"alt+:", "p", "o", "d", "s", "enter"}},
		{"esc before a sequence", 0, []string{"\x1b[1\x1b[B"}, []string{"uv.UnknownEvent", "down"}},
		{"a paste", 0, []string{"\x1b[200~a\x1b[31mé\x1b[201~j"}, []string{"paste aé", "j"}},
		{"a paste after the ESC, for long", long, []string{"\x1b", "[200~a\x1b[201~j"}, []string{"esc", "paste a", "j"}},
		{"a paste, everywhere", escPatience / 2, letters("\x1b[200~a日\n\x1b[201~j"), []string{"paste a日\n", "j"}},
		{"a paste that ends with ESC", long, []string{"\x1b[200~a\x1b", "\x1b[201~", "j"}, []string{"paste a\x1b", "j"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got, _ := typed(t, tt.apart, tt.pieces...); !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// Esc is felt at once where the terminal says that it is esc, and soon elsewhere.
func TestEscIsSoon(t *testing.T) {
	for input, limit := range map[string]time.Duration{
		escKey: 0, "\x1b": escPatience + 5*time.Millisecond, "\x1b\x1b": escPatience + 5*time.Millisecond,
		"j": 0, "\x1b[A": 0, "\x1bj": 5 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			_, at := typed(t, 0, input)
			if len(at) == 0 || slices.Max(at) > limit {
				t.Errorf("%q is felt after %v, want %v at most", input, at, limit)
			}
		})
	}
}

// Input that never ends a sequence is bounded, and keys get through after it.
func TestInputThatEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, _ := typed(t, 0, "\x1b["+strings.Repeat("1", 10_000)+"m", "j")
		if len(got) == 0 || got[len(got)-1] != "j" {
			t.Errorf("got %d keys, the last is not j", len(got))
		}
	})
}

// Whoever gets a key that another follows may wait for that one.
func TestMoreIsAKeyThatFollows(t *testing.T) {
	events := make(chan uv.Event, 5)
	a, b, c := uv.KeyPressEvent{Code: 'a'}, uv.KeyPressEvent{Code: 'b'}, uv.KeyPressEvent{Code: 'c'}
	for _, event := range []uv.Event{a, b, uv.FocusEvent{}, c} {
		events <- event
	}
	close(events)
	var got []string
	deliverInOrder(events, func(event uv.Event, more bool) { got = append(got, fmt.Sprintf("%v %v", event, more)) })
	want := []string{"a true", "b false", "{} true", "c false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// waitUntil moves the clock of the test's synctest bubble.
func waitUntil(moment time.Time) {
	time.Sleep(time.Until(moment)) //nolint:forbidigo // Nothing else moves a bubble's clock, and it takes no time.
}
