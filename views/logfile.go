package views

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/themes"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views/logbuf"
)

const actToFile ui.Action = "lines-to-file"

// logFile writes what is shown of a log to a file, and what comes. It is a source without
// messages, which ends when the writing does. The loop only hands lines over.
type logFile struct {
	save   func(name string, text io.WriterTo) (path string, err error)
	name   string
	held   []ui.Block
	choose *logbuf.Chooser
	ctx    context.Context //nolint:containedctx // That of Next, for WriteTo.
	path   atomic.Pointer[string]
	lines  atomic.Int64

	mu     sync.Mutex
	queue  []queued
	wake   chan struct{} // holds at most one
	closed bool
}

// queued are lines with the prefix that they had when they came.
type queued struct {
	lines  []kube.LogLine
	prefix logbuf.Prefix
}

// toggleFile begins to write to a file, or ends that.
func (v *logs) toggleFile() ui.Intent {
	if v.out != nil {
		v.out.finish()
		return nil
	}
	save := v.subject.session.Save
	if save == nil {
		return ui.Say{Text: "cannot save files here", Role: themes.Failing}
	}
	filter, err := logbuf.NewFilter(v.sifted.filter)
	if err != nil {
		return ui.Say{Text: err.Error(), Role: themes.Failing}
	}
	v.out = &logFile{
		save: save, name: v.file, held: v.Blocks(), choose: logbuf.NewChooser(filter), wake: make(chan struct{}, 1),
	}
	for _, block := range v.out.held {
		v.out.lines.Add(int64(block.Len()))
	}
	return ui.Watch{Source: v.out}
}

// add hands lines over.
func (f *logFile) add(lines []kube.LogLine, p logbuf.Prefix) {
	f.mu.Lock()
	f.queue = append(f.queue, queued{lines, p})
	f.mu.Unlock()
	f.signal()
}

// finish ends the writing after what was handed over.
func (f *logFile) finish() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.signal()
}

func (f *logFile) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// take returns what was handed over, and whether that is all.
func (f *logFile) take() (queue []queued, closed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue, f.queue = f.queue, nil
	return queue, f.closed
}

// Next implements ui.Source.
func (f *logFile) Next(ctx context.Context) (ui.Msg, error) {
	f.ctx = ctx
	if _, err := f.save(f.name, f); err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// WriteTo implements io.WriterTo. It goes on until the writing is ended.
func (f *logFile) WriteTo(w io.Writer) (total int64, err error) {
	if file, ok := w.(interface{ Name() string }); ok {
		path := file.Name()
		f.path.Store(&path)
	}
	total, err = long(f.held).WriteTo(w)
	f.held = nil
	for err == nil {
		queue, closed := f.take()
		var text []byte
		for i := range queue {
			text = f.append(text, &queue[i])
		}
		if len(text) > 0 {
			n, failed := w.Write(text)
			total, err = total+int64(n), failed
			continue
		}
		if closed {
			return total, nil
		}
		select {
		case <-f.wake:
		case <-f.ctx.Done():
			return total, nil
		}
	}
	return total, err
}

// append appends the lines that are chosen.
func (f *logFile) append(to []byte, q *queued) []byte {
	for i := range q.lines {
		if l := &q.lines[i]; f.choose.Chooses(l) {
			to = append(append(to, q.prefix.Raws(l)...), '\n')
			f.lines.Add(1)
		}
	}
	return to
}

// written says how many lines were written.
func (f *logFile) written() string { return counted(int(f.lines.Load()), "lines") }

// fileLine says where lines are written to; nil when they are not.
func (v *logs) fileLine() ui.Line {
	if v.out == nil {
		return nil
	}
	name := v.out.name
	if path := v.out.path.Load(); path != nil {
		name = *path
	}
	return ui.Line{
		{Text: fmt.Sprintf("writing, F ends it: %s to ", v.out.written()), Role: themes.Waiting},
		{Text: name, Role: themes.Text},
	}
}

// fileEnded says where the lines are, and reports whether the source was that of a file.
func (v *logs) fileEnded(msg ui.Ended) (intent ui.Intent, ended bool) {
	if v.out == nil || msg.Source != ui.Source(v.out) {
		return nil, false
	}
	out := v.out
	v.out = nil
	if path := out.path.Load(); path != nil && msg.Err == nil {
		return ui.Say{Text: fmt.Sprintf("saved %s to %s", out.written(), *path), Role: themes.OK}, true
	}
	return nil, true
}
