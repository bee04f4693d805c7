import { type Observation, runDrill, TRIES } from '../support/drill.ts';
import { refreshCall } from '../support/target.ts';
import { isActive, newTokens, tokensIn } from '../support/tokens.ts';

/** One refresh token of a confidential client, which does not rotate, used many times at once: all succeed. */
await runDrill({
  name: 'non-rotating refresh token',
  rounds: 200,
  async prepare({ target, connections, cookie, servers, volley }) {
    const { web, api } = target;
    return async (): Promise<Observation> => {
      const { refresh } = await newTokens(connections, cookie, target, web);
      const answers = await volley(Array.from({ length: TRIES }, () => refreshCall(web, refresh)));
      const issued = answers.flatMap((answer) => tokensIn(answer) ?? []);
      const violations: string[] = [];
      if (issued.length !== TRIES) violations.push(`${TRIES - issued.length} of ${TRIES} were refused`);
      if (issued.some((tokens) => tokens.refresh !== refresh)) violations.push('the refresh token changed');
      if (new Set(issued.map(({ access }) => access)).size !== issued.length)
        violations.push('an access token twice');
      const active = await Promise.all(
        issued.map(({ access }, index) => isActive(connections, api, access, servers[index % 2]?.place)),
      );
      if (active.includes(false)) violations.push('an acknowledged token is not active');
      return { seen: { refreshed: issued.length }, violations };
    };
  },
});
