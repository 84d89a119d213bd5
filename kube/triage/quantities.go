package triage

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// quantityTexts are quantities as a person compares them: a node's 24632884Ki beside a request's 900Gi
// are 23.5Gi. Two that differ by less than that shows stay as they are.
func quantityTexts(quantities ...resource.Quantity) []string {
	var out []string
	for i, q := range quantities {
		text := quantityText(q)
		if at := slices.Index(out, text); at >= 0 && quantities[at].Cmp(quantities[i]) != 0 {
			out = out[:0]
			for _, q := range quantities {
				out = append(out, q.String())
			}
			return out
		}
		out = append(out, text)
	}
	return out
}

// quantityText is a quantity of bytes in the largest unit that it fills, to a tenth, and any other as
// Kubernetes writes it.
func quantityText(q resource.Quantity) string {
	const unit = 1024
	v := float64(q.Value())
	if q.Format != resource.BinarySI || v < unit {
		return q.String()
	}
	symbols := []string{"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"}
	at := 0
	for v /= unit; v >= unit && at < len(symbols)-1; at++ {
		v /= unit
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") + symbols[at]
}
