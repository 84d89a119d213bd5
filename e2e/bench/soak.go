package main

import (
	"context"
	"time"
)

const soakEvery = 10 * time.Second

// soak leaves a program open under churn and reads its memory as it goes.
func (b *bench) soak(ctx context.Context, program *Program, lasts time.Duration) error {
	if program.Name != subject {
		return nil
	}
	return b.opened(ctx, program, nil, func(c *course) error { return c.soak(ctx, lasts) })
}

func (c *course) soak(ctx context.Context, lasts time.Duration) error {
	result := &Soak{Program: c.program.Name, Size: c.size, Every: soakEvery, Lasted: lasts}
	err := c.under(ctx, 100, 0, func() error {
		for began := time.Now(); time.Since(began) < lasts && ctx.Err() == nil; pause(ctx, soakEvery) {
			used, err := c.usage()
			if err != nil {
				return err
			}
			result.Samples = append(result.Samples, used.resident)
		}
		return nil
	})
	second := result.Samples[len(result.Samples)/2:]
	result.Slope = slope(second) * float64(time.Hour/soakEvery)
	c.results.Soak = result
	c.say("soak of %s at %s: %.1f MB/h over the second half of %s", c.program.Name, c.size, result.Slope/1e6, lasts)
	return err
}

// slope is how much the values rise from one to the next, by least squares.
func slope(values []int64) float64 {
	n := float64(len(values))
	if n < 2 {
		return 0
	}
	var sumX, sumY, sumXY, sumXX float64
	for i, value := range values {
		x, y := float64(i), float64(value)
		sumX, sumY, sumXY, sumXX = sumX+x, sumY+y, sumXY+x*y, sumXX+x*x
	}
	return (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)
}
