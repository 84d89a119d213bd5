package suite

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// demoLimit is how long to wait for a moment of the demo: all of it takes 20 s at 30
// times its speed.
const demoLimit = time.Minute

// TestDemo plays the demo from its start to its end, without any cluster, and sees what
// fails in it.
func TestDemo(t *testing.T) {
	terminal := openWith(t, "/does/not/exist", screen.Options{Columns: 120, Rows: 40}, "demo", "pods", "-A")
	terminal.WaitFor("two things are broken: enter tells why", demoLimit)
	terminal.WaitFor(regexp.MustCompile(`catalog-\S+ +1/1 +Running`), demoLimit)
	terminal.Keys("+", "+")
	terminal.WaitFor("×30", demoLimit)
	terminal.WaitFor("checkout v42 is being rolled out", demoLimit)
	terminal.WaitFor(regexp.MustCompile(`checkout-\S+ +0/1 +CrashLoopBackOff`), demoLimit)
	terminal.WaitFor(regexp.MustCompile(`web-\S+ +0/1 +CreateContainerConfigError`), demoLimit)
	terminal.Keys(":")
	terminal.Type("nodes")
	terminal.Keys("enter")
	terminal.WaitFor(regexp.MustCompile(`simulated-0001 +NotReady`), demoLimit)
	terminal.WaitFor(regexp.MustCompile(`simulated-0001 +Ready`), demoLimit)
	terminal.WaitFor("the release works", demoLimit)
	terminal.WaitFor("two things are broken: enter tells why", demoLimit)
	terminal.Keys("ctrl+c")
	if code := terminal.WaitExit(demoLimit); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// TestDemoNeedsNothing runs it without a network, a home and a kubeconfig.
func TestDemoNeedsNothing(t *testing.T) {
	program, args := world.fathom, []string{"demo", "--once", "pods", "-n", "shop"}
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		program, args = "unshare", append([]string{"--net", world.fathom}, args...)
	}
	stdout, stderr, code := run(t, []string{"HOME=/does/not/exist", "KUBECONFIG=/does/not/exist"}, program, args...)
	if code != 0 || !regexp.MustCompile(`checkout-\S+ +1/1 +Running`).MatchString(stdout) {
		t.Errorf("exit code %d, standard error %q, screen\n%s", code, stderr, stdout)
	}
}

// TestATapeComesThroughAPipe opens a tape that is read from standard input.
func TestATapeComesThroughAPipe(t *testing.T) {
	script := fmt.Sprintf("%q open - --once pods -n shop < ../../cmd/fathom/demo.tape", world.fathom)
	stdout, stderr, code := run(t, []string{"HOME=/does/not/exist"}, "sh", "-c", script)
	if code != 0 || !regexp.MustCompile(`checkout-\S+ +1/1 +Running`).MatchString(stdout) {
		t.Errorf("exit code %d, standard error %q, screen\n%s", code, stderr, stdout)
	}
}
