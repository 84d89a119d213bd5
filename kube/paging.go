package kube

import (
	"errors"
	"time"
)

// Paging tells a list whose pages lead on from one whose pages lead nowhere: a server
// that is broken or hostile could keep a client asking without end. One goroutine may
// use it; the zero value is the start of a list.
//
// The API allows pages that are short or empty (API concepts, "Retrieving large results
// sets in chunks"), so those only make the next request wait.
type Paging struct {
	tokens map[string]bool // the continue tokens so far
	empty  int             // how many pages without objects came in a row
}

const (
	// emptyPagesMax is how many pages in a row may be empty.
	emptyPagesMax = 20
	// shortPagePause is the wait after a page that has less than a tenth of the objects
	// that were asked for.
	shortPagePause = 400 * time.Millisecond
)

// Errors of lists whose pages lead nowhere.
var (
	errRepeats    = errors.New("the API server's list leads in a circle: its continue token repeats")
	errNothingNew = errors.New("the API server's list leads in a circle: a page brought nothing new")
	errEmptyPages = errors.New("the API server's list does not end: its pages have no objects")
)

// Next checks the token of the page to ask for next.
func (p *Paging) Next(token string) error {
	if p.tokens[token] {
		return errRepeats
	}
	if p.tokens == nil {
		p.tokens = map[string]bool{}
	}
	p.tokens[token] = true
	return nil
}

// Received checks a page that is complete: how many objects it had, how many of them
// were new, and how many were asked for (0: all). pause is how long to wait before the
// next request.
func (p *Paging) Received(objects, fresh int, asked int64) (pause time.Duration, err error) {
	if objects > 0 {
		p.empty = 0
	} else if p.empty++; p.empty > emptyPagesMax {
		return 0, errEmptyPages
	}
	if objects > 0 && fresh == 0 {
		return 0, errNothingNew
	}
	if int64(objects) < max(asked/10, 1) {
		return shortPagePause, nil
	}
	return 0, nil
}
