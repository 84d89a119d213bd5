package suite

const deploymentPattern = `
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {a: b}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, namespace: NAMESPACE, name: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--print=open, --log-every=1s]
        env: [{name: A, valueFrom: {configMapKeyRef: {name: web, key: a}}}]
        envFrom: [{secretRef: {name: maybe, optional: true}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 2
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: "1"}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec: {podSelector: {matchLabels: {app: web}}, ingress: [{}]}
`

const statefulSetPattern = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fathom-tree, labels: {fathom.test/tree: statefulset}}
provisioner: kubernetes.io/no-provisioner
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: fathom-tree-0, labels: {fathom.test/tree: statefulset}}
spec:
  capacity: {storage: 1Mi}
  accessModes: [ReadWriteOnce]
  storageClassName: fathom-tree
  persistentVolumeReclaimPolicy: Delete
  hostPath: {path: /tmp}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--print=open, --log-every=1s]
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], storageClassName: fathom-tree, resources: {requests: {storage: 1Mi}}}
`

const daemonSetPattern = `
apiVersion: v1
kind: ConfigMap
metadata: {name: agent}
data: {a: b}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--print=open, --log-every=1s]
        envFrom: [{configMapRef: {name: agent}}]
`

const webhookPattern = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook}
spec:
  selector: {matchLabels: {app: hook}}
  template:
    metadata: {labels: {app: hook}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--print=open, --log-every=1s]
---
apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {selector: {app: hook}, ports: [{port: 443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: fathom-tree, labels: {fathom.test/tree: webhook}}
webhooks:
- name: hook.fathom.test
  clientConfig: {service: {namespace: NAMESPACE, name: hook}}
  failurePolicy: Ignore
  sideEffects: None
  admissionReviewVersions: [v1]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NAMESPACE}}
  objectSelector: {matchLabels: {fathom.test/asks: hook}}
  rules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
`

const customPattern = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gardens.tree.fathom.test, labels: {fathom.test/tree: custom}}
spec:
  group: tree.fathom.test
  names: {kind: Garden, plural: gardens, singular: garden, listKind: GardenList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`

const customObject = `
apiVersion: tree.fathom.test/v1
kind: Garden
metadata: {name: eden}
`

// customOwned is what an operator would make of customObject; OWNER refers to that.
const customOwned = `
apiVersion: v1
kind: ConfigMap
metadata: {name: eden, ownerReferences: [OWNER]}
data: {a: b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: eden, ownerReferences: [OWNER]}
spec:
  selector: {matchLabels: {app: eden}}
  template:
    metadata: {labels: {app: eden}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: fathom.test/workload:1
        args: [--print=open, --log-every=1s]
        envFrom: [{configMapRef: {name: eden}}]
`
