/** A chart in a box of 1000 × 240 that is stretched to its place: the view draws it, the numbers stand in a table. */
export const CHART = { width: 1000, height: 240 } as const;

/** The paths of bars that stand on each other, one for each series; `top` is the number at the upper edge. */
export function stackedBars(series: readonly (readonly number[])[]): { paths: string[]; top: number } {
  const steps = series[0]?.length ?? 0;
  const heights = Array.from({ length: steps }, (_, at) => sum(series.map((one) => one[at] ?? 0)));
  const top = roundUp(Math.max(0, ...heights));
  const width = CHART.width / Math.max(1, steps);
  const below = new Array<number>(steps).fill(0);
  const paths = series.map((values) => {
    const bars = values.map((value, at) => {
      const [from, to] = [below[at] ?? 0, (below[at] ?? 0) + value];
      below[at] = to;
      return value === 0 ? '' : barOf(at * width, width, yOf(from, top), yOf(to, top));
    });
    return bars.join('');
  });
  return { paths, top };
}

/** Not thinner than a pixel or two, so that one call among thousands is seen. */
function barOf(x: number, width: number, from: number, to: number): string {
  const height = Math.max(2, from - to);
  return `M${short(x + width * 0.1)} ${short(from)}v-${short(height)}h${short(width * 0.8)}v${short(height)}z`;
}

/** Lines over the same steps; a step without a value breaks the line, and a value alone is a short dash. */
export function lines(series: readonly (readonly (number | undefined)[])[]): {
  paths: string[];
  top: number;
} {
  const top = roundUp(Math.max(0, ...series.flat().map((value) => value ?? 0)));
  const paths = series.map((values) => {
    const width = CHART.width / Math.max(1, values.length);
    return values
      .map((value, at) => {
        if (value === undefined) return '';
        const begins = values[at - 1] === undefined;
        return `${begins ? 'M' : 'L'}${short((at + (begins ? 0.3 : 0.5)) * width)} ${short(yOf(value, top))}${
          begins ? `h${short(width * 0.4)}` : ''
        }`;
      })
      .join('');
  });
  return { paths, top };
}

function yOf(value: number, top: number): number {
  return top === 0 ? CHART.height : CHART.height - (value / top) * CHART.height;
}

/** To 1, 2 or 5 with zeros: a number that is read at a glance. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
