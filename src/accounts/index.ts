export {
  webhookPathOf, type Account, type AccountDetails, type AccountSettings, type AccountStatus, type NewAccount,
  type ProcessingSettings, type StoredTokenStatus, type TokenStatus,
} from './account.js';
export { AccountDirectory } from './account-directory.js';
export { AccountEntity } from './account.entity.js';
export { AccountRepository } from './account.repository.js';
export { ACCOUNT_VERIFIER, type AccountVerifier, type Verification, type VerificationRequest } from './account-verifier.port.js';
export { AccountNotFoundError } from './accounts.errors.js';
export { AccountsModule } from './accounts.module.js';
export { AccountsService } from './accounts.service.js';
export { CredentialCheck } from './credential-check.js';
export { RotateCredentialsUseCase, type RotationProgress, type RotationResult } from './rotate-credentials.usecase.js';
