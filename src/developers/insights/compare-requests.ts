import type { CallFacts, Field } from './call-facts.ts';

export interface ComparedParam {
  readonly name: string;
  readonly here: string | undefined;
  readonly there: string | undefined;
  readonly differs: boolean;
}

/** The parameters of two calls side by side, those of the first in their order. What is masked is taken as equal. */
export function compareParams(here: CallFacts, there: CallFacts): ComparedParam[] {
  const names = new Set([...here.params, ...there.params].map(([name]) => name));
  return [...names].map((name) => {
    const [mine, theirs] = [valuesOf(here.params, name), valuesOf(there.params, name)];
    return { name, here: mine, there: theirs, differs: differ(mine, theirs) };
  });
}

function valuesOf(params: readonly Field[], name: string): string | undefined {
  const values = params.filter(([one]) => one === name).map(([, value]) => value);
  return values.length > 0 ? values.join(' ') : undefined;
}

function differ(mine: string | undefined, theirs: string | undefined): boolean {
  if (mine === undefined || theirs === undefined) return true;
  return mine !== theirs && !(isMasked(mine) && isMasked(theirs));
}

function isMasked(value: string): boolean {
  return value.startsWith('[masked');
}
