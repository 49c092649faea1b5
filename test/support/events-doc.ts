import { EVENT_CATALOGUE, type CatalogueEntry } from '../../src/messaging/inbox/event-catalogue.js';
import type { Fixture } from './fixtures.js';

/** The parts of docs/events.md that follow from the code and the fixtures, by the name of their mark. */
export function generatedParts(fixtures: readonly Fixture[]): Readonly<Record<string, string>> {
  return { kinds: kindsTable(fixtures), fixtures: fixturesLists(fixtures) };
}

/** What stands between `<!-- name -->` and `<!-- /name -->`, replaced by the parts of these names. */
export function withParts(document: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/events.md has no ${begin.trim()} … ${end}`);
    return `${text.slice(0, from)}${begin}\n${part}\n\n${text.slice(to)}`;
  }, document);
}

/** The kind a fixture's name begins with; null: of no kind, but about deliveries as a whole. */
export function kindOf({ name }: Pick<Fixture, 'name'>): string | null {
  const dashed = (kind: string) => kind.replaceAll('_', '-');
  const fitting = Object.keys(EVENT_CATALOGUE).filter((kind) => name === dashed(kind) || name.startsWith(`${dashed(kind)}-`));
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null;
}

function kindsTable(fixtures: readonly Fixture[]): string {
  const rows = Object.entries(EVENT_CATALOGUE).map(([kind, entry]) => [
    `**${kind}**`,
    entry.forms.map(code).join('<br>'),
    entry.stored,
    triggersOf(entry),
    entry.opensWindow ? 'yes' : '',
    [entry.ignoredBecause ?? [], entry.exceptions].flat().join('<br>'),
    proofOf(fixtures.filter((fixture) => kindOf(fixture) === kind).length, kind),
  ]);
  return table(['kind', 'forms', 'what is stored', 'rules that may answer', 'opens the 24 hours', 'has no effect because', 'proof'], rows);
}

function triggersOf({ triggers }: CatalogueEntry): string {
  return triggers.length === 0 ? 'none' : triggers.map((trigger) => `\`${trigger}\``).join(', ');
}

function proofOf(count: number, kind: string): string {
  return `[${String(count)} fixture${count === 1 ? '' : 's'}](#${kind})`;
}

function fixturesLists(fixtures: readonly Fixture[]): string {
  const kinds = [...Object.keys(EVENT_CATALOGUE), null];
  return kinds.map((kind) => {
    const lines = fixtures.filter((fixture) => kindOf(fixture) === kind).map(({ name, expected }) => `- \`${name}\`: ${expected.shows}`);
    return [`### ${kind ?? 'Kept without an account'}`, '', ...lines].join('\n');
  }).join('\n\n');
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A pipe would end the cell, also within code. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
