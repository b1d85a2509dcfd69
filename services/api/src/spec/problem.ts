import { ProblemDocument } from '../docs/problem-document.js';

/** Checks that an answer is this problem, in the form that the API's description promises, and gives it back. */
export async function expectProblem(answer: Response, status: number, code: ProblemDocument['code']): Promise<ProblemDocument> {
  const body: unknown = await answer.json();
  expect(body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = ProblemDocument.parse(body);
  expect(problem.request_id).toBe(answer.headers.get('x-request-id'));
  return problem;
}
