package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/program"
)

// TestCountsAndRatios runs fathom at the smallest size and asserts what does not depend on the machine's speed: what it asks of
// the server and what it writes to the terminal.
func TestCountsAndRatios(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("the rig is a native control plane, which needs Linux and root")
	}
	binary := filepath.Join(t.TempDir(), "fathom")
	if err := program.Build(t.Context(), binary); err != nil {
		t.Fatal(err)
	}
	fathom, err := loadProgram("fathom")
	if err != nil {
		t.Fatal(err)
	}
	fathom.path = binary
	b := &bench{window: 5 * time.Second, results: &Results{Links: []string{link.LAN.Name}}}
	down, err := b.open(t.Context(), fixture.S1.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(down)
	c, home := openCourse(t, b, fathom)
	for _, suffix := range []string{"-cold", ""} {
		if c.session != nil {
			c.close()
		}
		if err := c.begin(home, suffix); err != nil {
			t.Fatal(err)
		}
	}
	defer c.close()
	c.session.settle(time.Second)
	for _, step := range []func() error{func() error { return c.idle(t.Context()) }, func() error { return c.moving(t.Context()) }} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}

	list := gzippedList(t, b.rig)
	figure := func(name string) float64 {
		t.Helper()
		values := b.results.find("fathom", "S1", "LAN", name)
		if len(values) == 0 {
			t.Fatalf("%s was not measured", name)
		}
		return worst(values)
	}
	most := func(name string, limit float64) {
		t.Helper()
		if got := figure(name); got > limit {
			t.Errorf("%s: %.2f, want at most %.2f", name, got, limit)
		} else {
			t.Logf("%s: %.2f of at most %.2f", name, got, limit)
		}
	}
	t.Logf("a list as JSON is %.3f MB gzipped", list)
	most("down-complete", bytesOverList*list)
	most("requests", 12)
	// Which requests overlap depends on the machine's speed; that rows need but one is a unit test of package kube.
	t.Logf("serial: %.0f", figure("serial"))
	most("lists", 0)
	most("requests-idle", 0)
	most("down-idle", 5)
	most("pty-idle", 2_000)
	most("pty-cursor", 300)
	for _, g := range b.results.Guards {
		if !g.OK {
			t.Errorf("%s: %s", g.Name, g.Detail)
		}
	}
}

// bytesOverList is how many times the bytes of a gzipped list of the pods may come over the link until all of them are
// shown, with TLS, the server's version and what else is asked for.
const bytesOverList = 4

func openCourse(t *testing.T, b *bench, program *Program) (c *course, home string) {
	t.Helper()
	home = t.TempDir()
	through, config, err := openLink(b.rig.Kubeconfig, home, link.LAN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(through.Close)
	return &course{bench: b, program: program, link: through, network: link.LAN.Name, config: config}, home
}

// gzippedList is how many MB a list of all pods takes as gzipped JSON.
func gzippedList(t *testing.T, rig *fixture.Rig) float64 {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", rig.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	text, err := client.CoreV1().RESTClient().Get().Resource("pods").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return float64(packed.Len()) / 1e6
}
