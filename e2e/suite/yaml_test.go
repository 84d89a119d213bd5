package suite

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// yamlLimit is how long fathom and kubectl may see different versions: what is polled,
// like metrics, is up to 15 s behind.
const yamlLimit = 40 * time.Second

// TestYAML compares what is saved with kubectl get -o yaml, and what is on the screen with what is saved.
func TestYAML(t *testing.T) {
	// Text in foreign languages, a long one, many short ones, and bytes that are not
	// text.
	all := append(subjects(t),
		subject{"configmap", "shop", "products"},
		subject{"configmap", "shop", "flags"},
		subject{"configmap", "shop", "assets"},
		subject{"secret", "shop", "registry"},
		subject{"nodes.metrics.k8s.io", "", node(t)})
	for _, s := range all {
		t.Run(s.String(), func(t *testing.T) {
			f := read(t, s)
			f.Keys("y")
			f.WaitFor("apiVersion: ", limit)
			if s.kind == "secret" {
				f.Keys("x")
				f.WaitFor("hide values", limit)
			}
			sameYAML(t, f, s)
			f.WaitIdle(quiet, limit)
			sameOnScreen(t, f)
		})
	}
}

// sameYAML saves and asks kubectl until both have seen the same version.
func sameYAML(t *testing.T, f reader, s subject) {
	t.Helper()
	var difference string
	for end := time.Now().Add(yamlLimit); time.Now().Before(end); {
		args := []string{"get", "-o", "yaml", s.kind, s.name}
		if s.namespace != "" {
			args = append(args, "-n", s.namespace)
		}
		got, want := parsed(t, f.save(t)), parsed(t, kubectl(t, args...))
		if s.kind == "nodes.metrics.k8s.io" {
			// metrics-server gives the time of the answer.
			delete(got["metadata"].(map[string]any), "creationTimestamp")
			delete(want["metadata"].(map[string]any), "creationTimestamp")
		}
		if difference = cmp.Diff(want, got); difference == "" {
			return
		}
	}
	t.Error("-kubectl +fathom\n" + difference)
}

func parsed(t *testing.T, text string) (object map[string]any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), &object); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return object
}

// sameOnScreen compares the screen with what is saved, as far as there is room.
func sameOnScreen(t *testing.T, f reader) {
	t.Helper()
	shot, text := f.Screen(), f.save(t)
	var shown []string
	for _, row := range body(shot) {
		// What is folded is neither saved nor printed by kubectl.
		if !strings.HasPrefix(row, "  managedFields:  #") {
			shown = append(shown, row)
		}
	}
	for i, line := range trimmed(text) {
		if i == len(shown) {
			break
		}
		row := shown[i]
		if ansi.StringWidth(line) > shot.Columns {
			line, row = ansi.Truncate(line, shot.Columns-1, ""), strings.TrimSuffix(row, "›")
		}
		if row != line {
			t.Errorf("line %d: the screen has\n%s\nsaved is\n%s", i+1, row, line)
		}
	}
}

// TestManagedFieldsUnfold shows who wrote the fields, which kubectl leaves out by default.
func TestManagedFieldsUnfold(t *testing.T) {
	f := read(t, subject{"configmap", "shop", "checkout"})
	f.Keys("y")
	f.WaitFor("managedFields:  #", limit)
	if shot := f.Screen(); shot.Contains("manager: shop") {
		t.Errorf("the managed fields are not folded\n%s", shot)
	}
	f.Keys("M")
	f.WaitFor("manager: shop", limit)
	f.Keys("M")
	f.WaitGone("manager: shop", limit)
}

// TestYAMLIsCopied takes a whole object through the terminal's clipboard.
func TestYAMLIsCopied(t *testing.T) {
	f := read(t, subject{"configmap", "shop", "web"})
	f.Keys("y")
	f.WaitFor("apiVersion: ", limit)
	saved := f.save(t)
	f.Keys("ctrl+y")
	f.WaitFor("copied ", limit)
	if copied := clipboard(t, f.Transcript()); copied != saved {
		t.Error("-saved +copied\n" + cmp.Diff(saved, copied))
	}
}

// clipboard is what a program has last put there (OSC 52).
func clipboard(t *testing.T, transcript []byte) string {
	t.Helper()
	at := bytes.LastIndex(transcript, []byte("\x1b]52;c;"))
	if at < 0 {
		t.Fatal("nothing was copied")
	}
	encoded := transcript[at+len("\x1b]52;c;"):]
	if end := bytes.IndexAny(encoded, "\a\x1b"); end >= 0 {
		encoded = encoded[:end]
	}
	text, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestYAMLSearch walks over the matches of a search.
func TestYAMLSearch(t *testing.T) {
	f := open(t, "configmap/web", "-n", "shop")
	f.WaitFor("● live", limit)
	f.Keys("y")
	f.WaitFor("apiVersion: ", limit)
	filter(f, "shop.svc")
	f.WaitFor("match 1 of 3 for shop.svc", limit)
	for _, step := range []struct{ key, found string }{{"n", "match 2 of 3"}, {"n", "match 3 of 3"}, {"N", "match 2 of 3"},
		{"N", "match 1 of 3"}, {"N", "match 3 of 3"}} {
		f.Keys(step.key)
		f.WaitFor(step.found+" for shop.svc", limit)
	}
	f.Keys("esc")
	f.WaitGone("for shop.svc", limit)
	filter(f, "/server_name ~.*tenant/")
	f.WaitFor("match 1 of 1 for", limit)
}
