package recorder

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/kube"
)

// Start begins to record everything into a new file in the working directory,
// until Stop or the cluster's Close. It is an effect on a file, not on the cluster,
// which is only read.
type Start struct {
	cluster *kube.Cluster
	Path    string
}

// NewStart returns the effect; nothing happens until it is run.
func NewStart(cluster *kube.Cluster) Start {
	return Start{cluster, fileName(cluster.Name(), time.Now())}
}

// fileName is the name of a recording of a cluster that begins at a time.
func fileName(cluster string, at time.Time) string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, cluster)
	return fmt.Sprintf("%s-%s.tape", name, at.Format("20060102-150405"))
}

// String is "start recording prod-eu into prod-eu-20261124-135558.tape".
func (s Start) String() string { return "start recording " + s.cluster.Name() + " into " + s.Path }

// Run returns when the file is there and is being written, or why it is not.
func (s Start) Run(ctx context.Context) error {
	messages := s.cluster.Raw().Messages
	begun, ended := make(chan struct{}, 1), make(chan struct{})
	r, err := s.cluster.StartRecording(s.Path, func(recording context.Context) error {
		defer close(ended)
		return Record(recording, s.cluster, Options{Out: s.Path, Opened: true}, func(p Progress) {
			for _, note := range p.Notes {
				messages.Add("warning", "recording: "+note)
			}
			select {
			case begun <- struct{}{}:
			default:
			}
		})
	})
	if err != nil {
		return err
	}
	select {
	case <-begun:
		return nil
	case <-ended:
	case <-ctx.Done():
	}
	return r.Stop(ctx)
}

// Stop ends the recording that runs.
type Stop struct {
	recording *kube.Recording // nil when nothing was being recorded
	Path      string
}

// NewStop returns the effect; nothing happens until it is run.
func NewStop(cluster *kube.Cluster) Stop {
	r := cluster.Recording()
	if r == nil {
		return Stop{}
	}
	return Stop{r, r.Path}
}

// String is "stop recording into prod-eu-20261124-135558.tape".
func (s Stop) String() string { return "stop recording into " + s.Path }

// Run returns when the file is written and closed.
func (s Stop) Run(ctx context.Context) error {
	if s.recording == nil {
		return errors.New("nothing is being recorded")
	}
	return s.recording.Stop(ctx)
}
