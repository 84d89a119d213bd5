package ui

import (
	"testing"
	"testing/synctest"
)

type count struct{ to *int }

func (c count) Execute() { *c.to++ }

// TestCommandsActAtOnce presses a key whose command acts without a question,
// alone and among other intents.
func TestCommandsActAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := 0
		d := drive(t, Options{Home: &page{
			name: "pods",
			keys: []Key{{Action: "refresh", Keys: []string{"r"}}, {Action: "both", Keys: []string{"b"}}},
			intents: map[Action]Intent{
				"refresh": count{&ran},
				"both":    All{count{&ran}, Say{Text: "refreshing"}},
			},
		}}, 80, 24)
		d.press("r")
		if ran != 1 {
			t.Errorf("ran %d times, want once", ran)
		}
		d.press("b")
		d.contains("refreshing")
		if ran != 2 {
			t.Errorf("ran %d times, want twice", ran)
		}
	})
}
