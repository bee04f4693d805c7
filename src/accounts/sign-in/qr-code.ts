import { encode } from 'uqr';

/** A QR code as a drawing of a few kilobytes: one stroke per row, a dash per run of dark squares. */
export function drawQrCode(text: string): string {
  const { data, size } = encode(text, { border: 0 });
  const strokes = data.map((row, y) => strokesOf(row, y)).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path stroke="#000" d="${strokes}"/></svg>`
  );
}

function strokesOf(row: readonly boolean[], y: number): string {
  const runs = row
    .map((dark) => (dark ? '1' : '0'))
    .join('')
    .matchAll(/1+/g);
  return [...runs].map(({ index, 0: run }) => `M${index} ${y}.5h${run.length}`).join('');
}
