/** Every code that a client can meet, in the documents of jobs and outputs and in problem documents. Codes are never renamed. */
import type { ImageErrorCode } from '@tintype/operations';

export interface ErrorDefinition {
  readonly title: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
}

export interface ProblemDefinition extends ErrorDefinition {
  /** HTTP status. */
  readonly status: number;
}

/** Why a job or an output failed. */
export const jobErrors = {
  unsupported_format: { title: 'The source is of a format that is not accepted', retryable: false },
  corrupt_image: { title: 'The image cannot be decoded', retryable: false },
  pixel_limit_exceeded: { title: 'The image has too many pixels', retryable: false },
  frame_limit_exceeded: { title: 'The animation has too many frames', retryable: false },
  output_limit_exceeded: { title: 'The result would be too large', retryable: false },
  invalid_operation: { title: 'An operation is impossible on this image', retryable: false },
  processing_timeout: { title: 'Processing took too long', retryable: false },
  memory_limit_exceeded: { title: 'Processing needed too much memory', retryable: false },
  worker_crashed: { title: 'The process that ran the job ended unexpectedly, repeatedly', retryable: true },
  storage_unavailable: { title: 'The storage could not be read or written', retryable: true },
  source_missing: { title: 'A file that the job reads is no longer stored', retryable: false },
  source_forbidden_address: { title: 'The URL of the source leads to an address that must not be asked', retryable: false },
  source_not_found: { title: 'The server of the source does not give it', retryable: false },
  source_too_large: { title: 'The source is larger than an upload may be', retryable: false },
  source_timeout: { title: 'The server of the source took too long', retryable: true },
  source_unavailable: { title: 'The server of the source could not be reached, or failed', retryable: true },
  processing_failed: { title: 'Processing failed for a reason on our side', retryable: true },
} as const satisfies Record<ImageErrorCode, ErrorDefinition> & Record<string, ErrorDefinition>;
export type JobErrorCode = keyof typeof jobErrors;

/** Why a request was not answered as asked. */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  malformed_multipart: { status: 400, title: 'The body is not valid multipart/form-data', retryable: false },
  bad_request: { status: 400, title: 'The request is malformed', retryable: false },
  not_found: { status: 404, title: 'There is no such resource', retryable: false },
  method_not_allowed: { status: 405, title: 'The resource does not have this method', retryable: false },
  not_acceptable: { status: 406, title: 'None of the accepted media types is available', retryable: false },
  request_timeout: { status: 408, title: 'The request took too long to arrive', retryable: true },
  job_running: { status: 409, title: 'The job is running', retryable: true },
  job_finished: { status: 409, title: 'The job has finished', retryable: false },
  job_not_failed: { status: 409, title: 'The job has not failed', retryable: false },
  batch_finished: { status: 409, title: 'All jobs of the batch have finished', retryable: false },
  idempotency_in_progress: { status: 409, title: 'Another request with this Idempotency-Key is being answered', retryable: true },
  endpoint_disabled: { status: 409, title: 'The webhook endpoint is disabled', retryable: false },
  delivery_pending: { status: 409, title: 'The delivery is still being tried', retryable: true },
  in_use: { status: 409, title: 'An unfinished job reads it', retryable: true },
  output_not_ready: { status: 409, title: 'The output is not ready', retryable: true },
  output_failed: { status: 409, title: 'The output failed or was canceled', retryable: false },
  output_missing: { status: 410, title: 'The output is no longer stored', retryable: false },
  results_expired: { status: 410, title: 'The files of the job were deleted because of their age', retryable: false },
  precondition_failed: { status: 412, title: 'A precondition of the request does not hold', retryable: false },
  payload_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The body is of a type that is not accepted', retryable: false },
  range_not_satisfiable: { status: 416, title: 'The range lies outside the resource', retryable: false },
  validation_failed: { status: 422, title: 'The request is not valid', retryable: false },
  preset_not_found: { status: 422, title: 'There is no such preset', retryable: false },
  reference_not_found: { status: 422, title: 'A referenced image does not exist or is not ready', retryable: false },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was sent with another request', retryable: false },
  source_url_disabled: { status: 422, title: 'This server fetches no sources', retryable: false },
  too_many_requests: { status: 429, title: 'Too many requests', retryable: true },
  internal: { status: 500, title: 'Something failed on our side', retryable: true },
  service_unavailable: { status: 503, title: 'The service cannot take the request at the moment', retryable: true },
  backlog_full: { status: 503, title: 'Too many jobs are waiting', retryable: true },
  insufficient_storage: { status: 507, title: 'There is no space left to store the file', retryable: true },
} as const satisfies Record<string, ProblemDefinition>;
export type ProblemCode = keyof typeof problems;

export const errorCodes: Readonly<Record<JobErrorCode | ProblemCode, ErrorDefinition & { readonly status?: number }>> = {
  ...jobErrors,
  ...problems,
};
export type ErrorCode = keyof typeof errorCodes;
