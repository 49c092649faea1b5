import type { RuleList } from './rule-order.js';
import { partsOf } from './text-parts.js';

/**
 * Finds all of any number of phrases in one walk through a text (Aho and Corasick, 1975), whole words only: its letters are
 * the parts that `partsOf` cuts. The time is that of the text, however many phrases there are.
 */
export class PhraseAutomaton {
  private readonly root = new Node();

  /** @param phrases folded phrases, with the rules that look for them. */
  constructor(phrases: ReadonlyMap<string, RuleList>) {
    for (const [phrase, rules] of phrases) this.add(phrase, rules);
    this.link();
  }

  /** Reports the rules of each phrase in `text`, as often as the phrase stands there. */
  find(text: string, report: (rules: RuleList) => void): void {
    if (this.root.isLast) return;
    let node: Node = this.root;
    for (const part of partsOf(text)) {
      node = this.follow(node, part);
      for (let end: Node | null = node; end !== null; end = end.alsoEnding) if (end.rules !== null) report(end.rules);
    }
  }

  private add(phrase: string, rules: RuleList): void {
    let node: Node = this.root;
    for (const part of partsOf(phrase)) node = node.child(part) ?? node.addChild(part);
    if (node !== this.root) node.rules = rules;
  }

  /** Level by level, so that a node's `fallBack`, which is nearer to the root, is complete. */
  private link(): void {
    const nodes: Node[] = [this.root];
    for (const node of nodes) {
      node.forEachChild((part, child) => {
        child.fallBack = node.fallBack === null ? this.root : this.follow(node.fallBack, part);
        child.alsoEnding = child.fallBack.rules === null ? child.fallBack.alsoEnding : child.fallBack;
        nodes.push(child);
      });
    }
  }

  private follow(from: Node, part: string): Node {
    for (let node: Node | null = from; node !== null; node = node.fallBack) {
      const child = node.child(part);
      if (child !== undefined) return child;
    }
    return this.root;
  }
}

class Node {
  /** Where to go on when the next part fits no further: the longest end of this node's path that also begins a phrase. */
  fallBack: Node | null = null;
  /** The nearest node by way of `fallBack` at which a phrase ends. */
  alsoEnding: Node | null = null;
  /** Of the phrase that ends here. */
  rules: RuleList | null = null;
  /** The first child stands here by itself: most nodes have no other, and a map each would be most of the memory. */
  private part: string | null = null;
  private only: Node | undefined;
  private others: Map<string, Node> | null = null;

  get isLast(): boolean {
    return this.part === null;
  }

  child(part: string): Node | undefined {
    return this.part === part ? this.only : this.others?.get(part);
  }

  addChild(part: string): Node {
    const child = new Node();
    if (this.part === null) {
      this.part = part;
      this.only = child;
    } else (this.others ??= new Map()).set(part, child);
    return child;
  }

  forEachChild(visit: (part: string, child: Node) => void): void {
    if (this.part !== null && this.only !== undefined) visit(this.part, this.only);
    for (const [part, child] of this.others ?? []) visit(part, child);
  }
}
