import { randomToken, signatureMatches } from '../../crypto/index.js';
import type { SignatureProof } from '../message-receiver.port.js';

/** Nobody's, and another one in every process. */
const NOBODYS_SECRET = randomToken(24);

/** One delivery's signature. Each secret is tried once: accounts of one Meta app have the same. */
export class DeliverySignature implements SignatureProof {
  private readonly tried = new Set<string>();
  private madeWith: string | null = null;
  private count = 0;

  constructor(
    private readonly rawBody: Buffer,
    private readonly header: string | undefined,
  ) {}

  get isWellFormed(): boolean {
    return this.header !== undefined && /^sha256=[0-9a-f]{64}$/.test(this.header);
  }

  /** How many HMACs this has cost. */
  get computed(): number {
    return this.count;
  }

  wasMadeWith(secret: string): boolean {
    // Once it is known to be of one secret, it is of no other.
    if (this.madeWith !== null || this.tried.has(secret)) return secret === this.madeWith;
    this.tried.add(secret);
    this.count++;
    if (signatureMatches(this.rawBody, this.header, secret)) this.madeWith = secret;
    return secret === this.madeWith;
  }

  /** As much work as a secret that does not match. */
  tryInVain(): void {
    this.count++;
    signatureMatches(this.rawBody, this.header, NOBODYS_SECRET);
  }
}
