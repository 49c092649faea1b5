import { SingleBar } from 'cli-progress';
import { remark } from './output.js';

export interface Progress {
  readonly show: (progress: { readonly done: number; readonly total: number }) => void;
  readonly end: () => void;
}

/** @param everyMs at most one line in that time, where nobody watches a bar */
export function progressOf(verb: string, things: string, everyMs = 0): Progress {
  return process.stderr.isTTY ? progressBar(verb, things) : progressLines(things, everyMs);
}

function progressBar(verb: string, things: string): Progress {
  const bar = new SingleBar({
    format: `${verb} {bar} {percentage}% | {value} of {total} ${things} | {eta_formatted} left`,
    hideCursor: true,
    stream: process.stderr,
  });
  bar.start(0, 0);
  return {
    show: ({ done, total }) => {
      bar.setTotal(total);
      bar.update(done);
    },
    end: () => {
      bar.stop();
    },
  };
}

/** Where nobody watches a bar (a log, a pipe): a line for each step but the last. */
function progressLines(things: string, everyMs: number): Progress {
  let shown = 0;
  let shownAt = -Infinity;
  return {
    show: ({ done, total }) => {
      // The end is told by the summary, or by the one line of a mistake.
      if (done === shown || done === total || performance.now() - shownAt < everyMs) return;
      shown = done;
      shownAt = performance.now();
      remark(`${String(done)} of ${String(total)} ${things}`);
    },
    end: () => undefined,
  };
}
