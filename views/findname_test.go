package views

import (
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/ui"
)

// TestFindByName finds objects of several kinds by a part of a name, and says what it looked at.
func TestFindByName(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	early := s.findNamed("checkout")
	last := early[len(early)-1].Name
	if early[0].Name != "nothing was looked at yet; ! lists most kinds" || !early[0].Weak ||
		!strings.HasPrefix(last, "not looked at: pods, deployments and ") {
		t.Errorf("before anything is listed: %+v", early)
	}
	p := openHome(t, s, "CrashLoopBackOff")
	found := map[string]bool{}
	choices := Choices(p.view, "find checkout")
	for _, c := range choices {
		if to, ok := c.Then.(goToObject); ok {
			found[to.resource.Kind] = true
			if !strings.Contains(to.name, "checkout") {
				t.Errorf("it finds %s", c.Name)
			}
		}
	}
	if !found["Deployment"] || !found["Pod"] {
		t.Errorf("it finds only %v", found)
	}
	looked := choices[len(choices)-2]
	if looked.Then != nil || !strings.HasPrefix(looked.Name, "looked at: pods, deployments and ") {
		t.Errorf("it does not say where it looked: %+v", looked)
	}
	none := Choices(p.view, "find nosuch")
	if none[0].Name != "nothing has nosuch in its name, in the kinds that were looked at" || !none[0].Weak {
		t.Errorf("nothing is not said: %+v", none)
	}
	if c := Choices(p.view, "find")[0]; c.Name != findWord {
		t.Errorf("find alone is %+v", c)
	}
}

// TestFindNamesWhatItLeftOut holds that the kinds that find did not look at are named in 80 columns,
// the likeliest first, and that those lead to their tables; and that what is open is looked at.
func TestFindNamesWhatItLeftOut(t *testing.T) {
	server := newCluster(t, "shop.yaml")
	server.Apply(t, `{apiVersion: v1, kind: Secret, metadata: {name: registry, namespace: shop}}`)
	s := newSession(t, server, "shop")
	p := openHome(t, s, "CrashLoopBackOff")
	choices := Choices(p.view, "find registry")
	last := choices[len(choices)-1]
	if last.Then != nil || !strings.HasPrefix(last.Name, "not looked at: secrets, ") || ui.Width(last.Name) > 70 ||
		!strings.HasSuffix(last.Name, " more kinds") {
		t.Errorf("it does not say where it did not look: %+v", last)
	}
	for _, c := range choices {
		if to, ok := c.Then.(goToKind); ok && to.resource.Resource == "secrets" {
			if !c.Weak || to.filter != "registry" {
				t.Errorf("it leads to %+v", c)
			}
			p = look(t, to.Intent().(ui.Open).View)
			p.until(80, 24, "registry", "● live")
			for _, c := range Choices(p.view, "find registry") {
				if strings.HasPrefix(c.Name, "not looked at: secrets") {
					t.Errorf("it has looked there: %+v", c)
				}
			}
			if found, ok := Choices(p.view, "find registry")[0].Then.(goToObject); !ok || found.name != "registry" {
				t.Error("it does not find what is listed")
			}
			return
		}
	}
	t.Errorf("no table of the secrets in %+v", choices)
}
