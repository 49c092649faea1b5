import { describe, expect, it } from '@jest/globals';
import { InheritedNamePipe } from './inherited-name.pipe.js';

const check = (json: string, type: 'body' | 'param' = 'body') => new InheritedNamePipe().transform(JSON.parse(json), { type });

describe('InheritedNamePipe', () => {
  it.each([
    ['{"id":"1","constructor":1}', 'constructor'],
    ['{"__proto__":{"x":1}}', '__proto__'],
    ['{"prototype":1}', 'prototype'],
    ['{"settings":{"toString":1}}', 'settings.toString'],
    ['{"buttons":[{"valueOf":1}]}', 'buttons.0.valueOf'],
  ])('refuses %s by the field’s name', (json, field) => {
    expect(() => check(json)).toThrow(expect.objectContaining({ kind: 'invalid', details: [`property ${field} should not exist`] }));
  });

  it('takes the rest as it is, and any JSON where that is asked for', () => {
    for (const json of ['{"id":"constructor"}', '{"event":{"constructor":{"toString":1}}}', '[]', 'null', '"x"']) expect(check(json)).toEqual(JSON.parse(json));
    expect(check('{"constructor":1}', 'param')).toEqual({ constructor: 1 });
  });
});
