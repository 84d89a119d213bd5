package suite

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientauthv1 "k8s.io/client-go/pkg/apis/clientauthentication/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestStartUpErrors starts fathom where it cannot start. It prints one line that names
// the way out.
func TestStartUpErrors(t *testing.T) {
	kubeconfig := func(path string) []string { return []string{"KUBECONFIG=" + path} }
	broken := filepath.Join(t.TempDir(), "kubeconfig")
	write(t, broken, "clusters: [\n")
	config := t.TempDir()
	write(t, filepath.Join(config, "fathom", "config.yaml"), "theme: default\ncolour: red\n")
	token := changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		*user = clientcmdapi.AuthInfo{Token: "expired"}
	})
	expired := changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		user.ClientCertificateData, user.ClientKeyData = expiredCertificate(t)
	})
	failing := changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		*user = *plugin(t, "exit 3")
	})

	tests := []struct {
		name string
		env  []string
		args []string
		code int
		want string // a pattern
	}{
		{"no terminal", nil, nil, 1, `needs a terminal.*--once`},
		{"no terminal for a tree", nil, []string{"tree", "deploy/web"}, 1, `needs a terminal.*fathom tree deploy/web --once`},
		{"no kubeconfig", kubeconfig("/does/not/exist"), []string{"--once"}, 1, `no kubeconfig.*--kubeconfig.*fathom demo`},
		{"named kubeconfig is missing", nil, []string{"--once", "--kubeconfig=/does/not/exist"}, 1, `/does/not/exist`},
		{"broken kubeconfig", kubeconfig(broken), []string{"--once"}, 1, `kubeconfig.*line 1`},
		{"unknown context", nil, []string{"--once", "--context=nope"}, 1, `"nope".*it has ` + world.cluster.Context},
		{"unknown kind", nil, []string{"--once", "nosuchkind"}, 2, `no kind "nosuchkind"`},
		{"unknown object", nil, []string{"--once", "pod/nosuch", "-n=shop"}, 1, `pod shop/nosuch does not exist`},
		{"unknown flag", nil, []string{"--bogus"}, 2, `--bogus.*--help`},
		{"too many arguments", nil, []string{"a", "b", "c"}, 2, `not 3 arguments.*--help`},
		{"refused connection", kubeconfig(deadKubeconfig(t, "dead")), []string{"--once"}, 1,
			`dead: .*connection refused; is the address right`},
		{"bad token", kubeconfig(token), []string{"--once", "pods"}, 1, `log in`},
		{"expired certificate", kubeconfig(expired), []string{"--once", "pods"}, 1, `log in`},
		{"failing credential plugin", kubeconfig(failing), []string{"--once", "pods"}, 1, `signed out.*exit code 3`},
		{"forbidden", kubeconfig(oncall(t)), []string{"--once", "nodes"}, 1, `forbidden.*cannot list resource "nodes"`},
		{"broken config", []string{"XDG_CONFIG_HOME=" + config}, []string{"--once"}, 1,
			`config\.yaml.*line 2.*colour.*theme, ascii`},
		{"unknown theme", nil, []string{"--theme=nope"}, 1, `"nope".*default.*mono`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, problems, code := run(t, test.env, world.fathom, test.args...)
			if out != "" {
				t.Errorf("nothing can be shown, and there is output:\n%q", out)
			}
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			line, rest, _ := strings.Cut(problems, "\n")
			if rest != "" || !strings.HasPrefix(line, "fathom: ") {
				t.Errorf("want one line that begins with the program's name, got\n%s", problems)
			}
			if !regexp.MustCompile(test.want).MatchString(line) {
				t.Errorf("the line does not match %q: %s", test.want, line)
			}
			if regexp.MustCompile(`goroutine|[[:cntrl:]]|usage: usage`).MatchString(line) {
				t.Errorf("the line is not for people: %q", line)
			}
		})
	}
}

// TestStartUpErrorInATerminal checks that a terminal is not touched for one line of
// text.
func TestStartUpErrorInATerminal(t *testing.T) {
	f := open(t, "--context=nope")
	f.WaitFor(`fathom: context "nope" is not in the kubeconfig`, limit)
	if code := f.WaitExit(limit); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	checkGivenBack(t, f)
	for _, question := range []string{ansi.RequestKittyKeyboard, ansi.RequestModeSynchronizedOutput} {
		if strings.Contains(string(f.Transcript()), question) {
			t.Errorf("it asks %q, and the shell gets the answer", question)
		}
	}
	if shot := f.Screen(); len(strings.Fields(shot.Text())) > 30 {
		t.Errorf("more than the error is left\n%s", shot)
	}
}

// TestStartUpErrorWithoutAKubeconfig is what a newcomer sees first: nothing but the error.
func TestStartUpErrorWithoutAKubeconfig(t *testing.T) {
	for _, args := range [][]string{nil, {"--kubeconfig=/does/not/exist"}, {"--nosuch"}} {
		f := screen.Start(t, screen.Options{Columns: 120}, world.fathom, args...)
		f.WaitFor("fathom: ", limit)
		f.WaitExit(limit)
		if transcript := f.Transcript(); strings.Contains(string(transcript), "\x1b") {
			t.Errorf("%v: it talks to the terminal: %q", args, transcript)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// plugin is a user whose credentials come from a program: a shell script.
func plugin(t *testing.T, script string) *clientcmdapi.AuthInfo {
	t.Helper()
	path := filepath.Join(t.TempDir(), "login")
	write(t, path, "#!/bin/sh\n"+script+"\n")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		Command:         path,
		APIVersion:      clientauthv1.SchemeGroupVersion.String(),
		InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
	}}
}

// TestCredentialPluginTalks has a plugin that works and says something. Its words must
// not end up on the screen, where they would tear what is drawn, but under :messages.
func TestCredentialPluginTalks(t *testing.T) {
	kubeconfig := changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		credential := clientauthv1.ExecCredential{
			TypeMeta: metav1.TypeMeta{APIVersion: clientauthv1.SchemeGroupVersion.String(), Kind: "ExecCredential"},
			Status: &clientauthv1.ExecCredentialStatus{
				ClientCertificateData: string(user.ClientCertificateData), ClientKeyData: string(user.ClientKeyData),
			},
		}
		text, err := yaml.Marshal(credential)
		if err != nil {
			t.Fatal(err)
		}
		json, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		*user = *plugin(t, "echo your login ends at noon >&2\ncat <<'END'\n"+string(json)+"\nEND")
	})
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "pods", "-n", "shop")
	f.WaitFor("● live", limit)
	f.WaitFor("db-0", limit)
	if strings.Contains(string(f.Transcript()), "noon") {
		t.Errorf("the plugin wrote on the screen\n%s", f.Screen())
	}
	goTo(f, "messages")
	f.WaitFor("your login ends at noon", limit)
}

// TestCredentialPluginFails has one that returns nothing. That is what an expired login
// looks like.
func TestCredentialPluginFails(t *testing.T) {
	kubeconfig := changedKubeconfig(t, func(_ *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo) {
		*user = *plugin(t, "echo run corp-login first >&2\nexit 1")
	})
	f := openWith(t, kubeconfig, screen.Options{Columns: 200, Rows: 40})
	shot := f.WaitFor("✖ signed out", limit)
	f.WaitFor("exit code 1", limit)
	if strings.Contains(string(f.Transcript()), "corp-login") {
		t.Errorf("the plugin wrote on the screen\n%s", shot)
	}
	goTo(f, "messages")
	f.WaitFor("run corp-login first", limit)
	f.Keys("esc", "q", "q")
	f.WaitExit(limit)
}

func TestVersionAndCompletion(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, `^fathom \S+\n$`},
		{[]string{"--version"}, `^fathom \S+\n$`},
		{[]string{"--help"}, `(?s)--write.*--context`},
		{[]string{"completion", "bash"}, `__start_fathom`},
		{[]string{"completion", "zsh"}, `#compdef fathom`},
		{[]string{"completion", "fish"}, `complete -c fathom`},
		{[]string{"__complete", "--context", ""}, `(?m)^` + world.cluster.Context},
		{[]string{"__complete", "--theme", "m"}, `(?m)^mono`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			out, problems, code := run(t, nil, world.fathom, test.args...)
			if code != 0 || !regexp.MustCompile(test.want).MatchString(out) {
				t.Errorf("exit code %d, want output that matches %q, got\n%s%s", code, test.want, out, problems)
			}
		})
	}
}

// TestRunsAsKubectlPlugin starts it under its other name, by itself and through kubectl.
func TestRunsAsKubectlPlugin(t *testing.T) {
	folder := t.TempDir()
	plugin := filepath.Join(folder, "kubectl-fathom")
	if err := os.Symlink(world.fathom, plugin); err != nil {
		t.Fatal(err)
	}
	out, _, code := run(t, nil, plugin, "--help")
	if code != 0 || !strings.Contains(out, "kubectl fathom [") {
		t.Errorf("exit code %d; the help does not say how it was started:\n%s", code, out)
	}
	path := []string{"PATH=" + folder + ":" + os.Getenv("PATH")}
	out, problems, code := run(t, path, world.cluster.Kubectl, "fathom", "--once", "pods", "-n", "shop")
	if code != 0 || !strings.Contains(out, "db-0") {
		t.Errorf("kubectl fathom: exit code %d\n%s%s", code, out, problems)
	}
	f := screen.Start(t, screen.Options{Columns: 120, Rows: 40, Env: append(path, "KUBECONFIG="+world.cluster.Kubeconfig)},
		world.cluster.Kubectl, "fathom", "pods", "-n", "shop")
	f.WaitFor("db-0", limit)
	f.Keys("q")
	if code := f.WaitExit(limit); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestOpensWhatIsAskedFor(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string // a pattern
	}{
		{nil, `all namespaces +triage .*● live`},
		{[]string{"--no-triage"}, `default +pods`},
		{[]string{"pods", "-n", "shop"}, `shop +pods \d+ .*● live`},
		{[]string{"po", "-A"}, `all namespaces +pods \d+ .*● live`},
		{[]string{"pod/db-0", "-n", "shop"}, `shop +pod db-0 .*● live`},
		{[]string{"pod", "db-0", "-n", "shop"}, `shop +pod db-0 .*● live`},
		{[]string{"deployments.apps", "-n", "shop"}, `shop +deployments \d+ .*● live`},
		{[]string{"storefront/books", "-n", "shop"}, `shop +storefront books .*● live`},
		{[]string{"nodes"}, world.cluster.Context + ` +nodes \d+ .*● live`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			f := open(t, test.args...)
			f.WaitFor(regexp.MustCompile(test.want), limit)
		})
	}
}

// TestOnceIsOneScreen compares what is printed with what a terminal shows.
func TestOnceIsOneScreen(t *testing.T) {
	out, problems, code := run(t, nil, world.fathom, "--once", "deployments", "-n", "shop")
	if code != 0 || problems != "" {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	if strings.Contains(out, "\x1b") || strings.Contains(out, "›") {
		t.Errorf("not plain text:\n%s", out)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	names := strings.Fields(kubectl(t, "get", "deployments", "-n", "shop", "-o", "jsonpath={.items[*].metadata.name}"))
	if len(lines) != len(names)+1 {
		t.Errorf("%d lines for a heading and %d deployments:\n%s", len(lines), len(names), out)
	}
	for _, name := range names {
		if !regexp.MustCompile(`(?m)^ *` + name + ` `).MatchString(out) {
			t.Errorf("no %s in\n%s", name, out)
		}
	}
}

// TestOpensWhereItWasLeft starts it twice with one state folder, which only its owner may read.
func TestOpensWhereItWasLeft(t *testing.T) {
	state := t.TempDir()
	options := screen.Options{Columns: 120, Rows: 40, Env: []string{"XDG_STATE_HOME=" + state}}
	f := openWith(t, world.cluster.Kubeconfig, options, "--no-triage")
	f.WaitFor(regexp.MustCompile(`default +pods`), limit)
	f.WaitFor("● live", limit)
	goTo(f, "payments")
	f.WaitFor(regexp.MustCompile(`payments +pods \d`), limit)
	goTo(f, "deployments")
	f.WaitFor(regexp.MustCompile(`payments +deployments \d`), limit)
	f.Keys("ctrl+c")
	f.WaitExit(limit)

	again := openWith(t, world.cluster.Kubeconfig, options, "--no-triage")
	again.WaitFor(regexp.MustCompile(`payments +deployments \d`), limit)
	// A namespace on the command line overrides the one that is remembered.
	other := openWith(t, world.cluster.Kubeconfig, options, "--no-triage", "-n", "shop")
	other.WaitFor(regexp.MustCompile(`shop +deployments \d`), limit)

	files := 0
	err := filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		info, err := entry.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files are remembered: %v", files, err)
	}
}

// tour shows one screen of each kind.
func tour(t *testing.T, f *screen.Terminal, live string) {
	t.Helper()
	f.WaitFor(live, limit)
	f.WaitFor("db-0", limit)
	f.Keys("?")
	f.WaitFor("Everywhere", limit)
	f.Keys("esc", ":")
	f.WaitFor("go to", limit)
	f.Type("ctx")
	f.Keys("enter")
	f.WaitFor("SERVER", limit)
	f.Keys("esc", "/")
	f.Type("db-0")
	f.Keys("enter")
	f.WaitFor("hidden", limit)
	f.Keys("enter")
	f.WaitFor("overview", limit)
	for _, tab := range []struct{ key, text string }{{"d", "Service Account:"}, {"y", "apiVersion: v1"}, {"E",
		"REASON"}, {"l", "following"}, {"v", "CONDITIONS"}} {
		f.Keys(tab.key)
		f.WaitFor(tab.text, limit)
	}
}

// paints lists the colours that were set, as the parameters of SGR.
func paints(transcript []byte) []string {
	var found []string
	for _, sequence := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllSubmatch(transcript, -1) {
		for parameter := range strings.FieldsFuncSeq(string(sequence[1]), func(r rune) bool { return r == ';' || r == ':' }) {
			n, err := strconv.Atoi(parameter)
			colour := n >= 30 && n <= 38 || n >= 40 && n <= 48 || n >= 90 && n <= 97 || n >= 100 && n <= 107
			if err != nil || colour {
				found = append(found, string(sequence[1]))
				break
			}
		}
	}
	return found
}

func TestColours(t *testing.T) {
	for _, test := range []struct {
		name string
		env  []string
		args []string
		want string // a pattern that one of the colours matches; "" wants no colour at all
	}{
		{"default", nil, nil, `^(1;)?3[1-6]`},
		{"dusk, 256 colours", nil, []string{"--theme=dusk"}, `38[;:]5`},
		{"dusk, true colour", []string{"COLORTERM=truecolor"}, []string{"--theme=dusk"}, `38[;:]2`},
		{"paper, true colour", []string{"COLORTERM=truecolor"}, []string{"--theme=paper"}, `38[;:]2`},
		{"mono", []string{"COLORTERM=truecolor"}, []string{"--theme=mono"}, ""},
		{"NO_COLOR", []string{"NO_COLOR=1", "COLORTERM=truecolor"}, []string{"--theme=dusk"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := screen.Options{Columns: 120, Rows: 40, Env: test.env}
			f := openWith(t, world.cluster.Kubeconfig, options, append(test.args, "pods", "-n", "shop")...)
			tour(t, f, "● live")
			colours := paints(f.Transcript())
			if test.want == "" && len(colours) > 0 {
				t.Errorf("%d colours, the first is %q", len(colours), colours[0])
			}
			if test.want != "" && !regexp.MustCompile(`(?m)`+test.want).MatchString(strings.Join(colours, "\n")) {
				t.Errorf("none of %d colours matches %q", len(colours), test.want)
			}
		})
	}
}

func TestASCII(t *testing.T) {
	for _, test := range []struct {
		name string
		env  []string
		args []string
	}{
		{"flag", nil, []string{"--ascii"}},
		{"locale", []string{"LANG=C"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			options := screen.Options{Columns: 120, Rows: 40, Env: test.env}
			f := openWith(t, world.cluster.Kubeconfig, options, append(test.args, "pods", "-n", "shop")...)
			tour(t, f, "live")
			transcript := f.Transcript()
			for i, b := range transcript {
				if b >= 0x80 {
					t.Fatalf("byte %#x in %q\n%s", b, transcript[max(0, i-40):min(len(transcript), i+20)], f.Screen())
				}
			}
		})
	}
}

// TestConfigFile sets everything that the config can.
func TestConfigFile(t *testing.T) {
	folder := t.TempDir()
	write(
		t,
		filepath.Join(folder, "fathom", "config.yaml"),
		"theme: mine\nascii: true\nmouse: false\nkeys:\n  tab-describe: [X]\n",
	)
	theme, err := os.ReadFile("../../themes/mono.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mine := strings.Replace(string(theme), "ok: {}", "ok: {fg: magenta}", 1)
	write(t, filepath.Join(folder, "fathom", "themes", "mine.yaml"), mine)
	options := screen.Options{Columns: 120, Rows: 40, Env: []string{"XDG_CONFIG_HOME=" + folder}}
	f := openWith(t, world.cluster.Kubeconfig, options, "pods", "-n", "shop")
	shot := f.WaitFor(regexp.MustCompile(`\* live|live`), limit)
	f.WaitFor("db-0", limit)
	if colours := paints(f.Transcript()); len(colours) == 0 {
		t.Error("the theme's one colour is not there")
	}
	if strings.Contains(string(f.Transcript()), "\x1b[?1002h") || strings.Contains(string(f.Transcript()),
		"\x1b[?1003h") || strings.Contains(string(f.Transcript()), "\x1b[?1000h") {
		t.Error("it listens to the mouse")
	}
	if strings.ContainsFunc(shot.Text(), func(r rune) bool { return r >= 0x80 }) {
		t.Errorf("not ASCII\n%s", shot)
	}
	f.Keys("X")
	f.WaitFor("Service Account:", limit)
}
