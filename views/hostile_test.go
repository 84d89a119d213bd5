package views

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/effects"
	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/kube/kubetest"
	"github.com/fathom-k8s/fathom/kube/memapi"
	"github.com/fathom-k8s/fathom/kube/openapi"
	"github.com/fathom-k8s/fathom/ui"
)

// hostile puts a word among what a terminal obeys, what changes the order of text and
// what nobody sees: a title, a bell, an override, a C1 control, a zero width space.
func hostile(word string) string { return "\x1b]0;" + word + "\a\u202e\u009b2J\u200b" }

// drawn matches a hostile word on the screen: as the sanitiser, kubectl's describer
// (for ESC) and the printer of YAML make it visible.
var drawn = regexp.MustCompile(`(?:␛|\^\[|\\e)\]0;([a-zA-Z-]+)(?:␇|\\a)`)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hostileText puts the hostile words into a YAML text, and returns them.
func hostileText(text string) (yaml string, words []string) {
	placeholder := regexp.MustCompile(`~([a-z-]+)~`)
	yaml = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		word := strings.Trim(found, "~")
		if !slices.Contains(words, word) && word != "word" {
			words = append(words, word)
		}
		return strings.NewReplacer("\x1b", `\e`, "\a", `\a`, "\u009b", `\x9b`).Replace(hostile(word))
	})
	return yaml, words
}

// screens checks what is drawn, and keeps which words and wrong lines have been seen.
type screens struct {
	t    *testing.T
	seen map[string]bool
}

// check fails for a text of many lines with anything in it that the sanitiser takes
// out. No colours are drawn, so no escape sequence is right.
func (s screens) check(where, text string) {
	s.t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); kinds.Clean(line) != line && !s.seen[line] {
			s.seen[line] = true
			s.t.Errorf("%s draws %q", where, line)
		}
	}
	for _, found := range drawn.FindAllStringSubmatch(text, -1) {
		s.seen[strings.ToLower(found[1])] = true
	}
}

// look checks a view and what its palette offers, once it shows the words.
func (s screens) look(where string, p *person, words ...string) {
	s.t.Helper()
	p.wait(fmt.Sprintf("%s shows %q", where, words), func() bool {
		text := p.draw(500, 300)
		shown := map[string]bool{}
		for _, found := range drawn.FindAllStringSubmatch(text, -1) {
			shown[strings.ToLower(found[1])] = true
		}
		s.check(where, text)
		return !slices.ContainsFunc(words, func(word string) bool { return !shown[word] }) || s.t.Failed()
	})
	h := p.view.Header(screenNow)
	s.check(where+"'s header", h.Facts.String()+" "+h.Note)
	for _, query := range []string{"", "pods "} {
		for _, c := range Choices(p.view, query) {
			s.check("the palette", c.Name+" "+c.Detail)
		}
	}
}

// asked checks what a key makes the shell ask or say.
func (s screens) asked(where string, intent ui.Intent) {
	s.t.Helper()
	switch intent := intent.(type) {
	case ui.All:
		for _, i := range intent {
			s.asked(where, i)
		}
	case ui.Say:
		s.check(where, intent.Text)
	case ui.Confirm:
		s.check(where, intent.Question+" "+intent.Type)
	case ui.Choose:
		for _, c := range intent.Choices {
			s.check(where, c.Name+" "+c.Detail)
		}
	}
}

// hostileConfig is a kubeconfig of two contexts: one for a server, and one for a server
// whose status line is hostile.
const hostileConfig = `
apiVersion: v1
kind: Config
current-context: "~context~"
contexts:
- {name: "~context~", context: {cluster: up, user: "~user~", namespace: shop}}
- {name: "~down~", context: {cluster: down, user: "~user~", namespace: "~home~"}}
clusters:
- {name: up, cluster: {server: "SERVER"}}
- {name: down, cluster: {server: "http://DOWN"}}
users: [{name: "~user~", user: {token: t}}]
`

// badGateway answers all requests with a hostile status, and returns its address.
func badGateway(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1<<16))
			_, _ = io.WriteString(c, "HTTP/1.1 503 "+hostile("gateway")+"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// answerHostile answers some requests in the server's place.
func answerHostile(w http.ResponseWriter, r *http.Request) bool {
	fail := func(code int, reason metav1.StatusReason, word string) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
			Code: int32(code), Reason: reason, Message: hostile(word),
		})
		return true
	}
	switch path := r.URL.Path; {
	case path == "/version":
		_ = json.NewEncoder(w).Encode(map[string]string{"gitVersion": "v1" + hostile("version")})
		return true
	case r.Method == http.MethodDelete:
		return fail(http.StatusConflict, metav1.StatusReasonConflict, "conflict")
	case strings.HasSuffix(path, "/nodes"):
		return fail(http.StatusForbidden, metav1.StatusReasonForbidden, "refusal")
	case strings.HasSuffix(path, "/services"):
		return fail(http.StatusInternalServerError, metav1.StatusReasonInternalError, "failure")
	case strings.HasSuffix(path, "/secrets/db"):
		return fail(http.StatusInternalServerError, metav1.StatusReasonInternalError, "describe-error")
	case strings.HasSuffix(path, "/log") && r.URL.Query().Get("previous") == "true":
		return fail(http.StatusBadRequest, metav1.StatusReasonBadRequest, "log-error")
	}
	return false
}

// hostileFlags are those of a kubeconfig; the server's words are in its two contexts.
func hostileFlags(t *testing.T, server *kubetest.Server) (flags *genericclioptions.ConfigFlags, words []string) {
	t.Helper()
	at := strings.NewReplacer("SERVER", server.Listen(t).URL, "DOWN", badGateway(t))
	config, words := hostileText(at.Replace(hostileConfig))
	path, cache := filepath.Join(t.TempDir(), "config"), t.TempDir()
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	flags = genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.CacheDir = &path, &cache
	return flags, words
}

// hostileSession opens a context of a kubeconfig; "" is the current one.
func hostileSession(t *testing.T, flags *genericclioptions.ConfigFlags, context string) *Session {
	t.Helper()
	messages := kube.NewMessages()
	cluster, err := kube.Open(kube.Options{Flags: flags, Context: context, Write: true, Messages: messages})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	known, _, err := kube.Contexts(flags)
	if err != nil {
		t.Fatal(err)
	}
	return &Session{
		Hands: hands(), Cluster: cluster, Namespace: cluster.Namespace(), Messages: messages, Known: known,
		Now:      func() time.Time { return screenNow },
		Contexts: func() ([]kube.Context, string, error) { return kube.Contexts(flags) },
		Connect: func(string) (*Session, kube.Resource, error) {
			_, err := kube.Open(kube.Options{Flags: flags, Context: hostile("nowhere")})
			return nil, kube.Resource{}, err
		},
	}
}

// TestNothingHostileIsDrawn goes through tables, objects and views of a cluster that
// says hostile words wherever it can, and finds each of them made visible.
func TestNothingHostileIsDrawn(t *testing.T) {
	objects, words := hostileText(readFile(t, "hostile.yaml"))
	server := kubetest.New(t, screenNow)
	server.Apply(t, objects)
	value, _ := json.Marshal(map[string]string{hostile("helm-path"): hostile("helm-value")})
	server.Apply(t, release("web", 1, "failed", "2026-04-01T12:00:00Z", hostile("helm-chart")+" 1", hostile("helm-app"),
		hostile("helm-description"), string(value), "kind: Job\nmetadata:\n  name: "+hostile("helm-object")))
	server.Intercept(answerHostile)
	server.SetOpenAPI(map[string][]byte{"api/v1": documentOf(t, openapi.Kind{Version: "v1", Kind: "Pod"}, map[string]any{
		hostile("schema-field"): map[string]any{
			"type": hostile("schema-type"), "description": hostile("schema-text"), "enum": []string{hostile("schema-value")},
		},
	})})
	talker := memapi.Container{Namespace: "shop", Pod: "talker", Name: "app"}
	server.Log(talker, memapi.Line{Time: screenNow, Text: "\x1b[31mred\x1b[m " + hostile("log-line")})
	flags, more := hostileFlags(t, server)
	session := hostileSession(t, flags, "")
	if err := session.Cluster.WaitResources(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := screens{t: t, seen: map[string]bool{}}
	session.Messages.Add("info", hostile("plugin"))
	s.tables(session)
	s.objects(session)
	s.hands(session)
	s.views(session, map[string][]string{
		"contexts": {"context", "down", "user", "home"}, "messages": {"failure", "plugin"},
	})
	s.views(hostileSession(t, flags, hostile("down")), map[string][]string{"contexts": {"gateway", "user"}})
	words = append(append(words, more...), "helm-path", "helm-object",
		"conflict", "describe-error", "failure", "log-error", "log-line", "nowhere", "refusal", "version",
		"schema-field", "schema-type", "schema-text", "schema-value")
	for _, word := range words {
		if !s.seen[word] {
			t.Errorf("%s is on no screen", word)
		}
	}
}

func (s screens) tables(session *Session) {
	for kind, words := range map[string][]string{
		"pods": {"pod-name", "node-name", "phase", "version"}, "events": {"event-reason"}, "secrets": {"secret-type"},
		"leases": {"holder"}, "orders": {"column-name", "column-value"}, "nodes": {"refusal"}, "services": {"failure"},
		"helm": {"helm-chart", "helm-app"}, "configmaps": nil, "deployments": nil, "namespaces": {"namespace"},
	} {
		session.Namespace = ""
		p := look(s.t, Objects(session, served(s.t, session, kind)))
		s.look("the table of "+kind, p)
		p.press("ctrl+w")
		s.look("the table of "+kind, p, words...)
		s.pressAll("the table of "+kind, p)
	}
}

func (s screens) objects(session *Session) {
	for what, words := range map[string]map[tabID][]string{
		"pod/shop/web-1-a": {
			"overview": {"label", "container-name", "image", "owner-name", "waiting-message", "ended-message", "event-message"},
			"describe": {"annotation", "event-message"}, "yaml": {"waiting-reason"}, "events": {"event-source"},
			"logs":     {"waiting-reason"},
			tabExplain: {"schema-field", "schema-type", "schema-text", "schema-value"},
		},
		"pod/shop/talker":     {"logs": {"log-line"}},
		"pod/shop/waiting":    {"logs": {"unscheduled"}},
		"deployment/shop/web": {"overview": {"condition-message"}},
		"configmap/shop/app":  {"yaml": {"data-line", "data-value"}},
		"secret/shop/db":      {"yaml": {"secret-type"}, "describe": {"describe-error"}},
		"helm/shop/sh.helm.release.v1.web.v1": {
			"history": {"helm-description", "helm-path", "helm-object"}, "overview": {"helm-chart"},
		},
		"lease/shop/lease": {"overview": {"holder"}},
		"order/shop/order": {"overview": {"field-name", "field-value", "custom-message"}},
	} {
		for i := 0; ; i++ {
			// Each tab is of an object that nobody has pressed keys on: these choose runs and containers.
			view, err := Find(session, what)
			if err != nil {
				s.t.Fatal(err)
			}
			p := look(s.t, view)
			s.look(what, p)
			p.until(500, 300, "● live")
			v := view.(*object)
			if i == len(v.specs) {
				break
			}
			spec := v.specs[i]
			where := fmt.Sprintf("the tab %s of %s", spec.id, what)
			p.perform(v.show(i))
			s.look(where, p, words[spec.id]...)
			if what == "pod/shop/talker" && spec.id == tabLogs {
				p.press("p")
				s.look(where, p, "log-error")
			}
			s.pressAll(where, p)
		}
	}
}

// hands opens the menu of a pod, and the review of its deletion, which the API server refuses.
func (s screens) hands(session *Session) {
	view, err := Find(session, "pod/shop/talker")
	if err != nil {
		s.t.Fatal(err)
	}
	p := look(s.t, view)
	p.wait("the pod is known", func() bool { return view.(*object).subject.record != nil })
	subject := view.(*object).subject
	targets := []effects.Target{session.target(subject.resource, subject.record)}
	s.look("the menu", look(s.t, newMenu(session, targets)))
	all := []effects.Effect{effects.Delete(targets[0])}
	s.look("a review", look(s.t, newReview(session, all)), "conflict")
	s.look("a review of two", look(s.t, newReview(session, append(all, all...))), "conflict")
}

func (s screens) views(session *Session, words map[string][]string) {
	for _, spec := range viewSpecs {
		p := look(s.t, spec.open(session))
		s.look(spec.name, p, words[spec.name]...)
		s.pressAll(spec.name, p)
		if spec.name == "contexts" {
			p.press("enter")
			p.wait("another context is refused", func() bool { return p.intent != nil })
			s.asked("another context", p.intent)
		}
	}
}

// pressAll presses each key that the view has a binding for.
func (s screens) pressAll(where string, p *person) {
	s.t.Helper()
	for _, key := range p.view.Keys() {
		p.intent = nil
		p.perform(p.view.Update(ui.Do{Action: key.Action, Key: key.Keys[0]}))
		s.asked(key.Help+" in "+where, p.intent)
		s.look(key.Help+" in "+where, p)
	}
}
