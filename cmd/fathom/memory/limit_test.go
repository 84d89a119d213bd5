package memory

import (
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestLimit(t *testing.T) {
	held := make([]byte, 64<<20)
	for i := range held {
		held[i] = 1
	}
	without := func() uint64 { return math.MaxUint64 }
	for name, c := range map[string]struct {
		most, available func() uint64
		full            bool
	}{
		"nothing is set":            {without, without, false},
		"there is room":             {func() uint64 { return 4 << 30 }, func() uint64 { return 4 << 30 }, false},
		"the limit is near":         {func() uint64 { return 80 << 20 }, without, true},
		"the machine has none left": {without, func() uint64 { return 1 << 20 }, true},
		"nothing may be taken":      {func() uint64 { return 0 }, without, true},
	} {
		l := &Limit{Most: c.most, Available: c.available}
		err := l.Check()
		if (err != nil) != c.full {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "memory is used up (") {
			t.Error(err)
		}
	}
	runtime.KeepAlive(held)
	if err := SystemLimit().Check(); err != nil {
		t.Error(err)
	}
}

func TestGarbageDoesNotCount(t *testing.T) {
	l := &Limit{Most: func() uint64 { return 200 << 20 }, Available: func() uint64 { return math.MaxUint64 }}
	for range 10 {
		garbage := make([]byte, 150<<20)
		for i := 0; i < len(garbage); i += 4096 {
			garbage[i] = 1
		}
		runtime.KeepAlive(garbage)
		if err := l.Check(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheLimitStays asks for the limit again and again: none is taken from the one before.
func TestTheLimitStays(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	first := SystemLimit().Most()
	for range 100 {
		debug.SetMemoryLimit(1 << 40)
		if most := SystemLimit().Most(); most != first {
			t.Fatalf("the limit is %d, and was %d", most, first)
		}
	}
}
