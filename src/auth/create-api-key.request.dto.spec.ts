import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { CreateApiKeyRequest } from './create-api-key.request.dto.js';

const problemsWith = (name: string) =>
  validateSync(plainToInstance(CreateApiKeyRequest, { name, role: 'viewer' })).flatMap(({ constraints = {} }) => Object.values(constraints));

describe('the name of an API key', () => {
  it('is one line, which is what is said where it is not', () => {
    expect(problemsWith('back office')).toEqual([]);
    for (const bad of ['back\noffice', ' back office']) expect(problemsWith(bad)).toEqual(['name must be one line, without a blank at either end']);
  });
});
