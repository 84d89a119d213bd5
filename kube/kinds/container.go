package kinds

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// ContainerKind is one container of a pod as a row of its own. The API has no such resource:
// package kube makes the records from those of pods, and they share the pods' bodies. A
// record's name is that of the pod, a slash, and that of the container.
var ContainerKind = &Kind{
	GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Container"),
	Resource:         "containers",
	Namespaced:       true,
	Columns: []Column{
		{Name: "NAME"},
		{Name: "POD"},
		{Name: "STATE", State: true},
		{Name: "RESTARTS"},
		{Name: "AGE"},
		{Name: "TYPE", Wide: true},
		{Name: "READY", Wide: true},
		{Name: "LAST STATE", Wide: true},
		{Name: "IMAGE", Wide: true},
		{Name: "PORTS", Wide: true},
		{Name: "PROBES", Wide: true},
		{Name: "IMAGE ID", Wide: true},
	},
	PartOf: Pod,
}

// ContainerRecords returns the records of a pod's containers, in the order in which they
// start. pod is its record.
func ContainerRecords(obj runtime.Object, pod *Record) []*Record {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	var out []*Record
	for _, c := range podContainers(p) {
		started := c.Started.Time
		if started.IsZero() {
			started = pod.Created
		}
		_, state, found := strings.Cut(c.State, ": ")
		if !found {
			state = c.State
		}
		r := &Record{
			Kind: ContainerKind, UID: pod.UID, Namespace: pod.Namespace, Name: pod.Name + "/" + c.Name,
			ResourceVersion: pod.ResourceVersion, Created: pod.Created, Deleting: pod.Deleting, Labels: pod.Labels,
			Status: Status{Level: c.Level}, Body: pod.Body,
		}
		if c.Level > OK {
			r.Status.Reason = because(c.State, c.Message)
		}
		ready := "-"
		if c.Type != "init" && c.Type != "ephemeral" {
			ready = yesNo(c.Ready)
		}
		r.Cells = []Cell{
			TextCell(c.Name),
			ownCell(pod.Name),
			NumberCell(state, -int64(c.Level)), // The worst are the first.
			CountedCell(strconv.Itoa(int(c.Restarts)), int64(c.Restarts), c.LastEnded.Time),
			AgeCell(started),
			TextCell(firstOf(c.Type, "app")),
			TextCell(ready),
			TextCell(c.Last),
			TextCell(c.Image),
			TextCell(c.Ports),
			TextCell(strings.Join(c.Probes, ", ")),
			TextCell(c.ImageID),
		}
		owner := Link{Relation: OwnedBy, To: pod.Ref(), UID: pod.GetUID()}
		r.link(owner)
		out = append(out, r)
	}
	return out
}

// SplitContainer returns the names of pod and container of a container's record.
func SplitContainer(r *Record) (pod, container string, ok bool) {
	if r.Kind != ContainerKind {
		return "", "", false
	}
	return strings.Cut(r.Name, "/")
}

// Section is some facts under a title.
type Section struct {
	Title string
	Facts []Fact
}

// ContainerSections is all that a pod says of one of its containers; nothing when it has
// none of that name.
func ContainerSections(obj runtime.Object, name string) []Section {
	p, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	c, status := findContainer(p, name)
	if c == nil {
		return nil
	}
	var image, probes, mounts, env facts
	image.add("Image", c.Image)
	image.add("Image ID", status.ImageID)
	image.add("Pull policy", string(c.ImagePullPolicy))
	image.add("Command", strings.Join(c.Command, " "))
	image.add("Arguments", strings.Join(c.Args, " "))
	image.add("Ports", containerPorts(c.Ports))
	image.add("Resources", resourcesText(withRequests(c.Resources)))
	for _, probe := range probesOf(c) {
		probes.add(probe.name, probe.text)
	}
	for i := range c.VolumeMounts {
		m := &c.VolumeMounts[i]
		mode := ""
		if m.ReadOnly {
			mode = "read-only"
		}
		mounts.add(m.MountPath, join(", ", "volume "+m.Name, m.SubPath, mode))
	}
	addEnvironment(&env, p, c)
	return []Section{
		{"state", stateFacts(status.State)}, {"last state", stateFacts(status.LastTerminationState)},
		{"probes", probes}, {"image", image}, {"mounts", mounts}, {"environment", env},
	}
}

// findContainer finds a container of any type, and what the kubelet says of it.
func findContainer(p *corev1.Pod, name string) (found *corev1.Container, status corev1.ContainerStatus) {
	for _, list := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for i := range list {
			if list[i].Name == name {
				found = &list[i]
			}
		}
	}
	for i := range p.Spec.EphemeralContainers {
		if c := &p.Spec.EphemeralContainers[i]; c.Name == name {
			own := corev1.Container(c.EphemeralContainerCommon)
			found = &own
		}
	}
	for _, list := range [][]corev1.ContainerStatus{
		p.Status.InitContainerStatuses, p.Status.ContainerStatuses, p.Status.EphemeralContainerStatuses,
	} {
		for i := range list {
			if list[i].Name == name {
				status = list[i]
			}
		}
	}
	return found, status
}

func stateFacts(s corev1.ContainerState) []Fact {
	var f facts
	switch {
	case s.Running != nil:
		f.add("State", "Running")
		f = append(f, Fact{Name: "Started", Begins: s.Running.StartedAt.Time})
	case s.Terminated != nil:
		t := s.Terminated
		level := Quiet
		if t.ExitCode != 0 {
			level = Failing
		}
		f.addLevel("State", "Terminated: "+endBrackets(t), level)
		if t.Signal != 0 {
			f.add("Signal", strconv.Itoa(int(t.Signal)))
		}
		f.add("Message", strings.TrimSpace(t.Message))
		f = append(f, Fact{Name: "Started", Begins: RanFrom(t)}, Fact{Name: "Finished", Begins: t.FinishedAt.Time})
	case s.Waiting != nil:
		why := because(s.Waiting.Reason, s.Waiting.Message)
		f.addLevel("State", join(": ", "Waiting", why), waitingLevel(s.Waiting.Reason))
	}
	return f
}

// namedText is a text under a name.
type namedText struct{ name, text string }

// probesOf are the probes of a container, in words.
func probesOf(c *corev1.Container) []namedText {
	var out []namedText
	for _, p := range []struct {
		name  string
		probe *corev1.Probe
	}{{"startup", c.StartupProbe}, {"readiness", c.ReadinessProbe}, {"liveness", c.LivenessProbe}} {
		if p.probe != nil {
			out = append(out, namedText{p.name, probeText(p.probe)})
		}
	}
	return out
}

// probeText is "GET http://:8080/healthz, every 10s, fails after 3". What is not set has the
// defaults of the API server (SetDefaults_Probe in
// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
func probeText(p *corev1.Probe) string {
	what := ""
	switch {
	case p.HTTPGet != nil:
		scheme := strings.ToLower(firstOf(string(p.HTTPGet.Scheme), "HTTP"))
		what = "GET " + scheme + "://" + p.HTTPGet.Host + ":" + p.HTTPGet.Port.String() + firstOf(p.HTTPGet.Path, "/")
	case p.TCPSocket != nil:
		what = "connect to " + p.TCPSocket.Host + ":" + p.TCPSocket.Port.String()
	case p.GRPC != nil:
		what = "gRPC health of :" + strconv.Itoa(int(p.GRPC.Port))
	case p.Exec != nil:
		what = "run " + strings.Join(p.Exec.Command, " ")
	}
	text := join(", ", what, "every "+seconds(p.PeriodSeconds, 10), "timeout "+seconds(p.TimeoutSeconds, 1))
	if p.InitialDelaySeconds > 0 {
		text += ", first after " + seconds(p.InitialDelaySeconds, 0)
	}
	failures := p.FailureThreshold
	if failures == 0 {
		failures = 3
	}
	return text + ", fails after " + plural(int(failures), "failure")
}

func seconds(n int32, unset int32) string {
	if n == 0 {
		n = unset
	}
	return strconv.Itoa(int(n)) + "s"
}

// addEnvironment says where the variables of a container come from. A value that stands
// in the pod is the YAML's to show.
func addEnvironment(f *facts, p *corev1.Pod, c *corev1.Container) {
	from := func(name, kind, object, key string, optional *bool) {
		words := strings.ToLower(kind) + " " + object
		if key != "" {
			words += ", key " + key
		}
		if optional != nil && *optional {
			words += ", optional"
		}
		f.linkAs(name, words, ref(corev1.SchemeGroupVersion, kind, p.Namespace, object))
	}
	for i := range c.EnvFrom {
		e := &c.EnvFrom[i]
		name := e.Prefix + "*"
		if m := e.ConfigMapRef; m != nil {
			from(name, "ConfigMap", m.Name, "", m.Optional)
		}
		if s := e.SecretRef; s != nil {
			from(name, "Secret", s.Name, "", s.Optional)
		}
	}
	for i := range c.Env {
		e := &c.Env[i]
		switch v := e.ValueFrom; {
		case v == nil:
			f.add(e.Name, "a value in the pod")
		case v.ConfigMapKeyRef != nil:
			from(e.Name, "ConfigMap", v.ConfigMapKeyRef.Name, v.ConfigMapKeyRef.Key, v.ConfigMapKeyRef.Optional)
		case v.SecretKeyRef != nil:
			from(e.Name, "Secret", v.SecretKeyRef.Name, v.SecretKeyRef.Key, v.SecretKeyRef.Optional)
		case v.FieldRef != nil:
			f.add(e.Name, "field "+v.FieldRef.FieldPath)
		case v.ResourceFieldRef != nil:
			f.add(e.Name, join(" ", v.ResourceFieldRef.Resource, divisor(v.ResourceFieldRef.Divisor)))
		default:
			f.add(e.Name, "another source")
		}
	}
}

func divisor(q resource.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return "in " + q.String()
}
