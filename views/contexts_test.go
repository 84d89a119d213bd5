package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// TestContextsAreFiltered finds a context by a part of what its row says.
func TestContextsAreFiltered(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, newContexts(s))
	p.until(80, 24, "prod-eu", "staging")
	if prompt, ok := p.press("/").(ui.Prompt); !ok || prompt.Label != "/" {
		t.Fatalf("/ leads to %#v", p.intent)
	}
	for text, want := range map[string]string{
		"stag": "staging", "STAGING.example": "staging", "!prod": "staging", "u shop": "prod-eu", "/^prod/": "prod-eu",
	} {
		p.view.Update(ui.Typed{Text: text})
		screen := p.draw(80, 24)
		other := map[string]string{"staging": "prod-eu.", "prod-eu": "staging"}[want]
		if !strings.Contains(screen, "/"+text+"  1 of 2 contexts") || !strings.Contains(screen, want) ||
			strings.Contains(screen, other) {
			t.Errorf("%q shows\n%s", text, screen)
		}
	}
	p.view.Update(ui.Entered{Text: "stag"})
	p.view.Update(ui.Do{Action: actOpen})
	if going := p.view.(*contexts).going; going != "staging" {
		t.Errorf("enter goes to %q", going)
	}
	for text, want := range map[string]string{
		"nosuch": "0 of 2 contexts; esc clears the filter", "/(/": "missing closing )",
	} {
		p.view.Update(ui.Entered{Text: text})
		if screen := p.draw(80, 24); !strings.Contains(screen, want) {
			t.Errorf("%q shows\n%s", text, screen)
		}
	}
	p.view.Update(ui.Entered{Text: "nosuch"})
	if p.press("enter"); p.intent != nil {
		t.Errorf("with no row, enter leads to %#v", p.intent)
	}
	p.press("esc")
	if screen := p.draw(80, 24); !strings.Contains(screen, "prod-eu") || !strings.Contains(screen, "staging") {
		t.Errorf("esc leaves\n%s", screen)
	}
}

// TestContextsGoOnOnceTheClusterAnswers opens them because nothing answered, and lets it answer:
// before anybody has touched them, and after.
func TestContextsGoOnOnceTheClusterAnswers(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	look(t, Objects(s, Pods(s.Cluster))).until(80, 24, "● live")
	for _, touched := range []bool{false, true} {
		v := newContexts(s)
		v.awaits = true
		if touched {
			v.Update(ui.Do{Action: ui.Down})
		}
		var back bool
		intents, _ := v.Update(kube.HealthChanged{}).(ui.All)
		for _, intent := range append(intents, v.update(kube.HealthChanged{})) {
			_, is := intent.(ui.Back)
			back = back || is
		}
		if back == touched {
			t.Errorf("touched: %t, and it goes on: %t", touched, back)
		}
	}
}
