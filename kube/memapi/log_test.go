package memapi

import (
	"testing"
	"time"
)

func TestLogOptions(t *testing.T) {
	a, _, _ := open(t, "") // its clock stands at 03:04:05
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second, 0, time.UTC) }
	of := Container{Namespace: "shop", Pod: "a", Name: "c"}
	a.Log(of, Line{at(0), "zero"}, Line{at(1), "one"}, Line{at(2), "two"}, Line{at(3), "three"})
	of.Previous = true
	a.Log(of, Line{Text: "before"})
	for query, want := range map[string]string{
		"":                                  "zero\none\ntwo\nthree\n",
		"tailLines=2":                       "two\nthree\n",
		"tailLines=0":                       "",
		"tailLines=9":                       "zero\none\ntwo\nthree\n",
		"sinceSeconds=3":                    "two\nthree\n",
		"sinceSeconds=3&tailLines=3":        "two\nthree\n",
		"sinceSeconds=3&tailLines=1":        "three\n",
		"sinceTime=2026-01-02T03:04:03Z":    "three\n",
		"limitBytes=7":                      "zero\non",
		"tailLines=1&timestamps=true":       "2026-01-02T03:04:03.000000000Z three\n",
		"previous=true&timestamps=true":     "before\n",
		"previous=true&sinceSeconds=1":      "before\n",
		"container=c&tailLines=1&follow=no": "three\n",
	} {
		if got, code := fetch(t, a, "", "/api/v1/namespaces/shop/pods/a/log?"+query); got != want || code != 200 {
			t.Errorf("%s: %d %q, want %q", query, code, got, want)
		}
	}
}

func TestSetLogLeavesFollowersWithWhatComes(t *testing.T) {
	a, _, client := open(t, "")
	of := Container{Namespace: "shop", Pod: "a", Name: "c"}
	a.Log(of, Line{Text: "one"}, Line{Text: "two"})
	log := client.CoreV1().RESTClient().Get().AbsPath("/api/v1/namespaces/shop/pods/a/log")
	body, err := log.Param("follow", "true").Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	line := func() string {
		p := make([]byte, 100)
		n, err := body.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		return string(p[:n])
	}
	if got := line(); got != "one\ntwo\n" {
		t.Errorf("%q", got)
	}
	a.SetLog(of, Line{Text: "one"})
	a.Log(of, Line{Text: "other"})
	if got := line(); got != "other\n" {
		t.Errorf("%q", got)
	}
}
