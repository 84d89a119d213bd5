package kube

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestAMemoryLimitIsAnErrorOfTheListing(t *testing.T) {
	var full atomic.Bool
	full.Store(true)
	c, _ := fromTape(t, func(o *Options) {
		o.Memory = func() error {
			if full.Load() {
				return errors.New("memory is used up")
			}
			return nil
		}
	})
	scope := Scope{GroupVersionResource: corev1.SchemeGroupVersion.WithResource("pods")}
	l, _ := look(t, c.Listing(scope))
	l.until(t, "the limit", func() bool { return l.State().Phase == Failed })
	text := l.State().Err.Error()
	if !strings.HasPrefix(text, "stopped after ") || !strings.HasSuffix(text, " objects: memory is used up") {
		t.Error(text)
	}
	if l.Len() == 0 {
		t.Error("what came before the limit is gone")
	}
	full.Store(false)
	c.Refresh()
	l.until(t, "the rest", func() bool { return l.State().Phase == Live })
}
