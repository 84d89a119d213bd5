package suite

import (
	"regexp"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestOncallWorks walks through what the person on call for payments may see. Their rights end with that namespace: they
// may not even list namespaces.
func TestOncallWorks(t *testing.T) {
	options := screen.Options{Columns: 120, Rows: 40}
	f := openWith(t, oncall(t), options)
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	f.WaitFor("queue-0", limit)
	f.Keys("/")
	f.Type("gateway")
	f.Keys("enter")
	f.WaitFor("hidden", limit)
	f.Keys("l")
	f.WaitFor(`"msg":`, limit)
	f.Keys("d")
	f.WaitFor(regexp.MustCompile(`Service Account: +gateway`), limit)
	f.Keys("y")
	f.WaitFor("kind: Pod", limit)
	f.Keys("E")
	f.WaitFor("Started", limit)
	f.Keys("v")
	shot := f.WaitFor("CONDITIONS", limit)
	if shot.Contains("forbidden") {
		t.Errorf("a pod of theirs, and something is forbidden\n%s", shot)
	}
	f.Keys("esc")
	goTo(f, "deployments")
	f.WaitFor(regexp.MustCompile(`gateway +2/2`), limit)
	f.Keys("enter")
	f.WaitFor("MinimumReplicasAvailable", limit)
	// A deployment's replica sets are not theirs: the page says so, and shows the rest.
	f.WaitFor(`cannot list resource "replicasets"`, limit)
}

// TestOncallIsToldWhatIsForbidden asks for what they may not see. The answer is one line, and the session goes on.
func TestOncallIsToldWhatIsForbidden(t *testing.T) {
	f := openWith(t, oncall(t), screen.Options{Columns: 160, Rows: 40})
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	for _, kind := range []string{"nodes", "secrets", "namespaces", "storefronts"} {
		goTo(f, kind)
		f.WaitFor(regexp.MustCompile(kind+` .*✖ forbidden`), limit)
		f.WaitFor(`cannot list resource "`+kind+`"`, limit)
		f.WaitFor("nothing to show", limit)
		f.Keys("esc")
		f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	}
	f.Keys("0")
	f.WaitFor(regexp.MustCompile(`all namespaces +pods .*✖ forbidden`), limit)
	f.WaitFor(`cannot list resource "pods"`, limit)
	f.Keys("1")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
	// Nobody told the palette of this namespace: one may try all the same.
	f.Keys(":")
	f.Type("shop")
	f.WaitFor("namespace, by its name", limit)
	f.ClickOn("namespace, by its name")
	f.WaitFor(regexp.MustCompile(`shop +pods .*✖ forbidden`), limit)
	// One object by its name is no way round.
	f.Keys(":")
	f.Type("secret payments/psp-keys")
	f.Keys("enter")
	f.WaitFor(regexp.MustCompile(`secrets "psp-keys" is forbidden|cannot list resource "secrets"`), limit)
	// What is forbidden is not asked for again and again.
	f.WaitIdle(3*time.Second, limit)
	f.Keys("esc", "esc")
	f.WaitFor(regexp.MustCompile(`payments +pods \d+ .*● live`), limit)
}
