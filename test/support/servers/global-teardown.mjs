// @ts-check
export default async function globalTeardown() {
  const servers = /** @type {{ testServers?: { stop(): Promise<void> } }} */ (globalThis).testServers;
  await servers?.stop();
}
