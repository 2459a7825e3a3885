import type { Metric } from '../fan-out/figures.js';

/** Of one panel. */
export const WIDTH = 380;
export const HEIGHT = 210;
const MARGIN = 16;
const COLUMNS = 2;

export function title({ label, unit }: Metric): string {
  return `<text class="title" x="0" y="14">${escapeXml(`${label}, ${unit}`)}</text>`;
}

export function text(x: number, y: number, content: string, anchor = 'start'): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
}

export function classOf(contender: string): string {
  return contender.startsWith('Sluice') ? 'ours' : contender === 'nchan' ? 'rival' : 'other';
}

/** Colours follow the reader's, and a ground of its own keeps it legible where they do not reach. */
export function page(heading: string, panels: readonly string[]): string {
  const width = COLUMNS * (WIDTH + MARGIN) + MARGIN;
  const height = Math.ceil(panels.length / COLUMNS) * (HEIGHT + MARGIN) + MARGIN;
  const placed = panels.map((panel, i) => {
    const x = MARGIN + (i % COLUMNS) * (WIDTH + MARGIN);
    const y = MARGIN + Math.floor(i / COLUMNS) * (HEIGHT + MARGIN);
    return `<g transform="translate(${x} ${y})">${panel}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeXml(heading)}</title>
<style>
  .ground { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
  .ours { fill: #0969da; stroke: #0969da } .rival { fill: #bc4c00; stroke: #bc4c00 } .other { fill: #6e7781; stroke: #6e7781 }
  .axis { fill: none; stroke: #8c959f } path.line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .axis { stroke: #6e7681 }
    .ours { fill: #58a6ff; stroke: #58a6ff } .rival { fill: #f0883e; stroke: #f0883e } .other { fill: #8b949e; stroke: #8b949e }
  }
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
${placed.join('\n')}
</svg>
`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
