/** The newest positions of streams, by the two kinds of their events: each links to the one before it of its own kind. */
export class LastPositions {
  readonly #generated = new Map<string, number>();
  readonly #published = new Map<string, number>();

  get(stream: string, generated: boolean): number | undefined {
    return this.#of(generated).get(stream);
  }

  set(stream: string, generated: boolean, pos: number): void {
    this.#of(generated).set(stream, pos);
  }

  /** Of both kinds; 0 when there is none. */
  newestOf(stream: string): number {
    return Math.max(this.#generated.get(stream) ?? 0, this.#published.get(stream) ?? 0);
  }

  #of(generated: boolean): Map<string, number> {
    return generated ? this.#generated : this.#published;
  }
}
