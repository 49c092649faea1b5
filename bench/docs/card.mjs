// @ts-check

export const WIDTH = 760;
export const MARGIN = 20;
export const TITLE = 52;

/** A card of its own colour, so that it can be read on any page; it turns dark with the reader's system. */
const STYLE = `
    text { font: 14px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 16px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
    .card { fill: #ffffff; stroke: #d1d9e0; }
    .bar { fill: #8c959f; } .ours { fill: #0969da; }
    .range { stroke: #1f2328; stroke-width: 1.5; } .grid { stroke: #d1d9e0; }
    .line { fill: none; stroke-width: 2; } .line0 { stroke: #0969da; } .line1 { stroke: #bc4c00; } .line2 { stroke: #8250df; } .line3 { stroke: #8c959f; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .card { fill: #161b22; stroke: #3d444d; }
      .bar { fill: #6e7681; } .ours { fill: #4493f8; }
      .range { stroke: #e6edf3; } .grid { stroke: #3d444d; }
      .line0 { stroke: #4493f8; } .line1 { stroke: #f0883e; } .line2 { stroke: #ab7df8; } .line3 { stroke: #6e7681; }
    }`;

/**
 * @param {string} title
 * @param {number} height
 * @param {readonly string[]} content SVG
 */
export function card(title, height, content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" role="img" aria-label="${escape(title)}">
  <style>${STYLE}
  </style>
  <rect class="card" x="0.5" y="0.5" width="${String(WIDTH - 1)}" height="${String(height - 1)}" rx="8"/>
  <text class="title" x="${String(MARGIN)}" y="26">${escape(title)}</text>
${content.join('\n')}
</svg>
`;
}

/** @param {string} text */
export function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
