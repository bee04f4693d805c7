import { type Observation, runDrill, TRIES } from '../support/drill.ts';
import { jsonOf } from '../support/http.ts';
import { authorizationCode } from '../support/people.ts';
import { exchangeCall } from '../support/target.ts';
import { endOf, tokensIn } from '../support/tokens.ts';

/** One code, redeemed many times at once: one 200, and its tokens are dead within a second (RFC 9700 §4.5). */
await runDrill({
  name: 'authorization code',
  rounds: 200,
  async prepare({ target, connections, cookie, servers, volley }) {
    return async (): Promise<Observation> => {
      const code = await authorizationCode(connections, cookie, target, target.web);
      const answers = await volley(
        Array.from({ length: TRIES }, () => exchangeCall(target, target.web, code)),
      );
      const won = answers.flatMap((answer) => tokensIn(answer) ?? []);
      const lost = answers.filter(
        (answer) => jsonOf(answer).error === 'invalid_grant' && answer.status === 400,
      );
      const violations: string[] = [];
      if (won.length !== 1) violations.push(`${won.length} of ${TRIES} got tokens for one code`);
      if (won.length + lost.length !== TRIES)
        violations.push(`an answer was neither tokens nor invalid_grant`);
      let dead = 0;
      for (const { access, refresh } of won) {
        const places = servers.map(({ place }) => place);
        const ends = [
          await endOf(connections, places, target.api, access),
          await endOf(connections, places, target.web, refresh),
        ];
        if (ends.some((end) => end === undefined))
          violations.push('a token outlived the second use of its code');
        dead = Math.max(dead, ...ends.map((end) => end ?? 1_000));
      }
      return {
        seen: { exchanged: won.length, refused: lost.length },
        most: { 'dead after ms': dead },
        violations,
      };
    };
  },
});
