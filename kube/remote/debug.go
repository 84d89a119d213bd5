package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/plain"
)

const (
	// startsWithin is how long a container to debug with may take to run: its image is
	// pulled.
	startsWithin = 5 * time.Minute
	// lookAgain is how often it is looked at meanwhile.
	lookAgain = 500 * time.Millisecond
	// removeWithin bounds the removal of a pod at the end.
	removeWithin = 10 * time.Second
	// debugLimit ends a pod to debug with that nobody could remove.
	debugLimit = int64(12 * 60 * 60)
)

// Debug is how to debug: with which image, beside which container, and with what rights.
type Debug struct {
	Image   string
	Target  string // the container whose processes it sees; "" for none
	Profile Profile
}

// NewDebugContainer returns a shell in a new ephemeral container of a pod, which stays there:
// the API server removes none. Nothing is sent before RunOn.
func NewDebugContainer(c *kube.Cluster, place *Place, d Debug) *Session {
	s := d.session(c, place, "debug "+place.Where()+" with "+kinds.Clean(d.Image))
	s.before = func(ctx context.Context, out io.Writer) error {
		pod := place.Pod
		if err := may(ctx, c, pod.Namespace, pod.Name, "ephemeralcontainers", "patch"); err != nil {
			return err
		}
		s.Container.Name = "debugger-" + rand.String(5)
		body, err := json.Marshal(map[string]any{"spec": map[string]any{
			"ephemeralContainers": []corev1.EphemeralContainer{d.ephemeral(s.Container.Name)},
		}})
		if err != nil {
			return words(err)
		}
		client, err := core(c)
		if err != nil {
			return words(err)
		}
		err = client.Patch(types.StrategicMergePatchType).MaxRetries(0).Namespace(pod.Namespace).Resource("pods").
			Name(pod.Name).SubResource("ephemeralcontainers").Body(body).Do(ctx).Error()
		if err != nil {
			return words(err)
		}
		return s.awaitRunning(ctx, out)
	}
	return s
}

// NewDebugCopy returns a shell in a container beside those of a copy of a pod, in which no
// probe restarts anything and to which no Service leads. The copy is removed at the end.
// Nothing is sent before RunOn.
func NewDebugCopy(c *kube.Cluster, place *Place, d Debug) *Session {
	return d.inNewPod(c, place, "debug a copy of "+place.Where(), d.copyOf(place.Pod))
}

// NewDebugNode returns a shell in a pod on a node, which is removed at the end. The node's
// files are under /host, unless the profile has none. Nothing is sent before RunOn.
func NewDebugNode(c *kube.Cluster, node, namespace string, d Debug) *Session {
	pod := d.onNode(node, namespace)
	place := &Place{Pod: pod, Subject: Subject{Namespace: namespace, Name: pod.Name}}
	return d.inNewPod(c, place, "debug node "+kinds.Clean(node), pod)
}

// session attaches to a container that does not exist yet.
func (d Debug) session(c *kube.Cluster, place *Place, label string) *Session {
	return &Session{
		cluster: c, Place: place, Container: Container{Stdin: true, TTY: true}, attach: true, label: label,
	}
}

func (d Debug) inNewPod(c *kube.Cluster, place *Place, label string, pod *corev1.Pod) *Session {
	s := d.session(c, &Place{Pod: pod, Subject: place.Subject}, label)
	s.Container.Name = debuggerName
	made := false
	s.before = func(ctx context.Context, out io.Writer) error {
		if err := may(ctx, c, pod.Namespace, "", "", "create"); err != nil {
			return err
		}
		client, err := core(c)
		if err != nil {
			return words(err)
		}
		err = client.Post().MaxRetries(0).Namespace(pod.Namespace).Resource("pods").Body(pod).Do(ctx).Error()
		made = err == nil || unanswered(err)
		if err != nil {
			return words(err)
		}
		_, _ = fmt.Fprintf(out, "fathom: pod %s, which is removed at the end\n", kinds.Clean(pod.Name))
		return s.awaitRunning(ctx, out)
	}
	s.after = func(out io.Writer) error {
		if !made {
			return nil
		}
		_, _ = fmt.Fprintf(out, "fathom: removing pod %s\n", kinds.Clean(pod.Name))
		return s.remove()
	}
	return s
}

// remove deletes the pod of the session, whatever ended it. Where the connection is lost, it tries
// again for a while.
func (s *Session) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removeWithin)
	defer cancel()
	err := s.removeOnce(ctx)
	for unanswered(err) && pause(ctx, lookAgain) {
		again := s.removeOnce(ctx)
		if again != nil && ctx.Err() != nil {
			break // That the time is over is not why.
		}
		err = again
	}
	if err == nil || apierrors.IsNotFound(err) {
		return nil
	}
	pod := s.Place.Pod
	return plain.Error("", fmt.Errorf("remove pod %s/%s, %w: %w", pod.Namespace, pod.Name, ErrLeft, words(err)))
}

func (s *Session) removeOnce(ctx context.Context) error {
	client, err := core(s.cluster)
	if err != nil {
		return err
	}
	pod, seconds := s.Place.Pod, int64(0)
	return client.Delete().Namespace(pod.Namespace).Resource("pods").Name(pod.Name).
		Body(&metav1.DeleteOptions{GracePeriodSeconds: &seconds}).Do(ctx).Error()
}

// unanswered reports whether nobody knows what became of a request.
func unanswered(err error) bool {
	var status apierrors.APIStatus
	return err != nil && !errors.As(err, &status) && !errors.Is(err, kube.ErrReadOnly)
}

// pause waits, and reports whether ctx has not ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// awaitRunning waits until the container runs, and says what it waits for.
func (s *Session) awaitRunning(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, startsWithin)
	defer cancel()
	said := ""
	for {
		pod, err := fetchPod(ctx, s.cluster, s.Place.Pod.Namespace, s.Place.Pod.Name)
		if err != nil {
			return err
		}
		running, why, err := isRunning(pod, s.Container.Name)
		if running || err != nil {
			return err
		}
		if why != said {
			said = why
			_, _ = fmt.Fprintf(out, "fathom: waiting for container %s: %s\n", s.Container.Name, kinds.Clean(why))
		}
		if !pause(ctx, lookAgain) {
			return words(fmt.Errorf("container %s does not run yet (%s): %w", s.Container.Name, why, ctx.Err()))
		}
	}
}

// errNeverRuns is wrapped by why a container will not run.
var errNeverRuns = errors.New("it does not start")

// isRunning reports whether a container runs, or what it waits for.
func isRunning(pod *corev1.Pod, container string) (running bool, why string, err error) {
	all := slices.Concat(pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses)
	i := slices.IndexFunc(all, func(s corev1.ContainerStatus) bool { return s.Name == container })
	if i < 0 {
		return false, "the kubelet has not begun", nil
	}
	switch state := all[i].State; {
	case state.Running != nil:
		return true, "", nil
	case state.Terminated != nil:
		text := strings.TrimSpace(state.Terminated.Reason + " " + state.Terminated.Message)
		return false, "", fmt.Errorf("container %s: %w: %s", container, errNeverRuns, kinds.Clean(text))
	case state.Waiting != nil && refusesToRun[state.Waiting.Reason]:
		text := state.Waiting.Reason + ": " + state.Waiting.Message
		return false, "", words(fmt.Errorf("container %s: %w: %s", container, errNeverRuns, text))
	case state.Waiting != nil && state.Waiting.Reason != "":
		return false, state.Waiting.Reason, nil
	}
	return false, "it is made", nil
}

// refusesToRun are the kubelet's reasons that only a person can change.
var refusesToRun = map[string]bool{
	"ErrImageNeverPull": true, "InvalidImageName": true, "CreateContainerConfigError": true, "CreateContainerError": true,
	"ImagePullBackOff": true, "RunContainerError": true,
}
