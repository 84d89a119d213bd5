package suite

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

var updateTasks = flag.Bool("update-tasks", false, "write docs/tasks.md")

// task is something that people do every day, and how many keys it takes: each letter that
// is typed is one, as is enter, and ctrl or shift with a letter. All begin in all namespaces,
// fathom and k9s with -A.
type task struct {
	does string
	keys []string // in fathom; ":" and more, and "/" and more, are typed
	then any      // what is on the screen before the second key is pressed; nil does not wait
	last any      // what is on the screen before the last key is pressed; nil does not wait
	ends any      // what is on the screen when it is done
	// k9s are the keys there, by its key bindings (internal/view/table.go, pod.go) and
	// aliases (internal/config/alias.go), not tried: it begins with the pods. "" is for what
	// it does not show.
	k9s string
	// kubectl is the command by its own help, for whoever knows the names.
	kubectl string
	second  string // the name of another context, if it takes one
}

// tasks are for the shop, of which the deployment checkout is the worst.
var tasks = []task{
	{
		does: "see what is broken", ends: regexp.MustCompile(`› ✖ deployment shop/checkout`),
		k9s: "ctrl+z", kubectl: "kubectl get pods -A",
	},
	{
		does: "why the worst is broken", keys: []string{"enter"},
		ends: regexp.MustCompile(`overview +why[\s\S]*CrashLoopBackOff`),
		k9s:  "ctrl+z d", kubectl: "kubectl describe deployment checkout -n shop",
	},
	{
		does: "the last log of the pod that crashes", keys: []string{"l"}, ends: "panic: connection refused to db:5432",
		k9s: "ctrl+z l", kubectl: "kubectl logs deployment/checkout -n shop",
	},
	{
		does: "the events of what is broken", keys: []string{"E"}, ends: "LAST SEEN▲",
		k9s: "ctrl+z d", kubectl: "kubectl events -n shop --for deployment/checkout",
	},
	{
		does: "its YAML", keys: []string{"y"}, ends: "apiVersion: apps/v1",
		k9s: "ctrl+z y", kubectl: "kubectl get deployment checkout -n shop -o yaml",
	},
	{
		does: "what changed before it broke", keys: []string{"h"}, ends: "image workload:v41",
		kubectl: "kubectl rollout history deployment/checkout -n shop",
	},
	{
		does: "what it hangs together with", keys: []string{"t"}, ends: "routes to service checkout",
		k9s: ": x r a y space d p enter", kubectl: "kubectl get all -n shop",
	},
	{
		does: "the pods of a node", keys: []string{":no", "enter", "enter"}, ends: regexp.MustCompile(`PODS \d+`),
		k9s: ": n o enter enter", kubectl: "kubectl get pods -A --field-selector spec.nodeName=NODE",
	},
	{
		does: "the warnings, newest first", keys: []string{":wa", "enter"},
		ends: regexp.MustCompile(`/type=Warning[\s\S]*LAST SEEN▲[\s\S]*BackOff`),
		k9s:  ": e v enter / w a r n i n g enter", kubectl: "kubectl events -A --types=Warning",
	},
	{
		does: "the pods that restart most", keys: []string{"T"}, ends: regexp.MustCompile(`RESTARTS▼[\s\S]*› `),
		k9s: "shift+t", kubectl: "kubectl get pods -A --sort-by=.status.containerStatuses[0].restartCount",
	},
	{
		does: "the values of a secret", keys: []string{":sec", "enter", "x"},
		last: regexp.MustCompile(`secrets \d+ .*● live`), ends: regexp.MustCompile(`overview[\s\S]*DATA`),
		k9s: ": s e c enter x", kubectl: "kubectl get secret db -n shop -o jsonpath={.data.password} | base64 -d",
	},
	{
		does: "the pods that use most CPU", keys: []string{"C"}, ends: regexp.MustCompile(`CPU▼`),
		k9s: "shift+c", kubectl: "kubectl top pods -A --sort-by=cpu",
	},
	{
		does: "what the nodes use", keys: []string{":n", "enter"}, ends: regexp.MustCompile(`NAME▲.*CPU +CPU/A`),
		k9s: ": n o enter", kubectl: "kubectl top nodes",
	},
	{
		does: "the deployments", keys: []string{":dp", "enter"}, ends: regexp.MustCompile(`deployments \d+ .*● live`),
		k9s: ": d p enter", kubectl: "kubectl get deployments -A",
	},
	{
		does: "the images that run", keys: []string{":dp", "enter", "ctrl+w"},
		last: regexp.MustCompile(`deployments \d+ .*● live`), ends: regexp.MustCompile(`IMAGES[\s\S]*workload:v42`),
		k9s: ": d p enter ctrl+w", kubectl: "kubectl get deployments -A -o wide",
	},
	{
		does: "the pods of a namespace", keys: []string{":sh", "enter"},
		last: regexp.MustCompile(`› shop +switch to namespace`),
		ends: regexp.MustCompile(` shop +pods \d+ .*● live`),
		k9s:  ": p o space s h o p enter", kubectl: "kubectl get pods -n shop",
	},
	{
		does: "the pods of what is broken", keys: []string{"v"}, ends: regexp.MustCompile(`PODS \d+ +READY`),
		k9s: ": d p enter enter", kubectl: "kubectl get pods -n shop -l app.kubernetes.io/name=checkout",
	},
	{
		does: "its description", keys: []string{"d"}, ends: "StrategyType:",
		k9s: "ctrl+z d", kubectl: "kubectl describe deployment checkout -n shop",
	},
	{
		does: "the log of the run before", keys: []string{"p"}, ends: "previous run",
		k9s: "ctrl+z p", kubectl: "kubectl logs deployment/checkout -n shop -p",
	},
	{
		does: "find a word in the log", keys: []string{"l", "/panic"}, last: "panic: connection refused",
		ends: regexp.MustCompile(`match \d+ of \d+|\d+ of \d+`),
		k9s:  "ctrl+z l / p a n i c enter", kubectl: "kubectl logs deployment/checkout -n shop | grep panic",
	},
	{
		does: "what the last release changed", keys: []string{"h", "f", "enter"},
		then: "image workload:v41", last: regexp.MustCompile(`› ~\S+ .*image workload:v41`),
		ends:    regexp.MustCompile(`- +image: .*v41\n\+ +image: .*v42`),
		kubectl: "diff <(kubectl get rs checkout-1 -n shop -o yaml) <(kubectl get rs checkout-2 -n shop -o yaml)",
	},
	{
		does: "the pods without a limit of memory", keys: []string{":un", "enter"},
		ends: regexp.MustCompile(`/mem/l=- +[1-9]\d* of \d+ pods`),
		kubectl: "kubectl get pods -A -o " +
			"custom-columns=NAME:.metadata.name,LIMIT:.spec.containers[*].resources.limits.memory",
	},
	{
		does: "the jobs that failed", keys: []string{":j", "enter", "z"}, last: regexp.MustCompile(`jobs \d+ .*● live`),
		ends: regexp.MustCompile(`problems only[\s\S]*Failed`),
		k9s:  ": j o enter ctrl+z", kubectl: "kubectl get jobs -A --field-selector status.successful=0",
	},
	{
		does: "whom a cluster role is given to", keys: []string{":crb", "enter"},
		ends: regexp.MustCompile(`NAME▲[\s\S]*ROLE[\s\S]*ClusterRole/`),
		k9s:  ": c r b enter", kubectl: "kubectl get clusterrolebindings -o wide",
	},
	{
		does: "go to another context", keys: []string{":el", "enter"}, second: "elsewhere",
		ends: regexp.MustCompile(`^ elsewhere `),
		k9s:  ": c t x space e l s e w h e r e enter", kubectl: "kubectl config use-context elsewhere",
	},
}

// count is how many keys a task takes in fathom.
func (task task) count() (n int) {
	for _, key := range task.keys {
		if n++; isTyped(key) {
			n += utf8.RuneCountInString(key) - 1
		}
	}
	return n
}

// isTyped reports whether a key is a text that begins with the key that asks for it.
func isTyped(key string) bool { return key[0] == ':' || key[0] == '/' }

// TestTasks does each task as a person would, and holds that none takes more keys than k9s,
// nor more than kubectl has words. -update-tasks writes docs/tasks.md.
func TestTasks(t *testing.T) {
	var rows strings.Builder
	for _, task := range tasks {
		k9s, words := len(strings.Fields(task.k9s)), len(strings.Fields(task.kubectl))
		if k9s > 0 && task.count() > k9s || task.count() > words {
			t.Errorf("%s: %d keys, %d in k9s, %d words of kubectl", task.does, task.count(), k9s, words)
		}
		there := "–"
		if k9s > 0 {
			there = fmt.Sprint(k9s)
		}
		fmt.Fprintf(&rows, "| %s | `%s` | %d | %s | %d | %d |\n", task.does, strings.Join(task.keys, " "), task.count(),
			there, words, utf8.RuneCountInString(task.kubectl)+len("\n"))
		t.Run(task.does, task.try)
	}
	compareTasks(t, rows.String())
}

func (task task) try(t *testing.T) {
	kubeconfig := world.cluster.Kubeconfig
	if task.second != "" {
		kubeconfig = writtenKubeconfig(t, merged(as(t, kubeconfig, "here", "shop"), as(t, kubeconfig, task.second, "shop")))
	}
	f := openWith(t, kubeconfig, screen.Options{Columns: 120, Rows: 40}, "-A")
	f.WaitFor(regexp.MustCompile(`› ✖ deployment shop/checkout`), backOff)
	for i, key := range task.keys {
		if i == 1 && task.then != nil {
			f.WaitFor(task.then, limit)
		}
		if i == len(task.keys)-1 && task.last != nil {
			f.WaitFor(task.last, limit)
		}
		if !isTyped(key) {
			f.Keys(key)
			continue
		}
		f.Keys(key[:1])
		if key[0] == ':' {
			f.WaitFor("go to", limit)
		}
		f.Type(key[1:])
	}
	f.WaitFor(task.ends, backOff)
}

func compareTasks(t *testing.T, rows string) {
	t.Helper()
	const path = "../../docs/tasks.md"
	want := `# Daily tasks and their keys

Written by ` + "`go test ./suite -run TestTasks -update-tasks`" + ` in e2e, which does each of them on a real
cluster, and fails when one takes more keys than k9s or more than kubectl has words.

Keys are counted in the same way everywhere: each letter that is typed is one, as is enter, and ctrl
or shift with a letter. fathom and k9s are open then, in all namespaces: ` + "`fathom -A`" + ` and ` + "`k9s -A`" + `,
which begin with what is broken and with the pods. "It" is the first row in fathom, the worst. The
keys of k9s are those of its key bindings and aliases, not tried, and without those that look for
the row. kubectl is one command for who knows the names, in words, and in characters with enter.

| task | fathom | keys | k9s | kubectl's words | kubectl's characters |
|---|---|---|---|---|---|
` + strings.ReplaceAll(rows, "``", "")
	if *updateTasks && !t.Failed() {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Errorf("%s is not what the tasks are; -update-tasks writes it (%v)", path, err)
	}
}
