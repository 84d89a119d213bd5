package main

import (
	"strings"
	"testing"
)

func TestDrop(t *testing.T) {
	const all = 1<<41 - 1
	tests := []struct {
		name, spec string
		allowed    uint64
		want       string
	}{
		{
			"one is missing in a container",
			`{"process":{"capabilities":{"bounding":["CAP_SYS_ADMIN","CAP_SYS_RESOURCE"]}}}`,
			all &^ (1 << 24), `{"process":{"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}}`,
		},
		{
			"one is missing in an exec", `{"args":["sh"],"capabilities":{"effective":["CAP_SYS_RESOURCE"]}}`,
			all &^ (1 << 24), `{"args":["sh"],"capabilities":{"effective":[]}}`,
		},
		{
			"none is missing", `{"capabilities":{"bounding":["CAP_CHOWN"]}}`,
			all, `{"capabilities":{"bounding":["CAP_CHOWN"]}}`,
		},
		{
			"one that is newer than this", `{"capabilities":{"bounding":["CAP_FUTURE"]}}`,
			all, `{"capabilities":{"bounding":[]}}`,
		},
		{"no capabilities", `{"process":{"capabilities":null}}`, 0, `{"process":{"capabilities":null}}`},
		{"no process", `{}`, 0, `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := drop([]byte(test.spec), test.allowed)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
	if _, err := drop([]byte(`[`), 0); err == nil {
		t.Error("half a file gives no error")
	}
}

func TestBounding(t *testing.T) {
	got, err := bounding("Name:\tx\nCapBnd:\t000001fffeffffff\nCapAmb:\t0\n")
	if err != nil || got != 0x1fffeffffff {
		t.Errorf("got %x, %v", got, err)
	}
	if _, err := bounding("Name:\tx\n"); err == nil || !strings.Contains(err.Error(), "CapBnd") {
		t.Errorf("got %v, want an error that names CapBnd", err)
	}
}
