package kinds

import "k8s.io/apimachinery/pkg/runtime"

func genericDetails(runtime.Object) Details { return Details{} }
