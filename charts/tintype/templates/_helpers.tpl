{{/* Logic that a tree of objects cannot express. What has no logic is generated. */}}

{{- define "tintype.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* At most 40 characters, so that no name that is made of it is longer than the 63 of a label. */}}
{{- define "tintype.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "tintype.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "tintype.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "tintype.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tintype.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tintype.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "tintype.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* A digest wins over a tag; the tag of our own images is the version of the application, unless another is given. */}}
{{- define "tintype.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- if $registry }}{{ $registry }}/{{ end }}{{ .image.repository }}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{/* A secret value, in base64: the one in the cluster, or a new one. So an upgrade keeps it. */}}
{{- define "tintype.keptOrRandom" -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace .name | default dict -}}
{{- index (get $secret "data" | default dict) .key | default (randAlphaNum 32 | b64enc) }}
{{- end }}

{{- define "tintype.postgresqlSecret" -}}
{{- .Values.database.existingSecret.name | default (printf "%s-postgresql" (include "tintype.fullname" .)) }}
{{- end }}

{{- define "tintype.valkeySecret" -}}
{{- .Values.redis.existingSecret.name | default (printf "%s-valkey" (include "tintype.fullname" .)) }}
{{- end }}

{{- define "tintype.objectStorageSecret" -}}
{{- .Values.storage.s3.existingSecret.name | default (printf "%s-object-storage" (include "tintype.fullname" .)) }}
{{- end }}

{{- define "tintype.storageClaim" -}}
{{- .Values.storage.filesystem.existingClaim | default (printf "%s-storage" (include "tintype.fullname" .)) }}
{{- end }}

{{/* Combinations that would install and then not work. */}}
{{- define "tintype.checks" -}}
{{- if and (not .Values.postgresql.enabled) (not .Values.database.host) (not .Values.database.existingSecret.urlKey) }}
{{- fail "postgresql.enabled is false: set database.host, or database.existingSecret.urlKey" }}
{{- end }}
{{- if and (not .Values.postgresql.enabled) (not .Values.database.existingSecret.name) }}
{{- fail "postgresql.enabled is false: set database.existingSecret.name to the Secret with the password" }}
{{- end }}
{{- if and .Values.postgresql.enabled (or .Values.database.host .Values.database.existingSecret.urlKey) }}
{{- fail "postgresql.enabled is true, so database.host and database.existingSecret.urlKey must be empty" }}
{{- end }}
{{- if eq .Values.queue.backend "redis" }}
{{- if and (not .Values.valkey.enabled) (not .Values.redis.host) (not .Values.redis.existingSecret.urlKey) }}
{{- fail "valkey.enabled is false: set redis.host or redis.existingSecret.urlKey, or queue.backend to postgres" }}
{{- end }}
{{- if and .Values.redis.existingSecret.urlKey (not .Values.redis.existingSecret.name) }}
{{- fail "redis.existingSecret.urlKey is set: set redis.existingSecret.name too" }}
{{- end }}
{{- if and .Values.valkey.enabled (or .Values.redis.host .Values.redis.existingSecret.urlKey) }}
{{- fail "valkey.enabled is true, so redis.host and redis.existingSecret.urlKey must be empty" }}
{{- end }}
{{- end }}
{{- if eq .Values.storage.driver "s3" }}
{{- if and .Values.objectStorage.enabled .Values.storage.s3.endpoint }}
{{- fail "objectStorage.enabled is true, so storage.s3.endpoint must be empty" }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.enabled is true: set ingress.hosts" }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.enabled is true: set httpRoute.parentRefs to your Gateway" }}
{{- end }}
{{- end }}

{{- define "tintype.serviceAccountName" -}}
{{- $own := printf "%s-%s" (include "tintype.fullname" .root) .component -}}
{{- .account.name | default (ternary $own "default" .account.create) }}
{{- end }}
