package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fathom-k8s/fathom/kube/plain"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// captureDrain is how long the end of a capture waits for what was written.
const captureDrain = 100 * time.Millisecond

// CaptureStderr sends what libraries write to a terminal to the ring instead: klog, the
// API's warnings, and whatever else goes to os.Stderr. It must be called before the first
// Open, because klog has to know before it logs. restore puts os.Stderr back and may be
// called once; klog stays silent.
//
// Only the variable os.Stderr changes, not file descriptor 2: what the Go runtime says
// about a crash still reaches the terminal.
func CaptureStderr(m *Messages) (restore func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("capture the standard error: %w", err)
	}
	before := os.Stderr
	os.Stderr = write
	logged.messages.Store(m)
	logged.once.Do(func() { klog.SetLogger(logr.New(logSink{})) })
	rest.SetDefaultWarningHandlerWithContext(warnings{m})
	done := make(chan struct{})
	m.Start("standard error", func() {
		defer close(done)
		readLines(read, func(line string) {
			if line == lastLine {
				_ = read.SetReadDeadline(time.Now())
				return
			}
			m.Add("error", line)
		})
		_ = read.Close()
	})
	return func() {
		os.Stderr = before
		logged.messages.Store(nil)
		// The pipe stays open: a library may hold it.
		_ = read.SetReadDeadline(time.Now().Add(captureDrain))
		_, _ = write.WriteString("\n" + lastLine + "\n")
		<-done
	}, nil
}

// lastLine ends what is captured; nobody writes that.
const lastLine = "\x00"

// readLines calls add with each line; a longer one than 4 KiB comes in pieces.
func readLines(r io.Reader, add func(string)) {
	lines := bufio.NewReaderSize(r, 4096)
	for {
		line, err := lines.ReadSlice('\n')
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			add(text)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// warnings is the handler of the API's Warning headers: of a deprecated version
// and the like (kubectl prints them to its standard error).
type warnings struct{ messages *Messages }

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (w warnings) HandleWarningHeaderWithContext(_ context.Context, code int, _, text string) {
	if code == 299 && text != "" {
		w.messages.Add("warning", text)
	}
}

// logSink turns klog's lines into messages: "text key=value".
type logSink struct{ values string }

// logged is the ring that logSink writes to. klog's logger may only be set
// before anything logs, so it is set once and finds the ring here.
var logged struct {
	once     sync.Once
	messages atomic.Pointer[Messages]
}

var _ logr.LogSink = logSink{}

// Init implements logr.LogSink.
func (s logSink) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink; klog asks its own -v first.
func (s logSink) Enabled(int) bool { return true }

// Info implements logr.LogSink.
func (s logSink) Info(_ int, text string, values ...any) {
	logged.messages.Load().Add("info", text+s.values+pairs(values))
}

// Error implements logr.LogSink.
func (s logSink) Error(err error, text string, values ...any) {
	if err != nil {
		text += ": " + plain.Error("", err).Error()
	}
	logged.messages.Load().Add("error", text+s.values+pairs(values))
}

// WithValues implements logr.LogSink.
func (s logSink) WithValues(values ...any) logr.LogSink {
	return logSink{s.values + pairs(values)}
}

// WithName implements logr.LogSink; the text says enough.
func (s logSink) WithName(string) logr.LogSink { return s }

func pairs(values []any) string {
	var b strings.Builder
	for i := 0; i+1 < len(values); i += 2 {
		fmt.Fprintf(&b, " %v=%v", values[i], values[i+1])
	}
	return b.String()
}
