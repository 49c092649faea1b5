/** How many lanes the migration made; a lane is a hash of the conversation's id. */
export const LANES = 64;

/** FNV-1a over UTF-16 units: spreads, is stable for ever (lanes are stored), and needs no crypto. */
export function laneOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash ^= id.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % LANES;
}
