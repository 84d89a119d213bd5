package triage

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
)

func TestQuantityTexts(t *testing.T) {
	for _, tt := range []struct{ quantities, want []string }{
		{[]string{"900Gi", "24632884Ki"}, []string{"900Gi", "23.5Gi"}},
		{[]string{"0", "512", "1Ki", "1536Ki"}, []string{"0", "512", "1Ki", "1.5Mi"}},
		{[]string{"250m", "4"}, []string{"250m", "4"}},
		{[]string{"1G", "1Gi"}, []string{"1G", "1Gi"}},
		{[]string{"-2048Ki", "4Ei"}, []string{"-2Mi", "4Ei"}},
		// To say that 23.5Gi are more than 23.5Gi would be no help.
		{[]string{"24632885Ki", "24632884Ki"}, []string{"24632885Ki", "24632884Ki"}},
		{[]string{"1Gi", "1Gi"}, []string{"1Gi", "1Gi"}},
	} {
		var quantities []resource.Quantity
		for _, q := range tt.quantities {
			quantities = append(quantities, resource.MustParse(q))
		}
		if got := quantityTexts(quantities...); !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.quantities, got, tt.want)
		}
	}
}
