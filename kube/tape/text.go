package tape

import (
	"iter"
	"runtime"
)

// text is a frame and its text.
type text struct {
	frame
	text []byte
}

// texts yields the texts of frames, in order. Some are read ahead, each in its own
// goroutine; these end with the loop.
func (t *Tape) texts(frames []frame) iter.Seq2[text, error] {
	type result struct {
		text text
		err  error
	}
	return func(yield func(text, error) bool) {
		ahead := min(len(frames), 2*runtime.GOMAXPROCS(0))
		results := make([]chan result, len(frames))
		start := func(i int) {
			read := make(chan result, 1)
			results[i] = read
			t.Panicked.Start("read the tape", func() {
				body, err := t.text(frames[i])
				read <- result{text{frames[i], body}, err}
			})
		}
		for i := range ahead {
			start(i)
		}
		for i := range frames {
			r := <-results[i]
			results[i] = nil
			if i+ahead < len(frames) {
				start(i + ahead)
			}
			if !yield(r.text, r.err) || r.err != nil {
				return
			}
		}
	}
}

// text reads a frame.
func (t *Tape) text(f frame) (_ []byte, err error) {
	defer t.Panicked.Recover("read the tape", &err)
	payload := make([]byte, f.size)
	if _, err := t.file.ReadAt(payload, f.at); err != nil {
		return nil, err
	}
	return f.unpack(t.decoder, payload)
}
