package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/fathom-k8s/fathom/ui"
)

func TestContainerScreens(t *testing.T) {
	table := func(_ *testing.T, s *Session) ui.View { return newContainers(s) }
	for _, tt := range []struct {
		name, file string
		open       func(*testing.T, *Session) ui.View
		keys       []string
		until      []string
	}{
		{"containers", "shop.yaml", table, nil, []string{"db-0", "CrashLoopBackOff", "● live"}},
		{"containers by memory", "usage.yaml", table, []string{"M"}, []string{"MEM▼", "just-started", "97%"}},
		{"a container", "shop.yaml", func(_ *testing.T, s *Session) ui.View {
			return newContainer(s, "shop", "checkout-7d9f-x2x9", "app", nil, "")
		}, nil, []string{"BackOff", "LAST EVENTS", "● live"}},
		{"no such container", "shop.yaml", func(_ *testing.T, s *Session) ui.View {
			return newContainer(s, "shop", "checkout-7d9f-x2x9", "gone", nil, "")
		}, nil, []string{"has no container gone", "● live"}},
	} {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s %dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				p := look(t, tt.open(t, newSession(t, newCluster(t, tt.file), "shop")))
				p.until(size[0], size[1], "● live")
				for _, key := range tt.keys {
					p.press(key)
				}
				until := append(tt.until, "v1.36.3")
				if tt.name == "a container" && size[1] > 24 {
					until = append(until, "Pulled") // The last events have room there.
				}
				screen := p.until(size[0], size[1], until...)
				if _, object := p.view.(*object); object {
					screen = withoutTabs(screen)
				}
				golden.RequireEqual(t, screen)
			})
		}
	}
}

// TestContainersLeadOn opens what a row of the table stands for.
func TestContainersLeadOn(t *testing.T) {
	s := newSession(t, newCluster(t, "shop.yaml"), "shop")
	p := look(t, newContainers(s))
	p.until(80, 24, "CrashLoopBackOff", "● live")
	for key, want := range map[string]string{"enter": "pod checkout-7d9f-x2x9 app", "l": "pod checkout-7d9f-x2x9 app"} {
		open, ok := p.press(key).(ui.Open)
		if !ok {
			t.Fatalf("%s opens nothing", key)
		}
		if place := strings.Join(open.View.Header(screenNow).Place, " "); !strings.HasSuffix(place, want) {
			t.Errorf("%s leads to %s, want %s", key, place, want)
		}
	}
	if said, ok := p.press("J").(ui.Open); !ok || said.View.(*object).subject.alone {
		t.Error("the owner of a container is not its whole pod")
	}
}
