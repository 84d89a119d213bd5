package ui

import (
	"bytes"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// A terminal sends the same byte for esc and as the first of an arrow key, and
// only time tells them apart. It writes the bytes of one key at once, so that a
// lone ESC that is followed by nothing is the key: one read is late only when a
// link has cut there. The wait is felt with every esc; terminals that send
// something else for it (kitty's keyboard protocol) are not waited for.
const (
	escPatience = 25 * time.Millisecond
	// sequencePatience is for what has begun as a sequence: nobody types that.
	sequencePatience = 500 * time.Millisecond
	// rejoinLimit is how long after an esc that was taken for a key the rest of
	// a sequence still is one, and not text.
	rejoinLimit = 500 * time.Millisecond
)

const (
	chunkMax = 2048
	// sequenceMax is how long what is not yet whole may get; the terminal's own
	// sequences are shorter.
	sequenceMax = 1024
)

// escKey is esc in kitty's keyboard protocol, where it begins nothing.
const escKey = "\x1b[27u"

// sequenceReader is a terminal's input, cut where sequences end. No sequence can
// overflow the parser, and no paste can block it; see sequenceGuard. It is read
// from one goroutine.
type sequenceReader struct {
	chunks chan []byte
	err    error // why chunks was closed
	done   chan struct{}
	once   sync.Once

	guard       sequenceGuard
	pending     []byte    // what was not read yet
	complete    int       // how much of held is
	lastInputAt time.Time // when what follows that came last
	loneEscAt   time.Time // when an ESC was taken for the key
}

// newSequenceReader starts to read. Its goroutine ends with from, or with close when
// from's Read then returns.
func newSequenceReader(from io.Reader) *sequenceReader {
	k := &sequenceReader{chunks: make(chan []byte), done: make(chan struct{})}
	go k.readChunks(from)
	return k
}

func (k *sequenceReader) readChunks(from io.Reader) {
	defer close(k.chunks)
	for {
		chunk := make([]byte, chunkMax)
		n, err := from.Read(chunk)
		if n > 0 {
			select {
			case k.chunks <- chunk[:n]:
			case <-k.done:
				return
			}
		}
		if err != nil {
			k.err = err
			return
		}
	}
}

// close ends a Read; any goroutine may call it.
func (k *sequenceReader) close() { k.once.Do(func() { close(k.done) }) }

// Read implements io.Reader. It needs room for sequenceMax bytes and more.
func (k *sequenceReader) Read(b []byte) (int, error) {
	for k.complete == 0 {
		if err := k.waitForInput(); err != nil {
			return 0, err
		}
	}
	n := copy(b, k.pending[:k.complete])
	k.pending = k.pending[n:]
	k.complete -= n
	return n, nil
}

// waitForInput waits for more input, as long as that is worth waiting for.
func (k *sequenceReader) waitForInput() error {
	var late <-chan time.Time
	if patience := k.patience(); patience > 0 {
		timer := time.NewTimer(time.Until(k.lastInputAt.Add(patience)))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case chunk, ok := <-k.chunks:
		if !ok && len(k.pending) == 0 {
			return k.err
		}
		k.appendInput(chunk)
		if !ok || len(k.pending)-k.complete > sequenceMax {
			k.complete = len(k.pending)
		}
	case <-late:
		k.flushPending()
	case <-k.done:
		return io.EOF
	}
	return nil
}

// patience is how long the rest of what is not whole is waited for; 0 is
// forever. The end of a paste always comes.
func (k *sequenceReader) patience() time.Duration {
	switch {
	case len(k.pending) == 0 || k.guard.pasting:
		return 0
	case len(bytes.Trim(k.pending, "\x1b")) == 0:
		return escPatience
	}
	return sequencePatience
}

// appendInput adds what has come.
func (k *sequenceReader) appendInput(chunk []byte) {
	now := time.Now()
	if !k.loneEscAt.IsZero() && now.Sub(k.loneEscAt) < rejoinLimit && isSequenceTail(chunk) {
		k.pending = append(k.pending, 0x1b)
	}
	k.loneEscAt = time.Time{}
	k.guard.pass(chunk)
	k.pending = append(k.pending, chunk...)
	k.complete, k.lastInputAt = completeLength(k.pending), now
}

// flushPending takes what is held for what it is.
func (k *sequenceReader) flushPending() {
	if keys := len(k.pending); len(bytes.Trim(k.pending, "\x1b")) == 0 {
		k.pending = bytes.Repeat([]byte(escKey), keys)
		k.loneEscAt = time.Now()
	}
	k.complete = len(k.pending)
}

// isSequenceTail is true for what can follow a lone ESC only because a link has cut
// there: a whole CSI or SS3 sequence but for its ESC. By hand, such keys come
// one by one.
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

// completeLength is how much of the input does not end within a sequence or a
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

// sequenceLength is how long the sequence is that the input begins with (CSI:
// ECMA-48, 5.4); 0 when its end is not there. Two ESC begin one together: there
// are terminals that send so for alt with an arrow key. Strings (OSC, DCS) are
// only answers to what is not asked; their first two bytes are alt with a key.
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
		return at // It is cut short by what is none of it.
	}
	return at + 1
}
