import type { Expiring } from '../../../client/index.js';
import { shared } from '../hub/shared.js';
import { isSignedIn, NOBODY, readSession, type Session, signIn, signOut, UNKNOWN } from './session.js';

/** What this page may do, and what becomes of it. */
export interface Access {
  /** Undefined until the server has said. After the end of an access it stays, so that what is on screen does. */
  readonly session: Session | undefined;
  /** The access ends, or has ended: then `instead` is what is left without it. */
  readonly ending: { readonly expires: number; readonly instead?: Session } | undefined;
  /** The user wants to sign in. */
  readonly isAsking: boolean;
  /** Goes up when what is allowed may have changed: connections start anew where they were. */
  readonly turn: number;
  /** Goes up when the user has signed out or is another one: nothing that was seen stays. */
  readonly visit: number;
}

const SIGNED_IN = 'in';
const SIGNED_OUT = 'out';

/** Keeps track of who is signed in, for all of the page. The cookie is shared by all tabs, and no script can read it. */
class AccessKeeper {
  #access: Access = { session: undefined, ending: undefined, isAsking: false, turn: 0, visit: 0 };
  readonly #listeners = new Set<() => void>();
  /** Whose events may be on screen: they are not for anybody else. */
  #seenBy: string | undefined;
  readonly #tabs = new BroadcastChannel('sluice-session');

  constructor() {
    this.#tabs.onmessage = ({ data }) => this.#follow(data === SIGNED_OUT);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): Access => this.#access;

  /** Whether it has ended, and the user has not said yet what then. */
  get hasEnded(): boolean {
    return this.#access.ending?.instead !== undefined;
  }

  async load(): Promise<void> {
    this.#renew(await readSession().catch(() => UNKNOWN));
  }

  ask(isAsking: boolean): void {
    this.#set({ isAsking });
  }

  async signIn(credential: string): Promise<void> {
    await signIn(credential);
    this.#tabs.postMessage(SIGNED_IN);
    this.#renew(await readSession().catch(() => UNKNOWN));
  }

  async signOut(): Promise<void> {
    await signOut();
    this.#tabs.postMessage(SIGNED_OUT);
    await this.#follow(true);
  }

  /** The access has ended, and the user goes on with what is left. */
  goOnWithout(): void {
    this.#renew(this.#access.ending?.instead ?? this.#access.session);
  }

  /** The server has announced the end of a stream. */
  announce({ expires }: Expiring): void {
    this.#set({ ending: { ...this.#access.ending, expires: Number.isFinite(expires) ? expires : Date.now() } });
  }

  /** Something has failed. If the server does not know or not allow who asks, the access may have changed. */
  heed(error: { readonly status?: number | undefined } | undefined): void {
    if (error?.status === 401 || error?.status === 403) {
      this.check();
    }
  }

  /** Asks the server whether the access is still what it was. */
  readonly check = shared(async () => {
    const before = this.#access.session;
    const now = await readSession().catch(() => before);
    if (JSON.stringify(now) !== JSON.stringify(before)) {
      this.#judge(now);
    }
  });

  /** The server has ended a stream as announced. */
  readonly ended = shared(async () => {
    this.#judge(await readOrNobody());
  });

  /** The user has signed out here, or in or out in another tab. */
  async #follow(isOut: boolean): Promise<void> {
    const before = this.#access.session;
    this.#renew(await (isOut ? readOrNobody() : readSession().catch(() => before)));
    if (isOut) {
      this.#set({ visit: this.#access.visit + 1 });
    }
  }

  #judge(now: Session | undefined): void {
    const { session, ending } = this.#access;
    if (session !== undefined && isSignedIn(session) && now !== undefined && !isSignedIn(now)) {
      this.#set({ ending: { expires: Date.now(), ...ending, instead: now } });
    } else {
      this.#renew(now);
    }
  }

  #renew(session: Session | undefined): void {
    const { turn, visit } = this.#access;
    const change = { turn: turn + 1, visit: visit + (this.#isAnother(session) ? 1 : 0) };
    this.#set({ session, ending: undefined, isAsking: false, ...change });
  }

  /** Whether somebody else has signed in than the one before. */
  #isAnother(session: Session | undefined): boolean {
    if (session === undefined || !isSignedIn(session)) {
      return false;
    }
    const before = this.#seenBy;
    this.#seenBy = session.principal;
    return before !== undefined && before !== session.principal;
  }

  #set(change: Partial<Access>): void {
    this.#access = { ...this.#access, ...change };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** Where the server does not say who is signed in, nobody is: nothing is watched by mistake. */
function readOrNobody(): Promise<Session> {
  return readSession().catch(() => NOBODY);
}

export const access = new AccessKeeper();
