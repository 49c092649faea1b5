const LOOK_EVERY_MS = 250;

/**
 * npm runs a script through a shell, which does not hand signals on: `kill <npm>` ends npm and the shell, and would leave
 * the service behind, holding its port. So it watches whether its parent is still there, and stops as if told to.
 */
export function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  watch.unref();
}
