/**
 * A key or a sealed credential is not usable. A plain Error on purpose: no caller of the API can cure it, so it must
 * never be shown as an answer. Its message never holds a key, a credential or a ciphertext.
 */
export class CredentialCipherError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CredentialCipherError';
  }
}
