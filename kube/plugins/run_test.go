package plugins

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/journal"
)

// asProgram makes the test's binary a program that a plugin runs.
const asProgram = "PLUGINS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	os.Exit(program(os.Args[1:]))
}

// program does what its arguments say with the kubeconfig of its environment.
func program(args []string) int {
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		clientcmd.NewDefaultClientConfigLoadingRules(), nil)
	raw, err := loader.RawConfig()
	if err != nil {
		fmt.Println(err)
		return 9
	}
	switch args[0] {
	case "arguments":
		fmt.Printf("%q\n", args[1:])
	case "context":
		fmt.Println(raw.CurrentContext)
	case "files":
		fmt.Println(os.Getenv("KUBECONFIG"))
	case "token":
		for _, user := range raw.AuthInfos {
			fmt.Println(len(raw.AuthInfos), user.Token == "of-the-user")
		}
	case "fail":
		fmt.Fprintln(os.Stderr, "it failed")
		return 7
	case "crash":
		fmt.Println(os.Getenv("KUBECONFIG"))
		panic("crash")
	case "request":
		config, err := loader.ClientConfig()
		if err != nil {
			fmt.Println(err)
			return 9
		}
		config.UserAgent = "plugin"
		client, err := rest.HTTPClientFor(config)
		if err != nil {
			fmt.Println(err)
			return 9
		}
		req, _ := http.NewRequest(args[1], config.Host+args[2], http.NoBody)
		res, err := client.Do(req)
		if err != nil {
			fmt.Println(err)
			return 9
		}
		text, _ := io.ReadAll(res.Body)
		fmt.Printf("%d %s\n", res.StatusCode, text)
	}
	return 0
}

// prepare prepares a run of this program.
func prepare(t *testing.T, c *kube.Cluster, j *journal.Journal, reads bool, words ...string) *Run {
	t.Helper()
	t.Setenv(asProgram, "yes")
	p := Plugin{Name: "test", Reads: reads, Command: command(t, append([]string{os.Args[0]}, words...)...)}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	r, err := New(c, j, p, web, journal.Object{Resource: "pods", Name: "web"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// finish waits for the end of a run and returns what it has written.
func finish(t *testing.T, r *Run) (text string, err error) {
	t.Helper()
	for {
		if _, err := r.Next(t.Context()); errors.Is(err, io.EOF) {
			break
		}
	}
	lines, _ := r.Output.Lines()
	return strings.Join(lines, "\n"), r.State().Err
}

func memory() *journal.Journal { return journal.Open("", time.Now) }

// TestReadsThroughTheProxy runs a program that reads, and one that says so and does not.
func TestReadsThroughTheProxy(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	server, c := record(t, true)
	j := memory()
	for _, tt := range []struct {
		words []string
		want  string
	}{
		{[]string{"arguments", "$NAME", "$CONTEXT", "$CLUSTER", "$USER", "a b"}, `["web" "my context" "c" "jane" "a b"]`},
		{[]string{"context"}, "my context"},
		{[]string{"token"}, "1 false"},
		{[]string{"request", "GET", "/api/v1/pods"}, `200 {"kind":"Pod","apiVersion":"v1"}`},
		{[]string{"request", "DELETE", "/api/v1/namespaces/shop/pods/web"}, "only read"},
	} {
		got, err := finish(t, prepare(t, c, j, true, tt.words...))
		if err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%q: got %q, %v, want %q", tt.words, got, err, tt.want)
		}
	}
	if got := server.seen(); len(got) != 1 || got[0] != "GET /prefix/api/v1/pods" {
		t.Errorf("the server got %q", got)
	}
	if len(j.Session()) > 0 {
		t.Errorf("reading is in the journal: %+v", j.Session())
	}
	text, err := finish(t, prepare(t, c, j, true, "crash"))
	file, _, _ := strings.Cut(text, "\n")
	if err == nil || err.Error() != "exit code 2" || !strings.Contains(text, "panic: crash") {
		t.Errorf("a crash: %q, %v", text, err)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 || file == "" {
		t.Errorf("%q is left of %q", left, file)
	}
}

// TestKubeconfigIsPrivate looks at the file while a program runs.
func TestKubeconfigIsPrivate(t *testing.T) {
	_, c := record(t, false)
	p := listen(t, c)
	where, err := newPlace(proxied(p, web))
	if err != nil {
		t.Fatal(err)
	}
	defer where.remove()
	for path, want := range map[string]os.FileMode{where.folder: 0o700, where.file: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
	text, _ := os.ReadFile(where.file)
	if strings.Contains(string(text), "of-the-user") || !strings.Contains(string(text), p.secret) {
		t.Errorf("it has %s", text)
	}
}

// TestWritesAsTheUser runs programs with the user's own kubeconfig, and finds them in the journal.
func TestWritesAsTheUser(t *testing.T) {
	server, c := record(t, true)
	j := memory()
	for _, tt := range []struct {
		words         []string
		want, problem string
	}{
		{[]string{"context"}, "my context", ""}, // The files say another one.
		{[]string{"token"}, "1 true", ""},
		{[]string{"request", "DELETE", "/api/v1/namespaces/shop/pods/web"}, "200", ""},
		{[]string{"fail"}, "it failed", "exit code 7"},
		{[]string{"arguments", "$KUBECONFIG", "$CONTEXT"}, "/config\" \"my context\"]", ""},
	} {
		r := prepare(t, c, j, false, tt.words...)
		got, err := finish(t, r)
		if !strings.Contains(got, tt.want) || (err == nil) != (tt.problem == "") || err != nil && err.Error() != tt.problem {
			t.Errorf("%q: got %q, %v", tt.words, got, err)
		}
		e := j.Session()[0]
		if e.Effect != "plugin test" || e.Words != r.CommandLine() || e.Context != "my context" || e.Object.Name != "web" ||
			e.Undoes || (e.Outcome == journal.Done) != (tt.problem == "") || e.Error != tt.problem {
			t.Errorf("%q: the journal has %+v", tt.words, e)
		}
	}
	if got := server.seen(); len(got) != 1 || !strings.HasPrefix(got[0], "DELETE") {
		t.Errorf("the server got %q", got)
	}
}

// TestAMovedContextIsNotFollowed holds that no program runs with a kubeconfig that leads its context elsewhere
// than where the person looked.
func TestAMovedContextIsNotFollowed(t *testing.T) {
	const whole = `contexts: [{name: my context, context: {cluster: c, user: jane}}]
clusters: [{name: c, cluster: {server: "SERVER"}}]
users: [{name: jane, user: {token: renewed}}]
`
	for _, tt := range []struct{ from, to, problem string }{
		{"", "", ""},
		{"SERVER", "https://prod.example.com", "elsewhere than to"},
		{"user: jane}", "user: joe}", "elsewhere than to"},
		{"name: my context", "name: theirs", `has no context "my context" any more`},
		{"contexts: [", "contexts: [[", "read the kubeconfig"},
	} {
		server, c := record(t, true)
		text := strings.Replace(whole, tt.from, tt.to, 1)
		text = strings.ReplaceAll(text, "SERVER", server.URL+"/prefix")
		if err := os.WriteFile(c.Kubeconfig().Files[0], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := finish(t, prepare(t, c, memory(), false, "context"))
		if tt.problem == "" && (err != nil || !strings.Contains(got, "my context")) {
			t.Errorf("with another token: %q, %v", got, err)
		}
		if tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem) || got != "") {
			t.Errorf("%s in place of %s: %q, %v, want %q", tt.to, tt.from, got, err, tt.problem)
		}
	}
}

// TestAFollowedContextIsAskedAboutAgain holds that a program runs where fathom has followed the kubeconfig to, but
// not if it was prepared before.
func TestAFollowedContextIsAskedAboutAgain(t *testing.T) {
	_, c := record(t, true)
	other, _ := record(t, true)
	before := prepare(t, c, memory(), false, "context")
	file := c.Kubeconfig().Files[0]
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	moved := regexp.MustCompile(`server: "[^"]*"`).ReplaceAllString(string(text), fmt.Sprintf("server: %q", other.URL))
	moved = strings.ReplaceAll(moved, "jane", "joe")
	if err := os.WriteFile(file, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := c.ReloadKubeconfig(); err != nil || !found.Server {
		t.Fatalf("%+v, %v", found, err)
	}
	if got, err := finish(t, before); err == nil || got != "" {
		t.Errorf("what was prepared before ran: %q", got)
	}
	after := prepare(t, c, memory(), false, "context")
	if got, err := finish(t, after); err != nil || !strings.Contains(got, "my context") || after.User() != "joe" {
		t.Errorf("as %s: %q, %v", after.User(), got, err)
	}
}

func TestRunsThatDoNotBegin(t *testing.T) {
	server, c := record(t, false)
	j := memory()
	if _, err := finish(t, prepare(t, c, j, false, "context")); !errors.Is(err, kube.ErrReadOnly) {
		t.Errorf("a plugin without reads: %v", err)
	}
	for program, want := range map[string]string{
		"no-such-program": "no-such-program is not in PATH", "/no/such": "/no/such is not a program",
	} {
		r := prepare(t, c, j, true, "context")
		r.Plugin.Command = command(t, program)
		if _, err := finish(t, r); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := c.SetWritable(true); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	unwritable := journal.Open(filepath.Join(broken, "journal"), time.Now)
	if text, err := finish(t, prepare(t, c, unwritable, false, "context")); err == nil || text != "" {
		t.Errorf("without a journal: %q, %v", text, err)
	}
	p := Plugin{Name: "x", Command: command(t, "echo", "$COL{SELECTOR}")}
	if _, err := New(c, j, p, web, journal.Object{}); err == nil || !strings.Contains(err.Error(), "option") {
		t.Errorf("got %v", err)
	}
	if got := server.seen(); len(got) > 0 || len(j.Session()) > 0 {
		t.Errorf("the server got %q, the journal %+v", got, j.Session())
	}
}
