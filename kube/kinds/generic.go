package kinds

import "k8s.io/apimachinery/pkg/runtime"

func genericDetails(obj runtime.Object) Details { return Details{Facts: metadataFacts(obj)} }
