package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

const (
	askLimit     = 45 * time.Second // more than fathom itself waits for a cluster
	openLimit    = 30 * time.Second
	watchColumns = 220
	watchRows    = 60
)

// watch is a fathom that has been open for a while, as on the screen of the person on call,
// and the same program asked for JSON.
type watch struct {
	fathom, kubeconfig string
	terminal           *screen.Terminal
	session            *session
	// known are the objects whose rows were there before a fault.
	known map[string]bool
	// last is the JSON of the last answer.
	last []byte
}

// session is what a terminal needs from a test, outside one.
type session struct{ cleanups []func() }

// failure is how Fatalf leaves.
type failure struct{ error }

// Helper implements screen.T.
func (s *session) Helper() {}

// Cleanup implements screen.T.
func (s *session) Cleanup(cleanup func()) { s.cleanups = append(s.cleanups, cleanup) }

// Fatalf implements screen.T.
func (s *session) Fatalf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

// TempDir implements screen.T.
func (s *session) TempDir() string {
	folder, err := os.MkdirTemp("", "fathom-incidents-")
	if err != nil {
		s.Fatalf("%v", err)
	}
	s.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

func (s *session) end() {
	for _, cleanup := range slices.Backward(s.cleanups) {
		cleanup()
	}
}

// newWatch opens fathom on its home screen and returns when that is live. Without a screen, every look
// is a run of the program.
func newWatch(fathom, kubeconfig string, onScreen bool) (w *watch, err error) {
	w = &watch{fathom: fathom, kubeconfig: kubeconfig, session: &session{}, known: map[string]bool{}}
	if !onScreen {
		return w, nil
	}
	defer func() {
		if failed, is := recover().(failure); is {
			w.session.end()
			w, err = nil, failed.error
		}
	}()
	options := screen.Options{Columns: watchColumns, Rows: watchRows, Env: []string{"KUBECONFIG=" + kubeconfig}}
	w.terminal = screen.Start(w.session, options, fathom, "-A")
	w.terminal.WaitFor("● live", openLimit)
	w.terminal.WaitFor("triage", openLimit)
	return w, nil
}

func (w *watch) close() { w.session.end() }

// row is a line of the home screen that stands for one broken thing.
var row = regexp.MustCompile(`^[› ] ?\s*([✖▲◌·]) (\S+) (\S+)\s`)

// line is a row as the screen shows it.
type line struct {
	object Ref
	text   string
	notice bool
}

// lines are the rows that count, those that were there before a fault left out.
func (w *watch) lines(ctx context.Context, s *scene) ([]line, error) {
	if w.terminal != nil {
		return w.counted(s, w.shown()), nil
	}
	return w.answered(ctx, s)
}

// answered are the same lines by a run of the program.
func (w *watch) answered(ctx context.Context, s *scene) ([]line, error) {
	verdict, err := w.ask(ctx)
	if err != nil {
		return nil, err
	}
	var found []line
	for _, f := range verdict.Findings {
		found = append(found, line{f.Object, f.String(), f.Severity == "notice"})
	}
	return w.counted(s, found), nil
}

func (w *watch) counted(s *scene, all []line) []line {
	return slices.DeleteFunc(all, func(l line) bool { return w.known[l.object.String()] || !s.ours(l.object) })
}

// shown reads the rows from the screen, which stand below the heads of the columns.
func (w *watch) shown() []line {
	shot := w.terminal.Screen()
	var found []line
	_, top, _ := shot.Find("OBJECT ")
	for y := top + 1; y < shot.Rows-1; y++ {
		text := shot.Row(y)
		match := row.FindStringSubmatch(text)
		if top == 0 || match == nil {
			continue
		}
		object := Ref{Kind: match[2], Name: match[3]}
		for _, kind := range kinds.All() {
			if slices.Contains(kind.Short, object.Kind) {
				object.Kind = kind.Kind
			}
		}
		if namespace, name, ok := strings.Cut(object.Name, "/"); ok {
			object.Namespace, object.Name = namespace, name
		}
		found = append(found, line{object, strings.TrimSpace(text), match[1] == "·"})
	}
	return found
}

// rows are the texts of the rows that count and are more than a notice.
func (w *watch) rows(ctx context.Context, s *scene) ([]string, error) {
	lines, err := w.lines(ctx, s)
	var texts []string
	for _, line := range lines {
		if !line.notice {
			texts = append(texts, line.text)
		}
	}
	return texts, err
}

// top returns when all the roots were first seen on top.
func (w *watch) top(ctx context.Context, s *scene, roots []wantedRoot, from time.Time,
	limit time.Duration) (time.Time, bool) {
	notices := slices.ContainsFunc(roots, func(r wantedRoot) bool { return r.Severity == "notice" })
	return w.when(ctx, from.Add(limit), func() bool {
		lines, err := w.lines(ctx, s)
		if !notices {
			lines = slices.DeleteFunc(lines, func(l line) bool { return l.notice })
		}
		if err != nil || len(lines) < len(roots) {
			return false
		}
		return !slices.ContainsFunc(roots, func(root wantedRoot) bool {
			return !slices.ContainsFunc(lines[:len(roots)], func(l line) bool {
				return slices.ContainsFunc(root.is, l.object.matches)
			})
		})
	})
}

// calm returns when no row counted.
func (w *watch) calm(ctx context.Context, s *scene, from time.Time, limit time.Duration) (time.Time, bool) {
	return w.when(ctx, from.Add(limit), func() bool {
		rows, err := w.rows(ctx, s)
		return err == nil && len(rows) == 0
	})
}

// when returns when a check first passed.
func (w *watch) when(ctx context.Context, end time.Time, check func() bool) (time.Time, bool) {
	for {
		if check() {
			return time.Now(), true
		}
		if time.Now().After(end) {
			return time.Time{}, false
		}
		select {
		case <-ctx.Done():
			return time.Time{}, false
		case <-time.After(glance / 2):
		}
	}
}

// remember takes note of what is said before a fault.
func (w *watch) remember(ctx context.Context, s *scene) error {
	verdict, err := w.ask(ctx)
	if err != nil {
		return err
	}
	w.known = map[string]bool{}
	for _, finding := range verdict.Findings {
		if !strings.HasPrefix(finding.Object.Namespace, s.namespace) {
			w.known[finding.Object.String()] = true
		}
	}
	return nil
}

// counting leaves out what is not ours and what was there before. The namespace of an earlier scene may be on
// its way out, and held up by what this one breaks.
func (w *watch) counting(s *scene, findings []Finding) []Finding {
	counting := slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		return w.known[f.Object.String()] || !s.ours(f.Object)
	})
	for i := range counting {
		f := &counting[i]
		f.Folded = slices.DeleteFunc(slices.Clone(f.Folded), func(r Ref) bool {
			return strings.EqualFold(r.Kind, "Namespace") && strings.HasPrefix(r.Name, sceneNames) && !s.ours(r)
		})
	}
	return counting
}

// exitBlind is the exit code where not everything could be looked at; the JSON is of the rest.
const exitBlind = 2

// ask runs `fathom triage` for its JSON.
func (w *watch) ask(ctx context.Context) (Verdict, error) {
	ctx, stop := context.WithTimeout(ctx, askLimit)
	defer stop()
	command := exec.CommandContext(ctx, w.fathom, "triage", "-A", "-o", "json", "--wait")
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir(), "KUBECONFIG=" + w.kubeconfig}
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() > exitBlind) {
		return Verdict{}, fmt.Errorf("fathom triage: %w: %s", err, strings.TrimSpace(problems.String()))
	}
	w.last = out.Bytes()
	var verdict Verdict
	if err := json.Unmarshal(w.last, &verdict); err != nil {
		return Verdict{}, fmt.Errorf("fathom triage: %w", err)
	}
	failing := slices.ContainsFunc(verdict.Findings, func(f Finding) bool { return f.Severity == "failing" })
	if code := command.ProcessState.ExitCode(); code != exitBlind && failing != (code != 0) {
		return verdict, fmt.Errorf("fathom triage: exit code %d, but something failing: %t", code, failing)
	}
	return verdict, nil
}
