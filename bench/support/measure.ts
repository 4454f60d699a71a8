/** Statistics and tables that all benchmarks share. */

/** median of a list of numbers; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** printTable writes rows as a Markdown table. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(tableText(header, rows));
}

/** tableText is a Markdown table, numbers to the right, as docs/performance.md has them. */
export function tableText(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** ratio of ours to the peer's, with the bound it is held to: `0.42 (≤ 0.65)`, marked `!` where it is missed. */
export function ratioCell(ours: number, theirs: number, bound: number): string {
  const ratio = ours / theirs;
  return `${ratio.toFixed(2)} (≤ ${bound})${ratio <= bound ? '' : ' !'}`;
}
