package kinds

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

func podOf(t *testing.T, text string) *corev1.Pod {
	t.Helper()
	p := &corev1.Pod{}
	if err := yaml.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestContainerRecords(t *testing.T) {
	for name, c := range map[string]struct{ pod, want string }{
		"nothing at all": {`{}`, ""},
		"of every type": {`
metadata: {name: web-1, namespace: shop}
spec:
  initContainers: [{name: wait}, {name: proxy, restartPolicy: Always}]
  containers: [{name: app, image: web:1, livenessProbe: {tcpSocket: {port: 80}}}]
  ephemeralContainers: [{name: shell}]
status:
  initContainerStatuses: [{name: wait, state: {terminated: {exitCode: 0, reason: Completed}}}]
  containerStatuses: [{name: app, imageID: "sha256:1", restartCount: 3, state: {waiting: {reason: CrashLoopBackOff}},
    lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]`,
			"web-1/wait init Completed (exit 0) -, web-1/proxy sidecar Waiting no, " +
				"web-1/app app CrashLoopBackOff no OOMKilled (exit 137) liveness sha256:1, web-1/shell ephemeral Waiting -"},
		"a status alone": {`{metadata: {name: a}, status: {containerStatuses: [{name: app}]}}`, ""},
	} {
		p := podOf(t, c.pod)
		pod, err := Pod.Record(p)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range ContainerRecords(p, pod) {
			var words []string
			for _, column := range []string{"TYPE", "STATE", "READY", "LAST STATE", "PROBES", "IMAGE ID"} {
				words = append(words, textOf(r.Cells[ContainerKind.Column(column)]))
			}
			got = append(got, strings.Join(strings.Fields(r.Name+" "+strings.Join(words, " ")), " "))
			if len(r.Cells) != len(ContainerKind.Columns) || r.Links[0].To != pod.Ref() {
				t.Errorf("%s: %s has %d cells and leads to %v", name, r.Name, len(r.Cells), r.Links[0].To)
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, text, c.want)
		}
	}
	if got := ContainerRecords(&corev1.Node{}, &Record{}); got != nil {
		t.Errorf("a node has containers: %v", got)
	}
}

func textOf(c Cell) string { return c.text }

func TestContainerSections(t *testing.T) {
	p := podOf(t, `
metadata: {name: web-1, namespace: shop}
spec:
  containers:
  - name: app
    readinessProbe: {httpGet: {port: http, scheme: HTTPS}, periodSeconds: 5, failureThreshold: 1, initialDelaySeconds: 9}
    livenessProbe: {grpc: {port: 9}}
    startupProbe: {exec: {command: [cat, /ok]}}
    volumeMounts: [{name: data, mountPath: /data, subPath: a, readOnly: true}]
    envFrom: [{prefix: X_, secretRef: {name: s, optional: true}}, {configMapRef: {name: c}}, {}]
    env: [{name: PLAIN, value: hunter2}, {name: KEY, valueFrom: {secretKeyRef: {name: s, key: k}}},
      {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: ODD, valueFrom: {}}]
status:
  containerStatuses: [{name: app, state: {terminated: {exitCode: 2, signal: 9, reason: Error, message: "bad\n",
    startedAt: "1970-01-01T00:00:00Z"}}}]`)
	sections := ContainerSections(p, "app")
	var got []string
	for _, s := range sections {
		for _, f := range s.Facts {
			got = append(got, s.Title+" "+f.Name+": "+f.Value)
			if !f.Begins.IsZero() && f.Begins.Year() == 1970 {
				t.Errorf("%s began in 1970", f.Name)
			}
		}
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"state State: Terminated: Error (exit 2)", "state Signal: 9", "state Message: bad", "state Finished: ",
		"probes readiness: GET https://:http/, every 5s, timeout 1s, first after 9s, fails after 1 failure",
		"probes liveness: gRPC health of :9, every 10s, timeout 1s, fails after 3 failures",
		"probes startup: run cat /ok, every 10s", "mounts /data: volume data, a, read-only",
		"environment X_*: secret s, optional", "environment *: configmap c", "environment PLAIN: a value in the pod",
		"environment KEY: secret s, key k", "environment IP: field status.podIP", "environment ODD: another source",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("the value of a variable is shown")
	}
	for _, name := range []string{"gone", ""} {
		if got := ContainerSections(p, name); got != nil {
			t.Errorf("%q: %v", name, got)
		}
	}
	for _, text := range []string{`{spec: {containers: [{name: app}]}}`, `{spec: {ephemeralContainers: [{name: app}]},
  status: {ephemeralContainerStatuses: [{name: app, state: {}}]}}`} {
		if got := ContainerSections(podOf(t, text), "app"); len(got) == 0 {
			t.Errorf("%s: nothing is known", text)
		}
	}
}
