/** Runs once, after the last spec. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.testServers?.stop();
}
