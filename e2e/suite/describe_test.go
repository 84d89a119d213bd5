package suite

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/cmd/describe"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// describeTries is how often an object may change between fathom's look and kubectl's: a node's lease does so every ten
// seconds.
const describeTries = 5

// TestDescribe compares what is on the screen and what is saved with kubectl describe.
func TestDescribe(t *testing.T) {
	for _, s := range subjects(t) {
		t.Run(s.String(), func(t *testing.T) {
			var difference string
			for range describeTries {
				if difference = compareDescriptions(t, s); difference == "" {
					return
				}
			}
			t.Error("-kubectl +fathom\n" + difference)
		})
	}
}

func compareDescriptions(t *testing.T, s subject) (difference string) {
	t.Helper()
	f := read(t, s)
	f.Keys("d")
	f.WaitFor("Name:", limit)
	shot, text := f.Screen(), f.save(t)
	want := trimmed(expandTabs(kubectlDescribe(t, s)))
	if difference := cmp.Diff(ageless(want), ageless(trimmed(text))); difference != "" {
		return difference
	}
	shown := body(shot)
	lines := trimmed(text)
	if len(lines) > len(shown) {
		t.Fatalf("%d lines have no room on the screen", len(lines))
	}
	return cmp.Diff(ageless(lines), ageless(shown[:len(lines)]))
}

// kubectlDescribe runs kubectl's own command, of the release that fathom's describe package is from: releases word
// their texts differently, and the cluster's kubectl is as old as the cluster.
func kubectlDescribe(t *testing.T, s subject) string {
	t.Helper()
	flags := genericclioptions.NewConfigFlags(true)
	flags.KubeConfig, flags.Namespace = &world.cluster.Kubeconfig, &s.namespace
	streams, _, out, problems := genericiooptions.NewTestIOStreams()
	command := describe.NewCmdDescribe("kubectl", cmdutil.NewFactory(flags), streams)
	command.SetArgs([]string{s.kind, s.name})
	cmdutil.BehaviorOnFatal(func(text string, _ int) { t.Fatalf("kubectl describe %s: %s", s, text) })
	if err := command.Execute(); err != nil || problems.Len() > 0 {
		t.Fatalf("kubectl describe %s: %v, %s", s, err, problems)
	}
	return out.String()
}

var (
	// age is a table's cell that says how long ago something was: "5m", "4m41s (x8 over 10m)".
	age = regexp.MustCompile(`(^|  )(<invalid>|\d+[smhdy](\d+[smhd])?)(( \(x\d+ over )(\d+[smhdy](\d+[smhd])?)\))?(  |$)`)
	// blanks are as wide as the ages of a table's other rows make them.
	blanks = regexp.MustCompile(` {2,}|-{3,}`)
)

// ageless takes the ages out of the tables that have some, and with them the width of their columns.
func ageless(lines []string) []string {
	aging := false
	out := slices.Clone(lines)
	for i, line := range lines {
		if line != "" && line[0] != ' ' {
			aging = strings.HasPrefix(line, "Events:") || strings.HasPrefix(line, "Non-terminated Pods:")
		}
		if aging {
			line = age.ReplaceAllString(line, "$1<age>$5<age>$8")
			out[i] = blanks.ReplaceAllString(line, "  ")
		}
	}
	return out
}

// expandTabs is how a terminal shows a text with tabs.
func expandTabs(text string) string {
	var b strings.Builder
	column := 0
	for _, r := range text {
		switch r {
		case '\t':
			n := 8 - column%8
			b.WriteString(strings.Repeat(" ", n))
			column += n
		case '\n':
			b.WriteRune(r)
			column = 0
		default:
			b.WriteRune(r)
			column++
		}
	}
	return b.String()
}

// TestSecretsStayHidden looks for the values of a Secret on every screen of it, and in all that was written to the
// terminal, until they are asked for.
func TestSecretsStayHidden(t *testing.T) {
	secret, err := world.client.CoreV1().Secrets("shop").Get(t.Context(), "db", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, subject{"secret", "shop", "db"})
	var texts []string
	for _, tab := range []struct{ key, text string }{{"v", "secret shop/db"}, {"d", "password:"}, {"y", "bytes hidden"},
		{"E", "no events"}} {
		f.Keys(tab.key)
		f.WaitFor(tab.text, limit)
		if tab.key == "d" || tab.key == "y" {
			texts = append(texts, f.save(t))
		}
	}
	f.Keys("y")
	f.WaitFor("bytes hidden", limit)
	texts = append(texts, string(f.Transcript()))
	for key, value := range secret.Data {
		for _, secret := range []string{string(value), base64.StdEncoding.EncodeToString(value)} {
			for _, text := range texts {
				// The user's name is the word "shop", which is everywhere.
				if key != "username" && strings.Contains(text, secret) {
					t.Errorf("the value of %s is in\n%s", key, text)
				}
			}
		}
	}
	f.Keys("x")
	f.WaitFor(base64.StdEncoding.EncodeToString(secret.Data["password"]), limit)
	f.Keys("x")
	f.WaitGone(base64.StdEncoding.EncodeToString(secret.Data["password"]), limit)
}
