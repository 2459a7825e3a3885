import { SluiceError } from '../errors.js';

/** Counts of refused streams, by why; waiting heals each of these. */
export function countRefusals() {
  return {
    SLUICE_TOO_MANY_CONNECTIONS: 0,
    SLUICE_TOO_MANY_PER_IP: 0,
    SLUICE_TOO_MANY_PER_PRINCIPAL: 0,
    SLUICE_OPENED_TOO_FAST: 0,
    SLUICE_SHUTTING_DOWN: 0,
    SLUICE_RATE_LIMITED: 0,
    SLUICE_KEYS_UNAVAILABLE: 0,
    SLUICE_LOG_DAMAGED: 0,
  };
}

type RefusalCode = keyof ReturnType<typeof countRefusals>;

/** Why a stream is refused for now. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

const CODES: ReadonlySet<string> = new Set(Object.keys(countRefusals()));

/** The refusal that an error is to a stream; undefined for one that waiting does not heal. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof SluiceError && CODES.has(error.code)) {
    const { code, message } = error;
    return { code: code as RefusalCode, message };
  }
  return undefined;
}
