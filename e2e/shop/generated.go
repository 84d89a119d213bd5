package shop

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/big"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// generatedObjects returns those that nobody would write by hand: large, binary, or
// with a key pair inside. They are the same every time.
func generatedObjects() ([]*unstructured.Unstructured, error) {
	icon, err := favicon()
	if err != nil {
		return nil, err
	}
	certificate, key, err := keyPair()
	if err != nil {
		return nil, err
	}
	flags := map[string]string{}
	for n := range 120 {
		flags[fmt.Sprintf("feature-%03d", n)] = fmt.Sprint(n%3 == 0)
	}
	typed := []runtime.Object{
		&corev1.ConfigMap{
			TypeMeta:   kind("ConfigMap"),
			ObjectMeta: inShop("products"),
			Data:       map[string]string{"products.json": products(2500)},
		},
		&corev1.ConfigMap{TypeMeta: kind("ConfigMap"), ObjectMeta: inShop("flags"), Data: flags},
		&corev1.ConfigMap{
			TypeMeta: kind("ConfigMap"), ObjectMeta: inShop("assets"),
			Data:       map[string]string{"one-line.min.js": strings.Repeat("function f(){return 1};", 4000)},
			BinaryData: map[string][]byte{"favicon.png": icon, "latin1.txt": []byte("Gr\xfc\xdfe aus K\xf6ln\n")},
		},
		&corev1.Secret{
			TypeMeta: kind("Secret"), ObjectMeta: inShop("shop-tls"),
			Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{corev1.TLSCertKey: certificate, corev1.TLSPrivateKeyKey: key},
		},
	}
	var list []*unstructured.Unstructured
	for _, object := range typed {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return nil, err
		}
		list = append(list, &unstructured.Unstructured{Object: fields})
	}
	return list, nil
}

func kind(name string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: "v1", Kind: name}
}

func inShop(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: map[string]string{"app.kubernetes.io/part-of": "shop"}}
}

// products is a JSON document of about 150 bytes per product.
func products(count int) string {
	var text strings.Builder
	text.WriteString("{\"products\": [\n")
	for n := range count {
		separator := ","
		if n == count-1 {
			separator = ""
		}
		fmt.Fprintf(
			&text,
			"  {\"id\": %d, \"sku\": \"SKU-%06d\", \"title\": \"Product number %d\", \"price\": %d.%02d, \"tags\": [\"a\", \"b\"], \"inStock\": %t, \"supplier\": null}%s\n",
			n,
			n*7,
			n,
			n%500,
			n%100,
			n%4 != 0,
			separator,
		)
	}
	text.WriteString("]}\n")
	return text.String()
}

func favicon() ([]byte, error) {
	picture := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			picture.Set(x, y, color.RGBA{uint8(x * 8), uint8(y * 8), 128, 255})
		}
	}
	var file bytes.Buffer
	err := png.Encode(&file, picture)
	return file.Bytes(), err
}

// keyPair returns a self-signed certificate that expired on 2026-08-01, and its key. The seed is
// fixed and worthless, so that applying it again changes nothing.
func keyPair() (certificate, key []byte, err error) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1812),
		Subject:      pkix.Name{CommonName: "shop.fathom.test"},
		DNSNames:     []string{"shop.fathom.test", "*.fathom.test"},
		NotBefore:    time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}
