{{- /* Generated from cdk8s/: change it there, then `make generate`. */ -}}
{{- define "tintype.configuration" -}}
{{- if .Values.database.existingSecret.urlKey }}
DATABASE_URL_FILE: /run/secrets/tintype/DATABASE_URL
{{- else }}
PG_HOST: {{ .Values.database.host | default (printf "%s-postgresql" (include "tintype.fullname" .)) | quote }}
PG_PORT: {{ int64 .Values.database.port | quote }}
PG_USER: {{ .Values.database.user | quote }}
PG_DBNAME: {{ .Values.database.name | quote }}
PG_PASSWORD_FILE: /run/secrets/tintype/PG_PASSWORD
{{- end }}
PG_SSL: {{ .Values.database.ssl | quote }}
QUEUE_BACKEND: {{ .Values.queue.backend }}
{{- if eq .Values.queue.backend "redis" }}
{{- if .Values.redis.existingSecret.urlKey }}
REDIS_URL_FILE: /run/secrets/tintype/REDIS_URL
{{- else }}
REDIS_HOST: {{ .Values.redis.host | default (printf "%s-valkey" (include "tintype.fullname" .)) | quote }}
REDIS_PORT: {{ int64 .Values.redis.port | quote }}
{{- with .Values.redis.user }}
REDIS_USER: {{ quote . }}
{{- end }}
REDIS_DB: {{ int64 .Values.redis.database | quote }}
REDIS_TLS: {{ .Values.redis.tls | quote }}
{{- if or .Values.valkey.enabled .Values.redis.existingSecret.name }}
REDIS_PASSWORD_FILE: /run/secrets/tintype/REDIS_PASSWORD
{{- end }}
{{- end }}
{{- end }}
STORAGE_DRIVER: {{ .Values.storage.driver }}
{{- if eq .Values.storage.driver "s3" }}
S3_BUCKET: {{ .Values.storage.s3.bucket | quote }}
{{- if .Values.objectStorage.enabled }}
S3_ENDPOINT: "http://{{ include "tintype.fullname" . }}-object-storage:7070"
{{- else }}
{{- with .Values.storage.s3.endpoint }}
S3_ENDPOINT: {{ quote . }}
{{- end }}
{{- end }}
S3_REGION: {{ .Values.storage.s3.region | quote }}
S3_FORCE_PATH_STYLE: {{ .Values.storage.s3.forcePathStyle | quote }}
{{- if or .Values.objectStorage.enabled .Values.storage.s3.existingSecret.name }}
S3_ACCESS_KEY_ID_FILE: /run/secrets/tintype/S3_ACCESS_KEY_ID
S3_SECRET_ACCESS_KEY_FILE: /run/secrets/tintype/S3_SECRET_ACCESS_KEY
{{- end }}
{{- else }}
STORAGE_DIR: /var/lib/tintype
{{- end }}
{{- if .Values.tracing.headersSecret.name }}
OTEL_EXPORTER_OTLP_HEADERS_FILE: /run/secrets/tintype/OTEL_EXPORTER_OTLP_HEADERS
{{- end }}
LOG_LEVEL: {{ .Values.settings.LOG_LEVEL | quote }}
{{- if .Values.settings.LOG_FORMAT }}
LOG_FORMAT: {{ .Values.settings.LOG_FORMAT | quote }}
{{- end }}
KEEP_ALIVE_SECONDS: {{ .Values.settings.KEEP_ALIVE_SECONDS | quote }}
{{- if .Values.settings.OTEL_EXPORTER_OTLP_ENDPOINT }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .Values.settings.OTEL_EXPORTER_OTLP_ENDPOINT | quote }}
{{- end }}
{{- if .Values.settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT }}
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {{ .Values.settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT | quote }}
{{- end }}
OTEL_TRACES_SAMPLER: {{ .Values.settings.OTEL_TRACES_SAMPLER | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ .Values.settings.OTEL_TRACES_SAMPLER_ARG | quote }}
{{- if .Values.settings.OTEL_SERVICE_NAME }}
OTEL_SERVICE_NAME: {{ .Values.settings.OTEL_SERVICE_NAME | quote }}
{{- end }}
{{- if .Values.settings.OTEL_RESOURCE_ATTRIBUTES }}
OTEL_RESOURCE_ATTRIBUTES: {{ .Values.settings.OTEL_RESOURCE_ATTRIBUTES | quote }}
{{- end }}
PG_POOL_SIZE: {{ int64 .Values.settings.PG_POOL_SIZE | quote }}
REDIS_ALLOW_EVICTION: {{ .Values.settings.REDIS_ALLOW_EVICTION | quote }}
UPLOAD_MAX_BYTES: {{ int64 .Values.settings.UPLOAD_MAX_BYTES | quote }}
INPUT_FORMATS: {{ join "," .Values.settings.INPUT_FORMATS | quote }}
SOURCE_URL_ENABLED: {{ .Values.settings.SOURCE_URL_ENABLED | quote }}
OUTBOUND_ALLOW: {{ join "," .Values.settings.OUTBOUND_ALLOW | quote }}
{{- end }}

{{- define "tintype.apiConfiguration" -}}
{{- include "tintype.configuration" . | nindent 0 }}
MAX_WAIT_SECONDS: {{ .Values.api.settings.MAX_WAIT_SECONDS | quote }}
EVENT_STREAMS_MAX: {{ int64 .Values.api.settings.EVENT_STREAMS_MAX | quote }}
REQUEST_TIMEOUT_SECONDS: {{ .Values.api.settings.REQUEST_TIMEOUT_SECONDS | quote }}
UPLOADS_IN_FLIGHT_MAX: {{ int64 .Values.api.settings.UPLOADS_IN_FLIGHT_MAX | quote }}
BACKLOG_MAX_JOBS: {{ int64 .Values.api.settings.BACKLOG_MAX_JOBS | quote }}
WEBHOOK_TIMEOUT_SECONDS: {{ .Values.api.settings.WEBHOOK_TIMEOUT_SECONDS | quote }}
{{- if .Values.api.settings.PRESETS_DIR }}
PRESETS_DIR: {{ .Values.api.settings.PRESETS_DIR | quote }}
{{- end }}
SHUTDOWN_TIMEOUT_SECONDS: {{ int64 .Values.api.shutdownTimeoutSeconds | quote }}
{{- end }}

{{- define "tintype.workerConfiguration" -}}
{{- include "tintype.configuration" . | nindent 0 }}
INPUT_MAX_PIXELS: {{ int64 .Values.worker.settings.INPUT_MAX_PIXELS | quote }}
INPUT_MAX_FRAMES: {{ int64 .Values.worker.settings.INPUT_MAX_FRAMES | quote }}
OUTPUT_MAX_PIXELS: {{ int64 .Values.worker.settings.OUTPUT_MAX_PIXELS | quote }}
OUTPUT_MAX_SIDE: {{ int64 .Values.worker.settings.OUTPUT_MAX_SIDE | quote }}
SOURCE_TIMEOUT_SECONDS: {{ int64 .Values.worker.settings.SOURCE_TIMEOUT_SECONDS | quote }}
{{- if .Values.worker.settings.WORKER_CONCURRENCY }}
WORKER_CONCURRENCY: {{ int64 .Values.worker.settings.WORKER_CONCURRENCY | quote }}
{{- end }}
JOB_TIMEOUT_SECONDS: {{ int64 .Values.worker.settings.JOB_TIMEOUT_SECONDS | quote }}
{{- if .Values.worker.settings.CHILD_MEMORY_MB }}
CHILD_MEMORY_MB: {{ int64 .Values.worker.settings.CHILD_MEMORY_MB | quote }}
{{- end }}
CHILD_MAX_JOBS: {{ int64 .Values.worker.settings.CHILD_MAX_JOBS | quote }}
RETENTION_RESULTS_HOURS: {{ .Values.worker.settings.RETENTION_RESULTS_HOURS | quote }}
RETENTION_RECORDS_HOURS: {{ .Values.worker.settings.RETENTION_RECORDS_HOURS | quote }}
DRAIN_SECONDS: {{ int64 .Values.worker.drainSeconds | quote }}
SHUTDOWN_TIMEOUT_SECONDS: {{ int64 (add .Values.worker.drainSeconds 10) | quote }}
{{- end }}
