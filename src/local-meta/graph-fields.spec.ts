import { describe, expect, it } from '@jest/globals';
import { parseFields } from './graph-fields.js';

describe('parseFields', () => {
  it('reads nested lists and limits', () => {
    expect(parseFields('id,messages.limit(5){id,from{username},message},updated_time')).toEqual([
      { name: 'id', limit: null, fields: [] },
      {
        name: 'messages',
        limit: 5,
        fields: [
          { name: 'id', limit: null, fields: [] },
          { name: 'from', limit: null, fields: [{ name: 'username', limit: null, fields: [] }] },
          { name: 'message', limit: null, fields: [] },
        ],
      },
      { name: 'updated_time', limit: null, fields: [] },
    ]);
  });

  it('ends, whatever is asked', () => {
    expect(parseFields(null)).toEqual([]);
    expect(parseFields('%%,{').map((field) => field.name)).toEqual([]);
    expect(parseFields('a}b').map((field) => field.name)).toEqual(['a']);
  });
});
