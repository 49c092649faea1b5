import { nestingDepth } from './parsing/json-spans.js';
import { parseJsonWithBigInts } from './parsing/json-with-big-ints.js';

/** Writing an answer works by recursion, and so do most clients' readers. */
const DEEPEST = 100;

/** A stored payload as an answer shows it. */
export function showPayload(payload: string): unknown {
  return nestingDepth(payload) > DEEPEST ? payload : parseJsonWithBigInts(payload);
}
