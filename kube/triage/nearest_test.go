package triage

import (
	"strings"
	"testing"
)

// TestNearest holds which pods are named beside a selector that selects none: those that its
// author may have meant, and nobody else's.
func TestNearest(t *testing.T) {
	for _, c := range []struct {
		name, selector string
		pods           []string // their labels
		want           string   // behind the selector
	}{
		{"the beginning of a name", "app: frontend", []string{"app: badimg", "app: front", "app: zoo"},
			"; the nearest pods have app=front"},
		{"the end of a name", "app: front", []string{"app: badimg", "app: shop-front"},
			"; the nearest pods have app=shop-front"},
		{"a letter too many", "app: webb", []string{"app: api", "app: web"}, "; the nearest pods have app=web"},
		{"two letters swapped", "app: wbe", []string{"app: api", "app: web"}, "; the nearest pods have app=web"},
		{"another case", "app: Web", []string{"app: api", "app: web"}, "; the nearest pods have app=web"},
		{"the closer of two", "app: checkout-v2", []string{"app: checkout", "app: checkout-v1"},
			"; the nearest pods have app=checkout-v1"},
		{"as close as another", "app: web-3", []string{"app: web-2", "app: web-1"}, "; the nearest pods have app=web-1"},
		{"nothing alike", "app: frontend", []string{"app: badimg", "app: crash"}, ""},
		{"a short one that is in many", "app: a", []string{"app: api", "app: data"}, ""},
		{"no pods", "app: frontend", nil, ""},
		{"no such label", "app: frontend", []string{"k8s-app: frontend"}, ""},
		{"an empty value", "app: ''", []string{"app: web"}, ""},
		{"most labels are equal", "app: web, track: stable", []string{"app: webs, track: beta", "app: web, track: canary"},
			"; the nearest pods have track=canary"},
		{"a label is missing", "app: web, track: stable", []string{"app: web", "app: api"},
			"; the nearest pods have no label track"},
		{"a label that all have", "app: frontend, env: prod",
			[]string{"app: badimg, env: prod", "app: crash, env: prod"}, ""},
		{"a label that all have, and one that is alike", "app: frontend, env: prod",
			[]string{"app: badimg, env: prod", "app: front, env: prod", "app: crash, env: prod"},
			"; the nearest pods have app=front"},
		{"two that differ", "app: web, env: prod", []string{"app: wbe, env: prd"},
			"; the nearest pods have app=wbe, env=prd"},
	} {
		objects := []string{service("web", "selector: {"+c.selector+"}"), slice("web")}
		for i, labels := range c.pods {
			name := "p" + string(rune('0'+i))
			objects = append(objects, strings.Replace(pod(name, "", well), "app: "+name+"}", labels+"}", 1))
		}
		sc := newScene(t).put(objects...)
		_, near, _ := strings.Cut(sc.state.Judge(sc.now).Findings[0].Reason, ";")
		if strings.TrimPrefix(c.want, ";") != near {
			t.Errorf("%s: %q, not %q", c.name, sc.says(), c.want)
		}
	}
}
