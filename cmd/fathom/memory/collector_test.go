package memory

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestHowMuchGarbageThereMayBe(t *testing.T) {
	tests := []struct {
		name    string
		kept    uint64
		garbage uint64
		want    int
	}{
		{"while the first lists arrive", 20 << 20, Loading, 30},
		{"while lists arrive", 96 << 20, Loading, 15},
		{"nothing is known yet", 0, Settled, 15},
		{"a small cluster", 20 << 20, Settled, 100},
		{"a large cluster", 96 << 20, Settled, 50},
		{"a large file is read", 350 << 20, Reading, 54},
		{"a huge cluster", 1 << 30, Settled, 15},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gcPercent(tt.kept, tt.garbage); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestCollectionsAreFollowed(*testing.T) {
	heard := make(chan struct{}, 16)
	afterCollections(func() {
		select {
		case heard <- struct{}{}:
		default: // The test is over, and goes on following.
		}
	})
	for range 2 {
		for waiting := true; waiting; {
			runtime.GC()
			select {
			case <-heard:
				waiting = false
			default:
			}
		}
	}
}

// TestPagesGoWithTheFirstCollection holds that what connecting needs goes too, and once.
func TestPagesGoWithTheFirstCollection(t *testing.T) {
	var drops, collections atomic.Int32
	before := dropPages
	dropPages = func() { drops.Add(1) }
	t.Cleanup(func() { dropPages = before })
	Pace(func() uint64 {
		collections.Add(1)
		return Settled
	})
	for end := time.Now().Add(10 * time.Second); collections.Load() < 3; runtime.GC() {
		if time.Now().After(end) {
			t.Fatal("nobody follows the collections")
		}
	}
	if got := drops.Load(); got != 1 {
		t.Errorf("pages are dropped %d times", got)
	}
}
