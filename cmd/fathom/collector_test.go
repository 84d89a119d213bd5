package main

import (
	"runtime"
	"testing"
)

func TestHowMuchGarbageThereMayBe(t *testing.T) {
	tests := []struct {
		name    string
		kept    uint64
		loading bool
		want    int
	}{
		{"while the first lists arrive", 20 << 20, true, 30},
		{"while lists arrive", 96 << 20, true, 15},
		{"nothing is known yet", 0, false, 15},
		{"a small cluster", 20 << 20, false, 100},
		{"a large cluster", 96 << 20, false, 50},
		{"a huge cluster", 1 << 30, false, 15},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := gcPercent(tt.kept, tt.loading); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestCollectionsAreFollowed(*testing.T) {
	heard := make(chan struct{}, 16)
	afterCollections(func() { heard <- struct{}{} })
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
