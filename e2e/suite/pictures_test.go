package suite

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

var updatePictures = flag.Bool("update-pictures", false, "write testdata/pictures again")

// widths are those at which screens are compared with their pictures.
var widths = []int{80, 120}

// wholePage is a terminal in which a page of any length has all its lines.
func wholePage(columns int) screen.Options { return screen.Options{Columns: columns, Rows: 160} }

// atWidths runs a test in a terminal of each width, tall enough for any page.
func atWidths(t *testing.T, test func(t *testing.T, options screen.Options)) {
	for _, columns := range widths {
		t.Run(strconv.Itoa(columns), func(t *testing.T) { test(t, wholePage(columns)) })
	}
}

// mask replaces what differs from run to run. It sees one line at a time.
type mask struct {
	is   *regexp.Regexp
	name string
}

func masked(expression, name string) mask { return mask{regexp.MustCompile(expression), name} }

// masks are for all pictures, in this order. They leave words, their order and the marks
// of a status. The letters of a hash and of the end of a name are those that Kubernetes
// draws from (rand.SafeEncodeString, utilrand.String in apimachinery).
var masks = []mask{
	masked(`\bsandbox-\w+`, "SANDBOX"),
	masked(`\b\d+\.\d+\.\d+\.\d+\b`, "ADDRESS"),
	masked(`[█▁▂▃▄▅▆▇]*[▁▂▃▄▅▆▇]+[█▁▂▃▄▅▆▇]*`, "SPARK"),
	masked(`[█▓▒░▏▎▍▌▋▊▉]{2,}`, "BAR"),
	masked(`-\d{8,}\b`, "-N"), // the minute of a Job that a CronJob made
	masked(`-[4-9bcdf]{6,10}-([a-z0-9]*…|[2-9b-z]{5}\b)`, "-HASH-ID"),
	masked(`-[4-9bcdf]{6,10}\b`, "-HASH"),
	masked(`-[2456789bcdfghjklmnpqrstvwxz]{5}\b`, "-ID"),
	masked(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{8}-[-0-9a-f]*…`, "UID"),
	masked(`\b\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?`, "DATE"),
	masked(`\b\d\d:\d\d(:\d\d)?\b`, "TIME"),
	masked(`\bv?\d+\.\d+\.\d+[-+.\w]*`, "VERSION"),
	masked(`\b\d[\d.,]* ?[KMGTPE]i?B?\b`, "SIZE"),
	masked(`\b(\d+(y|d|h|m|s|ms|µs))+\b`, "AGE"),
	masked(`\b\d+[\d.,]*%`, "N%"),
	masked(`(^|[^-\w])\d+([.,]\d+)*\b`, "${1}N"),
}

// pictureOf is the text of a page as it can be compared: with everything masked, without
// the blanks that align columns, and without empty lines but one between texts.
func pictureOf(lines []string, more []mask) string {
	var b strings.Builder
	for _, line := range lines {
		for _, m := range slices.Concat(more, masks) {
			line = m.is.ReplaceAllString(line, m.name)
		}
		indent := indentation.FindString(line)
		words := strings.Join(strings.Fields(line[len(indent):]), " ")
		b.WriteString(strings.TrimRight(indent+words, " ") + "\n")
	}
	return emptyLines.ReplaceAllString(strings.TrimRight(b.String(), "\n"), "\n\n") + "\n"
}

// indentation is what begins a line: blanks, and in a tree what leads to its branch.
var indentation = regexp.MustCompile(`^([ ›│]*[├└]─ | *)`)

var emptyLines = regexp.MustCompile(`\n{3,}`)

// anyHeader is for pages on which the header has room for more or less, and says how many
// objects fail once they are judged.
var anyHeader = masked(`(● live|■ dump [-\d]+ [:\d]+).*`, "$1")

// look says how a page becomes a picture.
type look struct {
	// masks come before those for all pictures.
	masks []mask
	// lines are those of the page; nil means its rows as they are.
	lines func(screen.Screen) []string
}

// comparePicture waits until a terminal shows what testdata/pictures has under a name and
// the terminal's width. Words that say what a cluster is busy with just now need a mask of
// the page's own.
func comparePicture(t *testing.T, f *screen.Terminal, name string, l look) {
	t.Helper()
	if l.lines == nil {
		l.lines = rowsOfScreen
	}
	cluster := kubeconfigOf(t, world.cluster.Kubeconfig).CurrentContext
	own := append([]mask{masked(`\b`+regexp.QuoteMeta(cluster)+`\b`, "CLUSTER")}, l.masks...)
	draw := func(shot screen.Screen) string { return pictureOf(l.lines(shot), own) }
	file := filepath.Join("testdata", "pictures", name+"-"+strconv.Itoa(f.Screen().Columns)+".txt")
	if *updatePictures {
		writeExpected(t, file, settled(t, f, draw))
		return
	}
	file = expectedFile(file)
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got string
	defer func() {
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Logf("%s (-want +got):\n%s", file, diff)
		}
	}()
	f.WaitFor(func(shot screen.Screen) bool {
		got = draw(shot)
		return got == string(want)
	}, limit)
}

// expectedFile is where the expected text of a file is: what three nodes show differently, with a DNS server and a
// control plane in pods, is beside it.
func expectedFile(file string) string {
	if world.cluster.Provider != "kind" {
		return file
	}
	own := strings.TrimSuffix(file, ".txt") + ".kind.txt"
	if _, err := os.Stat(own); err != nil {
		return file
	}
	return own
}

// writeExpected writes the expected text of a file; kind has one of its own where it differs.
func writeExpected(t *testing.T, file, text string) {
	t.Helper()
	if world.cluster.Provider == "kind" {
		own := strings.TrimSuffix(file, ".txt") + ".kind.txt"
		_ = os.Remove(own)
		if shared, err := os.ReadFile(file); err == nil && string(shared) == text {
			return
		}
		file = own
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// settled is the picture of a terminal that has stayed the same for some seconds.
func settled(t *testing.T, f *screen.Terminal, draw func(screen.Screen) string) string {
	t.Helper()
	const quiet = 3 * time.Second
	got, since := "", time.Now()
	err := wait.PollUntilContextTimeout(t.Context(), quiet/10, limit, true, func(context.Context) (bool, error) {
		if now := draw(f.Screen()); now != got {
			got, since = now, time.Now()
		}
		return time.Since(since) >= quiet, nil
	})
	if err != nil {
		t.Fatalf("the picture goes on to change: %v\n%s", err, got)
	}
	return got
}

func rowsOfScreen(shot screen.Screen) []string {
	return strings.Split(strings.TrimRight(shot.Text(), "\n"), "\n")
}

// unwrapped joins lines that begin with so many blanks to the line before them: where
// text breaks depends on the length of what is masked.
func unwrapped(lines []string, indent int) []string {
	var joined []string
	for _, line := range lines {
		text := strings.TrimLeft(line, " ")
		if text != "" && len(joined) > 0 && len(line)-len(text) >= indent {
			joined[len(joined)-1] += " " + text
			continue
		}
		joined = append(joined, line)
	}
	return joined
}

// TestPictureOf holds what a mask leaves.
func TestPictureOf(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"words", "● pods   all well", "● pods all well"},
		{"a pod of a Deployment", "shop/web-7cd7b8c5d8-lmx8r Running", "shop/web-HASH-ID Running"},
		{"a pod of a Deployment, cut", "shop/web-7cd7b8c5d8-lm…", "shop/web-HASH-ID"},
		{"a ReplicaSet", "replicaset web-7cd7b8c5d8", "replicaset web-HASH"},
		{"a pod of a StatefulSet", "pod db-0 3/4", "pod db-0 N/N"},
		{"a Job of a CronJob", "job audit-29401200, Complete", "job audit-N, Complete"},
		{"a word that is not a hash", "kube-proxy not-ready", "kube-proxy not-ready"},
		{"API versions", "v1beta1.metrics.k8s.io apps/v1", "v1beta1.metrics.k8s.io apps/v1"},
		{"versions", "v1.36.3 ×1 containerd://2.4.2+unknown", "VERSION ×N containerd://VERSION"},
		{"ages", "5d3h 12s 2m ago", "AGE AGE AGE ago"},
		{"sizes", "4.8 MiB of 24Gi, 320 Mi", "SIZE of SIZE, SIZE"},
		{"share", "cpu 99% of 2 cores", "cpu N% of N cores"},
		{"a bar", "██████▒▒░░░ 2", "BAR N"},
		{"a legend", "█ used ░ free", "█ used ░ free"},
		{"a sparkline", "▁▂▇█▁ 5", "SPARK N"},
		{"an address", "10.250.1.2:6443", "ADDRESS:N"},
		{"a branch of a tree", "› │  ├─ ▸ pod   web", "› │  ├─ ▸ pod web"},
		{"a time", "2026-11-30 23:26 UTC at 23:26:01", "DATE UTC at TIME"},
	} {
		if got := strings.TrimSuffix(pictureOf([]string{c.line}, nil), "\n"); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.name, c.line, got, c.want)
		}
	}
}
