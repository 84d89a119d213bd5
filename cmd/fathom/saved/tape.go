package saved

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// Loop plays a tape that is in memory again and again, at a speed.
func Loop(data []byte, address string, speed int, o Options) (*Cluster, error) {
	t, err := tape.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return playTape(t, address, tape.PlayerOptions{Loop: true, Speed: speed}, o)
}

// playTape begins to play a tape, which it closes when it fails.
func playTape(t *tape.Tape, path string, how tape.PlayerOptions, o Options) (*Cluster, error) {
	t.Panicked = o.panicked
	how.Print, how.Paused = kinds.Print, o.Paused
	how.Refused = func(err error) { o.report("warning", path+": not shown: "+err.Error()) }
	var err error
	if how.At, err = position(t, o.At); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	p, err := tape.NewPlayer(t, how)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), t.Close())
	}
	if cut := t.Cut(); cut != "" {
		o.report("warning", path+": "+cut)
	}
	for _, m := range t.Marks() {
		if m.Kind == tape.Denied || m.Kind == tape.Gap {
			o.report("warning", m.Time.Local().Format("15:04:05")+"  "+m.Text)
		}
	}
	about := t.About()
	namespace := ""
	if len(about.Namespaces) == 1 {
		namespace = about.Namespaces[0]
	}
	held := map[schema.GroupKind]bool{}
	for _, r := range t.Resources() {
		held[r.GroupVersionKind().GroupKind()] = true
	}
	return &Cluster{
		Name: cmp.Or(strings.TrimSpace(about.Cluster), baseName(path)), Address: path, Transport: p.API(),
		Now:       func() time.Time { return p.Clock().Now().Local() },
		Namespace: namespace, Player: player{p}, Only: about.Namespaces,
		Holds: func(kind schema.GroupKind) bool { return held[kind] },
		close: func() { p.Close(); _ = t.Close() },
	}, nil
}

// position is the time on a tape that --at names.
func position(t *tape.Tape, at string) (time.Time, error) {
	switch at {
	case "", "start":
		return t.Start(), nil
	case "end":
		return t.End(), nil
	}
	bounds := views.PlayerState{Start: t.Start().Local(), End: t.End().Local()}
	when, ok := bounds.Time(at)
	if !ok || when.Before(bounds.Start.Truncate(time.Minute)) || when.After(bounds.End) {
		return time.Time{}, &AtError{fmt.Sprintf("--at %s: give start, end, or a time on the tape, which goes from %s to %s",
			at, bounds.Start.Format(time.TimeOnly), bounds.End.Format(time.TimeOnly))}
	}
	return when, nil
}

// player is a tape's player as views know it.
type player struct{ *tape.Player }

// State implements views.Player.
func (p player) State() views.PlayerState {
	s := p.Player.State()
	return views.PlayerState{
		Start: s.Start.Local(), End: s.End.Local(), Position: s.Position.Local(),
		Speed: s.Speed, Paused: s.Paused, AtEnd: s.AtEnd, Cut: p.Tape().Cut() != "",
		Mark: kinds.Clean(s.Mark), Step: kinds.Clean(s.Step), Err: plain.Error("", s.Err),
	}
}

// Watch implements views.Player.
func (p player) Watch() ui.Source { return p.Player.Watch() }
