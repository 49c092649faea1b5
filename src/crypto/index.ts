export { CryptoModule } from './crypto.module.js';
export { CredentialCipher } from './credential-cipher.js';
export { CredentialCipherError } from './credential-cipher.errors.js';
export { KeyRing } from './key-ring.js';
export { GENERATED_KEY_FILE } from './key-file.js';
export { sign, signatureMatches } from './webhook-signature.js';
export { equalInConstantTime, randomToken, sha256 } from './hashes.js';
