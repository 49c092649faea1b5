/** What of the OpenAPI document Swagger UI makes a body of. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

export interface RequestBody {
  readonly content: Readonly<Record<string, { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }>>;
}

/** The body that stands there when somebody presses "Try it out": the first example, or else every field there is. */
export function bodyShown({ content }: RequestBody, schemas: Readonly<Record<string, Schema>>): unknown {
  const json = content['application/json'];
  if (!json) throw new Error('a body that is no JSON');
  const [first] = Object.values(json.examples ?? {});
  return first ? first.value : sampleOf(json.schema, schemas);
}

function sampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  const { $ref, allOf, type, items, properties } = schema;
  if ('example' in schema) return schema.example;
  if ('default' in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  const referred = $ref ? schemas[$ref.split('/').at(-1) ?? ''] : allOf?.[0];
  if (referred) return sampleOf(referred, schemas);
  if (properties) return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, sampleOf(property, schemas)]));
  if (type === 'array') return items ? [sampleOf(items, schemas)] : [];
  return { string: 'string', number: 0, integer: 0, boolean: true }[type ?? ''] ?? {};
}
