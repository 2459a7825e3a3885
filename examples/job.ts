import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A job that tells how far it is. Any job in any language can: it is one HTTP request per report.
 * Watch it with: curl -N http://127.0.0.1:3000/sse/tasks.import
 */
export async function runJob(server: string, total: number, work: (part: number) => Promise<void>): Promise<void> {
  for (let moved = 0; moved < total; moved++) {
    await report(server, { moved, total });
    try {
      await work(moved);
    } catch (error) {
      return report(server, { moved, total, status: 'failed', message: String(error) });
    }
  }
  await report(server, { moved: total, total, status: 'done' });
}

async function report(server: string, progress: object): Promise<void> {
  const response = await fetch(`${server}/tasks/import`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(progress),
  });
  if (!response.ok) {
    throw new Error(`the report was not taken: ${response.status} ${await response.text()}`);
  }
}

// Run as a program, beside a server: npx tsx examples/job.ts
if (process.argv[1] === import.meta.filename) {
  await runJob(process.env.SLUICE_URL ?? 'http://127.0.0.1:3000', 20, () => sleep(500));
}
