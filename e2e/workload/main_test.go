package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlagsCombine(t *testing.T) {
	hostile := "\x1b]0;title\x07 and \xff bytes"
	args := []string{
		"--print",
		"first",
		"--print-base64",
		base64.StdEncoding.EncodeToString([]byte(hostile)),
		"--print-repeated",
		"3:" + base64.StdEncoding.EncodeToString([]byte("\xe2\x82")),
		"--log-every",
		"1s",
		"--log-format",
		"logfmt",
		"--exit-after",
		"2500ms",
		"--exit-code",
		"3",
		"--last-line",
		"panic: no database",
	}
	var stdout, stderr bytes.Buffer
	b, err := parse(args, &stderr)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if code := b.run(nil, &stdout, &stderr); code != 3 {
			t.Errorf("exit code %d, want 3", code)
		}
	})
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("got %d lines, want 5: %q", len(lines), lines)
	}
	if lines[0] != "first" || lines[1] != hostile || lines[2] != "\xe2\x82\xe2\x82\xe2\x82" {
		t.Errorf("printed %q, %q and %q", lines[0], lines[1], lines[2])
	}
	if !strings.Contains(lines[4], "level=info") || !strings.HasSuffix(lines[4], "request=2") {
		t.Errorf("second log line %q", lines[4])
	}
	if stderr.String() != "panic: no database\n" {
		t.Errorf("stderr %q", stderr.String())
	}
}

func TestSignals(t *testing.T) {
	signals := make(chan os.Signal, 2)
	signals <- syscall.SIGTERM
	signals <- syscall.SIGINT
	var stdout bytes.Buffer
	b := behaviour{exitAfter: never, exitCode: 9, ignoreSIGTERM: true}
	if code := b.run(signals, &stdout, &stdout); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if want := "asked to stop, carrying on\nasked to stop, stopping\n"; stdout.String() != want {
		t.Errorf("got %q, want %q", stdout.String(), want)
	}
}

func TestWrongFlags(t *testing.T) {
	for name, args := range map[string][]string{
		"unknown flag":       {"--fly"},
		"stray argument":     {"serve"},
		"unknown log format": {"--log-format", "xml"},
		"bytes not base64":   {"--print-base64", "%%"},
	} {
		var stderr bytes.Buffer
		if _, err := parse(args, &stderr); err == nil || stderr.Len() == 0 {
			t.Errorf("%s: error %v, complaint %q", name, err, stderr.String())
		}
	}
}

func TestJSONLinesParse(t *testing.T) {
	for n := range 60 {
		var line map[string]any
		if err := json.Unmarshal([]byte(formats["json"](time.Unix(0, 0), requestLine(n))), &line); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
	}
}

func TestProbes(t *testing.T) {
	tests := []struct {
		name, path string
		age        time.Duration
		want       int
		behaviour  behaviour
	}{
		{"ready from the start", "/readyz", 0, 200, behaviour{unreadyAfter: never, brokenAfter: never}},
		{"not ready yet", "/readyz", 2 * time.Second, 503, behaviour{readyAfter: 5 * time.Second, unreadyAfter: never}},
		{"ready after a while", "/readyz", 6 * time.Second, 200, behaviour{readyAfter: 5 * time.Second, unreadyAfter: never}},
		{"never ready", "/readyz", time.Hour, 503, behaviour{readyAfter: never, unreadyAfter: never}},
		{"ready no more", "/readyz", 11 * time.Second, 503, behaviour{unreadyAfter: 10 * time.Second}},
		{"alive", "/healthz", time.Hour, 200, behaviour{brokenAfter: never}},
		{"alive no more", "/healthz", 31 * time.Second, 503, behaviour{brokenAfter: 30 * time.Second}},
		{"any other page", "/cart", 0, 200, behaviour{answer: 200}},
		{"a page that is not there", "/cart", 0, 404, behaviour{answer: 404}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			test.behaviour.handler(time.Now().Add(-test.age)).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, test.path,
				nil))
			if answer.Code != test.want {
				t.Errorf("%s after %s answers %d, want %d", test.path, test.age, answer.Code, test.want)
			}
		})
	}
}
