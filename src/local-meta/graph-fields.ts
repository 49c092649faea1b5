/** A field of `?fields=`, with what it asks of its own: `messages.limit(5){id,text}`. */
export interface FieldRequest {
  readonly name: string;
  readonly limit: number | null;
  readonly fields: readonly FieldRequest[];
}

/** Reads `?fields=` as the Graph API does: a comma list with nested lists in braces. */
export function parseFields(text: string | null): FieldRequest[] {
  const reader = { text: text ?? '', at: 0 };
  return readList(reader);
}

export function names(fields: readonly FieldRequest[]): Set<string> {
  return new Set(fields.map((field) => field.name));
}

function readList(reader: { text: string; at: number }): FieldRequest[] {
  const list: FieldRequest[] = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== '}') {
    const [whole, name = '', limit] = /^\s*([\w]*)(?:\.limit\((\d+)\))?\s*/.exec(reader.text.slice(reader.at)) ?? [''];
    reader.at += whole.length;
    let fields: FieldRequest[] = [];
    if (reader.text[reader.at] === '{') {
      reader.at += 1;
      fields = readList(reader);
      reader.at += 1;
    }
    if (name !== '') list.push({ name, limit: limit === undefined ? null : Number(limit), fields });
    if (reader.text[reader.at] === ',') reader.at += 1;
    else if (whole === '' && reader.text[reader.at] !== '}') reader.at += 1; // a character no field can have
  }
  return list;
}
