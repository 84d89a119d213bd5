package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/cmd/fathom/console"
	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// oneCrashing is a Deployment whose pod crashes, an account that is well, and a claim that a pod
// waits for.
const oneCrashing = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop, uid: d},
spec: {replicas: 1, selector: {matchLabels: {a: web}}, template: {metadata: {labels: {a: web}}}},
status: {replicas: 1, updatedReplicas: 1, unavailableReplicas: 1}}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1, namespace: shop, uid: r, labels: {a: web},
ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: d, controller: true}]},
spec: {replicas: 1, selector: {matchLabels: {a: web}}}, status: {replicas: 1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-1-x, namespace: shop, uid: p, labels: {a: web},
ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r, controller: true}]},
spec: {containers: [{name: app, image: x}]}, status: {phase: Running, containerStatuses: [{name: app, restartCount: 4,
state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 3, reason: Error}}}]}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
`

// TestWhy prints why an object, what follows from it, and one that is well are as they are.
func TestWhy(t *testing.T) {
	t.Setenv("COLUMNS", "")
	dump := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(dump, []byte(oneCrashing), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]struct {
		code int
		says []string
	}{
		"deploy/web":         {1, []string{"as of 20", "deployment shop/web  failing", "CrashLoopBackOff, exit 3", "HOW IT"}},
		"deploy web -n shop": {1, []string{"deployment shop/web  failing"}},
		"pod/web-1-x":        {1, []string{"pod shop/web-1-x", "the cause is", "deployment shop/web"}},
		"serviceaccount/web": {0, []string{"serviceaccount shop/web  nothing is known to be wrong"}},
		"deploy":             {2, []string{"why deploy: name one object: why deploy/NAME"}},
		"web":                {2, []string{"why web: no kind is called that: write KIND/NAME, such as why deployment/web"}},
		"podz/web":           {2, []string{`has no kind "podz"`}},
		"sa/gone":            {2, []string{`no namespace has a serviceaccount "gone"`}},
		"sa/gone -n shop":    {2, []string{"serviceaccount shop/gone does not exist"}},
		"deploy/web -o yaml": {2, []string{"-o yaml prints objects, and why shows none; omit it"}},
		"deploy/web -l a=b":  {2, []string{"-l applies only to --once and a kind"}},
	} {
		t.Run(args, func(t *testing.T) {
			// What ends with its own code has said why on the standard error.
			var said bytes.Buffer
			before := console.Stderr
			console.Stderr = console.New(&said)
			defer func() { console.Stderr = before }()
			out, err := runOpen(t, append([]string{dump, "why"}, strings.Fields(args)...)...)
			out += said.String()
			if err != nil {
				out += err.Error()
			}
			if code := codeOf(err); code != want.code {
				t.Errorf("exit code %d, want %d: %s", code, want.code, out)
			}
			for _, text := range want.says {
				if !strings.Contains(out, text) {
					t.Errorf("no %q in\n%s", text, out)
				}
			}
			for _, key := range []string{"NEXT", " describe", "t also"} {
				if strings.Contains(out, key) {
					t.Errorf("%q in\n%s", key, out)
				}
			}
		})
	}
}

// TestWhyNeedsAnObjectAndACluster ends with 2 where nothing can be looked at.
func TestWhyNeedsAnObjectAndACluster(t *testing.T) {
	for _, args := range [][]string{{"why"}, {"why", "deploy/web"}, {"why", "deploy/web", "--nosuch"}} {
		t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
		t.Setenv("HOME", t.TempDir())
		cmd := rootCommand("fathom")
		cmd.SetArgs(args)
		if err := cmd.ExecuteContext(t.Context()); codeOf(err) != 2 {
			t.Errorf("%v: exit code %d: %v", args, codeOf(err), err)
		}
	}
}

// TestOnceAwaitsNoLogForLong prints without a log that never ends.
func TestOnceAwaitsNoLogForLong(t *testing.T) {
	_, cluster := hangs(t, "/log")
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	source := cluster.Logs(kube.LogOptions{Namespace: "shop", Pod: "web", Container: "app", Previous: true})
	o := &onlooker{messages: make(chan ui.Msg), logsTake: 10 * time.Millisecond}
	go o.feed(ctx, source)
	for {
		select {
		case msg := <-o.messages:
			if ended, is := msg.(ui.Ended); is && ended.Source == source {
				return
			}
		case <-ctx.Done():
			t.Fatal("it waits for the log")
		}
	}
}
