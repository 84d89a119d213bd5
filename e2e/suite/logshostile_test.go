package suite

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestHostileLogLines reads a container whose lines are a megabyte long, binary, nested thousands of levels deep, or
// orders to the terminal. The screen stays whole, and each key has its answer.
func TestHostileLogLines(t *testing.T) {
	t.Parallel()
	const megabyte, some = 1 << 20, 64 << 10
	var args strings.Builder
	add := func(bytes int, part string) {
		fmt.Fprintf(&args, ", --print-repeated=%d:%s", bytes/len(part), base64.StdEncoding.EncodeToString([]byte(part)))
	}
	whole := func(line string) {
		fmt.Fprintf(&args, ", --print-base64=%s", base64.StdEncoding.EncodeToString([]byte(line)))
	}
	add(megabyte, "0123456789abcdef")
	add(megabyte, `{"level":"error","msg":"\u00e4\n\"`)
	add(megabyte, "\x00\x01\xfe\xff\x80")
	add(megabyte, `{"a":`)
	add(some, "\xe2\x82")
	add(some, "\r 12 % [=>   ]")
	add(some, "\x1b]0;owned\a\x1b]52;c;cm0gLXJm\a")
	add(some, "\x1bP+q544e\x1b\\\x1b_G\x1b\\\u009d0;x\u009c")
	add(some, "\x1b[2J\x1b[H\x1b[?1049l\x1bc")
	// No combining marks: beside the right edge, the emulator takes one for a cell of its own.
	whole(`{"level":"error","msg":"deep","a":` + strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_001))
	whole(`{"level":"warn","msg":"wide",` + strings.Repeat(`"f":1,`, 9_000) + `"last":1}`)
	namespace := sandbox(t)
	kubectlApply(t, namespace, strings.Replace(`
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: talker
    image: fathom.test/workload:1
    args: [--print=the first line ARGS, --print=the last line]
`, " ARGS", args.String(), 1))
	kubectl(t, "-n", namespace, "wait", "--for=condition=Ready", "pod/talker", "--timeout=60s")
	f := openWith(t, world.cluster.Kubeconfig, screen.Options{Columns: 80, Rows: 24}, "pod/talker", "-n", namespace)
	f.WaitFor("● live", limit)
	f.Keys("l")
	f.WaitFor("the last line", limit)
	press := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			f.Keys(key)
			shot := f.WaitIdle(300*time.Millisecond, limit)
			if !strings.Contains(shot.Row(0), "pod talker") || strings.TrimSpace(shot.Row(23)) == "" {
				t.Fatalf("after %s the frame is not whole\n%s", key, shot)
			}
		}
	}
	press("f", "R", "W")
	for range 12 {
		press("ctrl+b")
	}
	press("R", "W")
	f.Keys("?")
	f.WaitFor("Most used", limit)
	f.Keys("esc")
	filter(f, "line")
	f.WaitFor(" of 2 for line", limit)
	f.Keys("G")
	f.WaitFor("the last line", limit)
	judge(t, f)
}
