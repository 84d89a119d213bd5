// Package journal keeps what was done to clusters: one JSON line for the attempt and one
// for its outcome, appended to a file that only its owner can read. It knows neither
// clusters nor terminals.
package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fathom-k8s/fathom/kube/signal"
)

// Entry is one effect. The first line of it is written before the request is sent, without
// an outcome; the last line of an ID counts.
type Entry struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	// Ended is when its outcome was known. An eviction that a budget holds up is asked for until then.
	Ended   time.Time `json:"ended,omitzero"`
	User    string    `json:"user,omitempty"` // to the API server
	Context string    `json:"context"`
	Server  string    `json:"server"`
	Effect  string    `json:"effect"` // its name: "scale"
	Words   string    `json:"words"`  // what a person was asked
	Reason  string    `json:"reason,omitempty"`
	Object  Object    `json:"object"`
	Changes []Change  `json:"changes,omitempty"` // what differs, without values of Secrets
	Outcome Outcome   `json:"outcome,omitempty"`
	Error   string    `json:"error,omitempty"`
	// Undoes is set where Changes say enough to take it back.
	Undoes bool `json:"undoes,omitempty"`
}

// At is when it took effect, as far as that is known.
func (e Entry) At() time.Time {
	if e.Ended.IsZero() {
		return e.Time
	}
	return e.Ended
}

// Object names what an effect was about.
type Object struct {
	Group     string `json:"group,omitempty"`
	Version   string `json:"version"`
	Resource  string `json:"resource"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	UID       string `json:"uid,omitempty"`
}

// Change is a value before and after; Hidden where it is a Secret's.
type Change struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	Hidden bool   `json:"hidden,omitempty"`
}

// Outcome is how an effect ended.
type Outcome string

// The outcomes. An entry without one was not finished: the program ended before.
const (
	Done    Outcome = "done"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown" // no answer came, and it could not be found out
)

// Journal appends to a file. All methods may be called from any goroutine.
type Journal struct {
	dir string
	now func() time.Time

	changed signal.Signal

	mu      sync.Mutex
	session []Entry // of this run, oldest first
	next    int
}

// Open returns a journal in a folder, which is made with the first entry.
func Open(dir string, now func() time.Time) *Journal { return &Journal{dir: dir, now: now} }

// Begin writes that an effect is about to be sent, and returns its entry with an ID. What
// cannot be written must not be done: the error says why.
func (j *Journal) Begin(e Entry) (Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next++
	e.Time = j.now()
	e.ID = fmt.Sprintf("%s-%d-%d", e.Time.UTC().Format("20060102T150405.000"), os.Getpid(), j.next)
	if err := j.append(e); err != nil {
		return e, err
	}
	j.session = append(j.session, e)
	j.changed.Notify()
	return e, nil
}

// End writes how an effect ended: with an error, or unknown where no answer came. It returns err, and beside it
// what kept that out of the journal.
func (j *Journal) End(e Entry, err error, unknown bool) error {
	e.Outcome = Done
	if err != nil {
		e.Outcome, e.Error = Failed, err.Error()
	}
	if unknown {
		e.Outcome = Unknown
	}
	unwritten := j.end(e)
	switch {
	case unwritten == nil:
		return err
	case err == nil:
		return fmt.Errorf("it is done, but not in the journal: %w", unwritten)
	}
	return errors.Join(err, unwritten)
}

func (j *Journal) end(e Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Ended = j.now()
	if i := slices.IndexFunc(j.session, func(o Entry) bool { return o.ID == e.ID }); i >= 0 {
		j.session[i] = e
	}
	defer j.changed.Notify()
	return j.append(e)
}

// Session returns the entries of this run, newest first.
func (j *Journal) Session() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return newestFirst(slices.Clone(j.session))
}

// newestFirst orders entries by when they took effect.
func newestFirst(entries []Entry) []Entry {
	slices.Reverse(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.At().Compare(a.At()) })
	return entries
}

// append writes one line at the end of the day's file, whole or not at all for a reader.
func (j *Journal) append(e Entry) (err error) {
	if j.dir == "" {
		return nil
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	path := filepath.Join(j.dir, e.Time.UTC().Format("2006-01-02")+".jsonl")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the journal cannot be written: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Close())
}

// Watch is a source of Entries: the journal from a day on, and again whenever this run has written to it.
type Watch struct {
	journal      *Journal
	from         time.Time
	subscription signal.Subscription
}

// Entries are those of a journal, newest first, and how many lines could not be read.
type Entries struct {
	Entries []Entry
	Unread  int
	Err     error
}

// Watch returns a source. The first answer comes at once.
func (j *Journal) Watch(from time.Time) *Watch { return &Watch{journal: j, from: from} }

// Next waits until something has been written.
func (w *Watch) Next(ctx context.Context) (any, error) {
	if err := w.subscription.Next(ctx, &w.journal.changed, nil); err != nil {
		return nil, err
	}
	var out Entries
	out.Entries, out.Unread, out.Err = w.journal.Read(w.from)
	return out, nil
}

// Read returns the entries from a day on, newest first; see the function Read.
func (j *Journal) Read(from time.Time) (entries []Entry, unread int, err error) {
	if j.dir == "" {
		return j.Session(), 0, nil
	}
	return Read(j.dir, from)
}

// Read returns the entries of the files in a folder from a day on, newest first. A line that
// cannot be read costs itself; how many did is returned too.
func Read(dir string, from time.Time) (entries []Entry, unread int, err error) {
	names, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	at := map[string]int{}
	first := from.UTC().Format("2006-01-02") + ".jsonl"
	for _, f := range names {
		if filepath.Ext(f.Name()) != ".jsonl" || f.Name() < first {
			continue
		}
		n, err := readFile(filepath.Join(dir, f.Name()), func(e Entry) {
			if i, known := at[e.ID]; known {
				entries[i] = e
				return
			}
			at[e.ID] = len(entries)
			entries = append(entries, e)
		})
		unread += n
		if err != nil {
			return entries, unread, err
		}
	}
	return newestFirst(entries), unread, nil
}

// lineMax bounds one entry.
const lineMax = 4 << 20

func readFile(path string, add func(Entry)) (unread int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.ID == "" {
			unread++
			continue
		}
		add(e)
	}
	return unread, lines.Err()
}
