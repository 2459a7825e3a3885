import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Problem {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds serious or critical on a page. */
export async function findProblems(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const problems: Problem[] = await page.evaluate('axe.run().then(({ violations }) => violations)');
  return problems
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
