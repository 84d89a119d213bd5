package term

import (
	"bytes"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// A terminal sends the same byte for esc and as the first of an arrow key, and
// only time tells them apart. It writes the bytes of one key at once, so an ESC
// with nothing behind it is the key: the rest is late only if a link has cut
// there. The wait is felt with every esc, but not on terminals that send
// something else for it (kitty's keyboard protocol).
const (
	escPatience = 25 * time.Millisecond
	// sequencePatience is for what begins as a sequence: nobody types that.
	sequencePatience = 500 * time.Millisecond
	// rejoinLimit is how long after an esc that was taken for a key the rest of a
	// sequence is still taken for one, and not for text.
	rejoinLimit = 500 * time.Millisecond
)

const (
	chunkMax = 2048
	// sequenceMax bounds an incomplete sequence; the terminal's own are shorter.
	sequenceMax = 1024
)

// escKey is esc in kitty's keyboard protocol, where it begins nothing.
const escKey = "\x1b[27u"

// sequenceReader returns a terminal's input, cut where sequences end. No sequence
// can overflow the parser and no paste can block it; see sequenceGuard. It is
// read from one goroutine.
type sequenceReader struct {
	chunks chan []byte
	err    error // why chunks was closed
	done   chan struct{}
	once   sync.Once

	guard       sequenceGuard
	pending     []byte    // not read yet
	complete    int       // how much of pending is
	lastInputAt time.Time // when pending grew last
	loneEscAt   time.Time // when an ESC was taken for the key
}

// newSequenceReader starts to read. Its goroutine ends with from, or after close
// once from's Read returns.
func newSequenceReader(from io.Reader) *sequenceReader {
	r := &sequenceReader{chunks: make(chan []byte), done: make(chan struct{})}
	go r.readChunks(from)
	return r
}

func (r *sequenceReader) readChunks(from io.Reader) {
	defer close(r.chunks)
	for {
		chunk := make([]byte, chunkMax)
		n, err := from.Read(chunk)
		if n > 0 {
			select {
			case r.chunks <- chunk[:n]:
			case <-r.done:
				return
			}
		}
		if err != nil {
			r.err = err
			return
		}
	}
}

// close ends a Read; any goroutine may call it.
func (r *sequenceReader) close() { r.once.Do(func() { close(r.done) }) }

// drain waits, after close, until nobody reads the input any more.
func (r *sequenceReader) drain() {
	for {
		if _, more := <-r.chunks; !more {
			return
		}
	}
}

// Read implements io.Reader. It needs room for sequenceMax bytes and more.
func (r *sequenceReader) Read(b []byte) (int, error) {
	for r.complete == 0 {
		if err := r.waitForInput(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.pending[:r.complete])
	r.pending = r.pending[n:]
	r.complete -= n
	return n, nil
}

// waitForInput waits for more input, as long as that is worth waiting for.
func (r *sequenceReader) waitForInput() error {
	var late <-chan time.Time
	if patience := r.patience(); patience > 0 {
		timer := time.NewTimer(time.Until(r.lastInputAt.Add(patience)))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case chunk, ok := <-r.chunks:
		if !ok && len(r.pending) == 0 {
			return r.err
		}
		r.appendInput(chunk)
		if !ok || len(r.pending)-r.complete > sequenceMax {
			r.complete = len(r.pending)
		}
	case <-late:
		r.flushPending()
	case <-r.done:
		return io.EOF
	}
	return nil
}

// patience returns how long to wait for the rest of an incomplete sequence; 0 is
// forever. The end of a paste always comes.
func (r *sequenceReader) patience() time.Duration {
	switch {
	case len(r.pending) == 0 || r.guard.pasting:
		return 0
	case len(bytes.Trim(r.pending, "\x1b")) == 0:
		return escPatience
	}
	return sequencePatience
}

// appendInput adds what was read.
func (r *sequenceReader) appendInput(chunk []byte) {
	now := time.Now()
	if !r.loneEscAt.IsZero() && now.Sub(r.loneEscAt) < rejoinLimit && isSequenceTail(chunk) {
		r.pending = append(r.pending, 0x1b)
	}
	r.loneEscAt = time.Time{}
	r.guard.makeSafe(chunk)
	r.pending = append(r.pending, chunk...)
	r.complete, r.lastInputAt = completeLength(r.pending), now
}

// flushPending stops waiting, and takes what is pending for keys.
func (r *sequenceReader) flushPending() {
	if keys := len(r.pending); len(bytes.Trim(r.pending, "\x1b")) == 0 {
		r.pending = bytes.Repeat([]byte(escKey), keys)
		r.loneEscAt = time.Now()
	}
	r.complete = len(r.pending)
}

// isSequenceTail reports whether a chunk can follow a lone ESC only because a link
// has cut there: a CSI or SS3 sequence that lacks nothing but its ESC. Typed by
// hand, such keys come one by one.
func isSequenceTail(chunk []byte) bool {
	if len(chunk) < 2 {
		return false
	}
	whole := append([]byte{0x1b}, chunk...)
	switch chunk[0] {
	case '[':
		n := sequenceLength(whole)
		return n > 2 && whole[n-1] >= 0x40
	case 'O':
		return len(chunk) == 2 && chunk[1] >= 'A' && chunk[1] <= 'Z'
	}
	return false
}

// completeLength returns how much of the input does not end inside a sequence or a
// character.
func completeLength(input []byte) int {
	for at := 0; at < len(input); {
		n := 1
		switch b := input[at]; {
		case b == 0x1b:
			n = sequenceLength(input[at:])
		case b >= utf8.RuneSelf:
			if !utf8.FullRune(input[at:]) {
				return at
			}
			_, n = utf8.DecodeRune(input[at:])
		}
		if n == 0 {
			return at
		}
		at += n
	}
	return len(input)
}

// sequenceLength returns the length of the sequence at the beginning of the input
// (CSI: ECMA-48, 5.4), or 0 if its end is not there. Two ESC begin one together:
// some terminals send that for alt with an arrow key. Strings (OSC, DCS) only
// answer what is never asked; their first two bytes are alt with a key.
func sequenceLength(input []byte) int {
	at := 1
	if at < len(input) && input[at] == 0x1b {
		at++
	}
	if at < len(input) && input[at] == '[' {
		at++
		for at < len(input) && input[at] >= 0x20 && input[at] < 0x40 {
			at++
		}
	} else if at < len(input) && input[at] == 'O' {
		at++
	}
	switch {
	case at >= len(input):
		return 0
	case input[at] < 0x20 || input[at] >= 0x7f:
		return at // Cut short by what does not belong to it.
	}
	return at + 1
}
