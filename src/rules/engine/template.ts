import { Drop, Liquid, type Template as LiquidNode } from 'liquidjs';
import { messageOf } from '../../common/errors.js';
import type { Facts } from './facts.js';
import type { PatternMatch } from './pattern.js';
import { Rest } from './rest.js';

/** A reply's text with its variables: LiquidJS, fenced in so that no template can stall or exhaust the service. */
export class ReplyTemplate {
  private readonly rest = new Rest();

  private constructor(private readonly nodes: LiquidNode[]) {}

  /** @throws Error that says what is wrong with the template. */
  static parse(source: string): ReplyTemplate {
    return new ReplyTemplate(liquid.parse(source));
  }

  /** @throws Error when a limit is exceeded or a filter refuses its input; the same at once while it rests from using up its time. */
  render(facts: Facts, match: PatternMatch): string {
    const tooSlow = this.rest.reason;
    if (tooSlow !== null) throw new Error(tooSlow);
    const variables = {
      username: facts.username || UNKNOWN,
      name: facts.name || UNKNOWN,
      text: facts.text || UNKNOWN,
      match: new MatchDrop(match),
      account: { username: facts.account.username },
    };
    try {
      const reply = String(renderPatiently(this.nodes, variables)).replace(HALF_CHARACTERS, '').trim();
      this.rest.end();
      return reply;
    } catch (error) {
      if (isOutOfTime(error)) this.rest.begin(messageOf(error));
      throw error;
    }
  }
}

/** `split: ''` takes emoji apart: Meta and each database would take something else for a half, and the echo be no longer known for ours. */
const HALF_CHARACTERS = /\p{Surrogate}/gu;

/**
 * What is not known: an empty text, but false in a condition, where Liquid takes every text for true: `{% if name %}` must not
 * greet a person without a name by it.
 */
class Unknown extends Drop implements Comparable {
  override valueOf(): null {
    return null;
  }

  toJSON(): string {
    return '';
  }

  override liquidMethodMissing(key: string | number): number | null {
    return key === 'size' ? 0 : null;
  }

  /** `blank` and `empty` know themselves what they are equal to. */
  equals(other: unknown): boolean {
    return other === '' || other === null || other === undefined || other === this || (isComparable(other) && other.equals(''));
  }

  gt = (): boolean => false;
  geq = (): boolean => false;
  lt = (): boolean => false;
  leq = (): boolean => false;
}

type Comparable = Pick<Unknown, 'equals'>;

function isComparable(value: unknown): value is Comparable {
  return typeof value === 'object' && value !== null && 'equals' in value;
}

const UNKNOWN = new Unknown();

/** `{{ match }}` is the whole match, `{{ match[1] }}` and `{{ match.name }}` its groups. */
class MatchDrop extends Drop {
  readonly #groups: PatternMatch;

  constructor(groups: PatternMatch) {
    super();
    this.#groups = groups;
  }

  /** A match of nothing is false too. */
  override valueOf(): string | null {
    return this.#groups['0'] || null;
  }

  override liquidMethodMissing(key: string | number): string | Unknown | null {
    return Object.hasOwn(this.#groups, key) ? this.#groups[String(key)] || UNKNOWN : null;
  }
}

/**
 * The limit is of the clock on the wall. On a machine that gives this process little of its time, a pause may fall into the
 * few microseconds of an innocent template, and a customer would go unanswered for it. A guilty one exceeds it every time.
 */
function renderPatiently(nodes: LiquidNode[], variables: object, attempt = 1): unknown {
  try {
    return liquid.renderSync(nodes, variables);
  } catch (error) {
    if (attempt >= RENDER_ATTEMPTS || !isOutOfTime(error)) throw error;
    return renderPatiently(nodes, variables, attempt + 1);
  }
}

function isOutOfTime(error: unknown): boolean {
  return messageOf(error).includes('render limit exceeded');
}

const RENDER_ATTEMPTS = 3;

const liquid = new Liquid({
  // UTF-16 units; a template has at most 10,000 characters, some of which take several.
  parseLimit: 40_000,
  renderLimit: 50, // milliseconds
  memoryLimit: 100_000,
  ownPropertyOnly: true,
  strictFilters: true,
});

/**
 * UTF-16 units; forty messages. LiquidJS counts what filters and ranges make, not what is written: a loop may write a hundred
 * megabytes within its limits. Looked at after each round of a loop and each block, a capture's among them.
 */
const MAX_OUTPUT = 40_000;

const { renderer } = liquid;
const renderTemplates = renderer.renderTemplates.bind(renderer);
renderer.renderTemplates = function* boundedTemplates(...args) {
  const written: unknown = yield* renderTemplates(...args);
  if (typeof written === 'string' && written.length > MAX_OUTPUT) throw new Error(`output limit exceeded: a reply has at most ${String(MAX_OUTPUT)} characters`);
  return written;
};

// They read files. Without them a template that uses one does not parse, rather than failing when a customer writes.
for (const tag of ['include', 'render', 'layout', 'block']) Reflect.deleteProperty(liquid.tags, tag);
