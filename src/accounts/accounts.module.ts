import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/index.js';
import { CryptoModule } from '../crypto/index.js';
import { AccountCareRepository } from './account-care.repository.js';
import { AccountCredentials } from './account-credentials.js';
import { AccountDataRepository } from './account-data.repository.js';
import { AccountDirectory } from './account-directory.js';
import { AccountPurger } from './account-purger.js';
import { AccountRepository } from './account.repository.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsService } from './accounts.service.js';
import { CredentialCheck } from './credential-check.js';
import { DeleteAccountUseCase } from './delete-account.usecase.js';
import { EndSubscription } from './end-subscription.js';
import { LockedAccounts } from './locked-accounts.js';
import { RotateCredentialsUseCase } from './rotate-credentials.usecase.js';
import { StoreRefreshedTokenUseCase } from './store-refreshed-token.usecase.js';

const repositories = [AccountRepository, AccountCareRepository, AccountDataRepository];
const services = [AccountsService, AccountDirectory, AccountCredentials, AccountPurger, CredentialCheck, EndSubscription, LockedAccounts];
const useCases = [DeleteAccountUseCase, RotateCredentialsUseCase, StoreRefreshedTokenUseCase];

@Module({
  imports: [AuditModule, CryptoModule],
  controllers: [AccountsController],
  providers: [...repositories, ...services, ...useCases],
  exports: [
    AccountRepository, AccountCareRepository, AccountDirectory, AccountsService, CredentialCheck, LockedAccounts,
    RotateCredentialsUseCase, StoreRefreshedTokenUseCase,
  ],
})
export class AccountsModule {}
