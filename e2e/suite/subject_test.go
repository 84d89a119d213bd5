package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// subject is an object whose texts are compared with kubectl's.
type subject struct {
	kind, namespace, name string
}

func (s subject) String() string { return s.kind + " " + s.namespace + "/" + s.name }

// subjects are objects of the shop, of many kinds and in many states.
func subjects(t *testing.T) []subject {
	t.Helper()
	return []subject{
		{"pod", "shop", podOf(t, "shop", "cart")},
		{"pod", "shop", podOf(t, "shop", "checkout")},
		{"pod", "shop", "db-2"},
		{"pod", "shop", podOf(t, "shop", "gift-cards")},
		{"pod", "payments", podOf(t, "payments", "ledger")},
		{"deployment", "shop", "checkout"},
		{"statefulset", "shop", "db"},
		{"daemonset", "platform", "node-agent"},
		{"node", "", node(t)},
		{"namespace", "", "payments"},
		{"service", "shop", "web-public"},
		{"service", "shop", "legacy-api"},
		{"configmap", "shop", "web"},
		{"configmap", "shop", "empty"},
		{"secret", "shop", "db"},
		{"secret", "shop", "shop-tls"},
		{"persistentvolumeclaim", "shop", "data-db-0"},
		{"persistentvolumeclaim", "shop", "data-db-2"},
		{"persistentvolume", "", "shop-archive"},
		{"ingress", "shop", "shop"},
		{"networkpolicy", "payments", "gateway-from-shop"},
		{"job", "shop", "report-2026-10"},
		{"cronjob", "payments", "settlement"},
		{"horizontalpodautoscaler", "payments", "gateway"},
		{"role", "payments", "oncall"},
		{"customresourcedefinition", "", "storefronts.shop.fathom.test"},
		{"storefront", "shop", "books"},
		{"region", "", "antarctica"},
	}
}

// podOf is the newest pod of an app.
func podOf(t *testing.T, namespace, app string) string {
	t.Helper()
	list, err := world.client.CoreV1().Pods(namespace).List(t.Context(),
		metav1.ListOptions{LabelSelector: "app.kubernetes.io/name=" + app})
	if err != nil || len(list.Items) == 0 {
		t.Fatalf("%d pods of %s/%s: %v", len(list.Items), namespace, app, err)
	}
	newest := list.Items[0]
	for _, pod := range list.Items[1:] {
		if newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = pod
		}
	}
	return newest.Name
}

// node is a node that runs containers.
func node(t *testing.T) string {
	t.Helper()
	list, err := world.client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{LabelSelector: "type!=kwok"})
	if err != nil || len(list.Items) == 0 {
		t.Fatalf("%d nodes: %v", len(list.Items), err)
	}
	return list.Items[0].Name
}

// reader is fathom showing one object, in a terminal with room for its whole text.
type reader struct {
	*screen.Terminal
	folder string
}

func read(t *testing.T, s subject) reader {
	t.Helper()
	folder := t.TempDir()
	options := screen.Options{Columns: 400, Rows: 250, Dir: folder}
	args := []string{s.kind + "/" + s.name}
	if s.namespace != "" {
		args = append(args, "-n", s.namespace)
	}
	f := openWith(t, world.cluster.Kubeconfig, options, args...)
	f.WaitFor("● live", limit)
	return reader{f, folder}
}

// save saves the text that is shown and returns it.
func (r reader) save(t *testing.T) string {
	t.Helper()
	said := func(shot screen.Screen) bool { return strings.HasPrefix(shot.Row(shot.Rows-1), " saved ") }
	// Any key clears the note of the last time.
	r.Keys("left")
	r.WaitGone(said, limit)
	r.Keys("ctrl+s")
	r.WaitFor(said, limit)
	names, err := filepath.Glob(filepath.Join(r.folder, "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("saved files: %q, %v", names, err)
	}
	info, err := os.Stat(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("%s has mode %o", names[0], mode)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(names[0]); err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// body is the screen without header, tabs and footer.
func body(shot screen.Screen) []string {
	var rows []string
	for y := 2; y < shot.Rows-1; y++ {
		rows = append(rows, shot.Row(y))
	}
	return rows
}

// trimmed is a text's lines without the blanks at their ends.
func trimmed(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return lines
}

// quiet is how long a screen stays as it is once it is complete.
const quiet = 300 * time.Millisecond
