package plugins

import (
	"slices"
	"strings"
	"testing"
)

// command reads the words of a command.
func command(t *testing.T, words ...string) (out []Argument) {
	t.Helper()
	for _, word := range words {
		a, err := ParseArgument(word)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// web is an object with values that a shell would take apart.
var web = Values{
	Name: "web", Namespace: "shop", Kind: "Pod", Resource: "pods", Version: "v1", Context: "a b; rm -rf /",
	Cluster: `c"'`, User: "$(id)",
	Column: func(name string) (string, bool) {
		text, ok := map[string]string{"IP": "10.0.0.1", "SELECTOR": "--all", "READY": "1/1", "CPU/R": "5"}[name]
		return text, ok
	},
}

func TestArguments(t *testing.T) {
	for _, tt := range []struct{ word, want, problem string }{
		{"plain", "plain", ""},
		{"", "", ""},
		{"a b  c", "a b  c", ""},
		{"$NAME", "web", ""},
		{"$NAMESPACE/$NAME", "shop/web", ""},
		{"${NAME}_log", "web_log", ""},
		{"$NAME-log", "web-log", ""},
		{"$NAME$NAME", "webweb", ""},
		{"$CONTEXT", "a b; rm -rf /", ""},
		{"--user=$USER", "--user=$(id)", ""},
		{"$CLUSTER", `c"'`, ""},
		{"$GROUP", "", ""},
		{"$KIND $RESOURCE $VERSION", "Pod pods v1", ""},
		{"$$", "$", ""},
		{"$$NAME", "$NAME", ""},
		{"$$$NAME", "$web", ""},
		{"$KUBECONFIG", "/tmp/k", ""},
		{"$COL{IP}:80", "10.0.0.1:80", ""},
		{"$COL{ready}", "1/1", ""},
		{"$COL{CPU/R}", "5", ""},
		{"--$COL{SELECTOR}", "----all", ""},
		{"-l=$COL{SELECTOR}", "-l=--all", ""},

		{"$COL{SELECTOR}", "", "$COL{SELECTOR} is \"--all\" here, which would be read as an option"},
		{"$COL{SELECTOR},b", "", "would be read as an option"},
		{"$COL{AGE}", "", "no column AGE here"},
		{"$CONTAINER", "", "$CONTAINER needs a container"},
		{"$NAME_log", "", "unknown variable $NAME_log; there are $NAME, $NAMESPACE,"},
		{"$name", "", "unknown variable $name"},
		{"$COL", "", "unknown variable $COL"},
		{"$COL{}", "", "$COL{ needs the name"},
		{"$COL{IP", "", "$COL{ needs the name"},
		{"${NAME", "", "${NAME is not closed"},
		{"${}", "", "a dollar stands before a variable"},
		{"5$", "", "write $$ for a dollar"},
		{"$(id)", "", "write $$ for a dollar"},
		{"$1", "", "unknown variable $1"},
	} {
		a, err := ParseArgument(tt.word)
		var argv []string
		if err == nil {
			argv, err = Plugin{Command: []Argument{a}}.Argv(web, "/tmp/k")
		}
		switch {
		case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
			t.Errorf("%q: got %q, %v, want %q", tt.word, argv, err, tt.problem)
		case tt.problem == "" && (err != nil || len(argv) != 1 || argv[0] != tt.want):
			t.Errorf("%q: got %q, %v, want %q", tt.word, argv, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%q: %q is not one line", tt.word, err)
		}
	}
}

func TestNamesThatAreNot(t *testing.T) {
	p := Plugin{Command: command(t, "get", "$NAME")}
	for name, problem := range map[string]string{"-o": "option", "a\x00b": "zero byte", "a\nb": "", "": ""} {
		argv, err := p.Argv(Values{Name: name}, "")
		if (err == nil) != (problem == "") || err != nil && !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: got %q, %v", name, argv, err)
		}
		if err == nil && argv[1] != name {
			t.Errorf("%q became %q", name, argv)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		words   []string
		reads   bool
		problem string
	}{
		{[]string{"stern", "$NAME"}, false, ""},
		{[]string{"sh", "-c", "echo hello"}, false, ""},
		{[]string{"sh", "-c", `echo "$$1"`, "sh", "$NAME"}, false, ""},
		{[]string{"bash", "-euc", "echo $$1", "bash", "-$NAME"}, false, ""},
		{[]string{"echo", "sh", "-c"}, false, ""},
		{[]string{"shred", "-c", "$NAME"}, false, ""},
		{[]string{"kubectl", "--kubeconfig", "$KUBECONFIG"}, true, ""},
		{[]string{"kubectl", "--kubeconfig", "$KUBECONFIG", "--context", "$CONTEXT"}, false, ""},

		{nil, false, "a command is missing"},
		{[]string{""}, false, "a command is missing"},
		{[]string{"$NAME"}, false, "cannot be a variable"},
		{[]string{"./$NAME"}, false, "cannot be a variable"},
		{[]string{"kubectl", "--kubeconfig", "$KUBECONFIG"}, false, "give it $CONTEXT as well"},
		{[]string{"sh", "-c", "echo $NAME"}, false, "$NAME in a script"},
		{[]string{"sh", "-c", "$NAME"}, false, "$NAME in a script"},
		{[]string{"/bin/bash", "-lc", "echo $COL{IP}"}, true, "$COL{IP} in a script"},
		{[]string{"bash", "-o", "pipefail", "-c", "echo $NAME"}, false, "in a script"},
		{[]string{"bash", "-c", "-e", "+x", "echo $NAME"}, false, "in a script"},
		{[]string{"env", "A=b", "zsh", "-c", "echo $NAME"}, false, "in a script"},
		{[]string{"kubectl", "exec", "$NAME", "--", "sh", "-c", "ls $NAMESPACE"}, false, "$NAMESPACE in a script"},
		{[]string{"cmd.exe", "/C", "dir", "$NAME"}, false, "in a script"},
		{[]string{"powershell", "-Command", "get", "$NAME"}, false, "in a script"},
		{[]string{"python3", "-c", "print('$NAME')"}, false, "in a script"},
		{[]string{"perl", "-e", "$NAME"}, false, "in a script"},
		{[]string{"watch", "-n", "2", "kubectl", "get", "$RESOURCE", "$NAME"}, false, "$RESOURCE in a script"},
		{[]string{"ssh", "core@$COL{IP}"}, false, "in a script"},
		{[]string{"stern", "--watch", "$NAME"}, false, ""},
	} {
		err := Plugin{Command: command(t, tt.words...), Reads: tt.reads}.Check()
		if (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%q: got %v, want %q", tt.words, err, tt.problem)
		}
	}
}

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		argv []string
		want string
	}{
		{[]string{"kubectl", "-n", "shop", "a=b"}, "kubectl -n shop a=b"},
		{[]string{"x", "", "a b", "it's", "\x1b[1m", ";", "$(id)", "*"}, `x '' 'a b' 'it'\''s' '␛[1m' ';' '$(id)' '*'`},
	} {
		if got := Line(tt.argv); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.argv, got, tt.want)
		}
	}
	if got := (Plugin{Command: command(t, "a", "$NAME.x", "$COL{IP}")}).Words(); got != "a $NAME.x $COL{IP}" {
		t.Errorf("got %s", got)
	}
}

func TestOutput(t *testing.T) {
	for _, tt := range []struct {
		writes []string
		want   []string
	}{
		{[]string{"a\nb\n"}, []string{"a", "b"}},
		{[]string{"a", "b\nc"}, []string{"ab", "c"}},
		{[]string{"\n\na\n"}, []string{"", "", "a"}},
		{[]string{"a\r\n", "b\r", "\nc\r\n\r\n"}, []string{"a", "b", "c", ""}},
		{[]string{"10%\r20%\r30%\n"}, []string{"10%", "20%", "30%"}},
		{[]string{"\r\r"}, nil},
		{[]string{"\x1b[31mred\x1b[0m plain\n"}, []string{"red plain"}},
		{[]string{"\x1b[2Jgone\x1b]0;title\a\n"}, []string{"␛[2Jgone␛]0;title␇"}},
		{[]string{"a\tb\x00\xff\n"}, []string{"a       b␀\ufffd"}},
		{[]string{"\u202eabc"}, []string{"\ufffdabc"}},
		{[]string{strings.Repeat("x", lineMax+1)}, []string{strings.Repeat("x", lineMax), "x"}},
		{[]string{strings.Repeat("x", lineMax), "\n"}, []string{strings.Repeat("x", lineMax), ""}},
	} {
		var o Output
		for _, text := range tt.writes {
			if n, err := o.Write([]byte(text)); n != len(text) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got, dropped := o.Lines(); !slices.Equal(got, tt.want) || dropped > 0 {
			t.Errorf("%.40q: got %.80q, %d dropped", tt.writes, got, dropped)
		}
	}
	o := Output{most: 1000}
	for range 1000 {
		_, _ = o.Write([]byte("twenty characters...\n"))
	}
	lines, dropped := o.Lines()
	if len(lines)+dropped != 1000 || o.size > 1000 || o.size < 500 {
		t.Errorf("%d kept, %d dropped, %d bytes", len(lines), dropped, o.size)
	}
}

func TestEnvironment(t *testing.T) {
	all := []string{"PATH=/bin", "KUBECONFIG=/mine", "HELM_KUBETOKEN=x", "KUBERNETES_SERVICE_HOST=h", "NO_PROXY=a"}
	for _, tt := range []struct {
		kubeconfig string
		reads      bool
		want       string
	}{
		{"/p/k", true, "PATH=/bin NO_PROXY=a NO_PROXY=a,127.0.0.1 no_proxy=127.0.0.1 KUBECONFIG=/p/k KUBECACHEDIR=/p/cache"},
		{"/p:/k", false, strings.Join(all, " ") + " KUBECONFIG=/p:/k"},
		{"", false, strings.Join(all, " ")},
	} {
		if got := strings.Join(environment(all, tt.kubeconfig, tt.reads), " "); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
