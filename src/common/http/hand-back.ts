import type { SendHandle } from 'node:child_process';

let held: SendHandle | undefined;

/** In a process of its own: keeps the handle it is given, and at each word hands back a copy of it. */
process.on('message', (_word, handle: SendHandle | undefined) => {
  held ??= handle;
  process.send?.('copy', held, { keepOpen: true });
});
