import { generateSync } from 'otplib';

const PERIOD = 30;

/** What an authenticator app shows at a moment: the code and how many seconds it stays. */
export interface ShownCode {
  readonly code: string;
  readonly secondsLeft: number;
}

/** Reads the seed out of an otpauth link, as a phone does when it scans the QR code. `at` in milliseconds. */
export function codeOf(otpauthUri: string, at: number): ShownCode {
  const secret = new URL(otpauthUri).searchParams.get('secret') ?? '';
  const epoch = Math.floor(at / 1000);
  return { code: generateSync({ secret, epoch, period: PERIOD }), secondsLeft: PERIOD - (epoch % PERIOD) };
}

/** Which thirty seconds a moment belongs to; Gatehouse takes the code of one only once. */
export function timeStep(at: number): number {
  return Math.floor(at / 1000 / PERIOD);
}
