import type { GapReason, Interruption, InterruptionCode, Resume, StreamError } from '../../../client/index.js';
import type { Link } from '../connection/link.js';

/** Something said to the user: what happened, and what happens next. */
interface Words {
  readonly tone: 'idle' | 'busy' | 'good' | 'bad';
  readonly title: string;
  readonly next?: string;
}

const GAPS: Record<GapReason, string> = {
  trimmed: 'retention or a purge has removed events that were missed',
  lost: 'a crash has lost events that were missed',
  epoch: 'the cursor belongs to a log that is gone, as after a restart without history on disk',
  ahead: 'the cursor is ahead of the log',
  malformed: 'the cursor is not one of this server',
};

const INTERRUPTIONS: Record<InterruptionCode, string> = {
  network: 'The server does not answer',
  ended: 'The server has ended the stream',
  silent: 'Nothing heard from the server',
  refused: 'The server refuses the stream for now',
  expired: 'The permission to watch has expired',
  unavailable: 'The server cannot serve the stream now',
  headers: 'The request could not be made',
};

const STATUS: Readonly<Record<number, string>> = {
  401: 'The server asks who you are (401)',
  403: 'The server does not allow this (403)',
  404: 'The server does not know this (404)',
  413: 'Too large for the server (413)',
  429: 'Too many requests (429)',
  507: 'The disk of the server is full (507)',
};

/**
 * The state of a connection, and what comes next.
 * @param canSignIn whether this page has a way to sign in
 */
export function describeLink({ state }: Link, canSignIn: boolean): Words {
  switch (state.status) {
    case 'idle':
      return { tone: 'idle', title: 'Not connected' };
    case 'held':
      return { tone: 'bad', title: 'Your access has ended', next: 'It goes on where it was once you sign in again.' };
    case 'connecting':
      return { tone: 'busy', title: state.attempt > 1 ? `Connecting, attempt ${state.attempt}` : 'Connecting' };
    case 'open':
      return { tone: 'good', title: 'Live' };
    case 'waiting':
      return { tone: 'bad', ...describeInterruption(state.reason) };
    case 'closed':
      return state.error === undefined ? { tone: 'idle', title: 'Disconnected' } : describeStop(state.error, canSignIn);
  }
}

/** Where the title says it all. */
const COMES_BACK = 'It comes back by itself and tells whether anything is missing.';

function describeInterruption({ code, message, status }: Interruption): { title: string; next: string } {
  const title = (status !== undefined && STATUS[status]) || INTERRUPTIONS[code];
  return { title, next: code === 'network' || code === 'ended' ? COMES_BACK : sentence(message) };
}

const STOPPED: Readonly<Record<number, string>> = {
  400: 'It will not try again: change the request first.',
  401: 'Sign in, then reload this page.',
};

function describeStop({ message, status = 0 }: StreamError, canSignIn: boolean): Words {
  if (status === 401 && canSignIn) {
    return { tone: 'bad', title: 'Not public', next: 'Sign in to watch it.' };
  }
  const title = STATUS[status] ?? 'The server does not serve this stream';
  return { tone: 'bad', title, next: `${sentence(message)} ${STOPPED[status] ?? 'It does not try again by itself.'}` };
}

/** The verdict at the beginning of a connection. */
export function describeResume(resume: Resume): string {
  switch (resume.resume) {
    case 'fresh':
      return 'fresh start';
    case 'exact':
      return 'exact: everything missed was delivered';
    case 'gap':
      return `gap: ${GAPS[resume.reason]}`;
  }
}

export interface Failure {
  readonly message: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Why a sign-in failed, and what to do. */
export function describeSignIn(failure: Failure): string {
  const { message, status, retryAfterMs } = failure;
  switch (status) {
    case 401:
      return `The server does not accept this. ${sentence(message)}`;
    case 429:
      return `Too many attempts. ${advice(status, retryAfterMs)}`;
    default:
      return describeFailure(failure);
  }
}

/** Why a request failed, and what to do. */
export function describeFailure(failure: Failure): string {
  const { message, status, retryAfterMs } = failure;
  if (status === undefined) {
    return 'The server does not answer. Try again when it is back.';
  }
  const title = STATUS[status] ?? (status >= 500 ? `The server failed (${status})` : `Not accepted (${status})`);
  return `${title}. ${sentence(message)} ${advice(status, retryAfterMs)}`.trim();
}

function advice(status: number, retryAfterMs: number | undefined): string {
  if (status === 401) {
    return 'Sign in, then send it again.';
  }
  const seconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000);
  const isTemporary = status === 429 || status >= 500;
  return isTemporary ? `Try again ${seconds === undefined ? 'later' : `in ${seconds} s`}.` : '';
}

/** A URL at the beginning stays as it is. */
function sentence(text: string): string {
  const first = /^\w+:\/\//.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) || first === '' ? first : `${first}.`;
}
