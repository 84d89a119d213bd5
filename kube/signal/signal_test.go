package signal

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestSubscriptionWakesLessOftenWhileNotified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b Signal
		var e Subscription
		began := time.Now()
		go func() {
			<-time.After(time.Second)
			for range 80 {
				b.Notify()
				<-time.After(10 * time.Millisecond)
			}
			<-time.After(time.Second)
			b.Notify()
		}()
		var heard []time.Duration
		for range 8 {
			if err := e.Next(t.Context(), &b, nil); err != nil {
				t.Fatal(err)
			}
			heard = append(heard, time.Since(began))
		}
		want := []time.Duration{0, 1000, 1050, 1250, 1450, 1650, 1850, 2800}
		for i := range want {
			want[i] *= time.Millisecond
		}
		if !slices.Equal(heard, want) {
			t.Errorf("heard at %v, not at %v", heard, want)
		}
	})
}
