package main

import (
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
)

func TestLogFilter(t *testing.T) {
	lines := []kube.LogLine{
		{Text: `{"level":"error","msg":"boom"}`},
		{Text: "\tat Main.java:7"},
		{Text: `{"level":"info","msg":"fine"}`, Stream: 1},
		{Text: "\tindented", Stream: 1},
		{Text: "\tat Main.java:9"},
		{Text: "\x1b[33mWARN\x1b[0m slow cart"},
		{Text: "no level, cart"},
	}
	for _, test := range []struct {
		flags logsFlags
		want  []int
	}{
		{logsFlags{}, []int{0, 1, 2, 3, 4, 5, 6}},
		{logsFlags{level: "warn"}, []int{0, 1, 4, 5}},
		{logsFlags{level: "ERROR"}, []int{0, 1, 4}},
		{logsFlags{grep: "cart$"}, []int{5, 6}},
		{logsFlags{grep: "cart", level: "warn"}, []int{5}},
	} {
		f, err := newLogFilter(test.flags)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for i := range lines {
			if f.passes(&lines[i]) {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.flags, got, test.want)
		}
	}
	for _, wrong := range []logsFlags{{level: "loud"}, {grep: "("}} {
		if _, err := newLogFilter(wrong); !isUsage(err) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
