import { signatureMatches } from '../../crypto/index.js';
import type { SignatureProof } from '../message-receiver.port.js';

/** One delivery's signature. Each secret is tried once: accounts of one Meta app have the same. */
export class DeliverySignature implements SignatureProof {
  private readonly tried = new Map<string, boolean>();

  constructor(
    private readonly rawBody: Buffer,
    private readonly header: string | undefined,
  ) {}

  get isWellFormed(): boolean {
    return this.header !== undefined && /^sha256=[0-9a-f]{64}$/.test(this.header);
  }

  wasMadeWith(secret: string): boolean {
    const known = this.tried.get(secret);
    if (known !== undefined) return known;
    const matches = signatureMatches(this.rawBody, this.header, secret);
    this.tried.set(secret, matches);
    return matches;
  }
}
