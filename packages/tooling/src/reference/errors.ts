import { jobErrors, problems, type ErrorDefinition, type ProblemDefinition } from '@tintype/jobs';

/** The reference page of the error codes, in Markdown. */
export function errorsReference(): string {
  const ofJobs = Object.entries<ErrorDefinition>(jobErrors).map(([code, { title, retryable }]) =>
    row(`\`${code}\``, title, again(retryable)),
  );
  const ofRequests = Object.entries<ProblemDefinition>(problems).map(([code, { status, title, retryable }]) =>
    row(`\`${code}\``, String(status), title, again(retryable)),
  );
  return `# Error codes

Codes are stable: programs may rely on them. Titles and details are for people and may change. [The examples](examples.md) show where they come.

## Why a request was not answered as asked

The \`code\` of an \`application/problem+json\` document (RFC 9457).

| Code | HTTP status | Meaning | The same request later |
|---|---|---|---|
${ofRequests.join('\n')}

## Why a job or an output failed

The \`error.code\` of a job and of its outputs.

| Code | Meaning | An equal new job |
|---|---|---|
${ofJobs.join('\n')}
`;
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function again(retryable: boolean): string {
  return retryable ? 'may succeed' : 'fails again';
}
