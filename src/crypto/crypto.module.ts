import { Global, Module } from '@nestjs/common';
import { AppSettings } from '../config/index.js';
import { CredentialCipher } from './credential-cipher.js';
import { KeyRing } from './key-ring.js';

/** Global: there is one key ring in a process, and more than one module seals. */
@Global()
@Module({
  providers: [
    { provide: KeyRing, inject: [AppSettings], useFactory: (settings: AppSettings) => KeyRing.fromSettings(settings) },
    { provide: CredentialCipher, inject: [KeyRing], useFactory: (keys: KeyRing) => new CredentialCipher(keys) },
  ],
  exports: [CredentialCipher],
})
export class CryptoModule {}
