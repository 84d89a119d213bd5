package kube

import (
	"context"
	"sync"

	"github.com/fathom-k8s/fathom/kube/signal"
)

// logQueue holds lines between the stream and the reader.
type logQueue struct {
	mu              sync.Mutex
	batches         []LogLines // a batch with a note is complete
	lines, bytes    int        // in all batches
	err             error
	filled, emptied chan struct{} // each holds at most one
}

func newLogQueue() logQueue {
	return logQueue{filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

// push adds a line, and waits while there are too many.
func (q *logQueue) push(ctx context.Context, line LogLine) error {
	for {
		q.mu.Lock()
		if q.lines < logBacklog && q.bytes < logBacklogBytes {
			n := len(q.batches)
			if n == 0 || q.batches[n-1].Note != "" || len(q.batches[n-1].Lines) >= logBatch {
				q.batches = append(q.batches, LogLines{})
				n++
			}
			q.batches[n-1].Lines = append(q.batches[n-1].Lines, line)
			q.lines++
			q.bytes += len(line.Text)
			q.mu.Unlock()
			signal.Wake(q.filled)
			return nil
		}
		q.mu.Unlock()
		select {
		case <-q.emptied:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// note adds a note after the lines so far.
func (q *logQueue) note(text string) {
	q.mu.Lock()
	n := len(q.batches)
	if n == 0 || q.batches[n-1].Note != "" {
		q.batches = append(q.batches, LogLines{})
		n++
	}
	q.batches[n-1].Note = text
	q.mu.Unlock()
	signal.Wake(q.filled)
}

func (q *logQueue) close(err error) {
	q.mu.Lock()
	q.err = err
	q.mu.Unlock()
	signal.Wake(q.filled)
}

// pop waits for the next batch.
func (q *logQueue) pop(ctx context.Context) (LogLines, error) {
	for settled := false; ; {
		q.mu.Lock()
		if len(q.batches) > 0 && (settled || q.lines >= logBatch || q.err != nil) {
			batch := q.batches[0]
			q.batches = q.batches[1:]
			q.lines -= len(batch.Lines)
			for _, line := range batch.Lines {
				q.bytes -= len(line.Text)
			}
			if len(q.batches) > 0 || q.err != nil {
				signal.Wake(q.filled)
			}
			q.mu.Unlock()
			signal.Wake(q.emptied)
			return batch, nil
		}
		err, waiting := q.err, len(q.batches) > 0
		q.mu.Unlock()
		switch {
		case waiting:
			settled = true
			if !signal.Sleep(ctx, logSettle, nil) {
				return LogLines{}, ctx.Err()
			}
		case err != nil:
			return LogLines{}, err
		case !signal.Sleep(ctx, 0, q.filled):
			return LogLines{}, ctx.Err()
		}
	}
}
