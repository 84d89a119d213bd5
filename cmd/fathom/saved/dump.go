package saved

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/fathom-k8s/fathom/kube/dump"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// problemsShown is how many problems of a dump are reported one by one: the messages
// keep only some hundred.
const problemsShown = 400

func openDump(ctx context.Context, path string, in io.Reader, o Options) (*Cluster, error) {
	if o.At != "" {
		return nil, &AtError{path + " is a dump, not a tape; --at applies only to tapes"}
	}
	d, err := dump.Open(ctx, path, in, dump.Options{
		Wall: time.Now(), Progress: o.Progress, Print: kinds.Print, Panicked: o.panicked,
	})
	if err != nil {
		return nil, err
	}
	reportDump(d, o)
	now := d.Now
	label := "dump " + now.Local().Format("2006-01-02 15:04")
	if now.IsZero() {
		now, label = time.Now(), "dump without a time"
	}
	now = now.Local()
	name := "stdin"
	if path != "-" {
		name = baseName(path)
	}
	c := &Cluster{
		Name: name, Address: path, Transport: d, Now: func() time.Time { return now },
		Label: label, Lost: d.Lost(), Namespaces: d.Namespaces, Holds: d.Holds,
	}
	if lost := firstLost(d); lost != nil {
		c.FirstLost = lost.String()
	}
	return c, nil
}

func reportDump(d *dump.Dump, o Options) {
	for i, p := range d.Problems {
		if i == problemsShown {
			left := len(d.Problems) - i + d.Dropped
			o.report("warning", fmt.Sprintf("and %d more that could not be read or are shown differently", left))
			break
		}
		level := "info"
		if p.Lost {
			level = "warning"
		}
		o.report(level, p.String())
	}
	text := fmt.Sprintf("opened %d objects of %d kinds in %d namespaces, and %d logs",
		d.Objects, d.Kinds, len(d.Namespaces), d.Logs)
	if n := d.Lost(); n > 0 {
		text += fmt.Sprintf("; not read: %d", n)
	}
	o.report("info", text)
}

func firstLost(d *dump.Dump) *dump.Problem {
	for i := range d.Problems {
		if d.Problems[i].Lost {
			return &d.Problems[i]
		}
	}
	return nil
}
