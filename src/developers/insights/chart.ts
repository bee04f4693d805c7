/**
 * A chart in a box that is stretched to its place: ten units for each step of time, 240 in height. The view draws it,
 * the numbers stand in a table. Whole numbers and relative steps keep the paths short: there may be hundreds of bars.
 */
export const CHART = { step: 10, height: 240 } as const;

/** The paths of bars that stand on each other, one for each series; `top` is the number at the upper edge. */
export function stackedBars(series: readonly (readonly number[])[]): { paths: string[]; top: number } {
  const steps = series[0]?.length ?? 0;
  const heights = Array.from({ length: steps }, (_, at) => sum(series.map((one) => one[at] ?? 0)));
  const top = roundUp(Math.max(0, ...heights));
  const below = new Array<number>(steps).fill(0);
  const paths = series.map((values) => {
    const bars = values.map((value, at) => {
      const [from, to] = [below[at] ?? 0, (below[at] ?? 0) + value];
      below[at] = to;
      return value === 0 ? '' : barOf(at, yOf(from, top), yOf(to, top));
    });
    return bars.join('');
  });
  return { paths, top };
}

/** Not thinner than a pixel or two, so that one call among thousands is seen. */
function barOf(at: number, from: number, to: number): string {
  const height = Math.max(2, from - to);
  return `M${at * CHART.step + 1} ${from}v-${height}h8v${height}z`;
}

/** Lines over the same steps; a step without a value breaks the line, and a value alone is a short dash. */
export function lines(series: readonly (readonly (number | undefined)[])[]): {
  paths: string[];
  top: number;
} {
  const top = roundUp(Math.max(0, ...series.flat().map((value) => value ?? 0)));
  const paths = series.map((values) => values.map((_, at) => pieceOf(values, at, top)).join(''));
  return { paths, top };
}

function pieceOf(values: readonly (number | undefined)[], at: number, top: number): string {
  const value = values[at];
  if (value === undefined) return '';
  const [middle, y] = [at * CHART.step + CHART.step / 2, yOf(value, top)];
  return values[at - 1] === undefined ? `M${middle - 2} ${y}h4` : `L${middle} ${y}`;
}

function yOf(value: number, top: number): number {
  return top === 0 ? CHART.height : Math.round(CHART.height - (value / top) * CHART.height);
}

/** To 1, 2 or 5 with zeros: a number that is read at a glance. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
