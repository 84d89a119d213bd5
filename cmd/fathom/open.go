package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/fathom-k8s/fathom/cmd/fathom/version"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/dump"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/tape"
	"github.com/fathom-k8s/fathom/ui"
	"github.com/fathom-k8s/fathom/views"
)

// opened is what is looked at instead of a context.
type opened struct {
	name, address string
	transport     http.RoundTripper
	now           func() time.Time
	namespace     string // where it opens; "" is all namespaces
	saved         string // of a dump: what it is, and of when
	lost          int
	namespaces    []string
	player        views.Player
	close         func()
}

func openCommand() *cobra.Command {
	o := newOptions()
	cmd := &cobra.Command{
		Use:   "open FILE | DIR | - [KIND | KIND/NAME | KIND NAME]",
		Short: "Look at a dump or a recording as at a cluster",
		Long: `open shows what was saved of a cluster as if it were one: a tape, or what
kubectl cluster-info dump, kubectl get -o yaml and must-gather write. It takes a
folder, a tar, a zip, a file, or standard input, and finds out itself what it is.
Everything works as on a live cluster, but nothing can be changed; ages are those
of the moment when it was saved. What could not be read is listed under :messages.

It opens on all namespaces, and finds KIND/NAME in whichever has it. A tape plays
from its start, and --once prints its start; --at begins elsewhere.`,
		Example: `  fathom open must-gather.tar.gz
  fathom open cluster-dump/ -n shop
  fathom open incident.tape deployments
  fathom open incident.tape --at end --once pods
  kubectl get all -A -o yaml | fathom open - --once pods`,
		Args:         usageArgs(cobra.RangeArgs(1, 3)),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.write {
				return fmt.Errorf("%w: %s cannot be changed; leave --write out", errUsage, args[0])
			}
			if err := o.open(cmd, args[0]); err != nil {
				return err
			}
			defer o.opened.close()
			return o.run(cmd, args[1:])
		},
	}
	o.addFlags(cmd)
	cmd.Flags().StringVar(&o.at, "at", "", "where a tape begins: start, end, or a time such as 13:55 or 13:55:58 (default start)")
	if err := cmd.RegisterFlagCompletionFunc("at", cobra.FixedCompletions([]string{"start", "end"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
	return cmd
}

// open opens a tape or a dump, by what is in it.
func (o *options) open(cmd *cobra.Command, path string) error {
	if path == "-" && !o.once {
		// The keys come from the terminal, not from what is piped in.
		tty, err := os.Open("/dev/tty")
		if err != nil {
			return errors.New("needs a terminal beside standard input; `fathom open - --once pods` prints one screen without")
		}
		o.input = tty
	}
	if err := o.terminal(); err != nil {
		return err
	}
	opened, err := o.openAny(cmd, path)
	if err != nil {
		return err
	}
	return o.look(opened)
}

func (o *options) openAny(cmd *cobra.Command, path string) (*opened, error) {
	if path == "-" {
		in := bufio.NewReader(cmd.InOrStdin())
		if start, _ := in.Peek(tape.PrefixSize); tape.IsTape(start) {
			return o.openPiped(in)
		}
		return o.openDump(cmd, path, in)
	}
	opened, err := o.openTape(path)
	if errors.Is(err, tape.ErrNotATape) || errors.Is(err, os.ErrNotExist) {
		return o.openDump(cmd, path, nil)
	}
	return opened, err
}

// openPiped opens a tape that comes from a pipe. A tape is read here and there, so
// it goes to a file first, which only this process can reach.
func (o *options) openPiped(in io.Reader) (*opened, error) {
	file, err := os.CreateTemp("", "fathom-*.tape")
	if err != nil {
		return nil, fmt.Errorf("keep the tape from standard input: %w", err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the tape from standard input: %w", err), file.Close())
	}
	size, err := io.Copy(file, in)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep the tape from standard input: %w", err), file.Close())
	}
	t, err := tape.Read(file, size)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("standard input: %w", err), file.Close())
	}
	return o.play(t, "standard input", tape.PlayerOptions{Paused: o.once})
}

// look makes what was opened the cluster that the program begins with.
func (o *options) look(opened *opened) error {
	source := &kube.Backend{Name: opened.name, Address: opened.address, Transport: opened.transport, Now: opened.now}
	cluster, err := kube.Open(kube.Options{Backend: source, Flags: o.flags, Messages: o.messages, Version: version.Number})
	if err != nil {
		return err
	}
	o.opened, o.clusters[cluster.Name()] = opened, cluster
	o.opened.name = cluster.Name()
	o.opened.namespace = cmp.Or(*o.flags.Namespace, opened.namespace)
	if o.allNamespaces {
		o.opened.namespace = ""
	}
	return nil
}

// session is a session on what was opened.
func (o *opened) session(cluster *kube.Cluster) *views.Session {
	return &views.Session{
		Cluster: cluster, Now: cluster.Now, Namespace: o.namespace,
		Saved: o.saved, Lost: o.lost, Namespaces: o.namespaces, Player: o.player,
	}
}

// openDump reads a dump.
func (o *options) openDump(cmd *cobra.Command, path string, in io.Reader) (*opened, error) {
	if o.at != "" {
		return nil, fmt.Errorf("%w: %s is no tape but a dump, which is of one moment; leave --at out", errUsage, path)
	}
	progress, done := progressLine(path)
	d, err := dump.Open(cmd.Context(), path, in, dump.Options{Wall: time.Now(), Progress: progress, Print: kinds.Print})
	done()
	if err != nil {
		return nil, err
	}
	o.tell(d)
	now := d.Now
	saved := "dump " + now.Local().Format("2006-01-02 15:04")
	if now.IsZero() {
		now, saved = time.Now(), "dump without a time"
	}
	now = now.Local()
	name := "stdin"
	if path != "-" {
		name = nameOf(path)
	}
	return &opened{
		name: name, address: path, transport: d, now: func() time.Time { return now },
		saved: saved, lost: d.Lost(), namespaces: d.Namespaces, close: func() {},
	}, nil
}

// nameOf is what a file or folder is called, also when it is ".".
func nameOf(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	return filepath.Base(path)
}

// problemsShown is how many problems of a dump go to the messages, which keep
// only some hundred.
const problemsShown = 400

// tell keeps what is to be said of a dump.
func (o *options) tell(d *dump.Dump) {
	for i, p := range d.Problems {
		if i == problemsShown {
			o.messages.Add("warning", fmt.Sprintf("and %d more that could not be read or are shown otherwise", len(d.Problems)-i+d.Dropped))
			break
		}
		level := "info"
		if p.Lost {
			level = "warning"
		}
		o.messages.Add(level, p.String())
	}
	text := fmt.Sprintf("opened %d objects of %d kinds in %d namespaces, and %d logs", d.Objects, d.Kinds, len(d.Namespaces), d.Logs)
	if n := d.Lost(); n > 0 {
		text += fmt.Sprintf("; not read: %d", n)
		if o.once {
			fmt.Fprintf(os.Stderr, "fathom: not read: %d, the first: %s\n", n, firstLost(d))
		}
	}
	o.messages.Add("info", text)
}

func firstLost(d *dump.Dump) dump.Problem {
	for _, p := range d.Problems {
		if p.Lost {
			return p
		}
	}
	return dump.Problem{}
}

// progressLine writes how far reading is to a terminal, on one line that done
// takes away again.
func progressLine(path string) (progress func(dump.Progress), done func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil, func() {}
	}
	return func(p dump.Progress) {
			far := fmt.Sprintf("%d MB", p.Read>>20)
			if p.Total > 0 {
				far = fmt.Sprintf("%d %% of %d MB", min(100, 100*p.Read/p.Total), p.Total>>20)
			}
			fmt.Fprintf(os.Stderr, "\r\x1b[Kreading %s: %s, %d objects", nameOf(path), far, p.Objects)
		}, func() {
			fmt.Fprint(os.Stderr, "\r\x1b[K")
		}
}

// openTape opens a recording, which begins to play.
func (o *options) openTape(path string) (*opened, error) {
	t, err := tape.Open(path)
	if err != nil {
		return nil, err
	}
	return o.play(t, path, tape.PlayerOptions{Paused: o.once})
}

// play begins to play a tape.
func (o *options) play(t *tape.Tape, path string, how tape.PlayerOptions) (*opened, error) {
	how.Print = kinds.Print
	var err error
	if how.At, err = o.begin(t); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	p, err := tape.NewPlayer(t, how)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), t.Close())
	}
	if cut := t.Cut(); cut != "" {
		o.messages.Add("warning", path+": "+cut)
	}
	for _, m := range t.Marks() {
		if m.Kind == tape.Denied || m.Kind == tape.Gap {
			o.messages.Add("warning", m.Time.Local().Format("15:04:05")+"  "+m.Text)
		}
	}
	about := t.About()
	namespace := ""
	if len(about.Namespaces) == 1 {
		namespace = about.Namespaces[0]
	}
	return &opened{
		name: cmp.Or(strings.TrimSpace(about.Cluster), nameOf(path)), address: path, transport: p.API(),
		now:       func() time.Time { return p.Clock().Now().Local() },
		namespace: namespace, player: player{p},
		close: func() { p.Close(); _ = t.Close() },
	}, nil
}

// begin is where a tape begins by --at.
func (o *options) begin(t *tape.Tape) (time.Time, error) {
	switch o.at {
	case "", "start":
		return t.Start(), nil
	case "end":
		return t.End(), nil
	}
	bounds := views.PlayerState{Start: t.Start().Local(), End: t.End().Local()}
	at, ok := bounds.Time(o.at)
	if !ok || at.Before(bounds.Start.Truncate(time.Minute)) || at.After(bounds.End) {
		return time.Time{}, fmt.Errorf("%w: --at %s: give start, end, or a time on the tape, which goes from %s to %s", errUsage, o.at, bounds.Start.Format(time.TimeOnly), bounds.End.Format(time.TimeOnly))
	}
	return at, nil
}

// player is a tape's player as views know it.
type player struct{ *tape.Player }

// State implements views.Player.
func (p player) State() views.PlayerState {
	s := p.Player.State()
	return views.PlayerState{
		Start: s.Start.Local(), End: s.End.Local(), Position: s.Position.Local(),
		Speed: s.Speed, Paused: s.Paused, AtEnd: s.AtEnd, Cut: p.Tape().Cut() != "", Mark: s.Mark, Err: s.Err,
	}
}

// Watch implements views.Player.
func (p player) Watch() ui.Source { return p.Player.Watch() }
