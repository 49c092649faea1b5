export {
  webhookPathOf, type Account, type AccountDetails, type AccountSettings, type AccountStatus, type NewAccount,
  type ProcessingSettings, type SendingPause, type StoredTokenStatus, type TokenStatus,
} from './account.js';
export { CARE_TASKS, type CareResult, type CareTask, type ClaimedCare } from './account-care.js';
export { AccountCareEntity } from './account-care.entity.js';
export { AccountCareRepository } from './account-care.repository.js';
export { accessTokenHash } from './account-credentials.js';
export { AccountDirectory } from './account-directory.js';
export { AccountEntity } from './account.entity.js';
export { sendingPauseAt } from './account.mapper.js';
export { AccountRepository, type TokenNews } from './account.repository.js';
export { ACCOUNT_VERIFIER, type AccountVerifier, type Verification, type VerificationRequest } from './account-verifier.port.js';
export { AccountNotFoundError, CredentialsUnreadableError } from './accounts.errors.js';
export { AccountsModule } from './accounts.module.js';
export { AccountsService } from './accounts.service.js';
export { CredentialCheck, type SealedSample } from './credential-check.js';
export { LockedAccounts } from './locked-accounts.js';
export { RotateCredentialsUseCase, type RotationProgress, type RotationResult } from './rotate-credentials.usecase.js';
export { StoreRefreshedTokenUseCase, type RefreshedToken } from './store-refreshed-token.usecase.js';
export { SUBSCRIPTION_ENDER, type SubscriptionEnder, type SubscriptionToEnd } from './subscription-ender.port.js';
