import { describe, expect, it } from '@jest/globals';
import { CredentialsDoNotOpenError } from './accounts.errors.js';

describe('CredentialsDoNotOpenError', () => {
  it('tells who has set a first key of their own where the generated one stands', () => {
    expect(new CredentialsDoNotOpenError('1', 'why', false).message).toContain(
      'or add that key to APP_SECRET_KEY_PREVIOUS. Where none had been set, it is the content of secret.key in DATA_DIR.',
    );
  });
});
