// Package hostile puts text that attacks the terminal of whoever looks at it into a
// cluster, everywhere an API server takes free text: annotations, ConfigMap and Secret
// values, environment, images, event messages, condition messages, custom objects and
// their printer columns, and log lines.
//
// Leaks then finds out, from what a program wrote to its terminal, which of it came
// through.
package hostile

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Namespace holds all of it, except for the definition of the custom kind.
const Namespace = "hostile"

// Resource is the custom kind, whose column names are hostile too.
var Resource = schema.GroupVersionResource{Group: "hostile.fathom.test", Version: "v1", Resource: "lures"}

const image = "fathom.test/workload:1"

// Apply recreates everything and returns when the pod "talker" has written its log lines. The cluster needs the
// workload image. It takes half a minute where there was something to remove.
func Apply(ctx context.Context, config *rest.Config) error {
	if err := Delete(ctx, config); err != nil {
		return err
	}
	config = unlimited(config)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: Namespace, Annotations: annotations()}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return err
	}
	for _, create := range []func(context.Context, kubernetes.Interface) error{createValues, createDeployment,
		createPods, createEvents} {
		if err := create(ctx, client); err != nil {
			return err
		}
	}
	if err := createLure(ctx, config); err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(
		ctx,
		200*time.Millisecond,
		time.Minute,
		true,
		func(ctx context.Context) (bool, error) {
			talker, err := client.CoreV1().Pods(Namespace).Get(ctx, "talker", metav1.GetOptions{})
			return err == nil && talker.Status.Phase == corev1.PodSucceeded, err
		},
	)
	if err != nil {
		return fmt.Errorf("pod talker to have said everything: %w", err)
	}
	return nil
}

// Delete removes everything and returns when it is gone.
func Delete(ctx context.Context, config *rest.Config) error {
	config = unlimited(config)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	definitions, err := apiextensions.NewForConfig(config)
	if err != nil {
		return err
	}
	// An object that is being deleted is read again until it is gone.
	gone := func(get func(context.Context) error) error {
		return wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			err := get(ctx)
			if apierrors.IsNotFound(err) {
				return true, nil
			}
			return false, err
		})
	}
	namespaces, crds := client.CoreV1().Namespaces(), definitions.ApiextensionsV1().CustomResourceDefinitions()
	if err := namespaces.Delete(ctx, Namespace, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	err = gone(func(ctx context.Context) error {
		_, err := namespaces.Get(ctx, Namespace, metav1.GetOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("namespace %s to be gone: %w", Namespace, err)
	}
	name := Resource.GroupResource().String()
	if err := crds.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return gone(func(ctx context.Context) error {
		_, err := crds.Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

// unlimited lifts client-go's own rate limit.
func unlimited(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.QPS = -1
	return config
}

// storable returns the payloads that the API server accepts.
func storable() (list []Payload) {
	for _, payload := range Payloads {
		if payload.Storable() {
			list = append(list, payload)
		}
	}
	return list
}

func annotations() map[string]string {
	values := map[string]string{}
	for _, payload := range storable() {
		values["hostile.fathom.test/"+payload.Name] = payload.Wrapped()
	}
	return values
}

func meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: Namespace, Annotations: annotations()}
}

// createValues puts payloads into values, and those that are not UTF-8 into binary
// ones.
func createValues(ctx context.Context, client kubernetes.Interface) error {
	config := &corev1.ConfigMap{ObjectMeta: meta("values"), Data: map[string]string{}, BinaryData: map[string][]byte{}}
	secret := &corev1.Secret{ObjectMeta: meta("values"), Data: map[string][]byte{}}
	var everything strings.Builder
	for _, payload := range Payloads {
		secret.Data[payload.Name] = []byte(payload.Wrapped())
		if !payload.Storable() {
			config.BinaryData[payload.Name] = []byte(payload.Wrapped())
			continue
		}
		config.Data[payload.Name] = payload.Wrapped()
		everything.WriteString(payload.Wrapped() + "\n")
	}
	config.Data["all.yaml"] = "text: |\n  " + everything.String()
	config.Data["all.json"] = everything.String()
	if _, err := client.CoreV1().ConfigMaps(Namespace).Create(ctx, config, metav1.CreateOptions{}); err != nil {
		return err
	}
	_, err := client.CoreV1().Secrets(Namespace).Create(ctx, secret, metav1.CreateOptions{})
	return err
}

// createDeployment puts payloads into images and environment. It has no pods, which could not start with those.
func createDeployment(ctx context.Context, client kubernetes.Interface) error {
	labels := map[string]string{"app": "images"}
	replicas := int32(0)
	deployment := &appsv1.Deployment{
		ObjectMeta: meta("images"),
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels, Annotations: annotations()}},
		},
	}
	for _, payload := range storable() {
		container := corev1.Container{
			Name: payload.Name, Image: "fathom.test/" + payload.Wrapped(), Command: []string{payload.Wrapped()},
			Env: []corev1.EnvVar{{Name: "PAYLOAD", Value: payload.Wrapped()}},
		}
		deployment.Spec.Template.Spec.Containers = append(deployment.Spec.Template.Spec.Containers, container)
	}
	_, err := client.AppsV1().Deployments(Namespace).Create(ctx, deployment, metav1.CreateOptions{})
	return err
}

// createPods makes a pod that logs every payload and one that never runs, so that nothing overwrites the payloads in
// its status.
func createPods(ctx context.Context, client kubernetes.Interface) error {
	talker := &corev1.Pod{ObjectMeta: meta("talker"), Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever}}
	args := []string{"--exit-after=0s"}
	for _, payload := range Payloads {
		args = append(args, "--print-base64="+base64.StdEncoding.EncodeToString([]byte(payload.Wrapped())))
	}
	talker.Spec.Containers = []corev1.Container{{Name: "talker", Image: image, Args: args}}

	waiter := &corev1.Pod{ObjectMeta: meta("waiter"), Spec: corev1.PodSpec{NodeSelector: map[string]string{"no": "node"}}}
	container := corev1.Container{Name: "waiter", Image: image}
	for _, payload := range storable() {
		container.Env = append(container.Env, corev1.EnvVar{Name: "PAYLOAD", Value: payload.Wrapped()})
		waiter.Status.Conditions = append(waiter.Status.Conditions, corev1.PodCondition{
			Type: corev1.PodConditionType("hostile.fathom.test/" + payload.Name), Status: corev1.ConditionFalse,
			Reason: payload.Wrapped(), Message: payload.Wrapped(),
		})
	}
	waiter.Spec.Containers = []corev1.Container{container}
	status := waiter.Status
	status.Reason = byName("osc-clipboard").Wrapped()
	status.Message = byName("csi-clear").Wrapped()

	pods := client.CoreV1().Pods(Namespace)
	for _, pod := range []*corev1.Pod{talker, waiter} {
		pod.Spec.ServiceAccountName = "hostile"
		no := false
		pod.Spec.AutomountServiceAccountToken = &no
	}
	account := &corev1.ServiceAccount{ObjectMeta: meta("hostile")}
	if _, err := client.CoreV1().ServiceAccounts(Namespace).Create(ctx, account, metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := pods.Create(ctx, talker, metav1.CreateOptions{}); err != nil {
		return err
	}
	created, err := pods.Create(ctx, waiter, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	created.Status.Conditions = append(created.Status.Conditions, status.Conditions...)
	created.Status.Reason, created.Status.Message = status.Reason, status.Message
	// The scheduler writes the status too; which version is older does not matter here.
	created.ResourceVersion = ""
	_, err = pods.UpdateStatus(ctx, created, metav1.UpdateOptions{})
	return err
}

func createEvents(ctx context.Context, client kubernetes.Interface) error {
	waiter, err := client.CoreV1().Pods(Namespace).Get(ctx, "waiter", metav1.GetOptions{})
	if err != nil {
		return err
	}
	now := metav1.Now()
	for _, payload := range storable() {
		event := &corev1.Event{
			ObjectMeta: metav1.ObjectMeta{
				Name:        "waiter." + payload.Name,
				Namespace:   Namespace,
				Annotations: map[string]string{"payload": payload.Wrapped()},
			},
			InvolvedObject: corev1.ObjectReference{
				APIVersion: "v1",
				Kind:       "Pod",
				Namespace:  Namespace,
				Name:       "waiter",
				UID:        waiter.UID,
			},
			Reason:         payload.Wrapped(),
			Message:        payload.Wrapped(),
			Source:         corev1.EventSource{Component: payload.Wrapped()},
			Type:           corev1.EventTypeWarning,
			Count:          1,
			FirstTimestamp: now,
			LastTimestamp:  now,
		}
		if _, err := client.CoreV1().Events(Namespace).Create(ctx, event, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("event %s: %w", payload.Name, err)
		}
	}
	return nil
}

// createLure defines a custom kind with hostile column names and descriptions, and makes one object of it.
func createLure(ctx context.Context, config *rest.Config) error {
	definitions, err := apiextensions.NewForConfig(config)
	if err != nil {
		return err
	}
	open := true
	version := apiextensionsv1.CustomResourceDefinitionVersion{
		Name: "v1", Served: true, Storage: true,
		Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
			Type: "object", XPreserveUnknownFields: &open, Description: byName("osc-title-bel").Wrapped(),
		}},
	}
	texts := map[string]any{}
	for _, payload := range storable() {
		texts[payload.Name] = payload.Wrapped()
		version.AdditionalPrinterColumns = append(
			version.AdditionalPrinterColumns,
			apiextensionsv1.CustomResourceColumnDefinition{
				Name: payload.Wrapped(), Type: "string", Description: payload.Wrapped(), JSONPath: ".texts." + payload.Name,
			},
		)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: Resource.GroupResource().String(), Annotations: annotations()},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group:    Resource.Group,
			Scope:    apiextensionsv1.NamespaceScoped,
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{version},
			Names:    apiextensionsv1.CustomResourceDefinitionNames{Kind: "Lure", Plural: Resource.Resource, Singular: "lure"},
		},
	}
	if _, err := definitions.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, definition,
		metav1.CreateOptions{}); err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	lure := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": Resource.GroupVersion().String(), "kind": "Lure",
		"metadata": map[string]any{"name": "lure", "namespace": Namespace}, "texts": texts,
	}}
	// The path exists only some time after the definition.
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 30*time.Second, true,
		func(ctx context.Context) (bool, error) {
			_, err := client.Resource(Resource).Namespace(Namespace).Create(ctx, lure, metav1.CreateOptions{})
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			return err == nil, err
		})
}

func byName(name string) Payload {
	for _, payload := range Payloads {
		if payload.Name == name {
			return payload
		}
	}
	panic("no payload is named " + name)
}
