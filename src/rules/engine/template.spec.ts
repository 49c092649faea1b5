import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ReplyTemplate } from './template.js';
import { factsOf, type Facts } from './facts.js';

const facts = factsOf({ username: 'jane', name: 'Jane', account: { username: 'shop' } }, 'message', 'Order 42');
const match = { '0': 'Order 42', '1': '42', number: '42' };
const render = (source: string, given: Partial<Facts> = {}) =>
  ReplyTemplate.parse(source).render({ ...facts, ...given }, match);

describe('ReplyTemplate', () => {
  it('fills in the variables', () => {
    expect(
      render(
        '{{ username }}|{{ name }}|{{ text }}|{{ match }}|{{ match[1] }}|{{ match.number }}|{{ account.username }}',
      ),
    ).toBe('jane|Jane|Order 42|Order 42|42|42|shop');
    expect(render('{{ match | upcase }}')).toBe('ORDER 42');
  });

  it('renders nothing for what is not known', () => {
    expect(render('Hi {{ username | default: "there" }}{{ nope }}{{ match[9] }}!', { username: null })).toBe(
      'Hi there!',
    );
  });

  it.each([
    '{% if name %}Hi {{ name }}{% else %}Hi there{% endif %}',
    '{% unless name %}Hi there{% endunless %}',
    '{% if name and username %}Hi {{ name }}{% else %}Hi there{% endif %}',
    "{% if name == '' %}Hi there{% endif %}",
    '{% if name == blank %}Hi there{% endif %}',
    "Hi {{ name | default: 'there' }}",
  ])('knows in %j that there is no name', (source) => {
    expect(render(source, { name: null })).toBe('Hi there');
  });

  it('takes a message without a text, and a match of nothing, for false', () => {
    const seen = '{% if text %}text {% endif %}{% if match %}match {% endif %}{% if match[1] %}group{% endif %}';
    expect(render(seen)).toBe('text match group');
    expect(ReplyTemplate.parse(seen).render({ ...facts, text: null }, { '0': '', '1': '' })).toBe('');
  });

  it("does not run the customer's text as a template", () => {
    expect(render('{{ text }}', { text: '{{ account.username }}' })).toBe('{{ account.username }}');
  });

  it.each([
    '{{ username',
    '{% if %}',
    '{% nonsense %}',
    '{{ text | nofilter }}',
    "{% include 'a' %}",
    "{% render 'a' %}",
    "{% layout 'a' %}",
    '{% block a %}{% endblock %}',
    "{% liquid\n render 'a'\n%}",
    '{% if text %}x',
  ])('refuses %j when it is saved', (source) => {
    expect(() => ReplyTemplate.parse(source)).toThrow();
  });

  it('writes no half of a character', () => {
    expect(render("Hi {{ text | split: '' | first }}!", { text: '😀 hello' })).toBe('Hi !');
    expect(render("{{ text | split: '' | join: '-' }}", { text: 'a😀b' }).isWellFormed()).toBe(true);
    expect(render('{{ text }}', { text: 'a😀b' })).toBe('a😀b');
  });

  it('takes 10,000 characters of any kind', () => {
    expect(render('😀'.repeat(10_000))).toHaveLength(20_000);
  });

  it.each([
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}',
    "{% assign s = 'aaaaaaaaaa' %}{% for i in (1..100) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
    "{{ 'now' | date: '%99999999Y' }}",
    `{% for i in (1..2000) %}${'A'.repeat(9_900)}{% endfor %}`,
    '{% for i in (1..1000) %}{% if i > 0 %}{{ text }}{{ text }}{{ text }}{{ text }}{{ text }}{{ text }}{% endif %}{% endfor %}',
    '{% for i in (1..24) %}{% capture s %}{{ s }}{{ s }}a{% endcapture %}{% endfor %}{{ s }}',
    `{% capture s %}${'A'.repeat(5_000)}{% endcapture %}${'{{ s }}'.repeat(700)}`,
    `{% capture s %}${'A'.repeat(5_000)}{% endcapture %}{% liquid\n${'echo s\n'.repeat(700)}%}`,
    '{% tablerow i in (1..3000) cols: 3 %}{{ text }}{% endtablerow %}',
  ])('stops %j within a moment', (source) => {
    const template = ReplyTemplate.parse(source);
    const start = performance.now();
    expect(() => template.render(facts, match)).toThrow(/limit/);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('does not take a pause of the machine for a fault of the template', () => {
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementationOnce(now).mockImplementationOnce(() => now() + 1000);
    try {
      expect(render('Hi {{ text }}')).toContain('Hi ');
      expect(clock.mock.calls.length).toBeGreaterThan(3);
    } finally {
      clock.mockRestore();
    }
  });

  describe('that has used up its time', () => {
    const endless = '{% for i in (1..300) %}{% for j in (1..300) %}{{ i | times: j }}{% endfor %}{% endfor %}';
    let now: number;
    /** What passes from one look at the clock to the next. */
    let tick: number;
    let clock: ReturnType<typeof jest.spyOn>;
    beforeEach(() => {
      now = 1000;
      tick = 60;
      clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += tick));
    });
    afterEach(() => {
      clock.mockRestore();
    });
    const failure = (template: ReplyTemplate) => {
      try {
        return template.render(facts, match);
      } catch (error) {
        return String(error);
      }
    };

    it('is not tried again for a minute, and fails with the same words', () => {
      const template = ReplyTemplate.parse(endless);
      const first = failure(template);
      expect(first).toMatch(/render limit exceeded/);
      tick = 0;
      clock.mockClear();
      for (let i = 0; i < 10; i++) expect(failure(template)).toContain('template render limit exceeded');
      // It was asked what time it is, and nothing was rendered.
      expect(clock).toHaveBeenCalledTimes(10);
    });

    it('is tried again after that, and answers if it can', () => {
      const template = ReplyTemplate.parse('Hi {{ text }}');
      expect(failure(template)).toMatch(/render limit exceeded/);
      tick = 0;
      expect(failure(template)).toMatch(/render limit exceeded/);
      now += 60_000;
      expect(failure(template)).toBe('Hi Order 42');
      expect(failure(template)).toBe('Hi Order 42');
    });

    it('leaves other templates alone, and limits of another kind', () => {
      failure(ReplyTemplate.parse(endless));
      tick = 0;
      expect(failure(ReplyTemplate.parse('Hi'))).toBe('Hi');
      const greedy = ReplyTemplate.parse('{% if name == "Jane" %}{% for i in (1..100000000) %}x{% endfor %}{% endif %}ok');
      expect(failure(greedy)).toMatch(/memory alloc limit exceeded/);
      expect(greedy.render({ ...facts, name: 'Jim' }, match)).toBe('ok');
    });
  });

  it('shows nothing of JavaScript', () => {
    expect(render('{{ account.constructor }}{{ text.constructor }}{{ account.__proto__ }}')).toBe('');
  });
});
