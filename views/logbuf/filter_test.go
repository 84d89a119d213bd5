package logbuf

import (
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	const (
		cart   = `{"level":"error","msg":"no answer","status":503,"path":"/cart/7","took":"1.2s","http":{"code":7}}`
		health = `{"level":"debug","msg":"GET /healthz","status":200,"path":"/healthz","took":"3ms"}`
		pairs  = `time=2026-11-23T14:02:11Z level=warn msg="timed out" status=504 user=anna took=20ms`
		access = `10.0.0.7 - - [23/Nov/2026:14:02:11 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl"`
		klog   = `W1123 14:02:11.123456       1 leader.go:23] "lost" status=1`
		plain  = `Timeout = 7 while reading /cart`
		empty  = ``
	)
	all := []string{cart, health, pairs, access, klog, plain, empty}
	names := []string{"cart", "health", "pairs", "access", "klog", "plain", "empty"}
	for _, test := range []struct{ filter, want string }{
		{"", "cart health pairs access klog plain empty"},
		{"cart", "cart access plain"},
		{"Timeout", "plain"},
		{"timeout", "plain"},
		{"!cart", "health pairs klog empty"},
		{`"timed out"`, "pairs"},
		{`!"timed out" status`, "cart health klog"},
		{`"timed`, "pairs"},
		{"/c[ab]rt/ !/curl/", "cart plain"},
		{"/GET .c/", "access"},
		{"level>=warn", "cart pairs access klog"},
		{"level=WARNING", "pairs klog"},
		{"level!=error", "health pairs klog plain empty"},
		{"level<info", "health"},
		{"!level>=warn", "health plain empty"},
		{"status>=500", "cart pairs access"},
		{"status>=500 level>=error", "cart access"},
		{"status>500 !anna", "cart access"},
		{"status=200", "health"},
		{"status!=200", "cart pairs access klog plain empty"},
		{"path~^/cart", "cart access"},
		{"path!~^/cart", "health pairs klog plain empty"},
		{"took>500ms", "cart"},
		{"took<=20ms", "health pairs"},
		{"http.code=7", "cart"},
		{"user=anna", "pairs"},
		{`msg="timed out"`, "pairs"},
		{"nosuch>1", ""},
		{"status>abc", ""},
		{"/cart/", "cart access plain"},
		{"=7", ""},
		{"a/b=c", ""},
	} {
		f, err := NewFilter(test.filter)
		if err != nil {
			t.Errorf("%q: %v", test.filter, err)
			continue
		}
		var got []string
		for i, text := range all {
			if f.Matches(text) {
				got = append(got, names[i])
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q: got %q, want %q", test.filter, strings.Join(got, " "), test.want)
		}
	}
}

func TestFiltersThatAreNone(t *testing.T) {
	for filter, want := range map[string]string{
		"!":          `"!" is not a filter`,
		"level>=bad": `level "bad": valid levels are debug, info, warn, error, fatal`,
		"status>":    "status>: give a value",
		"path~[":     "path~: error parsing regexp",
		"a /(/ b":    "regular expression: missing closing )",
	} {
		if _, err := NewFilter(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", filter, err, want)
		}
	}
}

// FuzzFilter checks that a filter that can be read can be used on any line, and that one
// and its opposite share no line.
func FuzzFilter(f *testing.F) {
	f.Add("level>=warn", `{"level":"warn"}`)
	f.Add(`a"b c"`, "a b")
	f.Add("!/x/ y~z", "y=z")
	f.Fuzz(func(t *testing.T, filter, line string) {
		one, err := NewFilter(filter)
		if err != nil || len(one.terms) != 1 || strings.HasPrefix(one.text, "!") {
			return
		}
		other, err := NewFilter("!" + one.text)
		if err != nil {
			t.Fatalf("%q can be read and its opposite cannot: %v", filter, err)
		}
		if one.Matches(line) == other.Matches(line) {
			t.Errorf("%q and its opposite agree on %q", filter, line)
		}
	})
}
